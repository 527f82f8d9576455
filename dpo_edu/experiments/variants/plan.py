"""All variants, tuned by one rule: ``python -m dpo_edu.experiments variants``.

For each loss and kind of data the learning rate, the strength and, where a loss has
one, its own knob are tuned by ``experiments.tuning``: from the start, in factors of
two, one setting at a time, to where both sides of each are worse, with at most
``BUDGET`` runs on the tuning seed. What is then untried is stored as unsettled. Tuned
is the share of J at beta = 1, which is DPO's home ground, and which lies on DPO's grid
of strengths, while nobody else's best one has to: what a miss by sqrt 2 costs is run
for DPO. The five other seeds are judged by that share and by the reward missing to the
frontier at equal KL.

Written down before the first run: minutes of one busy core, at 3 seconds per run, ten
runs to tune on average and five to judge.

    clean    all eleven losses                                             8 min
    flips    DPO, and those that are said to bear noise or are made for it 4 min
    thumbs   KTO, DPO on pairs made of them, SFT                           2 min
    sure     DPO, IPO, cDPO, hinge                                         3 min

Stored are the runs on clean pairs. Those on the other kinds have not been made yet.

Gone, because they said nothing: annotators who love length (every loss learns what the
labels say), and rankings (as a whole or as six pairs, no difference that five seeds
show); on flips the losses without a claim about noise, on sure labels those that are
no functions of the gap. Two epochs of 64 pairs per step are 158 steps: in them DPO at
beta = 1 reaches a share of 0.70 on the tuning seed, in half of them 0.60, and with
twice the pairs per step 0.74. This module computes nothing itself.
"""

from math import inf, sqrt

from ..grid import in_parallel
from ..tuning import tune
from ..unfinished import kept

ON_FLIPS = ("DPO", "IPO", "cDPO", "rDPO", "KTO")
ON_SURE = ("DPO", "IPO", "cDPO", "hinge")
SEEDS, TUNING = (0, 1, 2, 3, 4), 100
BUDGET = 20  # runs to tune one loss on one kind of data
LEARNING_RATE = 5e-3  # where every search begins; the largest one of the schedule
NAMES = ("learning rate", "strength", "knob")  # the settings, in the order of a run
Start = dict[str, float]


def everything() -> dict:
    """For every loss and source: the setting, all tried, five runs, the optimum."""
    plan = starts()
    found = in_parallel(
        {
            (source, name): (tuned_and_run, source, name, start)
            for source, losses in plan.items()
            for name, start in losses.items()
        }
    )
    results = by_part(found)
    return results | {"off grid": off_grid(results["setting"]["clean"]["DPO"])}


def by_part(found: dict) -> dict:
    """{(source, name): {part: value}} as {part: {source: {name: value}}}."""
    parts: dict = {}
    for (source, name), pieces in found.items():
        for part, value in pieces.items():
            parts.setdefault(part, {}).setdefault(source, {})[name] = value
    return parts


def starts() -> dict[str, dict[str, Start]]:
    """Where searches begin, by source and loss."""
    from ...variants.table import DPO, VARIANTS  # torch: readers of rows do without

    pairs = {row.name: start(row) for row in (DPO, *VARIANTS) if row.start}
    return {
        "clean": pairs,
        "flips": {name: pairs[name] for name in ON_FLIPS},
        "thumbs": {"KTO": pairs["KTO"], "DPO": pairs["DPO"], "SFT": start(None)},
        "sure": {name: pairs[name] for name in ON_SURE},
    }


def start(row) -> Start:
    """Where the search of a row of the table begins; SFT has a rate alone."""
    values = (LEARNING_RATE,) + ((row.start, row.knob_start) if row else ())
    pairs = zip(NAMES, values, strict=False)
    return {name: value for name, value in pairs if value is not None}


def values_of(setting: Start) -> list[float | None]:
    """A setting as a run takes it."""
    return [setting.get(key) for key in NAMES]


def off_grid(best: Start) -> dict[str, list]:
    """DPO on clean pairs, its strength off by sqrt 2: as far as a grid may miss it."""
    from .runs import one_run  # torch: readers of rows do without

    strengths = {f"{factor:.3g}": factor for factor in (sqrt(1 / 2), sqrt(2))}
    return {
        name: [
            kept("variants", one_run, "clean", "DPO", values_of(moved), seed)
            for seed in SEEDS
        ]
        for name, factor in strengths.items()
        for moved in [best | {"strength": factor * best["strength"]}]
    }


def tuned_and_run(source: str, name: str, start: Start) -> dict:
    """Search the setting on the tuning seed, then run five others with it."""
    from .measures import ROWS, optimum  # torch: readers of rows do without

    below = ROWS[name].knob_below if name in ROWS else inf

    def run(setting, seed):
        from .runs import one_run

        return kept("variants", one_run, source, name, values_of(setting), seed)

    def share_at(setting):
        outside = setting.get("knob", -inf) >= below
        return -inf if outside else run(setting, TUNING)["share"]

    best, unsettled, tried = tune(share_at, start, BUDGET)
    wanted = optimum(source, name, best.get("strength", 1.0), best.get("knob"))
    return {
        "setting": best,
        "unsettled": unsettled,
        "tried": [
            run(row, TUNING) | {key: row[key] for key in start}
            for row in tried
            if row["score"] > -inf
        ],
        "runs": [run(best, seed) for seed in SEEDS],
        "optimum": wanted,
    }

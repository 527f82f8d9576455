"""All variants, tuned by one rule: ``python -m dpo_edu.experiments variants``.

Every loss has at most ``BUDGET`` runs on the tuning seed. The first five look at
strengths from 0.025 to 6.4, the same for all; the rest walk from the best of them, in
factors of two, one setting at a time, to where both sides of each are worse
(``experiments.tuning``). What is then untried is stored as unsettled. With the setting
found, ten other seeds are judged by the measure that chose it.

    arm       annotators   chosen and judged by                       about, in runs
    clean     clean        share of J at beta = 1, all eleven losses       290
    equal KL  clean        reward missing at equal KL, all eleven          250
    flips     flips        the share: DPO, losses that know of flips, KTO  110
    sure      sure         the share: DPO and three that stop short        110
    thumbs    thumbs       the share: KTO, DPO on pairs made of them, SFT   70

Written down before the first run, at 2 to 3 seconds of one core for each: 28 to 42
minutes of one process, half of that for the command's two. Seen before were the results
of an older search on clean pairs, which began for each loss at a strength set by hand,
for DPO at its very optimum. Hence the two grids below: doublings of 0.1 and of 0.004
hold none of the places that it found, DPO's and that of the yardstick (beta = 1)
neither, while 0.1 is what trainers set unless told otherwise. The knobs begin where
``variants.table`` says, which is set by hand.

Shown together are 28 comparisons with DPO: ten losses by two measures on clean pairs,
eight on other data. Their intervals are widened so that all 28 hold at once with 95 %
(Bonferroni); ten seeds make them about as narrow as single ones of five.

Gone, because they said nothing: annotators who love length (every loss learns what the
labels say), and rankings (as a whole or as six pairs, no difference that five seeds
show); on flips the losses without a claim about noise, on sure labels those that are
no functions of the gap. Two epochs of 64 pairs per step are 158 steps: in them DPO at
beta = 1 reaches a share of 0.70 on the tuning seed, in half of them 0.60, and with
twice the pairs per step 0.74. This module computes nothing itself.
"""

from math import inf

from ..grid import in_parallel
from ..tuning import tune
from ..unfinished import kept

ARMS = {  # name: (annotators, the measure that chooses and judges: see ``BETTER``)
    "clean": ("clean", "share"),
    "equal KL": ("clean", "missing"),
    "flips": ("flips", "share"),
    "sure": ("sure", "share"),
    "thumbs": ("thumbs", "share"),
}
BETTER = {"share": 1, "missing": -1}  # 1: more is better, -1: less is
ON_FLIPS = ("DPO", "cDPO", "rDPO", "KTO")
ON_SURE = ("DPO", "IPO", "cDPO", "hinge")
NOT_RUN = ("Plackett-Luce", "f-DPO")  # rankings, and another divergence
COMPARISONS = 28  # with DPO, in all arms
SEEDS, TUNING = tuple(range(10)), 100
BUDGET = 20  # runs to tune one loss in one arm
LEARNING_RATE, STRENGTH = 4e-3, 0.1  # where every search begins
LOOKS = (-2, 0, 2, 4, 6)  # doublings of ``STRENGTH``: 0.025 to 6.4
NAMES = ("learning rate", "strength", "knob")  # the settings, in the order of a run
Start = dict[str, float]


def everything() -> dict:
    """For every arm and loss: the setting, all tried, ten runs; clean: the optimum."""
    found = in_parallel(
        {
            (arm, name): (tuned_and_run, arm, name, start)
            for arm, losses in starts().items()
            for name, start in losses.items()
        }
    )
    return by_part(found)


def by_part(found: dict) -> dict:
    """{(arm, name): {part: value}} as {part: {arm: {name: value}}}."""
    parts: dict = {}
    for (arm, name), pieces in found.items():
        for part, value in pieces.items():
            parts.setdefault(part, {}).setdefault(arm, {})[name] = value
    return parts


def starts() -> dict[str, dict[str, Start]]:
    """Where searches begin, by arm and loss."""
    from ...variants.table import DPO, VARIANTS  # torch: readers of rows do without

    rows = [row for row in (DPO, *VARIANTS) if row.name not in NOT_RUN]
    pairs = {row.name: start(row) for row in rows}
    return {
        "clean": pairs,
        "equal KL": pairs,
        "flips": {name: pairs[name] for name in ON_FLIPS},
        "sure": {name: pairs[name] for name in ON_SURE},
        "thumbs": {"KTO": pairs["KTO"], "DPO": pairs["DPO"], "SFT": start(None)},
    }


def start(row) -> Start:
    """Where the search of a row of the table begins; SFT has a rate alone."""
    values = (LEARNING_RATE,) + ((STRENGTH, row.knob_start) if row else ())
    pairs = zip(NAMES, values, strict=False)
    return {name: value for name, value in pairs if value is not None}


def looks(start: Start) -> list[tuple[int, ...]]:
    """Where every search looks before it walks, in doublings of its start."""
    return [
        tuple(times if key == "strength" else 0 for key in start)
        for times in LOOKS
        if "strength" in start
    ]


def values_of(setting: Start) -> list[float | None]:
    """A setting as a run takes it."""
    return [setting.get(key) for key in NAMES]


def tuned_and_run(arm: str, name: str, start: Start) -> dict:
    """Search the setting on the tuning seed, then run ten others with it."""
    from .measures import ROWS, optimum  # torch: readers of rows do without

    source, measure = ARMS[arm]
    below = ROWS[name].knob_below if name in ROWS else inf

    def run(setting, seed):
        from .runs import one_run

        return kept("variants", one_run, source, name, values_of(setting), seed)

    def score(setting):
        outside = setting.get("knob", -inf) >= below
        return -inf if outside else BETTER[measure] * run(setting, TUNING)[measure]

    best, unsettled, tried = tune(score, start, BUDGET, looks(start))
    found = {
        "setting": best,
        "unsettled": unsettled,
        "tried": [
            run(row, TUNING) | {key: row[key] for key in start}
            for row in tried
            if row["score"] > -inf
        ],
        "runs": [run(best, seed) for seed in SEEDS],
    }
    if arm == "clean":
        strength, knob = best["strength"], best.get("knob")
        found["optimum"] = optimum(source, name, strength, knob)
    return found

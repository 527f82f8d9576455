"""Every variant on every kind of data; ``python -m dpo_edu.experiments variants``.

One rule for all. On a seed of its own, walk through strengths and two learning rates
to where no neighbor has a larger share of the attainable J: first in factors of 2, then
of sqrt 2. With the setting found there, run five other seeds. The notebook draws the
stored rows and runs one seed again, live.
"""

from functools import partial
from math import log2

from ..grid import in_parallel

SOURCES = ("clean", "flips", "sure", "length")  # of pairs, see ``data``
SEEDS, TUNING = (0, 1, 2, 3, 4), 100
LEARNING_RATES = (5e-3, 1e-3)  # the largest ones of the schedule
OTHER_RATE = dict(zip(LEARNING_RATES, LEARNING_RATES[::-1], strict=True))
ENDS = (-12, 12)  # half octaves: strengths from 1/64 to 64
Strengths = dict[str, float | None]  # by loss; None: it has no strength
OTHERS: dict[str, Strengths] = {  # data that are no pairs, and what they can be fed to
    "thumbs": {"KTO": 2.0, "DPO": 1.0, "SFT": None},
    "rankings": {"Plackett-Luce": 1.0, "six pairs": 1.0},
}
KEPT = ("share", "kl", "held_out")  # of a run that only tunes


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
    return {
        part: {
            source: {name: found[source, name][part] for name in losses}
            for source, losses in plan.items()
        }
        for part in ("setting", "tried", "runs", "optimum")
    }


def starts() -> dict[str, Strengths]:
    """Where searches begin, by source: strengths, which are betas, or ORPO's weight."""
    from ...variants.table import DPO, VARIANTS  # torch: readers of rows do without

    pairs: Strengths = {row.name: row.start for row in (DPO, *VARIANTS) if row.start}
    return {source: pairs for source in SOURCES} | OTHERS


def tuned_and_run(source: str, name: str, start: float | None) -> dict:
    """Search the setting on the tuning seed, then run five others with it."""
    from .measures import optimum  # torch: readers of rows do without
    from .runs import one_run

    tried = {}

    def share_at(place):
        if place not in tried:
            tried[place] = one_run(source, name, *setting(*place), TUNING)
        return tried[place]["share"]

    half_octaves = None if start is None else round(2 * log2(start))
    best = setting(*search(share_at, (half_octaves, LEARNING_RATES[0])))
    return {
        "setting": best,
        "tried": [
            dict(zip(("strength", "rate"), setting(*place), strict=True))
            | {key: row[key] for key in KEPT}
            for place, row in sorted(tried.items(), key=lambda item: setting(*item[0]))
        ],
        "runs": list(map(partial(one_run, source, name, *best), SEEDS)),
        "optimum": optimum(source, name, best[0]) if source in SOURCES else None,
    }


def search(share_at, place):
    """Walk from ``place`` = (half octaves, rate) until every neighbor is worse."""
    for step in (2, 1):  # half octaves: factors of 2, then of sqrt 2
        while (best := max(around(*place, step), key=share_at)) != place:
            place = best
    return place


def around(half_octaves: int | None, learning_rate: float, step: int) -> list[tuple]:
    """A place, the other learning rate there, and strengths to both sides."""
    places = [(half_octaves, learning_rate), (half_octaves, OTHER_RATE[learning_rate])]
    if half_octaves is None:
        return places
    low, high = ENDS
    sides = max(half_octaves - step, low), min(half_octaves + step, high)
    return [*places, *((side, learning_rate) for side in sides)]


def setting(half_octaves: int | None, learning_rate: float) -> tuple[float, float]:
    """(strength, learning rate): strength 2 ** (k / 2), or 1 where there is none."""
    strength = 1.0 if half_octaves is None else 2.0 ** (half_octaves / 2)
    return strength, learning_rate

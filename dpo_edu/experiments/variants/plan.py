"""Every variant on every kind of data; ``python -m dpo_edu.experiments variants``.

One rule for all. On a seed of its own, walk through strengths and two learning rates
to where no neighbor has a larger share of the attainable J: first in factors of 2, then
of sqrt 2. With the setting found there, run five other seeds. The notebook draws the
stored rows and runs one seed again, live.
"""

from functools import partial

SOURCES = ("clean", "flips", "sure", "length")  # of pairs, see variant_data

SEEDS, TUNING = (0, 1, 2, 3, 4), 100
RATES = (5e-3, 1e-3)  # the largest learning rate
ENDS = (-12, 12)  # half octaves: strengths from 1/64 to 64
START = {  # in half octaves: strength (beta, or ORPO's weight) = 2 ** (k / 2)
    "DPO": 0,
    "IPO": -6,  # 1 / (2 beta) is a gap, so beta is smaller
    "cDPO": -2,
    "rDPO": 2,
    "hinge": 0,
    "SimPO": 4,  # scores are per token
    "ORPO": 2,
    "KTO": 2,
    "DPOP": -4,
}
OTHERS = {  # data that are no pairs, and what can be done with them; SFT has no beta
    "thumbs": {"KTO": 2, "DPO": 0, "SFT": None},
    "rankings": {"Plackett-Luce": 0, "six pairs": 0},
}
STARTS = {source: START for source in SOURCES} | OTHERS
EVERY = [(source, name) for source, plan in STARTS.items() for name in plan]
KEPT = ("share", "kl", "held_out")  # of a run that only tunes


def everything() -> dict:
    """For every loss and source: the setting, all tried, five runs, the optimum."""
    from ..grid import in_parallel

    results = in_parallel(tuned_and_run, *zip(*EVERY, strict=True))
    return {
        part: {
            source: {
                name: result[part]
                for (at, name), result in zip(EVERY, results, strict=True)
                if at == source
            }
            for source in STARTS
        }
        for part in results[0]
    }


def tuned_and_run(source: str, name: str) -> dict:
    """Search the setting on the tuning seed, then run five others with it."""
    from .best import population  # torch: readers of rows do without
    from .runs import final

    tried = {}

    def share_at(at):
        if at not in tried:
            tried[at] = final(source, name, *setting(*at), TUNING)
        return tried[at]["share"]

    best = setting(*search(share_at, (STARTS[source][name], RATES[0])))
    return {
        "setting": best,
        "tried": [
            dict(zip(("strength", "rate"), setting(*at), strict=True))
            | {key: row[key] for key in KEPT}
            for at, row in sorted(tried.items(), key=lambda item: setting(*item[0]))
        ],
        "runs": list(map(partial(final, source, name, *best), SEEDS)),
        "optimum": population(source, name, best[0]) if source in SOURCES else None,
    }


def search(share_at, at):
    """Climb from ``at`` = (half octaves, rate) until every neighbor is worse."""
    for step in (2, 1):  # half octaves: factors of 2, then of sqrt 2
        while (best := max(around(*at, step), key=share_at)) != at:
            at = best
    return at


def around(strength: int | None, rate: float, step: int) -> list[tuple]:
    """A place, the other learning rate there, and strengths to both sides."""
    places = [(strength, rate), (strength, RATES[rate == RATES[0]])]
    if strength is None:
        return places
    low, high = ENDS
    sides = max(strength - step, low), min(strength + step, high)
    return [*places, *((side, rate) for side in sides)]


def setting(strength: int | None, rate: float) -> tuple[float, float]:
    """(strength, rate) in the units of the loss; strength 1 where there is none."""
    return (1.0 if strength is None else 2.0 ** (strength / 2)), rate

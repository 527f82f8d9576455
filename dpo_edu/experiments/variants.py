"""Every variant on every kind of data; ``python -m dpo_edu.experiments variants``.

One rule for all: of four settings, each twice the one before, take the one with the
largest share of the attainable J on a seed of its own; then run five other seeds with
it. So every loss is shown near its best. The notebook draws the stored rows and runs
one seed again, live.
"""

import numpy as np

SOURCES = ("clean", "flips", "sure", "length")  # of pairs, see variant_data

SEEDS, TUNING = (0, 1, 2, 3, 4), 100
FOUR = (0.25, 0.5, 1.0, 2.0)  # beta, or ORPO's weight
SETTINGS = {
    "DPO": FOUR,
    "IPO": (0.0625, 0.125, 0.25, 0.5),  # 1 / (2 beta) is a gap, so beta is smaller
    "cDPO": (0.125, 0.25, 0.5, 1.0),
    "rDPO": (1.0, 2.0, 4.0, 8.0),  # told of flips that most of the data do not have
    "hinge": FOUR,
    "SimPO": (2.0, 4.0, 8.0, 16.0),  # scores are per token
    "ORPO": (0.5, 1.0, 2.0, 4.0),
    "KTO": (1.0, 2.0, 4.0, 8.0),
    "DPOP": (0.0625, 0.125, 0.25, 0.5),
}
OTHERS = {  # data that are no pairs, and what can be done with them
    "thumbs": {"KTO": SETTINGS["KTO"], "DPO": FOUR, "SFT": (1.0,)},
    "rankings": {"Plackett-Luce": FOUR, "six pairs": FOUR},
}
PLANS = {source: SETTINGS for source in SOURCES} | OTHERS
EVERY = [(source, name) for source, plan in PLANS.items() for name in plan]


def everything() -> dict:
    """All settings on the tuning seed, then the best one on five others."""
    from .variant_best import population  # torch: readers of rows do without
    from .variant_runs import final

    tried = _each(final, [(s, n, x, TUNING) for s, n in EVERY for x in PLANS[s][n]])
    best = {}
    for (source, name), rows in tried.items():
        best[source, name] = PLANS[source][name][np.argmax([x["share"] for x in rows])]
    runs = _each(final, [(*one, best[one], seed) for one in EVERY for seed in SEEDS])
    pairs = [one for one in EVERY if one[0] in SOURCES]
    optimum = _each(population, [(*one, best[one]) for one in pairs])
    return {
        "setting": _by_source(best),
        "tried": _by_source(tried),
        "runs": _by_source(runs),
        "optimum": _by_source({one: optimum[one][0] for one in pairs}),
    }


def _each(function, jobs) -> dict[tuple, list]:
    """function(*job) for all jobs, two at a time, listed by source and name."""
    from .grid import in_parallel

    results = in_parallel(function, *zip(*jobs, strict=True))
    listed = {job[:2]: [] for job in jobs}
    for job, result in zip(jobs, results, strict=True):
        listed[job[:2]].append(result)
    return listed


def _by_source(flat: dict) -> dict:
    """{(source, name): value} as {source: {name: value}}."""
    nested = {source: {} for source, _ in flat}
    for (source, name), value in flat.items():
        nested[source][name] = value
    return nested

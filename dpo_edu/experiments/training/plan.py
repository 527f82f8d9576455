"""The long runs of chapter 11, stored; ``python -m dpo_edu.experiments training``.

Which runs there are is decided here; what a run is, in ``runs``, ``sure_table`` and
``clinic``. The notebook draws the stored rows and runs some of them again, live.
"""

from itertools import product

from ..grid import in_parallel

COUNTS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)  # pairs
SEEDS = (0, 1)
BETAS = (0.5, 1.0, 2.0)
LONG = 5_000  # pairs that are gone over for ever, for 3,000 steps


def everything() -> dict:
    """All runs of the chapter, two at a time, the longest first."""
    found = in_parallel(tasks())
    hard = {str(n): [found["hard", n, seed] for seed in SEEDS] for n in COUNTS}
    return {
        "soft": {str(beta): found["soft", beta] for beta in BETAS},
        "hard": hard | {"long": found["long", LONG]},
        "sure": {str(beta): found["sure", beta] for beta in BETAS},
        "sure, table": {str(beta): found["table", beta] for beta in BETAS},
        "broken": {
            name: run for (kind, name, *_), run in found.items() if kind == "broken"
        },
    }


def tasks() -> dict[tuple, tuple]:
    """By kind and condition: the function of a run, and its arguments."""
    from .clinic import TRAINERS, examine  # torch: readers of rows do without
    from .runs import hard_run, soft_run, steps_for, sure_run
    from .sure_table import sure_table

    return {
        ("soft", 1.0): (soft_run, 1.0),
        ("long", LONG): (hard_run, LONG, 0, 3_000),
        **{("soft", beta): (soft_run, beta, 900, 16) for beta in BETAS if beta != 1.0},
        **{("sure", beta): (sure_run, beta) for beta in BETAS},
        **{("table", beta): (sure_table, beta) for beta in BETAS},
        **{
            ("hard", count, seed): (hard_run, count, seed, steps_for(count))
            for count, seed in product(COUNTS, SEEDS)
        },
        **{("broken", name): (examine, name) for name in TRAINERS},
    }

"""The long runs of chapter 15, stored; ``python -m dpo_edu.experiments online``.

Which runs there are is decided here and in ``conditions``; five seeds each, which draw
pairs and verdicts. The notebook draws the stored rows and runs one of them again, live.
"""

from ..grid import over_seeds

SEEDS = (0, 1, 2, 3, 4)


def everything() -> dict:
    """All runs, {name: one list of rows per seed}; two at a time."""
    return over_seeds(functions(), SEEDS)


def functions() -> dict[str, tuple]:
    """By name: the function of the seed, and its further arguments."""
    from ...online import fixed_reference, moving_reference
    from .conditions import CONDITIONS  # torch: readers of rows do without
    from .runs import offline_run, rounds_run
    from .soft_rounds import BETA, ROUNDS, soft_rounds

    return {
        "offline": (offline_run,),
        **{name: (rounds_run, each) for name, each in CONDITIONS.items()},
        "soft, fixed": (soft_rounds, fixed_reference, BETA),
        "soft, moving": (soft_rounds, moving_reference, BETA),
        "soft, fixed, 1/3": (soft_rounds, fixed_reference, BETA / ROUNDS),
    }

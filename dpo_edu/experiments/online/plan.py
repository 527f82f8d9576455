"""The long runs of chapter 15, stored; ``python -m dpo_edu.experiments online``.

Which runs there are is decided here and in ``conditions``. CPU minutes, as planned on
one core of the machine that stored them, a step of 128 pairs being 0.02 s:

    tuned sides (5)   at most 10 places on 2 tuning seeds each, then    17
                      5 seeds that are judged
    conditions (12)   5 seeds of 600 steps each (800 for the last 4)     14
    soft rounds (3)   5 seeds of 6 rounds of 150 steps                    7

No side with a moving reference is among them. At one common setting, in runs that are
not stored, such sides could not be told apart from each other nor from offline. The
tuning of one was begun and not finished; it takes another 5 minutes. The chapter says
so, and compares no such side. Runs of sides are kept until the grid is stored, so a
plan that was stopped goes on. The notebook draws the stored rows and runs one of
them again, live.
"""

from ..grid import in_parallel, over_seeds

SEEDS = (0, 1, 2, 3, 4)


def everything() -> dict:
    """All runs, {name: one list of rows per seed}, and {"tuned": by side}."""
    from .conditions import SIDES  # torch: readers of rows do without
    from .tuned import tuned_side

    tuned = in_parallel({side: (tuned_side, side) for side in SIDES})
    return over_seeds(functions(), SEEDS) | {"tuned": tuned}


def functions() -> dict[str, tuple]:
    """By name: the function of the seed, and its further arguments."""
    from ...online import fixed_reference, moving_reference
    from .conditions import CONDITIONS
    from .runs import rounds_run
    from .soft_rounds import BETA, ROUNDS, soft_rounds

    return {
        **{name: (rounds_run, each) for name, each in CONDITIONS.items()},
        "soft, fixed": (soft_rounds, fixed_reference, BETA),
        "soft, moving": (soft_rounds, moving_reference, BETA),
        "soft, fixed, 1/3": (soft_rounds, fixed_reference, BETA / ROUNDS),
    }

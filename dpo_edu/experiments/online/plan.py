"""The long runs of chapter 15, stored; ``python -m dpo_edu.experiments online``.

Which runs there are is decided here and in ``online_arms``; five seeds each, which draw
pairs and verdicts. The notebook draws the stored rows and runs one of them again, live.
"""

SEEDS = (0, 1, 2, 3, 4)
SOFT = ("soft, fixed", "soft, moving", "soft, fixed, 1/3")


def everything() -> dict:
    """All runs, {arm: one list of rows a seed}; two at a time."""
    from ..grid import in_parallel  # torch comes with the runs: readers do without
    from .arms import ARMS

    names = ["offline", *ARMS, *SOFT]
    tasks = [(name, seed) for name in names for seed in SEEDS]
    runs = iter(in_parallel(run, *zip(*tasks, strict=True)))
    return {name: [next(runs) for _ in SEEDS] for name in names}


def run(name: str, seed: int) -> list[dict]:
    """The rows of one run, by the name of its arm."""
    from .arms import ARMS, offline_run, rounds_run
    from .runs import set_up

    if name in SOFT:
        return soft_run(name, seed)
    if name == "offline":
        return offline_run(set_up(), seed)
    return rounds_run(set_up(), ARMS[name], seed)


def soft_run(name: str, seed: int) -> list[dict]:
    """The rows of one run with soft labels."""
    from ...online import fixed_reference, moving_reference
    from ..bench import set_up
    from .soft_rounds import BETA, ROUNDS, soft_rounds

    moves, beta = {
        "soft, fixed": (fixed_reference, BETA),
        "soft, moving": (moving_reference, BETA),
        "soft, fixed, 1/3": (fixed_reference, BETA / ROUNDS),
    }[name]
    return soft_rounds(set_up(), moves, seed, beta)

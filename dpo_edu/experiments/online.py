"""The long runs of chapter 15, stored; ``python -m dpo_edu.experiments online``.

Which runs there are is decided here and in ``online_arms``; five seeds each, which draw
pairs and verdicts. The notebook draws the stored rows and runs one of them again, live.
"""

SEEDS = (0, 1, 2, 3, 4)
SOFT = ("soft, fixed", "soft, moving")


def everything() -> dict:
    """All runs, {arm: one list of rows a seed}; two at a time."""
    from .grid import in_parallel  # torch comes with the runs: readers do without
    from .online_arms import ARMS

    names = ["offline", *ARMS, *SOFT]
    tasks = [(name, seed) for name in names for seed in SEEDS]
    runs = iter(in_parallel(run, *zip(*tasks, strict=True)))
    return {name: [next(runs) for _ in SEEDS] for name in names}


def run(name: str, seed: int) -> list[dict]:
    """The rows of one run, by the name of its arm."""
    from . import online_runs, soft_rounds
    from .online_arms import (
        ARMS,
        fixed_reference,
        moving_reference,
        offline_run,
        rounds_run,
    )

    if name in SOFT:
        moves = (fixed_reference, moving_reference)[SOFT.index(name)]
        return soft_rounds.soft_rounds(soft_rounds.set_up(), moves, seed)
    bench = online_runs.set_up()
    if name == "offline":
        return offline_run(bench, seed)
    return rounds_run(bench, ARMS[name], seed)

"""The long runs of chapter 11, stored; ``python -m dpo_edu.experiments training``.

Which runs there are is decided here and in ``training_grid``; what a run is, in
``bench``, ``sure_table`` and ``broken_runs``. The notebook draws the stored
rows and runs some of them again, live.
"""

COUNTS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)  # pairs
SEEDS = (0, 1)
BETAS = (0.5, 1.0, 2.0)
LONG = 5_000  # pairs that are gone over for ever


def everything() -> dict:
    """All runs of the chapter, two at a time, the longest first."""
    from ..grid import in_parallel
    from .clinic import TRAINERS  # torch: readers of rows do without
    from .training_grid import part

    tasks: list[tuple] = [("soft", 1.0, 0), ("long", LONG, 0)]
    tasks += [("soft", beta, 0) for beta in BETAS if beta != 1.0]
    tasks += [(name, beta, 0) for name in ("sure", "table") for beta in BETAS]
    tasks += [("hard", count, seed) for count in COUNTS for seed in SEEDS]
    tasks += [("broken", trainer, 0) for trainer in TRAINERS]
    found = dict(zip(tasks, in_parallel(part, *zip(*tasks, strict=True)), strict=True))
    hard = {str(n): [found["hard", n, seed] for seed in SEEDS] for n in COUNTS}
    return {
        "soft": {str(beta): found["soft", beta, 0] for beta in BETAS},
        "hard": hard | {"long": found["long", LONG, 0]},
        "sure": {str(beta): found["sure", beta, 0] for beta in BETAS},
        "sure, table": {str(beta): found["table", beta, 0] for beta in BETAS},
        "broken": {name: found["broken", name, 0] for name in TRAINERS},
    }

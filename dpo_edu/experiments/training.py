"""The long runs of chapter 11, stored; ``python -m dpo_edu.experiments training``.

Which runs there are is decided here; what a run is, in ``training_runs``,
``sure_table`` and ``broken_runs``. The notebook draws the stored rows and runs some of
them again, live.
"""

COUNTS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)  # pairs
SEEDS = (0, 1)
BETAS = (0.5, 1.0, 2.0)


def everything() -> dict:
    """All runs of the chapter, one after the other, on one reference."""
    from .broken_runs import TRAINERS, run  # torch: readers of rows do without
    from .nudge import nudge
    from .sure_table import sure_table
    from .training_runs import hard_run, set_up, soft_run, steps_for, sure_run

    bench = set_up()
    counts = {
        str(n): [hard_run(bench, n, s, steps_for(n)) for s in SEEDS] for n in COUNTS
    }
    return {
        "soft": {
            "0.5": soft_run(bench, 0.5, steps=900, group=16),
            "1.0": soft_run(bench, 1.0),
            "2.0": soft_run(bench, 2.0, steps=900, group=16),
        },
        "hard": counts | {"long": hard_run(bench, 5_000, 0, steps=3_000)},
        "sure": {str(beta): sure_run(bench, beta) for beta in BETAS},
        "sure, table": {str(beta): sure_table(bench, beta) for beta in BETAS},
        "broken": {
            name: {"log": run(bench, trainer), "nudge": nudge(bench, trainer)}
            for name, trainer in TRAINERS.items()
        },
    }

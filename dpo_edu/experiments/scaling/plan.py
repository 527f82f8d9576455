"""The runs of chapter 16 that are stored; ``python -m dpo_edu.experiments scaling``.

What TRL's trainer logged is stored apart: see ``trl_side_by_side``.
"""

from itertools import product

from ..grid import in_parallel


def everything() -> dict:
    """DPO in three precisions at three learning rates, five seeds each."""
    # torch: readers of rows do without
    from .precision import KINDS, LEARNING_RATES, SEEDS, precision_run

    tasks = {
        setting: (precision_run, *setting)
        for setting in product(KINDS, LEARNING_RATES, SEEDS)
    }
    found = in_parallel(tasks)
    return {
        "precision": {
            kind: {
                str(rate): [found[kind, rate, seed] for seed in SEEDS]
                for rate in LEARNING_RATES
            }
            for kind in KINDS
        }
    }

"""The runs of chapter 16 that are stored; ``python -m dpo_edu.experiments scaling``.

What TRL's trainer logged is stored apart: see ``trl_side_by_side``.
"""

from itertools import product


def everything() -> dict:
    """DPO in three precisions at three learning rates, five seeds each."""
    from ..grid import in_parallel  # torch: readers of rows do without
    from .precision import KINDS, LEARNING_RATES, SEEDS, precision_run

    settings = [*product(KINDS, LEARNING_RATES, SEEDS)]
    results = in_parallel(precision_run, *zip(*settings, strict=True))
    precision = {kind: {str(rate): [] for rate in LEARNING_RATES} for kind in KINDS}
    for (kind, rate, _), result in zip(settings, results, strict=True):
        precision[kind][str(rate)].append(result)
    return {"precision": precision}

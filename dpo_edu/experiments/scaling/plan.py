"""The runs of chapter 16 that are stored; ``python -m dpo_edu.experiments scaling``.

What TRL's trainer logged is stored apart: see ``trl_side_by_side``.
"""


def everything() -> dict:
    """DPO in three precisions at three learning rates, five seeds each."""
    from ..grid import in_parallel  # torch: readers of rows do without
    from .precision import KINDS, PEAKS, SEEDS, precision_run

    settings = [(k, peak, seed) for k in KINDS for peak in PEAKS for seed in SEEDS]
    results = in_parallel(precision_run, *zip(*settings, strict=True))
    precision = {kind: {str(peak): [] for peak in PEAKS} for kind in KINDS}
    for (kind, peak, _), result in zip(settings, results, strict=True):
        precision[kind][str(peak)].append(result)
    return {"precision": precision}

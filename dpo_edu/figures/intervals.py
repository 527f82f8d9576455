"""Intervals over seeds: of a mean, and of a difference between two ways to train.

This module does not draw; what is drawn, and what a notebook prints, is computed here.
"""

from collections.abc import Sequence

import numpy as np

from ..validation import require

STUDENT = {
    (5, 1): 2.776,
    (5, 2): 3.495,
    (5, 4): 4.315,
    (5, 8): 5.261,
    (10, 1): 2.262,
    (10, 28): 4.374,
}
"""{(seeds, comparisons): quantile of Student's t at 1 - 0.025 / comparisons}."""


def mean_interval(values: Sequence[float], comparisons: int = 1) -> tuple[float, float]:
    """(mean, half-width of its 95 % interval) of one number per seed.

    comparisons: so many such intervals shall hold at once with 95 % (Bonferroni).
    Raises InputError for numbers that ``STUDENT`` does not hold.
    """
    count = len(values)
    known = f"only for {', '.join(f'{n} ({m} at once)' for n, m in STUDENT)}"
    wanted = count, comparisons
    require(wanted in STUDENT, f"no interval for {count} seeds, {known}")
    half = STUDENT[wanted] * np.std(values, ddof=1) / np.sqrt(count)
    return float(np.mean(values)), float(half)


def paired_difference(
    rows, others, measure: str, comparisons: int = 1
) -> tuple[float, float]:
    """(mean, half-width of its 95 % interval) of rows - others, seed by seed.

    As many rows each, in the order of the seeds: what a seed's pairs do to both
    cancels. comparisons: as in ``mean_interval``. The interval is one of seeds, not of
    the choice of settings.
    """
    require(len(rows) == len(others), "paired_difference needs two rows per seed")
    differences = [
        row[measure] - other[measure] for row, other in zip(rows, others, strict=True)
    ]
    return mean_interval(differences, comparisons)

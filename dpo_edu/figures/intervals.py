"""Intervals over seeds: of a mean, and of a difference between two ways to train.

This module does not draw; what is drawn, and what a notebook prints, is computed here.
"""

from collections.abc import Sequence

import numpy as np

from ..validation import require

STUDENT = {5: 2.776, 10: 2.262}  # seeds: 97.5 % quantile of Student's t, a degree less


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """(mean, half-width of its 95 % interval) of one number per seed.

    Raises InputError for a number of seeds that ``STUDENT`` does not hold.
    """
    count = len(values)
    require(count in STUDENT, f"no interval for {count} seeds, only for 5 or 10")
    half = STUDENT[count] * np.std(values, ddof=1) / np.sqrt(count)
    return float(np.mean(values)), float(half)


def paired_difference(rows, others, measure: str) -> tuple[float, float]:
    """(mean, half-width of its 95 % interval) of rows - others, seed by seed.

    As many rows each, in the order of the seeds: what a seed's pairs do to both
    cancels. The interval is one of seeds, not of the choice of settings.
    """
    require(len(rows) == len(others), "paired_difference needs two rows per seed")
    return mean_interval(
        [row[measure] - other[measure] for row, other in zip(rows, others, strict=True)]
    )

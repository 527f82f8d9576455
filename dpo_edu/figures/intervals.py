"""An interval for a difference between two ways to train, over the seeds they share.

This module does not draw; what is drawn, and what a notebook prints, is computed here.
"""

import numpy as np

from ..validation import require

STUDENT = 2.776  # 97.5 % quantile of Student's t for five seeds, 4 degrees of freedom


def paired_difference(rows, others, measure: str) -> tuple[float, float]:
    """(mean, half-width of its 95 % interval) of rows - others, seed by seed.

    Five rows each, in the order of the seeds: what a seed's pairs do to both cancels.
    The interval is one of seeds, not of the choice of settings.
    """
    require(len(rows) == len(others) == 5, "paired_difference needs five rows each")
    differences = np.array(
        [row[measure] - other[measure] for row, other in zip(rows, others, strict=True)]
    )
    half = STUDENT * differences.std(ddof=1) / np.sqrt(len(differences))
    return float(differences.mean()), float(half)

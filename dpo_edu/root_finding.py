"""Bisection, elementwise on arrays: the one root finder that cannot diverge.

Used where a constant has no formula: the beta of a KL budget, the multiplier that
normalizes a policy. This module does not know what it solves.
"""

from collections.abc import Callable

import numpy as np

from .validation import require_callable
from .validation.arrays import finite


def bisect(increasing: Callable, low, high) -> np.ndarray:
    """Where ``increasing(x)`` crosses zero between ``low`` and ``high``, elementwise.

    The ends are never evaluated, so the function may be infinite there. After about 50
    halvings no float lies between them; a root at 0 gets 100, to 1e-30 of the interval.
    """
    require_callable(increasing=increasing)
    low, high = finite(low=low, high=high)
    for _ in range(100):
        middle = (low + high) / 2
        if not ((low < middle) & (middle < high)).any():
            break
        too_low = increasing(middle) < 0
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return (low + high) / 2

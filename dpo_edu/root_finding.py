"""Bisection, elementwise on arrays: the one root finder that cannot diverge.

Used where a constant has no formula: the beta of a KL budget, the multiplier that
normalizes a policy. This module does not know what it solves.
"""

from collections.abc import Callable

import numpy as np


def bisect(increasing: Callable, low, high) -> np.ndarray:
    """Where ``increasing(x)`` crosses zero between ``low`` and ``high``, elementwise.

    The ends are never evaluated, so the function may be infinite there. 100 halvings
    divide the interval by 1e30: below the spacing of floats, unless the root is 0.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    for _ in range(100):
        middle = (low + high) / 2
        too_low = increasing(middle) < 0
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return (low + high) / 2

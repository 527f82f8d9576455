"""Checks of one number: a setting such as beta, a count, a share.

Floats, ints and numpy's scalars will do; words, True and tensors are no numbers here.
"""

import math
from numbers import Integral, Real

from .refusal import refuse


def require_positive(name: str, value: float) -> None:
    """Raise unless ``value`` is a finite number above zero (NaN is refused too)."""
    if not 0 < _number(value) < math.inf:
        refuse(name, "a finite number above 0", value)


def require_between(low: float, high: float, **numbers) -> None:
    """Raise unless each is one number from ``low`` to ``high``, both included."""
    for name, value in numbers.items():
        if not low <= _number(value) <= high:
            refuse(name, f"a number from {low:g} to {high:g}", value)


def require_inside(low: float, high: float, **numbers) -> None:
    """Raise unless each is one number between ``low`` and ``high``, both excluded."""
    for name, value in numbers.items():
        if not low < _number(value) < high:
            refuse(name, f"a number between {low:g} and {high:g}, excluded", value)


def require_above(low: float, **numbers) -> None:
    """Raise unless each is one number above ``low``; infinity will do."""
    for name, value in numbers.items():
        if not _number(value) > low:
            refuse(name, f"a number above {low:g}", value)


def require_not_negative(**numbers) -> None:
    """Raise unless each is one finite number, 0 or more."""
    for name, value in numbers.items():
        if not 0 <= _number(value) < math.inf:
            refuse(name, "0 or more and finite", value)


def require_amount(**numbers) -> None:
    """Raise unless each is one finite number, 0 or more; ints of any size."""
    for name, value in numbers.items():
        huge = isinstance(value, int) and 0 <= value < 2**1000  # a float as well
        if not (huge or 0 <= _number(value) < math.inf) or isinstance(value, bool):
            refuse(name, "0 or more and finite", value)


def require_finite(**numbers) -> None:
    """Raise unless each is one finite number."""
    for name, value in numbers.items():
        if not math.isfinite(_number(value)):
            refuse(name, "one finite number", value)


def require_whole(least: int, most: int = 10**9, **numbers) -> None:
    """Raise unless each is a whole number from ``least`` to ``most``.

    ``most`` is where a loop would never end, or the memory would.
    """
    for name, value in numbers.items():
        if not least <= _whole(value) <= most:
            refuse(name, f"a whole number from {least} to {most}", value)


def _number(value) -> float:
    """``value`` as a float; NaN where it is no real number, or an int beyond int64."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or (isinstance(value, int) and not -(2**63) <= value < 2**63):
        return math.nan
    return float(value)


def _whole(value) -> float:
    """``value`` as an integer; NaN where it is none."""
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    return int(value) if is_whole else math.nan

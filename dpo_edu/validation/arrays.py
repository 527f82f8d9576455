"""What a numpy formula reads: arrays of floats, after a look at every value.

All return one array where one was named, else a list; several must broadcast.
``axes`` is how many axes each has at least; with any, it must have an entry too.
"""

import math
from typing import Any

import numpy as np

from .refusal import only, refuse, require
from .shapes import (
    require_axes,
    require_broadcastable,
    require_same_outcomes,
    require_shape,
)

ROUNDING = 1e-6  # by how much a sum of probabilities, or a log-probability, may be off
LOGS = "log-probabilities, at most 0 (pass np.log of probabilities)"


def reals(axes: int = 0, **arrays) -> Any:
    """The named arrays as floats; infinities are allowed, NaN is not."""
    return only(_floats(arrays, axes, "real numbers", lambda a: a == a))


def finite(axes: int = 0, **arrays) -> Any:
    """The named arrays as finite floats."""
    return only(_floats(arrays, axes, "finite numbers", lambda a: abs(a) < math.inf))


def positive(axes: int = 0, **arrays) -> Any:
    """The named arrays as finite floats above 0."""
    wanted = "finite numbers above 0"
    return only(_floats(arrays, axes, wanted, lambda a: (a > 0) & (a < math.inf)))


def not_negative(axes: int = 0, **arrays) -> Any:
    """The named arrays as finite floats, 0 or more."""
    wanted = "finite and not negative"
    return only(_floats(arrays, axes, wanted, lambda a: (a >= 0) & (a < math.inf)))


def probabilities(axes: int = 0, **arrays) -> Any:
    """The named arrays as floats in [0, 1]."""
    wanted = "probabilities, which lie in [0, 1]"
    return only(_floats(arrays, axes, wanted, lambda a: (a >= 0) & (a <= 1)))


def log_probabilities(axes: int = 0, **arrays) -> Any:
    """The named arrays as logs of probabilities; -inf is what never happens."""
    return only(_floats(arrays, axes, LOGS, lambda a: a <= ROUNDING))


def log_numbers(axes: int = 0, **arrays) -> Any:
    """The named arrays as logs of numbers that are not negative: finite or -inf."""
    wanted = "finite numbers or -inf"
    return only(_floats(arrays, axes, wanted, lambda a: a < math.inf))


def distributions(**arrays) -> Any:
    """The named arrays as probabilities, which sum to 1 over a common last axis."""
    wanted = "probabilities, >= 0, which sum to 1 over the last axis"
    found = _floats(arrays, 1, wanted, lambda a: a >= 0)
    _require_sums(found, ROUNDING, lambda p: p)
    return only(found)


def log_distributions(**arrays) -> Any:
    """The same given as logs; their sums may be off by what float32 leaves."""
    found = _floats(arrays, 1, LOGS, lambda a: a <= ROUNDING)
    _require_sums(found, 100 * ROUNDING, np.exp)
    return only(found)


def on_outcomes_of(logp, **values) -> Any:
    """The named arrays as finite floats, one for each outcome of ``logp``."""
    found = _floats(values, 1, "finite numbers", lambda a: abs(a) < math.inf)
    require_same_outcomes(**found, logp=logp)
    return only(found)


def shaped(shape: tuple[int | None, ...], **arrays) -> Any:
    """The named arrays as floats of this shape; their values are not looked at.

    For what a training step reads a few entries of: looking at all would cost more.
    """
    found = {name: as_array(name, x, "real numbers") for name, x in arrays.items()}
    require_shape(shape, **found)
    return only({name: x.astype(float, copy=False) for name, x in found.items()})


def indices(count: int, axes: int = 0, **arrays) -> Any:
    """The named arrays as whole numbers from 0 to ``count`` - 1, to look things up."""
    wanted = f"whole numbers 0 to {count - 1}"
    found = {name: as_array(name, value, wanted) for name, value in arrays.items()}
    for name, array in found.items():
        if array.dtype.kind not in "iu":
            refuse(name, wanted, array)
        require_axes(axes, **{name: array})
        if array.size and not (array.min() >= 0 and array.max() < count):
            refuse(name, wanted, array[(array < 0) | (array >= count)].flat[0])
    require_broadcastable(**found)
    return only({name: array.astype(int, copy=False) for name, array in found.items()})


def _floats(arrays, axes, wanted, allowed) -> dict:
    """The named arrays as floats; raises where ``allowed(array)`` is not all true."""
    found = {}
    for name, value in arrays.items():
        found[name] = array = as_array(name, value, wanted).astype(float, copy=False)
        require_axes(axes, **{name: array})
        if not (right := allowed(array)).all():
            refuse(name, wanted, array[~right].flat[0])
    if len(found) > 1:
        require_broadcastable(**found)
    return found


def real_array(name: str, value) -> np.ndarray:
    """``value`` as an array in the precision that it comes in; no NaN."""
    array = as_array(name, value, "real numbers")
    if np.isnan(array).any():
        refuse(name, "real numbers", np.nan)
    return array


def as_array(name: str, value, wanted: str) -> np.ndarray:
    """``value`` as an array of booleans, integers or floats; raises if it is none."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # ragged; a tensor that learns
        array = None
    if array is None or array.dtype.kind not in "biuf":
        detached = " (detach a tensor that learns)" if hasattr(value, "detach") else ""
        refuse(name, wanted + detached, value)
    return array


def _require_sums(found, tolerance, probability):
    require_same_outcomes(**found)
    for name, array in found.items():
        worst = abs(probability(array).sum(axis=-1) - 1).max()
        message = f"{name} must sum to 1 over the last axis, is off by {worst:.3g}"
        require(worst <= tolerance, message)

"""Checks of shapes: of anything that has one, in numpy or torch.

No value is looked at, so these cost nothing worth mentioning in a training step.
"""

from itertools import zip_longest

from .refusal import InputError, refuse


def require_same_shape(**arrays) -> None:
    """Raise unless all named arrays have one shape; the message lists every shape."""
    if len({tuple(array.shape) for array in arrays.values()}) > 1:
        raise InputError(f"shapes differ: {_listed(arrays)}")


def require_broadcastable(**arrays) -> None:
    """Raise unless the named arrays can be combined entry by entry."""
    backwards = (reversed(array.shape) for array in arrays.values())
    if any(len({*axis} - {1}) > 1 for axis in zip_longest(*backwards, fillvalue=1)):
        raise InputError(f"shapes do not fit: {_listed(arrays)}")


def require_same_outcomes(**arrays) -> None:
    """Raise unless all last axes are equally long and the other axes broadcast."""
    if len({tuple(array.shape)[-1:] for array in arrays.values()}) > 1:
        raise InputError(f"last axes differ: {_listed(arrays)}")
    require_broadcastable(**arrays)


def require_not_empty(**arrays) -> None:
    """Raise unless each has an entry."""
    for name, array in arrays.items():
        if 0 in array.shape:
            refuse(name, "an array that is not empty", array)


def require_shape(shape: tuple[int | None, ...], **arrays) -> None:
    """Raise unless each has this shape; None stands for any length but 0."""
    for name, array in arrays.items():
        pairs = zip(shape, tuple(array.shape), strict=False)
        fits = all(n == length or (n is None and length) for n, length in pairs)
        if len(array.shape) != len(shape) or not fits:
            lengths = tuple("any" if n is None else n for n in shape)
            refuse(name, f"of shape {lengths}".replace("'", ""), array)


def require_square(**arrays) -> None:
    """Raise unless each is a table of as many rows as columns, at least one."""
    for name, array in arrays.items():
        shape = tuple(array.shape)
        if len(shape) != 2 or shape[0] != shape[1] or 0 in shape:
            refuse(name, "a square table", array)


def require_axes(axes: int, **arrays) -> None:
    """Raise unless each has at least so many axes, and then at least one entry."""
    for name, array in arrays.items():
        if len(array.shape) < axes or (axes and 0 in array.shape):
            plural = "axis" if axes == 1 else "axes"
            refuse(name, f"an array of {axes} {plural} or more, not empty", array)


def _listed(arrays) -> str:
    return ", ".join(f"{name} {tuple(array.shape)}" for name, array in arrays.items())

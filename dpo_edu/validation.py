"""One way to refuse bad input: an ``InputError`` whose message is a single line.

The line says what was wrong, where, and what to do. The command line prints it and
exits with code 2; in Python it is an ordinary ``ValueError``. Works on anything with
a ``shape``, so numpy and torch chapters share it and this module imports neither.
"""

import math


class InputError(ValueError):
    """The caller's input cannot be used; ``str(error)`` is one line that says why."""


def require(condition, message: str) -> None:
    """Raise ``InputError(message)`` unless ``condition`` holds."""
    if not condition:
        raise InputError(message)


def require_positive(name: str, value: float) -> None:
    """Raise unless ``value`` is a finite number above zero (NaN is refused too)."""
    require(
        math.isfinite(value) and value > 0,
        f"{name} must be a finite number above 0, got {value}",
    )


def require_same_shape(**arrays) -> None:
    """Raise unless all named arrays have one shape; the message lists every shape."""
    shapes = {name: tuple(array.shape) for name, array in arrays.items()}
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    require(len(set(shapes.values())) <= 1, f"shapes differ: {listed}")


def visible(text: str) -> str:
    r"""The text as one line on which a terminal does not act: ``\x1b`` for escape.

    >>> print(visible("a file\nwith \x1b[2J in its name"))
    a file\nwith \x1b[2J in its name
    """
    shown = (c if c.isprintable() else repr(c)[1:-1] for c in text)
    return "".join(shown)

"""What a refusal looks like: what was expected, of which argument, and what came."""

from reprlib import repr as shortened
from typing import Any, NoReturn


class InputError(ValueError):
    """The caller's input cannot be used; ``str(error)`` is one line that says why."""


def require(condition, message: str) -> None:
    """Raise ``InputError(message)`` unless ``condition`` holds."""
    if not condition:
        raise InputError(message)


def refuse(name: str, wanted: str, value) -> NoReturn:
    """Raise ``InputError``: ``name`` must be ``wanted``, but ``value`` came."""
    raise InputError(f"{name} must be {wanted}, got {brief(value)}")


def brief(value) -> str:
    """What came, in one line: a shape and a type of an array, else the value."""
    if shape := getattr(value, "shape", None):
        return f"an array of shape {tuple(shape)} and type {value.dtype}"
    if shape == () and not hasattr(value, "detach"):
        value = value.item()  # -1, not np.int64(-1)
    return visible(shortened(value))


def visible(text: str) -> str:
    r"""The text as one line on which a terminal does not act: ``\x1b`` for escape.

    >>> print(visible("a file\nwith \x1b[2J in its name"))
    a file\nwith \x1b[2J in its name
    """
    shown = (c if c.isprintable() else repr(c)[1:-1] for c in text)
    return "".join(shown)


def counted(number: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "pair"), counted(2_000, "pair")
    ('1 pair', '2,000 pairs')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def only(found: dict) -> Any:
    """The one value, where one argument was named; else a list of all."""
    return [*found.values()] if len(found) > 1 else next(iter(found.values()))

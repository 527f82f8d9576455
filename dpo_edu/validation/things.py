"""Checks of what is no number: types, functions, lists."""

from typing import Any

from .numbers import require_whole
from .refusal import only, refuse


def require_type(kind: type | tuple[type, ...], **things) -> None:
    """Raise unless each is a ``kind``, or one of several kinds."""
    for name, value in things.items():
        if not isinstance(value, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            refuse(name, f"of type {' or '.join(k.__name__ for k in kinds)}", value)


def of_type(kind: type, **thing) -> Any:
    """The one named thing, which is a ``kind``."""
    require_type(kind, **thing)
    return only(thing)


def require_list_of(kind: type, **lists) -> None:
    """Raise unless each is a list or tuple, and of nothing but ``kind``."""
    for name, value in lists.items():
        is_list = isinstance(value, (list, tuple))
        if not is_list or not all(isinstance(each, kind) for each in value):
            refuse(name, f"a list of {kind.__name__}", value)


class WholeNumbers:
    """What a dataclass inherits whose fields are whole numbers from 1 on: sizes."""

    def __post_init__(self):
        require_whole(1, 10**9, **vars(self))


def require_callable(**functions) -> None:
    """Raise unless each can be called."""
    for name, value in functions.items():
        if not callable(value):
            refuse(name, "a function", value)


def require_callable_or_none(**functions) -> None:
    """Raise unless each can be called, or is left out."""
    require_callable(
        **{n: value for n, value in functions.items() if value is not None}
    )


def listed(**sequences) -> Any:
    """The named lists, tuples or arrays as lists that are not empty."""
    found = {}
    for name, value in sequences.items():
        is_list = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0
        if not is_list or len(value) == 0:
            refuse(name, "a list that is not empty", value)
        found[name] = list(value)
    return only(found)

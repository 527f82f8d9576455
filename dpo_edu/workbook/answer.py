"""The learner's function as the checks see it.

Every call gets fresh copies of its arguments, so that a function that changes them
spoils no later check; the change is remembered. The last call and what it returned are
remembered too, for the message. Whatever is raised becomes one of three exceptions.
"""

import copy
from collections.abc import Callable

import numpy as np

from . import wording
from .kinds import Kind, anything


class ToDo(Exception):
    """The stub's ``NotImplementedError``: nobody has tried yet."""


class Raised(Exception):
    """The learner's function raised; the original is ``error``."""

    def __init__(self, error: BaseException):
        """Keep ``error`` for the message."""
        super().__init__(str(error))
        self.error = error


class Answer:
    """Calls ``function`` for a check; ``answer(*args)`` is plain numbers."""

    def __init__(
        self, function: Callable, name: str, kind: Kind = anything, called: str = ""
    ):
        """Wrap the answer to ``name``; a message calls it ``called``, else ``name``."""
        self.function, self.name, self.kind = function, name, kind
        self.called_by = called or name
        self.arguments: tuple = ()
        self.returned = None
        self.called = self.has_returned = False
        self.changed: tuple | None = None  # what the first call to do so has changed

    def __call__(self, *arguments):
        """The value as plain numbers; ``Broken`` where its type is not the task's."""
        return self.kind.plain(self.raw(*arguments))

    def raw(self, *arguments):
        """The value as returned; arguments are copied before the call."""
        return self.untouched(*copied(arguments), original=arguments)

    def untouched(self, *arguments, original=None):
        """Call without copying: for checks that look at the arguments afterwards."""
        self.arguments = arguments if original is None else original
        self.called, self.has_returned = True, False
        try:
            self.returned = self.function(*arguments)
        except KeyboardInterrupt:  # of who runs the checks
            raise
        except BaseException as error:  # SystemExit, and whatever one can make
            if isinstance(error, NotImplementedError) and self._is_stub(error):
                raise ToDo from None
            raise Raised(error) from None
        self.has_returned = True
        if original is not None and self.changed is None:
            self.changed = None if same(arguments, original) else original
        return self.returned

    @property
    def last_call(self) -> str:
        """The last call in full."""
        return wording.call(self.called_by, self.arguments)

    def _is_stub(self, error) -> bool:
        """The stub's own error, not that of some operation that does not exist."""
        return not str(error) or str(error).startswith(f"{self.name}:")


def copied(arguments: tuple) -> tuple:
    """Deep copies that keep ties: an optimizer's copy drives the copied model.

    What cannot be copied, such as a random generator, is passed as it is. Torch's
    must not even be tried: each failure takes a reference to None too many away.
    """
    kept = {id(thing): thing for thing in arguments if is_torch_generator(thing)}
    try:
        return copy.deepcopy(arguments, kept)
    except (TypeError, RuntimeError):
        return tuple(_copied(argument) for argument in arguments)


def _copied(argument):
    try:
        return copy.deepcopy(argument)
    except (TypeError, RuntimeError):
        return argument


def is_torch_generator(thing) -> bool:
    """Told by its names, since torch may not be loaded."""
    return type(thing).__module__ == "torch._C" and type(thing).__name__ == "Generator"


def same(one, other) -> bool:
    """Equal in every number, through tuples, lists, dictionaries, arrays, tensors."""
    if isinstance(one, tuple | list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b) for a, b in pairs)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if hasattr(one, "detach"):
        left_behind = (one.grad is None) != (other.grad is None)  # by backward()
        values = one.detach().cpu().numpy(), other.detach().cpu().numpy()
        return not left_behind and same(*values)
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, float):
        return one == other or one != one
    return type(one) is type(other) and (not _plain(one) or one == other)


def _plain(thing) -> bool:
    return isinstance(thing, int | str | bool | type(None))

"""Known wrong answers: one file per chapter, a real function for each mistake.

A function's name is the mistake's id, its docstring the sentence that the learner
reads, and ``read`` the section to go back to. They run only after an answer has failed,
on the same probes, to see whether it makes one of these mistakes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FunctionType


@dataclass(frozen=True)
class KnownWrong:
    """A wrong answer: to which exercise, and the mistake behind it."""

    exercise: str
    function: FunctionType
    misconception: str  # in a few words, for teachers
    read: str = ""

    @property
    def id(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def sentence(self) -> str:
        """What the learner reads."""
        return " ".join((self.function.__doc__ or "").split())


def wrong(exercise: str, misconception: str, read: str = "") -> Callable:
    """Mark a function as a known wrong answer to ``exercise``."""
    return lambda f: _mark(f, KnownWrong(exercise, f, misconception, read))


def same_as(original: Callable) -> Callable:
    """Mark a function as another way to write the mistake of ``original``."""
    first = vars(original)["known_wrong"]

    def mark(function):
        function.__doc__ = original.__doc__
        known = KnownWrong(first.exercise, function, first.misconception, first.read)
        return _mark(function, known)

    return mark


def collect(values: Iterable) -> list[KnownWrong]:
    """The known wrong answers among a module's values, in order."""
    return [vars(v)["known_wrong"] for v in values if hasattr(v, "known_wrong")]


def _mark(function: Callable, known: KnownWrong) -> Callable:
    vars(function)["known_wrong"] = known
    return function

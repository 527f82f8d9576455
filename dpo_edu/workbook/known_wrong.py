"""How tests/known_wrong/NN_stem.py lists wrong answers and unusual right ones.

Each is a real function. Its name is the mistake's id, its docstring the sentence that
the learner reads; ``read`` is the section to go back to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .python_file import load_file


@dataclass(frozen=True)
class Listed:
    """A listed answer: to which exercise, and, if wrong, the mistake behind it."""

    exercise: str
    function: Callable
    misconception: str = ""  # in a few words, for teachers; empty: a right answer
    read: str = ""

    @property
    def sentence(self) -> str:
        """What the learner reads."""
        return " ".join((self.function.__doc__ or "").split())


def wrong(exercise: str, misconception: str, read: str = "") -> Callable:
    """Mark a function as a known wrong answer to ``exercise``."""
    return lambda f: _list(f, Listed(exercise, f, misconception, read))


def same_as(original: Callable) -> Callable:
    """Mark a function as another way to write the mistake of ``original``."""

    def mark(function):
        function.__doc__ = original.__doc__
        first = _listed(original)
        listed = Listed(first.exercise, function, first.misconception, first.read)
        return _list(function, listed)

    return mark


def right(exercise: str) -> Callable:
    """Mark a function as right though it is written differently from the solution."""
    return lambda f: _list(f, Listed(exercise, f))


def collect(path: Path) -> list[Listed]:
    """All listed answers of a file, in order."""
    module = load_file(path)
    values = [*vars(module).values()]
    return [_listed(value) for value in values if hasattr(value, "listed")]


def _listed(function) -> Listed:
    return vars(function)["listed"]


def _list(function, listed):
    function.listed = listed
    return function

"""Right answers that are written in unusual ways, a file a chapter.

Each exercise has two or more. No check may refuse one of them, and none of them may be
called by a mistake's name.
"""

import importlib
from collections.abc import Callable


def right(exercise: str) -> Callable:
    """Mark a function as a right answer to ``exercise``."""

    def mark(function):
        function.answers = exercise
        return function

    return mark


def collect(stem: str) -> list[Callable]:
    """The right answers of a chapter; ``function.answers`` names the exercise."""
    module = importlib.import_module(f"{__name__}.{stem}")
    return [value for value in vars(module).values() if hasattr(value, "answers")]

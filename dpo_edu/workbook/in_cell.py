"""Check a function that is defined in a notebook's cell, where it stands.

It runs here, in the notebook's own Python, so it may use everything the notebook has
defined; a loop that never ends is stopped like any cell. Verdicts are those for a file.
"""

from collections.abc import Callable
from dataclasses import asdict

from ..validation import require
from .catalogue import find_one
from .report import DONE, Report, Result
from .running import finished
from .surroundings import Surroundings, captured
from .worker import chapter_checks, named


def check_function(function: Callable, name: str = "") -> Report:
    """The report on ``function`` as an answer to ``name``, by default its own name."""
    from .examine import examined

    own_name = getattr(function, "__name__", "")
    name = name or own_name
    require(name, 'this function has no name; say which exercise: check(f, "NAME")')
    chapter, entry = find_one(name)
    exercise = chapter_checks(chapter.stem)[entry.name]
    original = Surroundings()
    with captured() as capture:
        called = own_name if own_name.isidentifier() else ""  # not of a lambda
        result, stopped = examined(exercise, function, called)
        printed = capture.take()
        if stopped:
            search = chapter.stem, exercise, function, original, stopped
            result = named(result, *search)
    result = Result.from_json({**asdict(result), "printed": printed})
    return Report(
        (finished(chapter, result),), next_up="" if result.verdict == DONE else name
    )

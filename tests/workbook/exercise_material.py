"""What the gate runs on: exercises, stubs, solutions, known wrong and right answers."""

from functools import cache
from pathlib import Path

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import folder
from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.examine import Stopped, examined
from dpo_edu.workbook.exercise import Exercise
from dpo_edu.workbook.known_wrong import KnownWrong
from dpo_edu.workbook.mistakes import (
    Mistake,
    comparisons,
    known_wrong_answers,
    name_mistake,
)
from dpo_edu.workbook.observations import Observed
from dpo_edu.workbook.python_file import load_file
from dpo_edu.workbook.report import Result
from dpo_edu.workbook.surroundings import Surroundings, silent
from dpo_edu.workbook.worker import chapter_checks, with_mistake

from ..right_answers import collect

ROOT = Path(__file__).parents[2]
CHAPTERS = {chapter.stem: chapter for chapter in chapters()}
EXERCISES = [
    (stem, name) for stem, chapter in CHAPTERS.items() for name in chapter.names
]


@cache
def exercises(stem: str) -> dict[str, Exercise]:
    return chapter_checks(stem)


def wrong_answers(stem: str, name: str) -> list[KnownWrong]:
    return [wrong for wrong in known_wrong_answers(stem) if wrong.exercise == name]


def unusual_right_answers(stem: str, name: str) -> list:
    return [right for right in collect(stem) if right.answers == name]


@cache
def module(folder: str, stem: str):
    return load_file(ROOT / folder / CHAPTERS[stem].file)


def stub(stem: str) -> str:
    """The text of a chapter's exercises; skips where a learner has written in it."""
    try:
        return folder.stub(CHAPTERS[stem])
    except InputError as written:
        pytest.skip(str(written))


@cache
def original() -> Surroundings:
    return Surroundings()


@cache
def compared(stem: str, name: str):
    return comparisons(stem, exercises(stem)[name], original())


BY_VALUES = Stopped("random inputs")


def mistake(stem: str, name: str, function, stopped=BY_VALUES) -> Mistake | None:
    """As ``find_mistake``; what others do on the probes is observed once and kept."""
    seen = Observed(exercises(stem)[name], function, silent)
    return name_mistake(seen, *compared(stem, name), stopped)


def verdict(stem: str, name: str, function) -> Result:
    """What the worker would tell: a verdict, and the mistake's name if it failed."""
    result, stopped = examined(exercises(stem)[name], function)
    if not stopped:
        return result
    return with_mistake(result, mistake(stem, name, function, stopped))

"""What the gate runs on: stubs, solutions, known wrong and unusual right answers."""

from functools import cache
from pathlib import Path

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import folder, known_wrong, storing
from dpo_edu.workbook.catalogue import Chapter, chapters
from dpo_edu.workbook.checking import examine
from dpo_edu.workbook.exercise import Exercise
from dpo_edu.workbook.python_file import load_file
from dpo_edu.workbook.record import Result
from dpo_edu.workbook.worker import chapter_checks

ROOT = Path(__file__).parents[2]
KNOWN = ROOT / "tests" / "known_wrong"

EXERCISES = [(c.stem, entry.name) for c in chapters() for entry in c.entries]
STEMS = [chapter.stem for chapter in chapters()]


@cache
def listed(stem: str) -> list[known_wrong.Listed]:
    return known_wrong.collect(KNOWN / storing.file_name(stem))


@cache
def module(folder: str, stem: str):
    return load_file(ROOT / folder / storing.file_name(stem))


def chapter(stem: str) -> Chapter:
    return next(chapter for chapter in chapters() if chapter.stem == stem)


def stub(stem: str) -> str:
    """The text of a chapter's exercises; skips where a learner has written in it."""
    try:
        return folder.stub(chapter(stem))
    except InputError as written:
        pytest.skip(str(written))


def exercise(stem: str, name: str) -> Exercise:
    return chapter_checks(stem)[name]


def wrong_answers():
    return [(s, a) for s in STEMS for a in listed(s) if a.misconception]


def right_answers():
    return [(s, a) for s in STEMS for a in listed(s) if not a.misconception]


@cache
def verdict(stem: str, name: str, function) -> Result:
    stored = chapter(stem).observations[name]
    return examine(exercise(stem, name), function, stored)

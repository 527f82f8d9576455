"""Answers written blind that once passed, were refused, or had another's name.

``tests/blind_answers/told/STEM.json`` says what each is told now: the id of its
mistake, "" where the failure speaks for itself, or "done".
"""

import json
from functools import cache

import pytest

from dpo_edu.workbook.python_file import load_file
from dpo_edu.workbook.report import DONE, NOT_YET

from ..blind_answers import FOLDER, blind_answers, kind
from .exercise_material import verdict

TOLD = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((FOLDER / "told").glob("*.json"))
}
CASES = [(stem, *case) for stem, told in TOLD.items() for case in told.items()]


@pytest.mark.parametrize(("stem", "name", "told"), CASES)
def test_a_blind_answer_is_told_what_is_true(stem, name, told):
    answer = answers(stem)[name]
    function = getattr(module(stem, answer.right), name)
    found = verdict(stem, answer.exercise, function)
    if told == DONE:
        assert found.verdict == DONE, str(found)
    else:
        assert found.verdict == NOT_YET
        assert found.failure.mistake_id == told, str(found)


@cache
def answers(stem: str) -> dict:
    both = (blind_answers(stem, right) for right in (False, True))
    return {answer.name: answer for side in both for answer in side}


@cache
def module(stem: str, right: bool):
    return load_file(FOLDER / kind(right) / f"{stem}.py")

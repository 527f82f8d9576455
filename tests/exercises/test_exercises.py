"""Your answers, checked by pytest: ``pytest tests/exercises``, or ``... -k 06``.

Read are the files that ``dpo-edu check`` reads. To do is skipped, wrong fails with the
course's own message. These tests run only when this folder or a file in it is named on
the command line: plain ``pytest`` and ``make test`` test the course, and what you write
must never turn them red. With ``--strict-exercises`` what is not done fails, too.
"""

from functools import cache
from pathlib import Path

import pytest

from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import find_folder
from dpo_edu.workbook.report import DONE, NOT_YET, Report
from dpo_edu.workbook.running import check_selection

EXERCISES = [
    pytest.param(chapter, name, id=f"{chapter.number}-{name}")
    for chapter in chapters()
    for name in chapter.names
]


@cache
def report(chapter) -> Report:
    """The report on the chapter's file, checked once."""
    selection = [(chapter, entry) for entry in chapter.entries]
    return check_selection(selection, find_folder(Path(__file__).parent))


@pytest.mark.parametrize(("chapter", "name"), EXERCISES)
def test_exercise(chapter, name, request):
    found = next(r for r in report(chapter).results if r.exercise == name)
    shown = "\n".join(str(r) for r in (*report(chapter).trouble, found))
    due = request.config.getoption("--strict-exercises") and found.verdict != DONE
    if report(chapter).trouble or found.verdict == NOT_YET or due:
        pytest.fail(shown, pytrace=False)
    if found.verdict != DONE:
        pytest.skip(shown)

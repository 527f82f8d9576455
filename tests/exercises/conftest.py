"""Your answers in exercises/, checked by pytest: ``pytest tests/exercises``.

To do is skipped, wrong fails with the course's own message. These tests run only when
this folder or a file in it is named on the command line: plain ``pytest`` and ``make
test`` test the course, and what you write must never turn them red.
"""

from pathlib import Path

import pytest

from dpo_edu.workbook import text
from dpo_edu.workbook.catalogue import load
from dpo_edu.workbook.record import DONE, NOT_YET
from dpo_edu.workbook.running import check_selection

HERE = Path(__file__).parent


def pytest_ignore_collect(config):
    """Ignore everything here unless it was asked for by name."""
    named = [Path(arg.split("::")[0]).resolve() for arg in config.args]
    return None if any(path == HERE or HERE in path.parents for path in named) else True


def pytest_generate_tests(metafunc):
    """One test for each exercise of the test file's ``CHAPTER``."""
    names = load(metafunc.module.CHAPTER).names
    metafunc.parametrize("name", names)


@pytest.fixture(scope="module")
def report(request):
    """The report on the chapter's file, checked once."""
    chapter = load(request.module.CHAPTER)
    selection = [(chapter, entry) for entry in chapter.entries]
    return check_selection(selection, request.config.rootpath / "exercises")


@pytest.fixture
def verdict(report):
    """``verdict(name)`` passes, skips or fails as the report says."""

    def decide(name: str) -> None:
        found = next(r for r in report.results if r.exercise == name)
        shown = "\n".join(text.result(r) for r in (*report.trouble, found))
        if report.trouble or found.verdict == NOT_YET:
            pytest.fail(shown, pytrace=False)
        if found.verdict != DONE:
            pytest.skip(shown)

    return decide

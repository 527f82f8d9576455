"""The gate prints what it killed: a table at the end of the run."""

from collections import Counter

import pytest

from dpo_edu.workbook.folder import course_folder, is_written

COUNTED = ("wrong answers", "killed", "named")
tally: dict[str, Counter] = {}


@pytest.fixture
def count():
    """``count(exercise, killed=..., named=...)`` adds one answer to the table."""

    def add(exercise: str, killed: bool, named: bool) -> None:
        what = {"wrong answers": 1, "killed": int(killed), "named": int(named)}
        tally.setdefault(exercise, Counter()).update(what)

    return add


@pytest.fixture
def untouched_exercises():
    """For tests that lay stubs down: skipped where a learner works in exercises/."""
    for path in course_folder("exercises").glob("[0-9][0-9]_*.py"):
        if is_written(path):
            pytest.skip(f"{path.name} is worked on here")


def pytest_terminal_summary(terminalreporter):
    if not tally:
        return
    width = max(map(len, tally))
    terminalreporter.section("known wrong answers", sep="-")
    rows = {**tally, "all": sum(tally.values(), Counter())}
    for name in ("exercise", *rows):
        cells = (
            COUNTED if name == "exercise" else [rows[name][what] for what in COUNTED]
        )
        columns = (
            f"{cell:>{len(what)}}" for cell, what in zip(cells, COUNTED, strict=True)
        )
        terminalreporter.write_line(f"{name:<{width}}  {'  '.join(columns)}")

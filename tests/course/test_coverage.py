"""docs/coverage.md: every piece of the canon has a home, and every pointer exists."""

import re
from pathlib import Path

import pytest

from dpo_edu.verify.claims import chapters, claims_of
from dpo_edu.workbook.catalogue import chapters as with_exercises

from .notebook import PATHS, Notebook

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| (?!what |---)", line)
]
IDS = [row[0][:50] for row in ROWS]
HEADINGS = {
    path.name[:2]: set(re.findall(r"(?m)^#{2,3} (.*)$", Notebook(path).markdown))
    for path in PATHS
}
EXERCISES = {entry.name for part in with_exercises() for entry in part.entries}
CLAIMS = {claim.id for number in chapters() for claim in claims_of(number)}


def is_heading(place: str) -> bool:
    number, _, heading = place.partition(", ")
    return heading in HEADINGS.get(number, ())


def is_practice(place: str) -> bool:
    chapter = re.fullmatch(r"self-test (\d\d)", place)
    if chapter:
        return "Self-test" in HEADINGS.get(chapter[1], ())
    return place.strip("`") in EXERCISES


def is_tested(place: str) -> bool:
    name = place.strip("`")
    return name in CLAIMS or (ROOT / "tests" / "package" / name).is_file()


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_piece_is_taught_practiced_and_tested(row):
    _, taught, practiced, tested = row
    assert is_heading(taught), taught
    assert is_practice(practiced), practiced
    assert is_tested(tested), tested


def test_the_canon_is_listed_whole_and_once():
    assert len(ROWS) >= 70
    assert len({row[0] for row in ROWS}) == len(ROWS)


def test_a_pointer_to_nowhere_is_noticed():
    assert not is_heading("06, A section that nobody wrote")
    assert not is_practice("`no_such_exercise`")
    assert not is_practice("self-test 99")
    assert not is_tested("`99-no-claim`")
    assert not is_tested("`test_nothing.py`")

"""docs/lecturers.md: what it says of lectures, exercises and plans is so."""

import re

import pytest

from dpo_edu.commands import COMMANDS
from dpo_edu.publish import decks
from dpo_edu.workbook.catalogue import chapters, find_one

from .lecturers_page import PAGE, minutes_by_section, stored, table
from .notebook import PATHS, Notebook

TEXT = PAGE.read_text("utf-8")
BY_NUMBER = {path.name[:2]: Notebook(path) for path in PATHS}
CUTS = re.findall(r"(?m)^\| (\d\d) \| ([^`|]+) \|$", TEXT)
PLANS = re.findall(r"(?m)^\| (\d+) \| (\d+) minutes \| (.+) \|$", TEXT)


def test_the_table_is_counted():
    assert stored() == table(), "run python -m tests.course.lecturers_page"


@pytest.mark.parametrize(("chapter", "sections"), CUTS)
def test_what_may_be_cut_takes_ten_minutes(chapter, sections):
    minutes = minutes_by_section(BY_NUMBER[chapter])
    assert 10 <= sum(minutes[name] for name in sections.split("; ")) <= 15


def test_eleven_lectures_can_be_cut():
    assert [chapter for chapter, _ in CUTS] == [f"{n:02d}" for n in range(1, 12)]


def test_plans_have_the_sessions_that_they_say():
    assert [count for count, _, _ in PLANS] == ["1", "3", "6", "12", "16"]
    for count, _, what in PLANS:
        deck = re.fullmatch(r"`--deck (\w+)`", what)
        planned = decks.plans()[deck[1]] if deck else what.split("; ")
        assert len(planned) == int(count)
        assert set(re.findall(r"\b\d\d\b", what)) <= set(BY_NUMBER)


def test_the_one_exercise_of_each_chapter_is_its_own():
    rows = re.findall(r"(?m)^\| (\d\d) \| `(\w+)` \| (\d+) \|$", TEXT)
    assert [number for number, _, _ in rows] == [c.number for c in chapters()]
    for number, name, minutes in rows:
        chapter, entry = find_one(name)
        assert (chapter.number, entry.minutes) == (number, int(minutes))


def test_every_command_named_exists():
    known = {name for names in COMMANDS.values() for name in names}
    assert set(re.findall(r"dpo-edu ([a-z]+)", TEXT)) <= known

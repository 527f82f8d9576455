"""DPO in an afternoon: its minutes add up, its solutions pass, its map is whole."""

import re

import pytest

from dpo_edu import CHAPTERS
from dpo_edu.publish.navigation import line
from dpo_edu.publish.notebook_files import find, find_chapters
from dpo_edu.validation import InputError
from dpo_edu.workbook import check
from dpo_edu.workbook.catalogue import find_one
from dpo_edu.workbook.report import DONE, TO_DO

from .notebook import FOLDER, SHORT, Notebook
from .test_notebooks import ROAD

AFTERNOON = Notebook(SHORT[0])
UNTIMED = {"Remember", "Sources"}
EXERCISE = r"(?m)^\*\*Exercise \d\*\* \((\d+) minutes\)"
CHECKED = r"^check\((\w+), \"(\w+)\"\)$"


def headings() -> list[str]:
    return re.findall(r"(?m)^## (.+)$", AFTERNOON.markdown)


def sections() -> dict[str, int]:
    """{heading without its minutes: minutes}; 0 where none are told."""
    found = [re.fullmatch(r"(.+?)(?: \((\d+) minutes\))?", text) for text in headings()]
    return {match[1]: int(match[2] or 0) for match in found if match}


def asked() -> dict[str, str]:
    """{name of the stub in the notebook: name of the course's exercise}."""
    cells = [re.match(CHECKED, cell.source) for cell in AFTERNOON.code]
    return {match[1]: match[2] for match in cells if match}


def function(name: str, source: str):
    """What a cell that defines ``name`` leaves, after the notebook's imports."""
    place: dict = {}
    exec("import numpy as np, torch\nimport torch.nn.functional as F\n" + source, place)
    return place[name]


def folded(name: str) -> str:
    """The code of the folded solution that defines ``name``."""
    code = re.findall(r"(?s)```python\n(.*?)```", AFTERNOON.markdown)
    return next(source for source in code if f"def {name}(" in source)


def test_every_section_tells_its_minutes():
    assert {title for title, minutes in sections().items() if not minutes} == UNTIMED


def test_minutes_add_up_to_what_the_opening_says():
    told = re.search(
        r"\*\*Time\.\*\* (\d+) minutes in all, of which (\d+) ", AFTERNOON.markdown
    )
    exercises = sum(map(int, re.findall(EXERCISE, AFTERNOON.markdown)))
    assert [int(number) for number in told.groups()] == [
        sum(sections().values()),
        exercises,
    ]
    assert sum(sections().values()) == 180


def test_minutes_of_an_exercise_are_those_of_its_record():
    minutes = [find_one(name)[1].minutes for name in asked().values()]
    assert minutes == [int(n) for n in re.findall(EXERCISE, AFTERNOON.markdown)]
    assert 2 <= len(minutes) <= 3


@pytest.mark.parametrize("name", asked())
def test_a_stub_is_to_do_and_the_folded_solution_passes(name):
    (stub,) = [c.source for c in AFTERNOON.code if f"def {name}(" in c.source]
    exercise = asked()[name]
    (before,) = check(function(name, stub), exercise).results
    (after,) = check(function(name, folded(name)), exercise).results
    assert (before.verdict, after.verdict) == (TO_DO, DONE)


def test_three_sentences_are_left_to_remember():
    assert len(re.findall(r"(?m)^\d\. \S", AFTERNOON.section("Remember"))) == 3


def test_the_map_leads_to_every_chapter():
    text = AFTERNOON.section("The map of what you skipped")
    rows = re.findall(r"(?m)^\| \[(\d\d)\]\((\w+)\.ipynb\) \| \S", text)
    assert rows == [(stem[:2], stem) for stem in ROAD]
    assert len(rows) == len(CHAPTERS) + 1


def test_predictions_are_asked_for():
    assert len(re.findall(r"(?m)^> \*\*Predict\.\*\* \S", AFTERNOON.markdown)) >= 3


def test_it_is_found_by_its_name_and_has_no_lecture():
    assert find(FOLDER, ["afternoon"]) == SHORT
    assert SHORT[0] in find(FOLDER, [])
    assert SHORT[0] not in find_chapters(FOLDER, [])
    with pytest.raises(InputError, match="no notebook afternoon"):
        find_chapters(FOLDER, ["afternoon"])


def test_it_leads_to_where_the_road_begins():
    assert line(SHORT[0]).startswith("[Contents](00_start_here.ipynb) · [01 ·")

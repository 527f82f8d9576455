"""The short courses: every lecture in form, its minutes 45, its homework real."""

import re
from argparse import ArgumentParser

import pytest

from dpo_edu.commands import slides as command
from dpo_edu.publish import decks
from dpo_edu.publish.lecture import by_slide, page
from dpo_edu.publish.opening import byline
from dpo_edu.validation import InputError
from dpo_edu.workbook.catalogue import find_one

from .notebook import FOLDER, PATHS, Notebook
from .test_slides import FORM, kind, shown

LECTURES = [
    (deck, n) for deck, plans in decks.plans().items() for n in range(len(plans))
]
ROW = r"(?m)^\| `(\w+)` \| (\d\d) \| (\d+) \|$"


class DeckLecture:
    """One lecture of a deck, as the rules for lectures look at it."""

    is_road_map, is_second_edition = False, True

    def __init__(self, deck: str, number: int):
        self.plan = decks.plans()[deck][number]
        told = decks.told_lectures(deck, FOLDER, True, byline())[number]
        self.cells, self.told = told.cells, told
        names = {name[:2] for part in self.plan["part"] for name in part["slides"]}
        paths = [path for path in PATHS if path.name[:2] in names]
        self.source = [cell for path in paths for cell in Notebook(path).cells]

    @property
    def page(self) -> str:
        return page(self.told, self.plan["title"])

    def by_slide(self) -> list[list]:
        return by_slide(self.cells)


@pytest.mark.parametrize(("deck", "number"), LECTURES)
def test_a_lecture_of_a_deck_keeps_every_rule(deck, number):
    broken = FORM.breaches(DeckLecture(deck, number))
    assert not broken, "\n".join([f"lecture {number + 1} of {deck} breaks:", *broken])


@pytest.mark.parametrize(("deck", "number"), LECTURES)
def test_a_lecture_of_a_deck_takes_45_minutes(deck, number):
    notes = [c.source for c in DeckLecture(deck, number).cells if kind(c) == "notes"]
    assert sum(int(re.match(r"(\d+) min\. ", note)[1]) for note in notes) == 45


@pytest.mark.parametrize(("deck", "number"), LECTURES)
def test_homework_names_exercises_and_their_minutes(deck, number):
    homework = decks.plans()[deck][number]["closing"]["homework"]
    asked = re.findall(ROW, homework)
    assert len(asked) == homework.count("| `") >= 3
    for name, chapter, minutes in asked:
        found, entry = find_one(name)
        assert (chapter, int(minutes)) == (found.number, entry.minutes)


@pytest.mark.parametrize(("deck", "number"), LECTURES)
def test_the_agenda_lists_the_parts_and_three_sentences_are_left(deck, number):
    lecture = DeckLecture(deck, number)
    agenda = "\n".join(cell.source for cell in lecture.by_slide()[1])
    agenda = re.sub(r"</?span[^>]*>", "", agenda)  # colors
    for part in lecture.plan["part"]:
        assert f"1. {part['heading']}" in agenda
    assert r"\bbox" in agenda
    assert len(lecture.plan["closing"]["remember"]) == 3


def test_one_lecture_and_three():
    assert {deck: len(plans) for deck, plans in decks.plans().items()} == {
        "one": 1,
        "three": 3,
    }


def test_a_slide_that_is_missing_is_named():
    with pytest.raises(InputError, match=r"no cell 00-999 opens a slide.*decks\.toml"):
        decks.Slides(FOLDER, stored=True).named("00-999")


def test_a_slide_may_stand_in_two_lectures():
    slides = decks.Slides(FOLDER, stored=True)
    decks.under_one_heading("Another", [slides.named("00-005")])
    assert "DPO in ten minutes" in slides.named("00-005")[0].source


def test_the_first_slide_of_a_part_takes_its_heading():
    slides = decks.Slides(FOLDER, stored=True)
    first, second = decks.under_one_heading(
        "A part", [slides.named("00-005"), slides.named("00-059")]
    )
    assert (first[0].source, kind(first[0])) == ("## A part", "slide")
    assert second[0].source.startswith("### ")
    assert kind(second[0]) == "subslide"
    assert shown(second, "markdown")


def test_a_borrowed_slide_may_have_other_notes_and_a_deck_slides_of_its_own():
    word = {"heading": "A word", "text": "It is said.", "notes": "1 min. Say it."}
    plan = {"notes": {"00-005": "1 min. Said here."}, "own": {"word": word}}
    slides = decks.Slides(FOLDER, stored=True)
    borrowed, own = (decks.slide_of(plan, name, slides) for name in ("00-005", "word"))
    assert [c.source for c in borrowed if kind(c) == "notes"] == ["1 min. Said here."]
    assert [c.source for c in own] == ["### A word", "It is said.", "1 min. Say it."]
    assert "(chapter 04)" in slides.named("00-012")[1].source
    assert "(chapter" not in decks.slide_of({}, "00-012", slides)[1].source


@pytest.mark.parametrize(("deck", "number"), LECTURES)
def test_no_note_and_no_slide_of_its_own_waits_in_vain(deck, number):
    lecture = DeckLecture(deck, number)
    told = [cell.source for cell in lecture.cells if kind(cell) == "notes"]
    told = [re.sub(r"</?span[^>]*>", "", note) for note in told]  # colors
    assert set(lecture.plan.get("notes", {}).values()) <= set(told)
    assert {own["notes"] for own in lecture.plan.get("own", {}).values()} <= set(told)


def test_the_deck_of_one_lecture_points_to_no_other_before_its_homework():
    lecture = DeckLecture("one", 0)
    told = "\n".join(cell.source for cell in lecture.cells).split("### Homework")[0]
    assert not re.search(r"(?i)chapters? \d\d|lecture \d\d|notebook", told)


def arguments(*words):
    parser = ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args([*words, "--folder", str(FOLDER), "--stored"])


def test_the_command_writes_a_file_per_lecture(tmp_path):
    assert command.run(arguments("--deck", "three", "--out", str(tmp_path))) == 0
    names = [path.name for path in sorted(tmp_path.iterdir())]
    assert names == ["three_1.html", "three_2.html", "three_3.html"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--deck", "two"], "there are one, three"),
        (["--deck", "one", "06"], "not both"),
    ],
)
def test_other_decks_are_refused_in_one_line(words, said, tmp_path):
    with pytest.raises(InputError, match=said):
        command.run(arguments(*words, "--out", str(tmp_path / "new")))
    assert not (tmp_path / "new").exists()

"""Short courses: slides of several chapters' lectures, put together anew.

``decks.toml`` says which slides, under which headings, with which notes and homework. A
slide is named by the id of the cell that opens it in its notebook, and it brings its
fragments along. This module does not choose slides.
"""

import copy
import re
import tomllib
from functools import cache
from pathlib import Path

from ..validation import InputError, require
from .composition import enlarge_few_words
from .lecture import (
    as_slide,
    by_slide,
    lecture,
    new_text,
    page,
    sections_of,
    spoken,
    to_show,
    with_opening,
)
from .notebook_files import find_chapters
from .opening import agenda_of, byline

PLANS = Path(__file__).with_name("decks.toml")


@cache
def plans() -> dict[str, list[dict]]:
    """{deck: its lectures}, as ``decks.toml`` describes them."""
    return tomllib.loads(PLANS.read_text(encoding="utf-8"))


def build_deck(
    deck: str, folder: Path, stored: bool = False, lecturer: str = "", date: str = ""
) -> dict[str, str]:
    """{file stem: HTML} of each lecture of a deck, from the notebooks in ``folder``.

    Unless ``stored``, the notebooks are run again with figures for a projector.
    """
    told = told_lectures(deck, folder, stored, byline(lecturer, date))
    titles = [plan["title"] for plan in plans()[deck]]
    stems = (
        [deck] if len(titles) == 1 else [f"{deck}_{n + 1}" for n in range(len(titles))]
    )
    return dict(zip(stems, map(page, told, titles), strict=True))


def told_lectures(deck: str, folder: Path, stored: bool, under_title: str) -> list:
    """The lectures of a deck as notebooks whose cells are slides."""
    require(deck in plans(), f"no deck {deck}: there are {', '.join(plans())}")
    slides = Slides(folder, stored)
    return [opened(plan, composed(plan, slides), under_title) for plan in plans()[deck]]


def opened(plan: dict, notebook, under_title: str):
    """The lecture with its agenda, in which its pieces of the loss have frames."""
    listed = sections_of(notebook)
    day = agenda_of(plan["pieces"], plan["today"], listed)
    return with_opening(notebook, day, under_title)


class Slides:
    """The chapters' slides by name; a notebook is read, or run, when first asked."""

    def __init__(self, folder: Path, stored: bool):
        self.folder, self.stored = folder, stored
        self.chapters: dict[str, dict[str, list]] = {}

    def named(self, name: str) -> list:
        """Copies of the cells of the slide that the cell ``name`` opens, say 00-005."""
        chapter = name[:2]
        if chapter not in self.chapters:
            self.chapters[chapter] = self._of(chapter)
        if name not in self.chapters[chapter]:
            words = f"no cell {name} opens a slide of chapter {chapter}"
            raise InputError(f"{words}: mend {PLANS.name}")
        return copy.deepcopy(self.chapters[chapter][name])

    def _of(self, chapter: str) -> dict[str, list]:
        (path,) = find_chapters(self.folder, [chapter])
        slides = by_slide(lecture(to_show(path, self.stored)).cells)
        return {slide[0].id.removesuffix("-heading"): slide for slide in slides}


def composed(plan: dict, slides: Slides):
    """The notebook of one lecture: title, parts, what to remember, homework."""
    from nbformat.v4 import new_notebook

    last = plan["closing"]
    three = "\n".join(f"1. {sentence}" for sentence in last["remember"])
    told = [glue("title", f"# {plan['title']}", plan["welcome"], plan["title_notes"])]
    for part in plan["part"]:
        named = [slide_of(plan, name, slides) for name in part["slides"]]
        told += under_one_heading(part["heading"], named)
    told.append(glue("remember", "## Remember", three, last["remember_notes"]))
    told.append(
        glue("homework", "### Homework", last["homework"], last["homework_notes"])
    )
    return new_notebook(cells=[cell for slide in told for cell in slide])


def slide_of(plan: dict, name: str, slides: Slides) -> list:
    """A slide of the deck's own, or a chapter's with the notes that the deck has."""
    if name in plan.get("own", {}):
        own = plan["own"][name]
        return glue(name, f"### {own['heading']}", own["text"], own["notes"])
    slide = slides.named(name)
    for cell in slide:
        cell.source = re.sub(r" \(chapters? \d\d\)", "", cell.source)
        if cell.metadata["slideshow"]["slide_type"] == "notes":
            cell.source = plan.get("notes", {}).get(name, cell.source)
    return slide


def glue(name: str, heading: str, text: str, notes: str) -> list:
    """A slide that no chapter has."""
    head, body = new_text(heading, name), new_text(text.strip(), f"{name}-text")
    slide = [as_slide(head, "slide"), as_slide(body, "-"), spoken([notes], name)]
    enlarge_few_words(slide)
    return slide


def under_one_heading(heading: str, slides) -> list[list]:
    """The slides of a part: the first takes its heading, the others keep their own."""
    found = list(slides)
    for place, slide in enumerate(found):
        first = slide[0]
        smaller = re.sub("^## ", "### ", first.source)
        first.source = smaller if place else f"## {heading}"
        first.metadata["slideshow"]["slide_type"] = "subslide" if place else "slide"
    return found

"""Every exercise of the course in order, read from the stored records.

One JSON file per chapter in ``stored/`` holds the catalogue records and what the right
and the known wrong answers return on the probes; ``storing`` writes it. Reading it
needs neither numpy nor torch, so commands answer at once.
"""

import difflib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .. import CHAPTERS
from ..validation import InputError, require
from .entry import Entry

STORED = Path(__file__).parent / "stored"


@dataclass(frozen=True, eq=False)  # one object per chapter, so identity will do
class Chapter:
    """A chapter with exercises: where its files are and what is to be done."""

    stem: str
    entries: tuple[Entry, ...]
    observations: dict  # exercise name -> {"right": ..., "wrong": [...]}

    @property
    def number(self) -> str:
        """Two digits: '01'."""
        return f"{CHAPTERS.index(self.stem) + 1:02}"

    @property
    def file(self) -> str:
        """The name that its exercises and solutions share: '01_bradley_terry.py'."""
        return f"{self.number}_{self.stem}.py"

    @property
    def notebook(self) -> str:
        """Where it is explained."""
        return f"notebooks/{self.number}_{self.stem}.ipynb"

    @property
    def names(self) -> tuple[str, ...]:
        """Its exercises in order."""
        return tuple(entry.name for entry in self.entries)

    def entry(self, name: str) -> Entry:
        """The record of one of its exercises."""
        return next(entry for entry in self.entries if entry.name == name)

    def where(self, section: str) -> str:
        """A place to read, in words."""
        return f'{self.notebook}, section "{section}"'


@cache
def load(stem: str) -> Chapter:
    """One chapter from its stored record."""
    data = json.loads((STORED / f"{stem}.json").read_text(encoding="utf-8"))
    entries = tuple(_entry(record) for record in data["exercises"])
    return Chapter(stem, entries, data["observations"])


def chapters() -> tuple[Chapter, ...]:
    """All chapters that have exercises, in the order of the course."""
    return tuple(load(stem) for stem in CHAPTERS if (STORED / f"{stem}.json").exists())


def chapter_of(name: str) -> Chapter:
    """The chapter that an exercise belongs to."""
    return next(chapter for chapter in chapters() if name in chapter.names)


def find(what: str) -> list[tuple[Chapter, Entry]]:
    """What '01', 'bradley_terry', a file's name or an exercise's name stands for.

    An exercise that is called like its chapter comes first; 06 is then the chapter.
    Raises InputError with the nearest names if it stands for nothing.
    """
    everything = [(c, entry) for c in chapters() for entry in c.entries]
    exact = [(c, entry) for c, entry in everything if entry.name == what]
    found = exact or [(c, e) for c, e in everything if _names_chapter(what, c)]
    require(found, _unknown(what))
    return found


def find_one(name: str) -> tuple[Chapter, Entry]:
    """One exercise by its name; a chapter is refused, with its exercises listed."""
    found = find(name)
    if len(found) > 1:
        names = ", ".join(entry.name for _, entry in found)
        raise InputError(f"chapter {found[0][0].number} has several exercises: {names}")
    return found[0]


def _names_chapter(what: str, chapter: Chapter) -> bool:
    stem = Path(what).name.removesuffix(".py")
    numbered = chapter.file.removesuffix(".py")
    return stem in (chapter.stem, numbered) or what.zfill(2) == chapter.number


def _unknown(what: str) -> str:
    names = {name for chapter in chapters() for name in (chapter.stem, *chapter.names)}
    near = difflib.get_close_matches(what, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see: dpo-edu progress"
    return f"no exercise or chapter is called {what!r}; {hint}"


def _entry(record: dict) -> Entry:
    facts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value  # JSON has no tuples
        for key, value in record.items()
    }
    return Entry(**facts)

"""Every exercise of the course in order, from the records in ``records/``.

A record is what commands show without running anything: title, minutes, hints, where to
read. Reading it needs neither numpy nor torch, so commands answer at once.
"""

import difflib
import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import CHAPTERS
from ..validation import InputError, require

RECORDS = Path(__file__).parent / "records"
TASKS = ("write", "find the bug", "predict", "derive", "diagnose")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The record of one exercise."""

    name: str  # the function to write
    title: str  # one line: what it is
    minutes: int
    difficulty: int  # 1 to 3
    read: str  # the notebook's section that it belongs to
    hints: tuple[str, str, str]  # from nudge to nearly there
    afterwards: str  # what success was good for, one sentence
    task: str = "write"  # one of TASKS
    needs: tuple[str, ...] = ()  # exercises of the chapter that it builds on


@dataclass(frozen=True, eq=False)  # one object per chapter, so identity will do
class Chapter:
    """A chapter with exercises: where its files are and what is to be done."""

    stem: str
    entries: tuple[Entry, ...]

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
    """One chapter from its records."""
    records = importlib.import_module(f"{__package__}.records.{stem}")
    return Chapter(stem, records.ENTRIES)


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters that have exercises, in the order of the course."""
    recorded = {path.stem for path in RECORDS.glob("*.py")}
    return tuple(load(stem) for stem in CHAPTERS if stem in recorded)


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

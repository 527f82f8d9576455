"""What each chapter claims, a file per chapter, in reading order."""

from importlib import import_module
from pathlib import Path

from ... import CHAPTERS
from ...validation import require
from ..claim import Claim

STEMS = ("start_here", *CHAPTERS)  # by number; 00 has no module of its own


def chapters() -> list[int]:
    """The numbers of the chapters whose claims stand here."""
    there = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return [number for number, stem in enumerate(STEMS) if stem in there]


def claims_of(chapter: int) -> tuple[Claim, ...]:
    """The claims of one chapter, 0 for Start here.

    Raises InputError for a chapter that claims nothing.
    """
    known = ", ".join(f"{number:02d}" for number in chapters())
    require(chapter in chapters(), f"there are claims of the chapters {known}")
    return import_module(f"{__name__}.{STEMS[chapter]}").CLAIMS

"""The table of docs/lecturers.md; ``python -m tests.course.lecturers_page`` counts."""

import re
from pathlib import Path

from dpo_edu.publish.lecture import in_core
from dpo_edu.publish.notebook_files import NOTES
from dpo_edu.workbook import catalogue

from .notebook import PATHS, Notebook

PAGE = Path(__file__).parents[2] / "docs" / "lecturers.md"
HEAD = "| chapter | lecture |"


def table() -> str:
    """A row per chapter, as the page shows them."""
    return "\n".join(row(Notebook(path)) for path in PATHS)


def row(notebook) -> str:
    """Chapter, minutes of the lecture, exercises by difficulty, self-test."""
    number, stem = notebook.stem.split("_", 1)
    known = {chapter.stem: chapter.entries for chapter in catalogue.chapters()}
    entries = known.get(stem, ())
    levels = ", ".join(str(sum(e.difficulty == n for e in entries)) for n in (1, 2, 3))
    asked = len(re.findall(r"(?m)^\*\*(?:Q|Open q)uestion \d", notebook.markdown))
    cells = [
        f"[{number}](../notebooks/{notebook.path.name})",
        sum(minutes_by_section(notebook).values()),
        len(entries) or "",
        sum(entry.minutes for entry in entries) or "",
        levels if entries else "",
        asked or "",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def minutes_by_section(notebook) -> dict[str, int]:
    """{section: minutes of its slides by the speaker's notes}."""
    found: dict[str, int] = {}
    section = ""
    for cell, lectured in zip(notebook.cells, in_core(notebook.cells), strict=True):
        heading = re.match(r"## (.+?)(?: \(\w+\))?(?:\n|$)", cell.source)
        if heading and cell.cell_type == "markdown":
            section = heading[1]
        notes = cell.metadata.get(NOTES) if lectured else None
        if notes:
            told = int(re.match(r"(\d+) min", notes[0])[1])
            found[section] = found.get(section, 0) + told
    return found


def stored() -> str:
    """The rows that stand on the page."""
    after = PAGE.read_text("utf-8").split(HEAD)[1].split("\n\n")[0]
    return "\n".join(after.split("\n")[2:])


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text("utf-8").replace(stored(), table()), "utf-8")

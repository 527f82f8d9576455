"""A stored notebook as the tests read it: cells by kind, their text and pictures."""

import re
from functools import cached_property
from pathlib import Path

import nbformat

from dpo_edu.publish.notebook_files import SHORT_WAYS

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))  # the chapters
SHORT = [FOLDER / f"{stem}.ipynb" for stem in SHORT_WAYS]  # no chapters


class Notebook:
    """One file; nothing is run."""

    def __init__(self, path: Path):
        self.path, self.stem = path, path.stem

    @cached_property
    def stored(self):
        return nbformat.read(self.path, as_version=4)

    @property
    def cells(self) -> list:
        return self.stored.cells

    @property
    def code(self) -> list:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def prose(self) -> list:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def markdown(self) -> str:
        """All prose as one text."""
        return "\n\n".join(cell.source for cell in self.prose)

    def section(self, title: str) -> str:
        """The text of one ``## title`` section, heading excluded."""
        title = rf"{re.escape(title)}(?: \(\d+ minutes\))?"
        heading = rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)"
        found = re.search(heading, self.markdown)
        if not found:
            raise LookupError(f"no section '## {title}'")
        return found[1]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def printed(cell) -> str:
    """All text a code cell stored: streams and results, not the names of figures."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts.append(output.get("text", ""))
        texts.append("" if "image/png" in data else data.get("text/plain", ""))
    return "\n".join(texts)


def pictures(cell) -> list[str]:
    """The base64 PNGs among a cell's outputs."""
    outputs = cell.get("outputs", [])
    found = (output.get("data", {}).get("image/png") for output in outputs)
    return [picture for picture in found if picture]

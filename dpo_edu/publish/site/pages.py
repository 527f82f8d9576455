"""A notebook or a text as a page: its own links, folded answers, described pictures.

The files on the disk stay as they are: a reader downloads what the course holds.
"""

import json
import posixpath
import re
from collections.abc import Callable

from ..navigation import TAG
from ..notebook_files import apart, describe_pictures, has_picture

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
SLIDER = "*In the notebook, this cell shows sliders that redraw the figure above.*"


def notebook_page(text: str, name: str, doors: str) -> str:
    """The notebook ``text`` as Sphinx is to read it, with ``doors`` under its title.

    The theme leads to the pages before and after, so the notebook's own line goes.
    """
    import nbformat

    notebook = nbformat.reads(text, as_version=4)
    cells, _ = apart(notebook.cells, TAG)
    describe_pictures(cells)
    shown = [cells[0], new_text(doors, "doors")] if doors else [cells[0]]
    for cell in cells[1:]:
        for output in filter(has_picture, cell.get("outputs", [])):
            words = output.metadata.get("image/png", {}).get("alt", "")
            cell.metadata["mystnb"] = {"image": {"alt": words}}
        shown.append(cell)
        if "slider" in tags(cell):
            shown.append(new_text(SLIDER, f"{cell.id}-slider"))
    notebook.cells = shown
    return json.dumps(notebook)


def tags(cell) -> list[str]:
    """The tags of a notebook's cell."""
    return cell.metadata.get("tags", [])


def new_text(source: str, name: str):
    """A cell of text that the notebook does not have."""
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(source, id=name)


def with_links(
    text: str, page: str, exists: Callable[[str], bool], address: str
) -> str:
    """The Markdown ``text`` of ``page`` with every link leading to a page of the site.

    ``exists`` tells of a path from the site's root. The readme is the first page, an
    exercise file has a page; any other file stands in the repository, and where its
    ``address`` is unknown only the words stay.
    """

    def led(match: re.Match) -> str:
        words, target = match[1], match[2]
        path, hash_, part = target.partition("#")
        if re.match(r"\w+:", target) or not path:
            return match[0]
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        moved = re.sub(r"^(exercises/\d\d_\w+)\.py$", r"\1.md", place)
        moved = "index.md" if moved == "README.md" else moved
        if exists(moved):
            way = posixpath.relpath(moved, posixpath.dirname(page) or ".")
            return f"[{words}]({way}{hash_}{part})"
        return f"[{words}]({address}/blob/HEAD/{place})" if address else words

    return LINK.sub(led, text)

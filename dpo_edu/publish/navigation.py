"""The line that leads from a notebook to the one before, the first, and the next.

It stands under the title and at the end, in cells tagged ``navigation``, and is written
anew whenever notebooks are run.
"""

import re
from pathlib import Path

from .notebook_files import apart, read

TAG = "navigation"


def lead_on(notebook, path: Path) -> None:
    """Put the line on top and at the end of the notebook at ``path``, in place."""
    from nbformat.v4 import new_markdown_cell

    cells, old = apart(notebook.cells, TAG)
    tags = {"tags": ["skip", TAG]}
    top, end = (new_markdown_cell(line(path), metadata=dict(tags)) for _ in range(2))
    for new, before in zip((top, end), old, strict=False):
        new.id = before.id
    notebook.cells = [cells[0], top, *cells[1:], end]


def line(path: Path) -> str:
    """Markdown links to the notebooks beside the one at ``path`` in its folder.

    A notebook that is no chapter leads to where the road begins.
    """
    road = sorted(path.parent.glob("[0-9][0-9]_*.ipynb"))
    if path not in road:
        return f"[Contents]({road[0].name}) · {_link(road[1])} →"
    place = road.index(path)
    links = [f"← {_link(road[place - 1])}"] if place else []
    if place:
        links.append(f"[Contents]({road[0].name})")
    if place + 1 < len(road):
        links.append(f"{_link(road[place + 1])} →")
    return " · ".join(links)


def _link(path: Path) -> str:
    """A link under the first words of the notebook's title: ``06 · The DPO loss``."""
    title = read(path).cells[0].source.split("\n")[0].lstrip("# ")
    return f"[{re.split(r'[:,]', title)[0]}]({path.name})"

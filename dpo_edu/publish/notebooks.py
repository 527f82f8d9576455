"""Notebooks run from top to bottom and stored so that a second run changes no byte.

One thread, no timing, no version numbers, cell ids that stay put, small pictures. This
module knows nothing of what the notebooks teach.
"""

import re
from pathlib import Path

from ..files import write_atomically
from .navigation import lead_on
from .notebook_files import (
    NOTES,
    PERSONAL,
    describe_pictures,
    has_picture,
    opens_section,
    read,
    run_cells,
)
from .pictures import in_few_colors
from .preparation import prepare, repository

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
UNCOMPARED = "nbval-ignore-output"  # nbval's own tag: run the cell, compare nothing
FOLDED = "hide-output"  # a tag that sites know; Jupyter folds by metadata of its own
PREDICT = "> **Predict.**"


def execute(path: Path) -> None:
    """Run the notebook at ``path`` on one thread and write it back with its outputs."""
    import nbformat  # half a second to import, like the kernel's client below

    notebook = read(path)
    lead_on(notebook, path)
    prepare(notebook, repository(path.resolve().parents[1]))
    run_cells(notebook, path.parent, OMP_NUM_THREADS="1")
    normalize(notebook, path.stem)
    write_atomically(path, nbformat.writes(notebook) + "\n")


def normalize(notebook, stem: str) -> None:
    """Remove from ``notebook`` whatever changes from one run or reader to the next."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat_minor = 5
    fold_answers(notebook.cells)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if PERSONAL & set(tags):
            tags = [*dict.fromkeys([*tags, UNCOMPARED])]
        cell.metadata = kept_metadata(cell, tags)
        if cell.cell_type == "code":
            cell.outputs = [] if PERSONAL & set(tags) else cell.outputs
            shrink_pictures(cell.outputs)
    describe_pictures(notebook.cells)
    name_cells(notebook, prefix=stem[:2])


def kept_metadata(cell, tags: list[str]) -> dict[str, object]:
    """Tags, what the speaker says to a slide, and whether an answer is folded."""
    kept: dict[str, object] = {"tags": tags} if tags else {}
    if notes := cell.metadata.get(NOTES):
        kept[NOTES] = notes
    if FOLDED in tags:
        kept["jupyter"] = {"outputs_hidden": True}
    return kept


def fold_answers(cells: list) -> None:
    """Tag the first code cell with output after each *Predict*, so that it is folded.

    A reader opens the output when the prediction is made. The search ends at the next
    section.
    """
    asked = False
    for cell in cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != FOLDED]
        if cell.cell_type == "markdown":
            asked = PREDICT in cell.source or (asked and not opens_section(cell))
        elif asked and cell.outputs and not PERSONAL & set(tags):
            tags.append(FOLDED)
            asked = False
        cell.metadata["tags"] = tags


def shrink_pictures(outputs: list) -> None:
    """Store PNGs with a palette of few colors: a fifth of the size, the same look."""
    for output in outputs:
        if has_picture(output):
            output.data["image/png"] = in_few_colors(output.data["image/png"])


def name_cells(notebook, prefix: str) -> None:
    """Give each cell without a stable id the next free one: ``01-007``.

    Cells that have such an id keep it, so that a new cell does not rename the rest.
    """
    pattern = re.compile(rf"{prefix}-[0-9]{{3}}")
    taken: set[str] = set()
    for cell in notebook.cells:
        keep = pattern.fullmatch(cell.id) and cell.id not in taken
        cell.id = cell.id if keep else ""
        taken.add(cell.id)
    free = (f"{prefix}-{number:03d}" for number in range(1, 1000))
    for cell in notebook.cells:
        if not cell.id:
            cell.id = next(name for name in free if name not in taken)

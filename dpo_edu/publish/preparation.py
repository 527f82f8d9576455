"""The first code cell of a notebook: where the course is missing, it is installed.

A notebook opened alone, as Colab does, has no package beside it. The cell says nothing
where the package is there, and is written anew whenever notebooks are run.
"""

import tomllib
from pathlib import Path

from .notebook_files import apart

READY = "remove-cell"  # a tag that sites know: nothing to read here
MISSING = "The package dpo_edu is not here: docs/install.md says how to install it."


def repository(project: Path) -> str:
    """The address that pyproject.toml in the folder ``project`` gives, or ``""``."""
    file = project / "pyproject.toml"
    if not file.exists():
        return ""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return table["project"].get("urls", {}).get("Repository", "").rstrip("/")


def source(address: str) -> str:
    """The cell; ``address`` is the repository's, or ``""`` while it has none."""
    install = f'%pip install -q "dpo-edu @ git+{address}"'
    otherwise = install if address else f'print("{MISSING}")'
    test = 'if not find_spec("dpo_edu"):'
    return f"from importlib.util import find_spec\n\n{test}\n    {otherwise}"


def prepare(notebook, address: str) -> None:
    """Put the cell before all other code of ``notebook``, in place."""
    from nbformat.v4 import new_code_cell

    cells, old = apart(notebook.cells, READY)
    code = (i for i, cell in enumerate(cells) if cell.cell_type == "code")
    place = next(code, len(cells))
    first = new_code_cell(source(address), metadata={"tags": ["skip", READY]})
    for before in old[:1]:
        first.id = before.id
    notebook.cells = [*cells[:place], first, *cells[place:]]

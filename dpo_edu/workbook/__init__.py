"""Exercises: the catalogue, the checks, and a name for every mistake.

In a notebook: ``from dpo_edu.workbook import check`` and ``check("dpo_loss")`` or
``check("06")`` after saving the file in exercises/. The same engine stands behind
``dpo-edu check`` and ``pytest tests/exercises``. Chapter modules never import this.
"""

from pathlib import Path

from .record import Report
from .running import check_selection, select
from .workspace import require_folder

__all__ = ["check"]


def check(*what: str, folder: Path | str | None = None) -> Report:
    """Check exercises by name or chapter, all of them if none is named.

    Reads the saved files in ``folder``, by default the exercises folder here or above;
    changes nothing. The report shows itself in a notebook or with ``print``.
    """
    place = Path(folder) if folder else require_folder()
    return check_selection(select(what), place)

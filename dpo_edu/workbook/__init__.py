"""Exercises: the catalogue, the checks, and a name for every mistake.

In a notebook: ``from dpo_edu.workbook import check`` and ``check("dpo_loss")`` or
``check("06")`` after saving the file. The same engine stands behind ``dpo-edu check``
and ``pytest tests/exercises``. Chapter modules never import this.
"""

from pathlib import Path

from .folder import Folder, find_folder, folder_in, lay_down, shown
from .report import Report
from .running import check_selection, select

__all__ = ["check"]


def check(*what: str, folder: Path | str | None = None) -> Report:
    """Check exercises by name or chapter, all of them if none is named.

    Reads the saved files of ``folder``, by default those of answers/ and exercises/
    here or above; the stubs of a named chapter that has no file there are laid down in
    answers/. The report shows itself in a notebook or with ``print``.
    """
    selection = select(what)
    selected = [chapter for chapter, _ in selection]
    if folder:
        place = Folder((Path(folder),))
    else:
        place = find_folder() or folder_in(Path.cwd())
        missing = [c for c in selected if what and not place.file(c).exists()]
        for path in lay_down(place, missing):
            print(f"new: {shown(path)}; write your answers there")
    for remark in place.remarks(selected):
        print(remark)
    return check_selection(selection, place)

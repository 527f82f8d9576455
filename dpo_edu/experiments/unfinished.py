"""Finished runs of a grid that is not finished: a grid that was stopped goes on.

A run is found again by its function and its arguments, not by what the code does: who
changes the code of a run deletes ``STEM/unfinished/`` first. When the whole grid is
stored or compared, the folder goes.
"""

import json
import shutil
from hashlib import sha256
from types import FunctionType

from . import grid


def kept(stem: str, function: FunctionType, *arguments):
    """``function(*arguments)``, or what it returned before the grid was stopped.

    Arguments are words and numbers; the result comes back as ``grid.stored`` reads it.
    Raises TypeError for arguments that JSON does not know.
    """
    words = json.dumps([function.__module__, function.__name__, *arguments])
    name = f"unfinished/{sha256(words.encode()).hexdigest()[:16]}"
    if grid.stored(stem, name) is None:
        (grid.FOLDER / stem / "unfinished").mkdir(exist_ok=True)
        grid.store(stem, function(*arguments), name)
    return grid.stored(stem, name)


def forget(stem: str) -> None:
    """Delete what ``kept`` has kept of a chapter's grid."""
    shutil.rmtree(grid.FOLDER / stem / "unfinished", ignore_errors=True)

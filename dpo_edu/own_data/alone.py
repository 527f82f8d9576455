"""One process at a time in a run's folder.

Two that go on with one run would overwrite each other's checkpoints. Each leaves a file
whose name says which process it is, then looks who else is there: whoever comes second
sees the first. So none is ever mistaken for free, as a single lock could be that two
find stale at once. What a killed process has left is recognised, and removed.
"""

import hashlib
import os
import platform
from contextlib import contextmanager, suppress
from pathlib import Path

from ..validation import require

RUNNING = ".running-"  # how these files begin


@contextmanager
def alone(folder: Path):
    """Inside, no other process goes on with the run; InputError where one does."""
    mine = folder / f"{RUNNING}{_machine()}-{os.getpid()}"
    try:
        with mine.open("w", encoding="utf-8"):
            for other in {*folder.glob(f"{RUNNING}*")} - {mine}:
                _require_gone(folder, other)
            yield
    finally:
        mine.unlink(missing_ok=True)


def _require_gone(folder: Path, path: Path) -> None:
    """Remove what a process that is no more has left; raise if it is there."""
    machine, _, process = path.name.removeprefix(RUNNING).partition("-")
    here = machine == _machine()
    where = f"process {process}" if here else "a process of another machine"
    words = f"{where} is at work on {folder}: wait for its end"
    remedy = f"if there is no such process, delete {path.name} in that folder"
    require(here and not _is_there(path, process), f"{words}; {remedy}")
    path.unlink(missing_ok=True)


def _machine() -> str:
    """This machine's name as a few letters that any file may be called."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _is_there(path: Path, process: str) -> bool:
    """Does a process of this machine still run?"""
    if os.name == "nt":  # where signal 0 is Ctrl-C; but an open file stays
        with suppress(OSError):
            path.unlink()
        return path.exists()
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True

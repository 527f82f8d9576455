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

from ..validation import require, require_type

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


def is_at_work(folder: Path) -> bool:
    """Whether a process is inside ``alone`` with the folder, as far as can be told."""
    require_type(Path, folder=folder)
    return any(_is_there(path, *_whose(path)) for path in folder.glob(f"{RUNNING}*"))


def _require_gone(folder: Path, path: Path) -> None:
    """Remove what a process that is no more has left; raise if it is there."""
    machine, process = _whose(path)
    here = machine == _machine()
    where = f"process {process}" if here else "a process of another machine"
    words = f"{where} is at work on {folder}: wait for its end"
    remedy = f"if there is no such process, delete {path.name} in that folder"
    require(not _is_there(path, machine, process), f"{words}; {remedy}")
    path.unlink(missing_ok=True)


def _whose(path: Path) -> tuple[str, str]:
    """The machine and the process that a file's name tells."""
    machine, _, process = path.name.removeprefix(RUNNING).partition("-")
    return machine, process


def _machine() -> str:
    """This machine's name as a few letters that any file may be called."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _is_there(path: Path, machine: str, process: str) -> bool:
    """Does the process still run? Of another machine's nobody knows, so it may."""
    if machine != _machine():
        return True
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

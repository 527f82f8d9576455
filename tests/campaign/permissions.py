"""Files and folders that may not be read or written, by a user without privileges."""

import ctypes
import os
from pathlib import Path

from . import material
from .trial import judged, run

DROP_FROM_BOUND, CAPABILITIES, VERSION = 24, 41, 0x20080522  # <linux/prctl.h>


def _without_privileges():
    """Root heeds permissions like anybody else, its children too."""
    os.environ["HOME"] = "/nowhere"
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for number in range(CAPABILITIES):
            libc.prctl(DROP_FROM_BOUND, number, 0, 0, 0)
        header = (ctypes.c_uint32 * 2)(VERSION, 0)
        assert libc.capset(header, (ctypes.c_uint32 * 6)()) == 0


TRAIN = (*material.TRAIN, "--data", "pairs.jsonl")
COMMANDS = {
    "next": ("next",),
    "check": ("check",),
    "progress": ("progress",),
    "reset": ("reset", "preference_probability", "--yes"),
    "reset 01": ("reset", "01", "--yes"),
    "train": TRAIN,
    "resume": ("train", "--resume", "runs/train-001"),
    "export": ("export", "out", "--run", "runs/train-001"),
    "slides": ("slides", "--folder", ".", "--stored"),
}
ANSWER = "answers/01_bradley_terry.py"
FORBIDDEN = [
    *((name, mode) for name in (".", "answers", "runs") for mode in (0o555, 0o311, 0)),
    *((ANSWER, mode) for mode in (0o444, 0)),
    *((f"{ANSWER} is a folder", 0), ("kept is a file", 0)),
    *(("pairs.jsonl", 0), ("runs/train-001", 0o555), ("runs/train-001", 0)),
    *((f"runs/train-001/{n}", 0) for n in ("settings.json", "reference.safetensors")),
    ("runs/train-001/reference.checkpoint", 0),
]


def _forbid(place: Path, what: str, mode: int):
    if what == "kept is a file":
        (place / "answers" / "kept").write_text("")
    elif what.endswith("is a folder"):
        path = place / ANSWER
        path.unlink()
        path.mkdir()
    else:
        (place / what).chmod(mode)


def cases(parent: Path):
    number = 0
    for what, mode in FORBIDDEN:
        for title, words in COMMANDS.items():
            number += 1
            place = material.new_place(parent, number)
            stopped = title == "resume" or "checkpoint" in what
            if "runs" in what or title in ("resume", "export"):
                prepare = material.stop_at("policy") if stopped else material.save_often
                material.with_run(place, prepare)
            else:
                (place / "runs").mkdir()
            _forbid(place, what, mode)
            ending = run(words, place, _without_privileges)
            place.chmod(0o755)
            yield f"{title}, {what} {mode:o}", judged(ending, place, (0, 1))

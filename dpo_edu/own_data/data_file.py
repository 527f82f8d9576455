"""The file of pairs on the disk: its place, and its bytes by their SHA-256.

A stopped run returns to it. A folder counts as a file where ``datasets`` has saved one
set of rows in it. This module does not read pairs.
"""

import hashlib
import os
from pathlib import Path

from ..validation import require, require_type

SAVED, SPLITS = "state.json", "dataset_dict.json"  # in folders that datasets wrote


def data_file(name: str) -> Path:
    """The absolute path of a file of pairs; InputError if a run cannot return to it."""
    require_type(str, name=name)
    if os.path.isdir(name):
        _require_saved(Path(name))
        return Path(os.path.realpath(name))
    require(os.path.exists(name), f"no such file: {name}")
    words = f"{name} is no file on the disk, to which a stopped run could return"
    require(os.path.isfile(name), f"{words}: save the pairs to one first")
    return Path(os.path.realpath(name))


def _require_saved(folder: Path) -> None:
    """Raise unless ``datasets`` has saved one set of rows in this folder."""
    there = (folder / SPLITS).is_file()
    parts = sorted(path.parent.name for path in folder.glob(f"*/{SAVED}"))
    words = f"{folder} holds the splits {', '.join(parts[:10])}: name the folder of one"
    require(not there, words)
    words = f"{folder} is a folder: name a file of pairs in it"
    require((folder / SAVED).is_file(), words)


def fingerprint_of(path: Path) -> str:
    """SHA-256 of a file's bytes; of a folder, of its files' names and bytes."""
    require_type(Path, path=path)
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = sorted(each for each in path.rglob("*") if each.is_file())
    kept = [(str(each.relative_to(path)), fingerprint_of(each)) for each in files]
    return hashlib.sha256(repr(kept).encode()).hexdigest()

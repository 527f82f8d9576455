"""A folder that is written whole or not at all, and never over what it did not write.

``dpo-edu-export.json`` says what an export wrote: each file's name and SHA-256. Only
what still is as it says may be replaced. The files are made in a folder beside it,
which is then renamed. This module does not know what is in them.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from ...validation import InputError, require

WRITTEN = "dpo-edu-export.json"
"""The file by which an export is known; no other model folder has one."""


def require_free(folder: Path, replace: bool) -> None:
    """Raise unless ``folder`` is not there, is empty, or an export to be replaced."""
    require(not folder.exists() or folder.is_dir(), f"{folder} is a file")
    try:
        found = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise InputError(f"cannot read {folder} ({error.strerror})") from None
    written = _written(folder)
    strange = [path.name for path in found if not _is_written(path, written)]
    require(
        not strange,
        f"{folder} holds what no export wrote, or what was changed since "
        f"({', '.join(strange[:2])}): choose another folder",
    )
    require(
        replace or not found,
        f"{folder} is an export already: choose another folder, or add --replace",
    )


def _written(folder: Path) -> dict[str, str]:
    """{name: SHA-256} of what an export wrote into ``folder``; {} if none did."""
    try:
        record = json.loads((folder / WRITTEN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _is_written(path: Path, written: dict[str, str]) -> bool:
    """Is it a file that ``written`` names, with the bytes that it had then?"""
    if path.name == WRITTEN:
        return bool(written)
    try:
        return written.get(path.name) == hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # a folder, say
        return False


def write_folder(folder: Path, files: dict[str, str | bytes], replace: bool) -> None:
    """Write ``files``, {name: content}, as ``folder``; with ``replace``, anew.

    Raises InputError where that cannot be. Whatever stops it, Ctrl-C too: an earlier
    export stays until the new one is whole.
    """
    require_free(folder, replace)
    folder = folder.resolve()
    new, old = (
        folder.with_name(f".{folder.name}.{word}.{os.getpid()}")
        for word in ("new", "old")
    )
    try:
        new.mkdir(parents=True)
        _fill(new, files)
        _put_in_place(new, folder, old)
    except OSError as error:
        raise InputError(f"cannot write {folder} ({error.strerror})") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _fill(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write the files, and what each of them is."""
    data = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    sums = {name: hashlib.sha256(each).hexdigest() for name, each in data.items()}
    for name, content in data.items():
        (folder / name).write_bytes(content)
    (folder / WRITTEN).write_text(json.dumps(sums, indent=2) + "\n", "utf-8")


def _put_in_place(new: Path, folder: Path, old: Path) -> None:
    """Rename ``new`` to ``folder``, or else leave there what was there."""
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:  # after success, an error or Ctrl-C
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

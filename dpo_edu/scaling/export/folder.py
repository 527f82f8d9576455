"""A folder that is written whole or not at all, and never over what is there.

The files are made in a folder beside it, which is then renamed. This module does not
know what is in them.
"""

import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ...files import UNFINISHED, flush_folder, write_new
from ...validation import InputError, require, require_type


def require_free(folder: Path) -> None:
    """Raise unless ``folder`` is not there or is empty."""
    require_type(Path, folder=folder)
    try:
        there = os.path.lexists(folder)
        require(not there or folder.is_dir(), f"{folder} is a file")
        taken = there and any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read {folder} ({error.strerror})") from None
    require(not taken, f"{folder} is not empty: choose another folder, or delete it")


@contextmanager
def whole_folder(folder: Path) -> Generator[Path]:
    """Yields a new folder to fill, which becomes ``folder`` when that is done.

    Raises InputError where that cannot be. Whatever stops it, Ctrl-C too, leaves
    nothing half-written.
    """
    require_free(folder)
    folder = Path(os.path.realpath(folder))
    new = folder.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new.mkdir()
        yield new
        flush_folder(new)
        new.replace(folder)  # an empty folder may stand there
        flush_folder(folder.parent)
    except OSError as error:
        raise InputError(f"cannot write {folder} ({error.strerror})") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_folder(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write ``files``, {name: content}, as ``folder``, as ``whole_folder`` does."""
    require_free(folder)
    require_type(dict, files=files)
    for name, content in files.items():
        require_type(str, **{"each name of files": name})
        require_type((str, bytes), **{f"files, {name}": content})
    with whole_folder(folder) as new:
        for name, content in files.items():
            write_new(new / name, content)

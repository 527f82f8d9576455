"""A folder that is written whole or not at all, and never over what is there.

The files are made in a folder beside it, which is then renamed. This module does not
know what is in them.
"""

import shutil
import tempfile
from pathlib import Path

from ...validation import InputError, require


def require_free(folder: Path) -> None:
    """Raise unless ``folder`` is not there or is empty."""
    require(not folder.exists() or folder.is_dir(), f"{folder} is a file")
    try:
        taken = folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read {folder} ({error.strerror})") from None
    require(not taken, f"{folder} is not empty: choose another folder, or delete it")


def write_folder(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write ``files``, {name: content}, as ``folder``.

    Raises InputError where that cannot be. Whatever stops it, Ctrl-C too, leaves
    nothing half-written.
    """
    require_free(folder)
    folder = folder.resolve()
    new = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (new / name).write_bytes(data)
        new.chmod(0o755)  # mkdtemp's is for its owner alone
        new.replace(folder)  # an empty folder may stand there
    except OSError as error:
        raise InputError(f"cannot write {folder} ({error.strerror})") from None
    finally:
        if new:
            shutil.rmtree(new, ignore_errors=True)

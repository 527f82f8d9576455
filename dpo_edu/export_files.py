"""A folder that is written whole or not at all, and never over what it did not write.

The files are made in a folder beside it, which is then renamed. This module does not
know what is in them.
"""

import os
import shutil
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file

from .validation import InputError, require

NAMES = (
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "pairs.jsonl",
    "README.md",
)
"""The files of an export: the only ones that ``replace`` may remove."""


def require_free(folder: Path, replace: bool) -> None:
    """Raise unless ``folder`` is not there, is empty, or an export to be replaced."""
    require(not folder.exists() or folder.is_dir(), f"{folder} is a file")
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    strange = [name for name in found if name not in NAMES]
    require(
        not strange,
        f"{folder} holds what no export wrote ({', '.join(strange[:2])}): "
        "choose another folder",
    )
    require(
        replace or not found,
        f"{folder} is an export already: choose another folder, or add --replace",
    )


def write_folder(folder: Path, files: dict[str, str | bytes], replace: bool) -> None:
    """Write ``files``, {name: content}, as ``folder``; with ``replace``, anew."""
    require_free(folder, replace)
    folder = folder.resolve()
    beside, old = (
        folder.with_name(f".{folder.name}.{word}.{os.getpid()}")
        for word in ("new", "old")
    )
    try:
        beside.mkdir(parents=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (beside / name).write_bytes(data)
        if folder.exists():
            folder.rename(old)
        beside.rename(folder)
    except OSError as error:
        if old.exists():
            old.rename(folder)
        raise InputError(f"cannot write {folder} ({error.strerror})") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def load_weights(path: Path, model) -> None:
    """Put the weights of a safetensors file into ``model``.

    Raises InputError where the file is no safetensors or belongs to another model.
    """
    try:
        model.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} holds no weights of this model: {reason}") from None

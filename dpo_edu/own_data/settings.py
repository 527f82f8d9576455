"""Settings of a run on your own pairs: as asked for, or those of a stopped run.

A resumed run keeps every setting, and its data file must still have the same bytes.
This module reads settings and does not train.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ..validation import InputError, require, require_positive


@dataclass(frozen=True)
class OwnSettings:
    """Everything that decides a run on your own pairs."""

    data: str  # path of the JSON Lines file
    fingerprint: str  # SHA-256 of its bytes, so that a resumed run sees the same data
    beta: float = 0.1
    sft_epochs: int = 20  # 0: the reference is an untrained model
    epochs: int = 3  # of DPO
    batch: int = 16  # pairs a step
    sft_learning_rate: float = 3e-3
    learning_rate: float = 2e-4
    held_out: float = 0.1  # share of the pairs kept for evaluation
    context: int = 256  # longest prompt + response, in bytes and <eos>
    width: int = 64
    layers: int = 2
    heads: int = 4
    seed: int = 0


def new_settings(asked: dict) -> OwnSettings:
    """Defaults with what was asked for; InputError names what no run can have."""
    for name in ("beta", "epochs", "batch", "learning_rate", "context"):
        if name in asked:
            require_positive(_option(name), asked[name])
    for name in ("sft_epochs", "seed"):
        require(asked.get(name, 0) >= 0, f"{_option(name)} must be 0 or more")
    share = asked.get("held_out", 0.1)
    require(0 < share < 1, f"--held-out must be between 0 and 1, got {share}")
    data = Path(asked["data"])
    require(not data.is_dir(), f"{data} is a folder: name a file of pairs in it")
    require(data.is_file(), f"no such file: {data}")
    return OwnSettings(**asked, fingerprint=_fingerprint(data))


def stopped_settings(folder: Path, asked: dict) -> OwnSettings:
    """Those of the run in ``folder``; InputError if it cannot go on as it was."""
    settings = _stored(folder)
    done = (folder / "report.json").exists()
    require(not done, f"{folder} is finished: there is nothing to resume")
    changed = [name for name in asked if asked[name] != getattr(settings, name)]
    require(not changed, f"--resume keeps the run's settings; drop {changed}")
    data = Path(settings.data)
    same = data.exists() and _fingerprint(data) == settings.fingerprint
    require(same, f"{data} is missing or changed since the run in {folder}")
    return settings


def _stored(folder: Path) -> OwnSettings:
    try:
        return OwnSettings(**json.loads((folder / "settings.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError(f"{folder} is no run: it has no settings.json") from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

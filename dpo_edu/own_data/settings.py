"""Settings of a run on your own pairs: as asked for, or those of a stopped run.

A resumed run keeps every setting, and its data file must still have the same bytes.
This module reads settings and does not train.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..validation import InputError, require, require_positive

FILE = "settings.json"


@dataclass(frozen=True)
class OwnSettings:
    """Everything that decides a run on your own pairs."""

    data: str  # path of the JSON Lines file
    fingerprint: str  # SHA-256 of its bytes, so that a resumed run sees the same data
    beta: float = 0.1
    sft_epochs: int = 20  # 0: the reference is an untrained model
    epochs: int = 3  # of DPO
    batch_size: int = 16  # pairs per step
    sft_learning_rate: float = 3e-3
    learning_rate: float = 2e-4
    held_out: float = 0.1  # share of the pairs kept for evaluation
    context: int = 256  # longest prompt + response, in bytes and <eos>
    width: int = 64
    layers: int = 2
    heads: int = 4
    seed: int = 0


POSITIVE = (
    *("beta", "epochs", "batch_size", "sft_learning_rate", "learning_rate"),
    *("context", "width", "layers", "heads"),
)


def new_settings(asked: dict) -> OwnSettings:
    """Defaults with what was asked for; InputError names what no run can have."""
    data = Path(asked["data"])
    require(not data.is_dir(), f"{data} is a folder: name a file of pairs in it")
    require(data.is_file(), f"no such file: {data}")
    return _checked(OwnSettings(**asked, fingerprint=_fingerprint(data)))


def stopped_settings(folder: Path, asked: dict) -> OwnSettings:
    """Those of the run in ``folder``; InputError if it cannot go on as it was."""
    settings = own_settings(folder, read_settings(folder))
    done = (folder / "report.json").exists()
    require(not done, f"{folder} is finished: there is nothing to resume")
    changed = [name for name in asked if asked[name] != getattr(settings, name)]
    require(not changed, f"--resume keeps the run's settings; drop {changed}")
    require_same_data(folder, settings)
    return settings


def read_settings(folder: Path) -> dict:
    """What a run was started with, a tour's too; refuses a folder that is no run."""
    path = folder / FILE
    try:
        record = json.loads(path.read_text("utf-8"))
    except OSError:
        raise InputError(f"{folder} is no run: it has no {FILE}") from None
    except ValueError as error:  # not UTF-8, or not JSON
        raise InputError(f"{path} is not JSON: {error}") from None
    require(isinstance(record, dict), f"{path} is not a JSON object")
    return record


def own_settings(folder: Path, record: dict) -> OwnSettings:
    """The record of ``read_settings`` as settings, whole and every value in range."""
    path, names = folder / FILE, {field.name for field in fields(OwnSettings)}
    lacking, strange = sorted(names - record.keys()), sorted(record.keys() - names)
    require(not lacking, f"{path} is not of a run of train: it lacks {lacking}")
    require(not strange, f"{path} is not of this version: it has {strange}")
    return _checked(OwnSettings(**record), lambda name: f"{path}: {name}")


def require_same_data(folder: Path, settings: OwnSettings) -> None:
    """Raise unless the data still are what the run in ``folder`` was started on."""
    data = Path(settings.data)
    same = data.is_file() and _fingerprint(data) == settings.fingerprint
    require(same, f"{data} is missing or changed since the run in {folder}")


def option(name: str) -> str:
    """How a setting is called on the command line."""
    return f"--{name.replace('_', '-')}"


def _checked(settings: OwnSettings, called: Callable = option) -> OwnSettings:
    """The settings; InputError says how the first that makes no sense is called."""
    for name, value in asdict(settings).items():
        default = getattr(OwnSettings, name, "")
        kinds = (int, float) if isinstance(default, float) else type(default)
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        require(fits, f"{called(name)} cannot be {value!r}")
    for name in POSITIVE:
        require_positive(called(name), getattr(settings, name))
    for name in ("sft_epochs", "seed"):
        require(getattr(settings, name) >= 0, f"{called(name)} must be 0 or more")
    share = settings.held_out
    require(0 < share < 1, f"{called('held_out')} must be between 0 and 1, got {share}")
    return settings


def _fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

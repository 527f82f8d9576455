"""Settings of a run on your own pairs: as asked for, or those of a stopped run.

A resumed run keeps every setting, and its data file must still have the same bytes.
This module reads settings and does not train. The only files that it removes are
checkpoints that a finished run, killed too early, could not remove itself.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ..files import UNFINISHED, read_json, remove_all
from ..validation import (
    InputError,
    require,
    require_callable,
    require_positive,
    require_type,
)
from .alone import RUNNING
from .comparison import listed
from .data_file import data_file, fingerprint_of
from .lengths import POLICIES

FILE = "settings.json"
PRECISIONS = ("float32", "bfloat16", "medium")
MODELS = ("policy", "reference")  # whose weights a finished run holds, a tour's too
CHECKPOINTS = ("*.checkpoint", f"{UNFINISHED}*")  # what a finished run does without


@dataclass(frozen=True)
class RunSettings:
    """What decides a run on your own pairs, whichever model learns from them."""

    data: str  # path of the file of pairs
    fingerprint: str  # SHA-256 of its bytes, so that a resumed run sees the same data
    fields: str = ""  # which field is what, if the names do not say it
    skip_bad: bool = False  # go on without rows that hold no pair
    max_length: int = 0  # most tokens of a prompt and an answer; 0: what the model can
    too_long: str = "drop"  # what becomes of longer pairs: see lengths.POLICIES
    beta: float = 0.1
    epochs: int = 3  # of DPO
    batch_size: int = 16  # pairs per step
    learning_rate: float = 2e-4
    held_out: float = 0.1  # share of the pairs kept for evaluation
    seed: int = 0
    precision: str = "float32"  # of products: bfloat16 or medium where that is faster

    def require_sense(self, called: Callable) -> None:
        """Raise where settings do not fit each other; ``called``: how one is named."""


@dataclass(frozen=True)
class OwnSettings(RunSettings):
    """Everything that decides a run of the small model that reads bytes."""

    sft_epochs: int = 20  # 0: the reference is an untrained model
    sft_learning_rate: float = 3e-3
    context: int = 256  # longest prompt + response, in bytes and <eos>
    width: int = 64
    layers: int = 2
    heads: int = 4

    def require_sense(self, called: Callable) -> None:
        """Raise unless the limit fits the context and the heads divide the width."""
        require_callable(called=called)
        most, name = self.max_length, called("max_length")
        context = f"the {called('context')} of {self.context:,}"
        require(most <= self.context, f"{name} of {most:,} is more than {context}")
        even = self.width % self.heads == 0
        require(even, f"{called('heads')} must divide the width, {self.width}")


Kind = TypeVar("Kind", bound=RunSettings)
POSITIVE = (
    *("beta", "epochs", "batch_size", "sft_learning_rate", "learning_rate"),
    *("context", "width", "layers", "heads"),
)
MOST = {  # what the arithmetic bears and a machine can hold
    **dict.fromkeys(("beta", "sft_learning_rate", "learning_rate"), 1e12),
    **dict.fromkeys(("sft_epochs", "epochs", "batch_size"), 10**9),
    **{"context": 65_536, "width": 1_024, "layers": 32, "heads": 1_024},
    "seed": 2**63 - 1,
    "max_length": 65_536,
}


def new_settings(asked: dict, kind: Any = OwnSettings) -> Any:
    """Defaults with what was asked for; InputError names what no run can have.

    kind: of settings, which the model decides.
    """
    _require_asked(asked, kind)
    require("data" in asked, "asked must say where the data are")
    data = data_file(asked["data"])
    asked = asked | {"data": str(data), "fingerprint": fingerprint_of(data)}
    return _checked(kind(**asked))


def stopped_settings(folder: Path, asked: dict, kind: Any = OwnSettings) -> Any:
    """Those of the run in ``folder``; InputError if it cannot go on as it was.

    ``asked["data"]`` may say where the same pairs are now.
    """
    _require_asked(asked, kind)
    settings = own_settings(folder, read_settings(folder), kind)
    require_unfinished(folder)
    others = {name: value for name, value in asked.items() if name != "data"}
    changed = [
        option(name) for name in others if others[name] != getattr(settings, name)
    ]
    words = f"--resume keeps the run's settings: drop {', '.join(changed)}"
    require(not changed, words)
    return at_place(settings, folder, asked.get("data"))


def _require_asked(asked: dict, kind: Any) -> None:
    """Raise unless these are settings by name."""
    require_type(dict, asked=asked)
    strange = asked.keys() - {field.name for field in fields(kind)}
    names = listed(sorted(map(str, strange)))
    require(not strange, f"asked holds what is no setting: {names}")


def require_unfinished(folder: Path) -> None:
    """Raise if the run is finished; what a kill has left of it is removed first."""
    require_type(Path, folder=folder)
    if (folder / "report.json").exists():
        remove_all(folder, *CHECKPOINTS, f"{RUNNING}*")
        raise InputError(f"{folder} is finished: there is nothing to resume")


def at_place(settings: Kind, folder: Path, data: str | None) -> Kind:
    """The settings of the run in ``folder`` with its pairs at another place, or there.

    Raises InputError unless the pairs are those that the run was started on.
    """
    require_type(RunSettings, settings=settings)
    require_type(Path, folder=folder)
    require_type((str, type(None)), data=data)
    place, ask = os.path.abspath(data or settings.data), "say with --data where it is"
    require(data or os.path.exists(place), f"{place} is missing: {ask}")
    path = data_file(place)
    same = fingerprint_of(path) == settings.fingerprint
    words = f"{place} has changed since the run in {folder}, or is another file"
    require(same, f"{words}: {ask}")
    return replace(settings, data=str(path))


def read_settings(folder: Path) -> dict:
    """What a run was started with, a tour's too; refuses a folder that is no run."""
    require_type(Path, folder=folder)
    path = folder / FILE
    try:
        record = read_json(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder} is no run: it has no {FILE}") from None
    except ValueError as error:  # not UTF-8, or not JSON
        raise InputError(f"{path} is not JSON: {error}") from None
    require(isinstance(record, dict), f"{path} is not a JSON object")
    return record


def own_settings(folder: Path, record: dict, kind: Any = OwnSettings) -> Any:
    """The record of ``read_settings`` as settings, whole and every value in range."""
    require_type(Path, folder=folder)
    require_type(dict, record=record)
    path, names = folder / FILE, {field.name for field in fields(kind)}
    lacking, strange = sorted(names - record.keys()), sorted(record.keys() - names)
    words = f"{path} is not of a run of train: it lacks {listed(lacking)}"
    old = ", as those of an older version do: start the run again"
    require(not lacking, words + old * ("fingerprint" in record))
    require(not strange, f"{path} is not of this version: it has {listed(strange)}")
    return _checked(kind(**record), lambda name: f"{path}: {name}")


def option(name: str) -> str:
    """How a setting is called on the command line."""
    require_type(str, name=name)
    return f"--{name.replace('_', '-')}"


def settings_hash(settings: RunSettings) -> str:
    """SHA-256 of all that decides the run; where the data are does not."""
    require_type(RunSettings, settings=settings)
    deciding = {name: v for name, v in asdict(settings).items() if name != "data"}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def _checked(settings: Kind, called: Callable = option) -> Kind:
    """The settings; InputError says how the first that makes no sense is called."""
    there = asdict(settings)
    for name, value in there.items():
        default = getattr(type(settings), name, "")
        kinds = (int, float) if isinstance(default, float) else type(default)
        fits = isinstance(value, kinds) and isinstance(value, bool) == (kinds is bool)
        require(fits, f"{called(name)} cannot be {value!r}")
    for name in MOST.keys() & there.keys():
        most = MOST[name]
        require(not there[name] > most, f"{called(name)} must be {most:,} or less")
    for name in [name for name in POSITIVE if name in there]:
        require_positive(called(name), there[name])
    for name in {"sft_epochs", "seed", "max_length"} & there.keys():
        require(there[name] >= 0, f"{called(name)} must be 0 or more")
    _require_words(settings, called)
    share = settings.held_out
    require(0 < share < 1, f"{called('held_out')} must be between 0 and 1, got {share}")
    settings.require_sense(called)
    return settings


def _require_words(settings: RunSettings, called: Callable) -> None:
    """Raise unless each setting that is a word is a known one."""
    for name, known in {"too_long": POLICIES, "precision": PRECISIONS}.items():
        word, words = getattr(settings, name), " or ".join(known)
        require(word in known, f"{called(name)} is {words}, not {word!r}")

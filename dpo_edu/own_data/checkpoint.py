"""Where a stopped run stood: weights, the optimizer's moments, the log, the steps done.

One safetensors file, written whole or not at all and sealed: a run goes on from what it
wrote itself, or not at all. This module does not train.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save

from ..files import read_json, read_tensors, write_atomically
from ..training import Checkpoint, StepReport
from ..validation import InputError, require, require_list_of, require_type

FORMAT = "2"  # of the file; another is another version's
REMEDY = "delete it and resume: the phase starts again"


class Origin(NamedTuple):
    """What a checkpoint belongs to."""

    phase: str  # reference or policy
    settings: str  # SHA-256 of all that decides the run
    data: str  # SHA-256 of the file of pairs


OTHER = {"phase": "another phase", "settings": "other settings", "data": "other pairs"}


def save_checkpoint(
    path: Path, report: StepReport, origin: Origin, records: list[dict]
) -> None:
    """Weights, moments, the number of steps done and their log, in one file."""
    require_type(Path, path=path)
    require_type(StepReport, report=report)
    require_type(Origin, origin=origin)
    require_list_of(dict, records=records)
    weights, moments = report.model.state_dict(), report.optimizer.state_dict()["state"]
    tensors = {f"model.{name}": value for name, value in weights.items()}
    for number, state in moments.items():
        for name, value in state.items():
            tensors[f"optimizer.{number}.{name}"] = value
    tensors = {key: value.cpu().contiguous() for key, value in tensors.items()}
    about = {"format": FORMAT, **origin._asdict(), "step": str(report.step + 1)}
    about["records"] = json.dumps(records)
    about["seal"] = _seal(tensors, about)
    write_atomically(path, save(tensors, about))


def load_checkpoint(path: Path, origin: Origin) -> tuple[Checkpoint, list[dict]]:
    """Where the run stood, for ``minimize`` to go on from, and its log up to there.

    Raises InputError where the file is damaged, or of another run, phase or version.
    """
    require_type(Path, path=path)
    require_type(Origin, origin=origin)
    try:
        tensors, about = read_tensors(path)
    except InputError:
        raise InputError(f"{path} is damaged: {REMEDY}") from None
    known = about.get("format") == FORMAT
    require(known, f"{path} is of another version of dpo-edu: {REMEDY}")
    for name, value in origin._asdict().items():
        other = f"{path} was written with {OTHER[name]}: {REMEDY}"
        require(about.get(name) == value, other)
    seal = about.pop("seal", None)
    require(seal == _seal(tensors, about), f"{path} is damaged: {REMEDY}")
    step, records = int(about["step"]), read_json(about["records"])
    return Checkpoint(step, *_sorted_out(tensors)), records


def _sorted_out(tensors: dict) -> tuple[dict, dict]:
    """(weights by name, moments by parameter) of a checkpoint's tensors."""
    weights, moments = {}, {}
    for key, value in tensors.items():
        kind, _, name = key.partition(".")
        if kind == "model":
            weights[name] = value
        else:
            number, _, name = name.partition(".")
            moments.setdefault(int(number), {})[name] = value
    return weights, moments


def _seal(tensors: dict[str, torch.Tensor], about: dict[str, str]) -> str:
    """SHA-256 of everything in the file."""
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()

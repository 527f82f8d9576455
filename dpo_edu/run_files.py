"""What a run leaves in ``runs/``: written whole or not at all, never over old work.

A file is written beside its place and then renamed, so whoever stops a run finds the
old file or the new one. Weights are safetensors: loading them runs no code.
"""

import json
import os
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from .training import Progress
from .validation import InputError


def new_folder(parent: Path, name: str) -> Path:
    """Create and return ``parent/name-001``, or the first number not taken."""
    try:
        for number in range(1, 100_000):
            folder = parent / f"{name}-{number:03d}"
            if not folder.exists():
                folder.mkdir(parents=True)
                return folder
    except OSError as error:
        raise InputError(
            f"cannot create a folder in {parent} ({error.strerror}): "
            "choose another with --out"
        ) from None
    raise InputError(f"{parent} is full of runs: delete some")


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write ``content`` to ``path`` so that no reader ever sees half of it."""
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"cannot write {path} ({error.strerror})") from None


def write_json(path: Path, record: dict) -> None:
    """One readable JSON object."""
    write_atomically(path, json.dumps(record, indent=2) + "\n")


def write_json_lines(path: Path, records) -> None:
    """One JSON object a line."""
    write_atomically(path, "".join(json.dumps(record) + "\n" for record in records))


def read_json_lines(path: Path) -> list[dict]:
    """The records of a file that ``write_json_lines`` wrote."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def save_weights(path: Path, model: torch.nn.Module) -> None:
    """The model's weights as safetensors."""
    write_atomically(path, save({k: v.cpu() for k, v in model.state_dict().items()}))


def save_progress(path: Path, model, optimizer, step: int) -> None:
    """Weights, optimizer moments and the number of steps done, in one file."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            tensors[f"optimizer.{number}.{name}"] = value
    tensors["step"] = torch.tensor(step)
    write_atomically(path, save({k: v.cpu().contiguous() for k, v in tensors.items()}))


def load_progress(path: Path, model) -> Progress:
    """Put the weights back into ``model``; return where the run stood."""
    tensors = load_file(path)
    weights = {k[6:]: v for k, v in tensors.items() if k.startswith("model.")}
    model.load_state_dict(weights)
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".")
            state.setdefault(int(number), {})[name] = value
    return Progress(int(tensors["step"]), state)

"""Where a stopped run stood: weights, the optimizer's moments, the steps done.

One safetensors file, written whole or not at all. This module does not train.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save

from ..files import write_atomically
from ..training import Progress, StepReport


def save_progress(path: Path, report: StepReport) -> None:
    """Weights, optimizer moments and the number of steps done, in one file."""
    weights, moments = report.model.state_dict(), report.optimizer.state_dict()["state"]
    tensors = {f"model.{name}": value for name, value in weights.items()}
    for number, state in moments.items():
        for name, value in state.items():
            tensors[f"optimizer.{number}.{name}"] = value
    tensors["step"] = torch.tensor(report.step + 1)
    write_atomically(path, save({k: v.cpu().contiguous() for k, v in tensors.items()}))


def load_progress(path: Path) -> Progress:
    """Where the run stood; ``minimize`` goes on from there."""
    tensors = load_file(path)
    weights, moments = {}, {}
    for key, value in tensors.items():
        kind, _, name = key.partition(".")
        if kind == "model":
            weights[name] = value
        elif kind == "optimizer":
            number, _, name = name.partition(".")
            moments.setdefault(int(number), {})[name] = value
    return Progress(int(tensors["step"]), weights, moments)

"""Where a stopped run stood: weights, the optimizer's moments, the steps done.

One safetensors file, written whole or not at all. This module does not train.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save

from ..files import write_atomically
from ..training import Progress


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

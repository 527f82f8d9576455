"""What a run leaves in ``runs/``: written whole or not at all, never over old work.

A file is written beside its place and then renamed, so whoever stops a run finds the
old file or the new one. Weights are safetensors: loading them runs no code.
"""

import json
import os
from pathlib import Path

from .validation import InputError, require


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


def save_weights(path: Path, model) -> None:
    """The model's weights as safetensors."""
    from safetensors.torch import save  # torch: whoever writes text does without

    write_atomically(path, save({k: v.cpu() for k, v in model.state_dict().items()}))


def load_weights(path: Path, model) -> None:
    """Put the weights of a safetensors file into ``model``.

    Raises InputError where the file is no safetensors or belongs to another model.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} holds no weights: {reason}") from None
    found, expected = _shapes(weights), _shapes(model.state_dict())
    for name in sorted(found.keys() | expected.keys()):
        has, needs = (shapes.get(name, "missing") for shapes in (found, expected))
        require(
            has == needs,
            f"{path} holds no weights of this model: {name} is {has} there, "
            f"{needs} in the model",
        )
    model.load_state_dict(weights)


def _shapes(weights) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in weights.items()}

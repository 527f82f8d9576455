"""What an export takes from a finished run of ``dpo-edu tour`` or ``dpo-edu train``.

Its settings, its weights and, if it was on your own data, the pairs. Whatever is not as
such a run leaves it is refused in one line. This module does not write.
"""

import hashlib
import json
from pathlib import Path

import torch

from ...files import load_weights
from ...own_data.batches import BYTES_EOS
from ...own_data.pairs import TextPair, read_pairs
from ...tiny_transformer import ModelConfig, TinyTransformer
from ...training.world_batches import world_data
from ...training.world_run import new_model
from ...validation import InputError, require
from .checkpoint import byte_tokenizer, own_text

MODELS = ("policy", "reference")
SIZES = ("context", "width", "layers", "heads")


def finished_settings(folder: Path) -> dict:
    """What a run was started with; refuses a folder that is no finished run."""
    path = folder / "settings.json"
    try:
        settings = json.loads(path.read_text("utf-8"))
    except OSError:
        raise InputError(f"{folder} is no run: it has no settings.json") from None
    except ValueError as error:  # not UTF-8, or not JSON
        raise InputError(f"{path} is not JSON: {error}") from None
    require(isinstance(settings, dict), f"{path} is not a JSON object")
    for name in MODELS:
        there = (folder / f"{name}.safetensors").is_file()
        require(there, f"{folder} is not finished: it has no {name}.safetensors")
    return settings


def tour_models(folder: Path, world) -> dict[str, TinyTransformer]:
    """Policy and reference of a tour."""
    data = world_data(world, dtype=torch.float32)
    models = {name: new_model(data, seed=0) for name in MODELS}
    for name, model in models.items():
        load_weights(folder / f"{name}.safetensors", model)
    return models


def own_run(
    folder: Path, settings: dict, name: str
) -> tuple[TinyTransformer, dict, list[TextPair]]:
    """A model of a run on your own data, its tokenizer and the run's pairs.

    Raises InputError where the settings lack something, the weights have other sizes or
    the pairs are not those of the run any more.
    """
    _check(settings, folder / "settings.json")
    sizes = {size: settings[size] for size in SIZES}
    model = TinyTransformer(ModelConfig(vocabulary=BYTES_EOS + 1, **sizes))
    load_weights(folder / f"{name}.safetensors", model)
    data = Path(settings["data"])
    pairs = read_pairs(data)
    same = hashlib.sha256(data.read_bytes()).hexdigest() == settings["fingerprint"]
    require(same, f"{data} has changed since the run in {folder}")
    return model, byte_tokenizer(), own_text(pairs)


def _check(settings: dict, path: Path) -> None:
    """Refuse settings that lack what an export needs."""
    for name in ("data", "fingerprint"):
        require(isinstance(settings.get(name), str), f"{path} has no text {name!r}")
    for name in SIZES:
        size = settings.get(name)
        whole = isinstance(size, int) and size > 0
        require(whole, f"{path} has no whole number above 0 as {name!r}")

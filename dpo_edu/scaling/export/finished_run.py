"""What an export takes from a finished run of ``dpo-edu tour`` or ``dpo-edu train``.

Its settings, its weights and, if it was on your own data, the pairs. Whatever is not as
such a run leaves it is refused in one line. This module does not write.
"""

from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ...files import load_weights
from ...own_data.batches import BYTES_EOS
from ...own_data.comparison import TextPair
from ...own_data.intake import take
from ...own_data.settings import MODELS, at_place, own_settings, read_settings
from ...preference_world import build_world, hard_labels, sample_pairs
from ...progress import progress_bar
from ...tiny_transformer import ModelConfig, TinyTransformer
from ...training import Settings
from ...training.world_batches import world_data
from ...training.world_run import make_reference, new_model, policy_logp, train_soft
from ...validation import counted, require, require_type, require_whole
from .transformers_files import byte_tokenizer, own_text, word_tokenizer, world_text

SIZES = ("context", "width", "layers", "heads")


class Taken(NamedTuple):
    """What an export is made of, in the order in which ``checkpoint`` takes it."""

    model: TinyTransformer
    tokenizer: dict  # a tokenizer.json
    pairs: list[TextPair]  # as they are scored, ``<eos>`` written


def finished_settings(folder: Path) -> dict:
    """What a run was started with; refuses a folder that is no finished run."""
    settings = read_settings(folder)
    for name in MODELS:
        there = (folder / f"{name}.safetensors").is_file()
        require(there, f"{folder} is not finished: it has no {name}.safetensors")
    return settings


def tour_models(folder: Path, world) -> dict[str, TinyTransformer]:
    """Policy and reference of a tour."""
    require_type(Path, folder=folder)
    data = world_data(world, dtype=torch.float32)
    models = {name: new_model(data, seed=0) for name in MODELS}
    for name, model in models.items():
        load_weights(folder / f"{name}.safetensors", model)
    return models


def from_own_run(
    folder: Path, record: dict, name: str, data: str | None = None
) -> Taken:
    """A model of a run on your own data, its tokenizer and the run's pairs.

    ``data`` may say where the pairs are now. Raises InputError where the settings have
    no sense, the weights have other sizes or the pairs are not those of the run any
    more.
    """
    _require_model(name)
    settings = at_place(own_settings(folder, record), folder, data)
    sizes = {size: asdict(settings)[size] for size in SIZES}
    model = TinyTransformer(ModelConfig(vocabulary=BYTES_EOS + 1, **sizes))
    load_weights(folder / f"{name}.safetensors", model)
    return Taken(model, byte_tokenizer(), own_text(take(settings).pairs))


def from_tour(folder: Path | None, name: str, count: int, seed: int) -> Taken:
    """A model of a tour, its tokenizer and ``count`` freshly sampled pairs.

    Without a tour's ``folder`` the world's reference and policy are trained here.
    """
    require_type((Path, type(None)), folder=folder)
    _require_model(name)
    require_whole(1, count=count)
    require_whole(0, 2**63 - 1, seed=seed)
    world = build_world()
    models = tour_models(folder, world) if folder else _trained(name, seed, world)
    generator = np.random.default_rng([seed, 5])
    ref_logp = policy_logp(models["reference"], world)
    pairs = sample_pairs(world, ref_logp, count, generator)
    text = world_text(world, hard_labels(pairs, generator))
    different = [pair for pair in text if pair.chosen != pair.rejected]
    some = counted(count, "sampled pair")
    require(different, f"{some}, all of equal responses: raise --pairs")
    return Taken(models[name], word_tokenizer(), different)


def _require_model(name: str) -> None:
    require_type(str, name=name)
    require(name in MODELS, f"name is policy or reference, not {name!r}")


def _trained(name: str, seed: int, world) -> dict[str, TinyTransformer]:
    """SFT as in the tour and, if the policy is asked for, DPO."""
    torch.set_num_threads(1)  # fastest for matrices this small
    data, settings = world_data(world, dtype=torch.float32), Settings(seed=seed)
    with progress_bar("SFT", settings.sft.steps) as advance:
        reference = make_reference(data, settings, after_step=advance)
    if name == "reference":
        return {name: reference.model}
    with progress_bar("DPO", settings.dpo.steps) as advance:
        policy = train_soft(data, reference, settings, after_step=advance)
    return {"reference": reference.model, "policy": policy.model}

"""The pretrained model that a run begins with: its tokenizer, its window, its weights.

What it is known by goes into a run's settings, so that a run is never gone on with on
another model of the same name. Weights are loaded last, after the pairs are found good.
"""

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple

from ..real_model.adapter import Lora, learning_weights, with_adapter
from ..real_model.fetch import require_extra
from ..real_model.pretrained import load, loading, located
from ..validation import InputError, require
from .settings import ModelSettings

NEEDED = ("transformers", "peft", "accelerate")
KNOWN_BY = ("*.json", "*.jinja", "*.model", "*.txt")  # small files, read whole
WINDOWS = ("max_position_embeddings", "n_positions", "max_sequence_length")
NO_LIMIT = 2**31  # tokenizers without a limit name larger ones


class Base(NamedTuple):
    """What is known of a model without its weights."""

    where: str  # a folder, or a hub's name
    tokenizer: Any
    config: Any
    parameters: int

    @property
    def window(self) -> int:
        """The most tokens that it reads, as its configuration says."""
        config = getattr(self.config, "text_config", self.config)
        found = [getattr(config, name, None) for name in WINDOWS]
        found.append(getattr(self.tokenizer, "model_max_length", None))
        return int(min(n for n in (*found, NO_LIMIT) if isinstance(n, int) and n > 0))


def base_of(name: str) -> Base:
    """The model's tokenizer, configuration and number of weights; loads no weights.

    Raises InputError, in one line, where there is no such model or an extra is missing.
    """
    require_extra(*NEEDED)
    where = located(name)
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    with loading(where) as local:
        config = AutoConfig.from_pretrained(where, local_files_only=local)
        tokenizer: Any = AutoTokenizer.from_pretrained(where, local_files_only=local)
        with torch.device("meta"):
            shape = AutoModelForCausalLM.from_config(config)
    ends = tokenizer.eos_token_id is not None
    require(ends, f"{where}: its tokenizer has no token that ends an answer")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Base(where, tokenizer, config, sum(w.numel() for w in shape.parameters()))


def known_by(base: Base) -> str:
    """A hub's commit; of a folder, SHA-256 of its small files and all files' sizes."""
    if commit := getattr(base.config, "_commit_hash", None):
        return commit
    folder = Path(base.where)
    require(os.path.isdir(folder), f"{folder}: the hub names no commit")
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        if any(path.match(pattern) for pattern in KNOWN_BY):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def require_same(base: Base, settings: ModelSettings) -> None:
    """Raise unless the model is the one that the run began with."""
    same = known_by(base) == settings.base
    require(same, f"{base.where} is no longer the model that this run began with")


def learner(settings: ModelSettings):
    """The model, loaded, and ready to learn: with an adapter, or with all weights.

    What learns is float32. In bfloat16 the weights under an adapter, which do not
    learn, are stored so, too.
    """
    import torch

    torch.manual_seed(settings.seed)
    coarse = settings.precision == "bfloat16" and settings.lora
    model = load(settings.model, "bfloat16" if coarse else "float32").model
    if not settings.lora:
        return model.requires_grad_(True)
    lora = Lora(settings.lora, 2 * settings.lora, "all-linear")
    try:
        model = with_adapter(model, lora, settings.seed)
    except ValueError as error:  # peft knows no matrix in it
        raise InputError(f"no adapter fits {settings.model}: {error}") from None
    for weight in learning_weights(model).values():
        weight.data = weight.data.float()
    return model

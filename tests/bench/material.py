"""What the DPO step is timed on: models, and pairs for both trainers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from dpo_edu.own_data.batches import BYTES_EOS, logp_of_all, own_batch, pair_data
from dpo_edu.own_data.pairs import TextPair
from dpo_edu.preference_world import WORDS, Pairs, build_world, sample_pairs
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.scaling.export.transformers_files import (
    byte_tokenizer,
    own_text,
    word_tokenizer,
    world_text,
)
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import PairBatch, freeze
from dpo_edu.training.world_batches import pair_batch, world_data

BATCH, STEPS, LONGEST = 64, 8, 96
COUNT = BATCH * (STEPS + 1)  # pairs: the first step warms up, the others are timed


class Material(NamedTuple):
    """A model, the pairs as text for TRL, and our own batches of them."""

    model: TinyTransformer
    tokenizer: dict
    text: list[TextPair]
    batch_at: Callable[[int], PairBatch]  # by step


def world_material(layers: int, width: int) -> Material:
    """Pairs of the world: 3 to 6 tokens a row."""
    data = world_data(build_world(), dtype=torch.float32)
    logp, generator = writers_logp(data.world), np.random.default_rng(0)
    pairs = sample_pairs(data.world, logp, COUNT, generator)
    sizes = {"width": width, "layers": layers, "heads": 4}
    model = TinyTransformer(ModelConfig(len(WORDS) + 1, data.tokens.shape[1], **sizes))

    def batch_at(step):
        here = slice(step * BATCH, (step + 1) * BATCH)
        return pair_batch(data, Pairs(*(field[here] for field in pairs)), logp)

    return Material(model, word_tokenizer(), world_text(data.world, pairs), batch_at)


def byte_material(layers: int, width: int) -> Material:
    """Random letters: 19 to 91 tokens a row, ``<eos>`` included, on both sides."""
    generator = np.random.default_rng(0)

    def words(most):
        letters = generator.choice(list("abc defgh"), generator.integers(8, most))
        return "".join(letters)

    pairs = [
        TextPair(words(25) + ":", words(65) + "w", words(65) + "l")
        for _ in range(COUNT)
    ]
    sizes = {"width": width, "layers": layers, "heads": 4}
    model = TinyTransformer(ModelConfig(BYTES_EOS + 1, LONGEST, **sizes))
    data = pair_data(pairs, LONGEST, "bench")
    ref_logp = logp_of_all(freeze(model), data)

    def batch_at(step):
        rows = np.arange(step * BATCH, (step + 1) * BATCH)
        return own_batch(data, ref_logp, rows)

    return Material(model, byte_tokenizer(), own_text(pairs), batch_at)

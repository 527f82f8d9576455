"""What the trainers are timed on: one model, and the same pairs for both.

The texts are random letters of random lengths, because a step's time depends on how
long texts are and not on what they say. This module trains nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from dpo_edu.own_data.batches import BYTES_EOS, logp_of_all, own_batch, pair_data
from dpo_edu.own_data.comparison import TextPair
from dpo_edu.preference_world import WORDS, Pairs, build_world, sample_pairs
from dpo_edu.scaling.export.transformers_files import (
    byte_tokenizer,
    own_text,
    word_tokenizer,
    world_text,
)
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import PairBatch, freeze
from dpo_edu.training.fused_attention import attention_for
from dpo_edu.training.world_batches import pair_batch, world_data
from dpo_edu.training.world_run import policy_logp

BATCH = 64  # pairs a step
LONGEST = {"text90": 90, "text256": 255}  # bytes of prompt and response, at most


class Material(NamedTuple):
    """A model, the pairs as text for TRL, and our own batches of them."""

    model: TinyTransformer
    tokenizer: dict
    text: list[TextPair]
    batch_at: Callable[[int], PairBatch]  # by step; made inside the clock
    most: int | None  # tokens of a response where an <eos> after them is no choice


def material(kind: str, layers: int, width: int, steps: int, precision="float32"):
    """``kind``: world, text90 or text256; as many pairs as ``steps`` take."""
    torch.manual_seed(0)
    sizes = {"width": width, "layers": layers, "heads": 4}
    if kind == "world":
        return world_material(sizes, steps * BATCH)
    return byte_material(kind, sizes, steps * BATCH, attention_for(precision))


def world_material(sizes: dict, count: int) -> Material:
    """Pairs of the world: 3 to 6 tokens a row."""
    data = world_data(build_world(), dtype=torch.float32)
    model = TinyTransformer(ModelConfig(len(WORDS) + 1, data.tokens.shape[1], **sizes))
    logp = policy_logp(model, data.world)
    pairs = sample_pairs(data.world, logp, count, np.random.default_rng(0))

    def batch_at(step):
        here = slice(step * BATCH, (step + 1) * BATCH)
        certain = pairs._replace(label=np.ones(count))  # TRL knows no soft labels
        return pair_batch(data, Pairs(*(field[here] for field in certain)), logp)

    text, most = world_text(data.world, pairs), data.world.max_words
    return Material(model, word_tokenizer(), text, batch_at, most)


def byte_material(kind: str, sizes: dict, count: int, attend) -> Material:
    """Texts of very different lengths, on both sides, read byte by byte."""
    longest = LONGEST[kind]
    config = ModelConfig(BYTES_EOS + 1, longest + 1, **sizes)
    model = TinyTransformer(config, attend)
    pairs = random_pairs(count, longest)
    data = pair_data(pairs, longest + 1, "bench")
    ref_logp = logp_of_all(freeze(model), data)

    def batch_at(step):
        return own_batch(data, ref_logp, np.arange(step * BATCH, (step + 1) * BATCH))

    return Material(model, byte_tokenizer(), own_text(pairs), batch_at, None)


def random_pairs(count: int, longest: int) -> list[TextPair]:
    """Prompts of up to a quarter of ``longest`` bytes, responses of up to the rest."""
    generator = np.random.default_rng(0)

    def words(most):
        letters = generator.choice(list("abc defgh"), generator.integers(7, most))
        return "".join(letters)

    prompt, rest = longest // 4, longest - longest // 4
    return [
        TextPair(words(prompt) + ":", words(rest) + "w", words(rest) + "l")
        for _ in range(count)
    ]


def useful_flops(batch: PairBatch, layers: int, width: int, vocabulary: int) -> float:
    """Products of one step that no trainer can leave out, forward once, backward twice.

    Only positions that lead to a scored token count; attention reads earlier ones only,
    and logits are asked for where a token is scored.
    """
    place = torch.arange(batch.mask.shape[1])
    length = (batch.mask.bool() * place).amax(1).double()  # (S,) tokens that are read
    layer = 24 * width**2 * length + 2 * width * length * (length + 1)  # (S,)
    head = 2 * width * vocabulary * batch.mask.sum()
    return 3 * float(layers * layer.sum() + head)

"""The world of at most two words a response, built once for all tests that use it."""

import torch
from torch import nn

from dpo_edu.preference_world import build_world
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training.world_batches import world_data

WORLD = build_world(2)
LOGP = writers_logp(WORLD)  # of shape (prompts, responses)
DATA = world_data(WORLD)


def fresh_model(seed: int, width: int, std: float | None = None) -> TinyTransformer:
    """A model that reads and writes this world, in float64, with two heads.

    Its head is drawn again with ``std``: the larger, the less even its forecasts.
    """
    torch.manual_seed(seed)
    config = ModelConfig(16, DATA.tokens.shape[1], width=width, heads=2)
    fresh = TinyTransformer(config).double()
    if std:
        nn.init.normal_(fresh.head.weight, std=std)
    return fresh

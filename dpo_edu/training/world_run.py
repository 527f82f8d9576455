"""The whole course as one run: SFT, a frozen reference, DPO, the exact verdict.

``dpo-edu tour`` shows it and chapter 11 explains it. A trained transformer is compared
with the optimum, which training never saw. This module does not print or draw.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ..preference_world import WORDS, Pairs, World
from ..preference_world.prefix_tree import response_logp
from ..preference_world.writers import writers_logp
from ..tiny_transformer import ModelConfig, TinyTransformer
from .loop import Schedule, Settings, freeze, minimize, pair_loss, sft_loss
from .world_batches import WorldData, compared_batch, epoch_batch, text_batch


@dataclass(frozen=True)
class Stage:
    """A model and the exact log-probabilities of all its responses."""

    model: TinyTransformer
    logp: np.ndarray  # (P, R)


def policy_logp(model, world: World) -> np.ndarray:
    """log pi(y|x) of every response to every prompt: (P, R), float64."""
    return response_logp(model, world.prompts, len(WORDS), world.max_words).numpy()


def new_model(data: WorldData, seed: int) -> TinyTransformer:
    """A fresh transformer that fits the world, on the data's device."""
    torch.manual_seed(seed)
    config = ModelConfig(
        vocabulary=len(WORDS) + 1, context=data.tokens.shape[1], heads=4
    )
    return TinyTransformer(config).to(data.tokens.device, data.dtype)


def make_reference(data: WorldData, settings: Settings, after_step=None) -> Stage:
    """SFT: fit a fresh model to the writers' text, then freeze it."""
    model, text_logp = new_model(data, settings.seed), writers_logp(data.world)

    def loss_at(step):
        texts = text_batch(data, text_logp, settings.sft_batch, settings.seed, step)
        loss = sft_loss(model, *texts)
        return loss, {"loss": loss.item()}

    minimize(model, loss_at, settings.sft, after_step=after_step)
    return Stage(freeze(model), policy_logp(model, data.world))


def train_soft(
    data: WorldData, reference: Stage, settings: Settings, after_step=None
) -> Stage:
    """DPO from soft labels on fresh reference responses at every step."""
    batch_at = partial(
        compared_batch, data, reference.logp, settings.group, settings.seed
    )
    return _train(data, reference, batch_at, settings.dpo, settings.beta, after_step)


def train_hard(
    data: WorldData,
    reference: Stage,
    pairs: Pairs,
    epochs: int,
    settings: Settings,
    after_step=None,
) -> Stage:
    """DPO for some epochs on a fixed set of pairs with one verdict each."""
    size = settings.batch
    batch_at = partial(epoch_batch, data, pairs, reference.logp, size, settings.seed)
    steps = epochs * -(-len(pairs.prompt) // size)
    schedule = Schedule(steps, settings.dpo.peak / 2)
    return _train(data, reference, batch_at, schedule, settings.beta, after_step)


def _train(data, reference, batch_at, schedule, beta, after_step) -> Stage:
    policy = new_model(data, seed=0)
    policy.load_state_dict(reference.model.state_dict())  # DPO starts at the reference

    def loss_at(step):
        return pair_loss(policy, batch_at(step), beta)

    minimize(policy, loss_at, schedule, after_step=after_step)
    return Stage(policy, policy_logp(policy, data.world))

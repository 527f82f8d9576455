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
from ..validation import require_callable_or_none, require_type, require_whole
from .loop import Schedule, Settings, epoch_steps, train_pairs, train_texts
from .scoring import freeze
from .world_batches import MOST_SEED, WorldData, compared_batch, epoch_batch, text_batch

SIZES = {"width": 32, "layers": 1, "heads": 4}  # of every model in the world


@dataclass(frozen=True)
class Stage:
    """A model and the exact log-probabilities of all its responses."""

    model: TinyTransformer
    logp: np.ndarray  # (P, R)


def policy_logp(model, world: World) -> np.ndarray:
    """log pi(y|x) of every response to every prompt: (P, R), float64."""
    require_type(torch.nn.Module, model=model)
    require_type(World, world=world)
    return response_logp(model, world.prompts, len(WORDS), world.max_words).numpy()


def stage(model: TinyTransformer, world: World) -> Stage:
    """The model, and what it says of every response."""
    return Stage(model, policy_logp(model, world))


def new_model(data: WorldData, seed: int) -> TinyTransformer:
    """A fresh transformer that fits the world, on the data's device."""
    require_type(WorldData, data=data)
    require_whole(0, MOST_SEED, seed=seed)
    torch.manual_seed(seed)
    config = ModelConfig(len(WORDS) + 1, context=data.tokens.shape[1], **SIZES)
    return TinyTransformer(config).to(data.tokens.device, data.dtype)


def make_reference(
    data: WorldData, settings: Settings, after_step=None, text_logp=None
) -> Stage:
    """SFT: a fresh model learns the writers' text, or that of ``text_logp`` (P, R)."""
    _require_run(data, settings, after_step)
    text_logp = writers_logp(data.world) if text_logp is None else text_logp

    def texts_at(step):
        return text_batch(data, text_logp, settings.sft_batch_size, settings.seed, step)

    start = new_model(data, settings.seed)
    model = train_texts(start, texts_at, settings.sft, after_step=after_step)
    return stage(freeze(model), data.world)


def train_soft(
    data: WorldData, reference: Stage, settings: Settings, after_step=None
) -> Stage:
    """DPO from soft labels on fresh reference responses at every step."""
    require_type(Stage, reference=reference)
    _require_run(data, settings, after_step)
    batch_at = partial(
        compared_batch, data, reference.logp, settings.group_size, settings.seed
    )
    policy = train_pairs(
        reference.model, batch_at, settings.dpo, settings.beta, after_step=after_step
    )
    return stage(policy, data.world)


def train_hard(
    data: WorldData,
    reference: Stage,
    pairs: Pairs,
    epochs: int,
    settings: Settings,
    after_step=None,
) -> Stage:
    """DPO for some epochs on a fixed set of pairs with one verdict each."""
    require_type(Stage, reference=reference)
    _require_run(data, settings, after_step)
    require_type(Pairs, pairs=pairs)
    require_whole(1, epochs=epochs)
    size = settings.batch_size
    batch_at = partial(epoch_batch, data, pairs, reference.logp, size, settings.seed)
    steps = epoch_steps(len(pairs.prompt), size, epochs)
    # Chosen by hand: half the rate of soft labels.
    schedule = Schedule(steps, settings.dpo.learning_rate / 2)
    policy = train_pairs(
        reference.model, batch_at, schedule, settings.beta, after_step=after_step
    )
    return stage(policy, data.world)


def _require_run(data, settings, after_step) -> None:
    require_type(WorldData, data=data)
    require_type(Settings, settings=settings)
    require_callable_or_none(after_step=after_step)

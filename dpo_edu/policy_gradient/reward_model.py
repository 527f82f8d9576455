"""A reward model: the transformer's body, with one number in place of the next word.

    loss = -log sigmoid(r(x, y_w) - r(x, y_l))

Bradley-Terry (chapter 01) fitted to pairs; Ouyang et al. 2022, eq. 1: the second of
their three stages, after SFT and before policy gradients. Only differences at one
prompt are learned, so each prompt's constant is free. Fitting sees pairs and labels;
``reward_error`` is an observer's. This module does not know what rewards are for.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from ..boltzmann import expected_reward
from ..dpo_loss import dpo_loss
from ..tiny_transformer import TinyTransformer
from ..training import PairBatch, Schedule, learner, minimize
from ..training.world_batches import WorldData
from ..validation import (
    require,
    require_callable,
    require_callable_or_none,
    require_same_shape,
    require_type,
)
from ..validation.arrays import log_distributions, on_outcomes_of
from ..validation.tensors import as_mask, require_numbers, tensors_alike


def reward_model_loss(reward_chosen, reward_rejected, label=1.0) -> torch.Tensor:
    """Mean of -log sigmoid(reward_chosen - reward_rejected), in nats per pair.

    Two arrays of one shape; label: the probability that chosen wins, one number or one
    per pair. With rewards beta log(pi / pi_ref) this is the DPO loss, called here.

    >>> reward_model_loss([2.0], [0.0]).round(decimals=4)
    tensor(0.1269, dtype=torch.float64)
    """
    chosen, rejected = tensors_alike(
        reward_chosen=reward_chosen, reward_rejected=reward_rejected
    )
    require(chosen.numel() > 0, "no pairs: reward_chosen is empty")
    nothing = torch.zeros_like(chosen)  # no reference: a reward is not a log-ratio
    return dpo_loss(chosen, rejected, nothing, nothing, beta=1.0, label=label)


def with_scalar_head(model: TinyTransformer) -> TinyTransformer:
    """A copy that learns, whose head gives one number per position: 0 until trained."""
    require_type(TinyTransformer, model=model)
    scorer = learner(model)
    scorer.head = nn.Linear(model.config.width, 1, bias=False).to(model.head.weight)
    nn.init.zeros_(scorer.head.weight)
    return scorer


def sequence_reward(scorer, tokens, mask) -> torch.Tensor:
    """r(x, y) of each row, a sum over the response's tokens as log pi is: (B,).

    tokens, mask: (B, T), mask 1 on the response. Large models often read one number at
    the last token instead.
    """
    require_callable(scorer=scorer)
    require_numbers(tokens=tokens)
    mask = as_mask(mask=mask)
    require_same_shape(tokens=tokens, mask=mask)
    return scorer(tokens)[..., 0].where(mask, 0.0).sum(-1)


def reward_pair_loss(scorer, batch: PairBatch) -> tuple[torch.Tensor, dict[str, float]]:
    """The loss of a batch of pairs, and the share whose chosen response scores more."""
    require_callable(scorer=scorer)
    require_type(PairBatch, batch=batch)
    reward = sequence_reward(scorer, batch.tokens, batch.mask)  # (S,)
    chosen, rejected = reward[batch.chosen], reward[batch.rejected]
    loss = reward_model_loss(chosen, rejected, batch.label)
    right = (chosen > rejected).double().mean()
    return loss, {"loss": loss.item(), "accuracy": right.item()}


def fit_reward_model(
    start: TinyTransformer,
    batch_at: Callable[[int], PairBatch],
    schedule: Schedule,
    after_step: Callable | None = None,
) -> TinyTransformer:
    """Fit a scorer to the pairs ``batch_at(step)``, from the body of ``start``."""
    require_type(TinyTransformer, start=start)
    require_callable(batch_at=batch_at)
    require_type(Schedule, schedule=schedule)
    require_callable_or_none(after_step=after_step)
    scorer = with_scalar_head(start)

    def loss_at(step):
        return reward_pair_loss(scorer, batch_at(step))

    minimize(scorer, loss_at, schedule, after_step)
    return scorer.requires_grad_(False)


@torch.no_grad()
def reward_table(scorer, data: WorldData) -> np.ndarray:
    """What the scorer gives to every response to every prompt: (P, R)."""
    require_callable(scorer=scorer)
    require_type(WorldData, data=data)
    pieces = zip(data.tokens.split(4096), data.mask.split(4096), strict=True)
    each = torch.cat([sequence_reward(scorer, *piece) for piece in pieces])  # (P * R,)
    return each.view(len(data.world.prompts), -1).cpu().numpy()


def reward_error(learned, reward, logp) -> np.ndarray:
    """Root mean square of learned - reward under a policy, the mean removed: (P,).

    learned, reward, logp: (P, R). The mean is the prompt's constant, which no pair can
    tell and no policy feels. Which responses count is up to the policy: small under
    the reference does not mean small where a trained policy goes.
    """
    logp = log_distributions(logp=logp)
    learned, reward = on_outcomes_of(logp, learned=learned, reward=reward)
    error = learned - reward
    centered = error - expected_reward(logp, error)[..., None]
    return np.sqrt(expected_reward(logp, centered**2))

"""PPO: use each batch of the policy's own responses several times, but not too far.

    E[min(ratio A, clip(ratio) A)] over tokens,  A by GAE from a value head

Schulman et al. 2017, as in Ouyang et al. 2022. It climbs the objective of chapter 04,
whose optimum pi* it does not know; the reward may be a model's or the true one.
"""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from ..tiny_transformer import TinyTransformer
from ..training import learner, minimize
from ..validation import require_type
from .gradients import clipped_objective, generalized_advantages, penalized_reward
from .rollout import (
    Responses,
    RLSettings,
    Task,
    generate,
    require_training,
    reused,
    token_scores,
)


class ActorCritic(nn.Module):
    """A policy with a value head: one body says the next word and what to expect."""

    def __init__(self, start: TinyTransformer):
        super().__init__()
        require_type(TinyTransformer, start=start)
        self.body = learner(start)
        self.words = self.body.head
        # The body ends in (B, T, C). Assigning would say that an Identity is a Linear.
        self.body.add_module("head", nn.Identity())
        self.value = nn.Linear(start.config.width, 1).to(self.words.weight)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)

    def forward(self, tokens):  # (B, T): as a policy, logits (B, T, V)
        return self.words(self.body(tokens))

    def judge(self, tokens, mask):
        """Each token's log-probability, and the value before it was said: (B, T)."""
        hidden = self.body(tokens[:, :-1])  # (B, T - 1, C)
        value = F.pad(self.value(hidden)[..., 0], (1, 0))  # (B, T)
        return token_scores(self.words(hidden), tokens, mask), value.where(mask, 0.0)


class Batch(NamedTuple):
    """What PPO keeps of a batch while it uses it again; no gradient flows into it."""

    responses: Responses
    logp: torch.Tensor  # of the policy that said it
    advantage: torch.Tensor
    target: torch.Tensor  # for the value head: the advantage on top of the old value


@torch.no_grad()
def appraise(model: ActorCritic, responses: Responses, settings: RLSettings) -> Batch:
    """Advantages of every token: the KL is paid token by token, the reward at the end.

    They are not divided by their standard deviation: at the optimum they vanish, and
    dividing would blow up what noise is left.
    """
    require_type(ActorCritic, model=model)
    require_type(Responses, responses=responses)
    require_type(RLSettings, settings=settings)
    logp, value = model.judge(responses.tokens, responses.mask)
    last = responses.mask & (responses.mask.flip(-1).cumsum(-1).flip(-1) == 1)  # (B, T)
    earned = penalized_reward(
        logp, responses.ref_logp, last * responses.reward[:, None], settings.beta
    )
    advantage = generalized_advantages(earned, value, 1.0, settings.decay)
    return Batch(responses, logp, advantage, advantage + value)


def ppo_loss(model: ActorCritic, batch: Batch, settings: RLSettings) -> torch.Tensor:
    """Minus the clipped objective over tokens, plus the value head's squared error."""
    require_type(ActorCritic, model=model)
    require_type(Batch, batch=batch)
    require_type(RLSettings, settings=settings)
    logp, value = model.judge(batch.responses.tokens, batch.responses.mask)
    ratio, here = (logp - batch.logp).exp(), batch.responses.mask
    gain = clipped_objective(ratio[here], batch.advantage[here], settings.epsilon)
    miss = (value - batch.target)[here].square().mean()
    return settings.value_weight * miss - gain


def train_ppo(
    start: TinyTransformer, task: Task, settings: RLSettings, after_step=None
) -> ActorCritic:
    """A copy of ``start`` that learns from a new batch every ``reuse`` steps."""
    require_training(start, task, settings, after_step)
    model = ActorCritic(start)
    generator = torch.Generator().manual_seed(settings.seed)

    def draw():
        responses = generate(model, task, settings.group_size, generator)
        return appraise(model, responses, settings)

    batches = reused(draw, settings.reuse)

    def loss_at(_step):
        batch = next(batches)
        record = {"reward": batch.responses.reward.mean().item()}
        return ppo_loss(model, batch, settings), record

    minimize(model, loss_at, settings.schedule, after_step)
    return model

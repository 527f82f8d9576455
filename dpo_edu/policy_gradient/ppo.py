"""RLHF the long way: reward samples, then make the good ones likelier.

    REINFORCE   gradient of E[A log pi],  A = leave-one-out of r - beta log(pi / pi_ref)
    PPO         E[min(ratio A, clip(ratio) A)] over tokens,  A by GAE from a value head

Ahmadian et al. 2024 and Ouyang et al. 2022. Both climb the objective of chapter 04,
whose optimum pi* neither of them knows; the reward may be a model's or the true one.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from ..tiny_transformer import TinyTransformer
from ..training import Schedule, minimize, model_logp
from .gradients import (
    clipped_objective,
    generalized_advantages,
    leave_one_out_advantages,
    penalized_reward,
)
from .rollout import Said, Task, speak, token_scores


@dataclass(frozen=True)
class Climb:
    """Everything that decides a run, besides its task and its start."""

    schedule: Schedule  # in gradient steps
    beta: float = 1.0  # reward per nat
    group: int = 16  # responses to each prompt in a batch
    reuse: int = 4  # PPO: gradient steps on one batch; REINFORCE takes one
    epsilon: float = 0.2  # PPO: how far a token's ratio may pull
    decay: float = 0.95  # GAE's lambda; rewards are not discounted
    value_weight: float = 0.1  # of the value head's squared error
    seed: int = 0


def reinforce_loss(policy, said: Said, climb: Climb) -> torch.Tensor:
    """Minus a sum whose gradient is the policy gradient; its value means nothing."""
    logp = model_logp(policy, said.tokens, said.mask)  # (B,)
    reward = penalized_reward(
        logp.detach(), said.ref_logp.sum(-1), said.reward, climb.beta
    )
    groups = reward.view(-1, climb.group)  # (P, K)
    advantage = leave_one_out_advantages(groups).flatten()  # (B,)
    return -(advantage * logp).mean()


def train_reinforce(
    start: TinyTransformer, task: Task, climb: Climb, watch: Callable | None = None
) -> TinyTransformer:
    """A new batch at every step. ``watch(step, policy, record)`` may look on."""
    policy = deepcopy(start).requires_grad_(True)
    generator = torch.Generator().manual_seed(climb.seed)

    def loss_at(step):
        said = speak(policy, task, climb.group, generator)
        return reinforce_loss(policy, said, climb), {"reward": said.reward.mean()}

    minimize(policy, loss_at, climb.schedule, after_step=_telling(watch, policy))
    return policy


class ActorCritic(nn.Module):
    """A policy with a value head: one body says the next word and what to expect."""

    def __init__(self, start: TinyTransformer):
        super().__init__()
        self.body = deepcopy(start).requires_grad_(True)
        self.words = self.body.head
        self.body.add_module("head", nn.Identity())  # the body ends in (B, T, C)
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

    said: Said
    logp: torch.Tensor  # of the policy that said it
    advantage: torch.Tensor
    target: torch.Tensor  # for the value head: the advantage on top of the old value


@torch.no_grad()
def appraise(model: ActorCritic, said: Said, climb: Climb) -> Batch:
    """Advantages of every token: the KL is paid token by token, the reward at the end.

    They are not divided by their standard deviation: at the optimum they vanish, and
    dividing would blow up what noise is left.
    """
    logp, value = model.judge(said.tokens, said.mask)
    last = said.mask & (said.mask.flip(-1).cumsum(-1).flip(-1) == 1)  # (B, T)
    earned = penalized_reward(
        logp, said.ref_logp, last * said.reward[:, None], climb.beta
    )
    advantage = generalized_advantages(earned, value, 1.0, climb.decay)
    return Batch(said, logp, advantage, advantage + value)


def ppo_loss(model: ActorCritic, batch: Batch, climb: Climb) -> torch.Tensor:
    """Minus the clipped objective over tokens, plus the value head's squared error."""
    logp, value = model.judge(batch.said.tokens, batch.said.mask)
    ratio, here = (logp - batch.logp).exp(), batch.said.mask
    gain = clipped_objective(ratio[here], batch.advantage[here], climb.epsilon)
    miss = (value - batch.target)[here].square().mean()
    return climb.value_weight * miss - gain


def train_ppo(
    start: TinyTransformer, task: Task, climb: Climb, watch: Callable | None = None
) -> ActorCritic:
    """A new batch every ``reuse`` steps; ``watch`` as for ``train_reinforce``."""
    model = ActorCritic(start)
    generator = torch.Generator().manual_seed(climb.seed)
    batches = []  # the last one is in use

    def loss_at(step):
        if step % climb.reuse == 0:
            said = speak(model, task, climb.group, generator)
            batches[:] = [appraise(model, said, climb)]
        return ppo_loss(model, batches[0], climb), {
            "reward": batches[0].said.reward.mean()
        }

    minimize(model, loss_at, climb.schedule, after_step=_telling(watch, model))
    return model


def _telling(watch, policy):
    """``watch`` in the form in which ``minimize`` calls."""
    return watch and (lambda step, record, _: watch(step, policy, record))

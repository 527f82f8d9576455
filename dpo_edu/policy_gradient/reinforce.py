"""REINFORCE: make the policy's own good responses likelier, at every step anew.

    gradient of E[A log pi],  A = leave-one-out of r - beta log(pi / pi_ref)

Ahmadian et al. 2024. It climbs the objective of chapter 04, whose optimum pi* it does
not know; the reward may be a model's or the true one.
"""

from dataclasses import dataclass

import torch

from ..tiny_transformer import TinyTransformer
from ..training import Schedule, learner, minimize, model_logp
from ..validation import (
    require,
    require_between,
    require_callable,
    require_callable_or_none,
    require_not_negative,
    require_positive,
    require_type,
    require_whole,
)
from .gradients import leave_one_out_advantages, penalized_reward
from .rollout import Responses, Task, generate


@dataclass(frozen=True)
class RLSettings:
    """Everything that decides a run, besides its task and its start."""

    schedule: Schedule  # in gradient steps
    beta: float = 1.0  # reward per nat
    group_size: int = 16  # responses to each prompt in a batch
    reuse: int = 4  # PPO: gradient steps on one batch; REINFORCE takes one
    epsilon: float = 0.2  # PPO: how far a token's ratio may pull
    decay: float = 0.95  # GAE's lambda; rewards are not discounted
    value_weight: float = 0.1  # of the value head's squared error
    seed: int = 0

    def __post_init__(self):
        require_type(Schedule, schedule=self.schedule)
        require_positive("beta", self.beta)
        require_whole(2, group_size=self.group_size)
        require_whole(1, reuse=self.reuse)
        require_positive("epsilon", self.epsilon)
        require_between(0, 1, decay=self.decay)
        require_not_negative(value_weight=self.value_weight)
        require_whole(0, 2**63 - 1, seed=self.seed)


def reinforce_loss(policy, responses: Responses, settings: RLSettings) -> torch.Tensor:
    """Minus a sum whose gradient is the policy gradient; its value means nothing."""
    require_type(Responses, responses=responses)
    require_type(RLSettings, settings=settings)
    require_callable(policy=policy)
    whole = len(responses.reward) % settings.group_size == 0
    require(whole, "responses must come in groups of settings.group_size")
    logp = model_logp(policy, responses.tokens, responses.mask)  # (B,)
    ref_logp = responses.ref_logp.sum(-1)  # (B,)
    reward = penalized_reward(logp.detach(), ref_logp, responses.reward, settings.beta)
    groups = reward.view(-1, settings.group_size)  # (P, K)
    advantage = leave_one_out_advantages(groups).flatten()  # (B,)
    return -(advantage * logp).mean()


def require_training(start, task, settings, after_step=None) -> None:
    """Raise InputError unless a run can begin with these."""
    require_type(TinyTransformer, start=start)
    require_type(Task, task=task)
    require_type(RLSettings, settings=settings)
    require_callable_or_none(after_step=after_step)


def train_reinforce(
    start: TinyTransformer, task: Task, settings: RLSettings, after_step=None
) -> TinyTransformer:
    """A copy of ``start`` that learns from a new batch at every step."""
    require_training(start, task, settings, after_step)
    policy = learner(start)
    generator = torch.Generator().manual_seed(settings.seed)

    def loss_at(step):
        responses = generate(policy, task, settings.group_size, generator)
        loss = reinforce_loss(policy, responses, settings)
        return loss, {"reward": responses.reward.mean().item()}

    minimize(policy, loss_at, settings.schedule, after_step)
    return policy

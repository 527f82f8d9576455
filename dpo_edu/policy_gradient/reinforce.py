"""REINFORCE: make the policy's own good responses likelier, at every step anew.

    gradient of E[A log pi],  A = leave-one-out of r - beta log(pi / pi_ref)

Ahmadian et al. 2024. It climbs the objective of chapter 04, whose optimum pi* it does
not know; the reward may be a model's or the true one.
"""

from dataclasses import dataclass

import torch

from ..tiny_transformer import TinyTransformer
from ..training import Schedule, learner, minimize, model_logp
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


def reinforce_loss(policy, responses: Responses, settings: RLSettings) -> torch.Tensor:
    """Minus a sum whose gradient is the policy gradient; its value means nothing."""
    logp = model_logp(policy, responses.tokens, responses.mask)  # (B,)
    ref_logp = responses.ref_logp.sum(-1)  # (B,)
    reward = penalized_reward(logp.detach(), ref_logp, responses.reward, settings.beta)
    groups = reward.view(-1, settings.group_size)  # (P, K)
    advantage = leave_one_out_advantages(groups).flatten()  # (B,)
    return -(advantage * logp).mean()


def train_reinforce(
    start: TinyTransformer, task: Task, settings: RLSettings, after_step=None
) -> TinyTransformer:
    """A copy of ``start`` that learns from a new batch at every step."""
    policy = learner(start)
    generator = torch.Generator().manual_seed(settings.seed)

    def loss_at(step):
        responses = generate(policy, task, settings.group_size, generator)
        loss = reinforce_loss(policy, responses, settings)
        return loss, {"reward": responses.reward.mean()}

    minimize(policy, loss_at, settings.schedule, after_step)
    return policy

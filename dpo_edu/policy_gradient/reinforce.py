"""REINFORCE: make the policy's own good responses likelier, at every step anew.

    gradient of E[A log pi],  A = leave-one-out of r - beta log(pi / pi_ref)

Ahmadian et al. 2024. It climbs the objective of chapter 04, whose optimum pi* it does
not know; the reward may be a model's or the true one.
"""

import torch

from ..tiny_transformer import TinyTransformer
from ..training import learner, minimize, model_logp
from ..validation import require, require_callable, require_type
from .gradients import leave_one_out_advantages, penalized_reward
from .rollout import Responses, RLSettings, Task, generate, require_training


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

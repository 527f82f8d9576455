"""Right answers of chapter 12 that are written in unusual ways."""

import math

import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.policy_gradient import (
    CLIP,
    COIN,
    OTHERS,
    REWARD,
    SHARE,
    SLOPE,
    TOKENS,
    kept,
    surprises_of,
)

from . import right


@right(REWARD)
def reward_with_softplus(reward_chosen, reward_rejected):
    return F.softplus(reward_rejected - reward_chosen).mean()


@right(REWARD)
def reward_as_classification(reward_chosen, reward_rejected):
    logits = torch.stack([reward_chosen, reward_rejected], dim=1)
    first = torch.zeros(len(logits), dtype=torch.long)
    return F.cross_entropy(logits, first)


@right(REWARD)
def reward_with_a_loop(reward_chosen, reward_rejected):
    losses = []
    for chosen, rejected in zip(reward_chosen, reward_rejected, strict=True):
        losses.append(torch.logaddexp(chosen, rejected) - chosen)
    return sum(losses) / len(losses)


@right(OTHERS)
def rescaled_distance_from_the_mean(rewards):
    n = rewards.shape[-1]
    return (rewards - rewards.mean(dim=-1, keepdim=True)) * n / (n - 1)


@right(OTHERS)
def sum_without_the_own(rewards):
    total = rewards.sum(dim=-1, keepdim=True)
    return rewards - (total - rewards) / (rewards.shape[-1] - 1)


@right(OTHERS)
def with_a_matrix(rewards):
    n = rewards.shape[-1]
    weights = (torch.ones(n, n) - torch.eye(n)).double() / (n - 1)
    return rewards - rewards @ weights


@right(OTHERS)
def mean_of_all_differences(rewards):
    n = rewards.shape[-1]
    return (rewards[..., :, None] - rewards[..., None, :]).sum(dim=-1) / (n - 1)


@right(CLIP)
def one_bound_for_each_sign(ratio, advantage, epsilon):
    a = advantage.detach()
    bound = torch.where(a >= 0, (1 + epsilon) * a, (1 - epsilon) * a)
    return torch.min(ratio * a, bound).mean()


@right(CLIP)
def with_a_loop_over_samples(ratio, advantage, epsilon):
    total = 0.0
    for one, good in zip(ratio, advantage.tolist(), strict=True):
        held = one > 1 + epsilon if good > 0 else one < 1 - epsilon
        bound = 1 + epsilon if good > 0 else 1 - epsilon
        total = total + good * (torch.zeros_like(one) * one + bound if held else one)
    return total / len(ratio)


@right(CLIP)
def minus_the_larger_loss(ratio, advantage, epsilon):
    losses = -ratio * advantage.detach()
    clipped = -kept(ratio, epsilon) * advantage.detach()
    return -torch.stack([losses, clipped]).amax(dim=0).mean()


@right(TOKENS)
def values_with_a_zero(rewards, values, discount, decay):
    longer = torch.cat([values, values.new_zeros(1)])
    advantages, later = torch.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        surprise = rewards[t] + discount * longer[t + 1] - longer[t]
        advantages[t] = later = surprise + discount * decay * later
    return advantages


@right(TOKENS)
def with_a_matrix_of_weights(rewards, values, discount, decay):
    surprises = surprises_of(rewards, values, discount)
    t = torch.arange(len(rewards))
    later = (t[None, :] - t[:, None]).double()
    weights = (discount * decay) ** later.clamp(min=0) * (later >= 0)
    return weights @ surprises


@right(SHARE)
def share_in_digits():
    return 0.875


@right(SHARE)
def share_by_formula():
    return (8 - 1) / 8


@right(SLOPE)
def slope_as_a_fraction():
    return -1 / 2


@right(SLOPE)
def slope_by_difference():
    def objective(ratio):
        return min(ratio * -0.5, min(max(ratio, 0.8), 1.2) * -0.5)

    return (objective(1.61) - objective(1.59)) / 0.02


@right(COIN)
def coin_by_score_function():
    p = 0.2
    return p * (1 - p) * 0.49 + (1 - p) * (0 - p) * 0.09


@right(COIN)
def coin_by_difference():
    def cost(z):
        p = 1 / (1 + math.exp(-z))
        return p * 0.49 + (1 - p) * 0.09

    z = math.log(0.2 / 0.8)
    return (cost(z + 0.001) - cost(z - 0.001)) / 0.002

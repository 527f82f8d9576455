"""Right answers of chapter 07 that are written in unusual ways."""

import math

import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.dpo_gradient import (
    FIRST,
    GRADIENT,
    STEP,
    STRONGEST,
    WEIGHT,
    gap_of,
)

from . import right


@right(WEIGHT)
def through_the_loss(log_ratio_gap, beta):
    margin = (beta * log_ratio_gap).requires_grad_()
    (slope,) = torch.autograd.grad(-F.logsigmoid(margin).sum(), margin)
    return -slope


@right(WEIGHT)
def through_log_space(log_ratio_gap, beta):
    return torch.exp(F.logsigmoid(-beta * log_ratio_gap))


@right(WEIGHT)
def one_pair_at_a_time(log_ratio_gap, beta):
    weights = []
    for gap in log_ratio_gap.tolist():
        power = math.exp(-abs(beta * gap))
        weights.append(power / (1 + power) if gap > 0 else 1 / (1 + power))
    return torch.tensor(weights, dtype=torch.float64)


@right(GRADIENT)
def by_autograd(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    leaves = [x.clone().requires_grad_() for x in (logp_chosen, logp_rejected)]
    gap = gap_of(*leaves, ref_logp_chosen, ref_logp_rejected)
    return torch.autograd.grad(-F.logsigmoid(beta * gap).mean(), leaves)


@right(GRADIENT)
def pair_by_pair(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    chosen, rejected = torch.zeros_like(logp_chosen), torch.zeros_like(logp_chosen)
    pairs = len(logp_chosen)
    for i in range(pairs):
        reward_chosen = beta * (logp_chosen[i] - ref_logp_chosen[i])
        reward_rejected = beta * (logp_rejected[i] - ref_logp_rejected[i])
        both = torch.stack([reward_chosen, reward_rejected])
        p_rejected = torch.softmax(both, dim=0)[1]
        chosen[i], rejected[i] = -beta * p_rejected / pairs, beta * p_rejected / pairs
    return [chosen, rejected]


@right(STEP)
def step_by_autograd(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    table = logits.clone().requires_grad_()
    logp = torch.log_softmax(table, dim=0)
    loss = -F.logsigmoid(beta * (logp[chosen] - logp[rejected] - gap_at_ref))
    return (table - learning_rate * torch.autograd.grad(loss, table)[0]).detach()


@right(STEP)
def step_with_a_difference_vector(
    logits, gap_at_ref, chosen, rejected, beta, learning_rate
):
    difference = torch.zeros_like(logits)
    difference[chosen], difference[rejected] = 1.0, -1.0
    weight = 1 - torch.sigmoid(beta * (difference @ logits - gap_at_ref))
    return logits + learning_rate * beta * weight * difference


@right(FIRST)
def minus_half_beta():
    return -0.3 * 0.5


@right(FIRST)
def by_central_difference():
    def loss(move):
        return math.log(1 + math.exp(-0.3 * move))

    return (loss(1e-5) - loss(-1e-5)) / 2e-5


@right(STRONGEST)
def ratio_of_slopes():
    return (0.1 * 1.0) / (0.1 * 0.5)


@right(STRONGEST)
def by_sigmoids():
    margins = torch.tensor([-1000.0, 0.0], dtype=torch.float64)
    hopeless, start = torch.sigmoid(-margins)
    return float(hopeless / start)

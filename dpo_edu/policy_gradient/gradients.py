"""Policy gradients: climbing an average that is taken over your own samples.

    grad E_pi[r] = E_pi[(r - b) grad log pi],      since E_pi[grad log pi] = 0  (12.1)

Williams 1992. grad log pi is the score; times a weight and averaged it is the policy
gradient. The baseline b may be anything that does not look at the sample it judges.
Exact gradients are for policies listed in full; advantages and the clip work on numbers
of any origin. This module does not know where rewards and values come from.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..cancellation import implicit_reward
from ..validation import (
    require,
    require_axes,
    require_between,
    require_positive,
    require_same_outcomes,
    require_shape,
    require_whole,
)
from ..validation.arrays import finite
from ..validation.tensors import (
    finite_tensors,
    policies,
    tensors,
    tensors_alike,
)


def penalized_reward(logp, ref_logp, reward, beta) -> Tensor:
    """What a sample is worth after paying for the KL: r - beta log(pi / pi_ref).

    Shapes as they come. Its mean under pi is the RLHF objective; at pi* it is the same
    for every response, beta log Z.
    """
    require_positive("beta", beta)
    logp, ref_logp, reward = tensors(logp=logp, ref_logp=ref_logp, reward=reward)
    return reward - implicit_reward(logp, ref_logp, beta)


def policy_gradient(logp, reward) -> Tensor:
    """The exact gradient of E_pi[r] in the logits of a table: (..., responses).

    With ``penalized_reward`` as the reward it is the gradient of the RLHF objective:
    that the penalty depends on pi too adds -beta times the mean score, which is 0.
    """
    logp, reward = policies(logp=logp), finite_tensors(reward=reward)
    require_same_outcomes(logp=logp, reward=reward)
    pi = logp.exp()
    return pi * (reward - (pi * reward).sum(-1, keepdim=True))  # (..., responses)


def scores(logp) -> Tensor:
    """Row y: the gradient of log pi(y) in the logits, e_y - pi (7.2)."""
    logp = policies(logp=logp)
    require_shape((None,), logp=logp)
    return torch.eye(len(logp), dtype=logp.dtype) - logp.exp()  # (responses, responses)


def leave_one_out_advantages(rewards) -> Tensor:
    """Each reward minus the mean of the others in its group: (..., K), K >= 2.

    The others say nothing of this sample, so the mean gradient is exact; a baseline
    that includes the sample itself shrinks it by (K - 1) / K (Kool et al. 2019).

    >>> leave_one_out_advantages([1.0, 0.0, 0.0, 1.0, 1.0])
    tensor([ 0.5000, -0.7500, -0.7500,  0.5000,  0.5000], dtype=torch.float64)
    """
    rewards, size = _group(rewards)
    return (rewards - rewards.mean(-1, keepdim=True)) * size / (size - 1)


def group_centered_advantages(rewards) -> Tensor:
    """Each reward minus the mean of its group, itself included: (..., K), K >= 2.

    (K - 1) / K of ``leave_one_out_advantages``. Liu et al. 2025 (Dr. GRPO): what is
    left of GRPO's advantage without the division by the standard deviation.
    """
    rewards, _ = _group(rewards)
    return rewards - rewards.mean(-1, keepdim=True)


def group_normalized_advantages(rewards, correction=0) -> Tensor:
    """(reward - mean) / standard deviation of its group, as in GRPO: (..., K).

    correction: 0 divides by K inside the root, 1 by K - 1; programs differ. A group of
    equal rewards teaches nothing: 0. Shao et al. 2024. Its mean is not the gradient.
    """
    rewards, _ = _group(rewards)
    require_whole(0, 1, correction=correction)
    centered = group_centered_advantages(rewards)
    deviation = rewards.std(-1, correction=correction, keepdim=True)
    equal = rewards.amax(-1, keepdim=True) == rewards.amin(-1, keepdim=True)
    return torch.where(equal, 0.0, centered / torch.where(equal, 1.0, deviation))


def generalized_advantages(rewards, values, discount=1.0, decay=0.95) -> Tensor:
    """Generalized advantage estimation: sum of (discount decay)^k surprise[t + k].

    rewards, values: (..., T), a value being the reward still expected before step t;
    after the last step it is 0. decay 0 trusts the values, decay 1 the rewards alone.
    Schulman et al. 2016, eq. 16; their gamma and lambda.
    """
    rewards, values = tensors_alike(finite, rewards=rewards, values=values)
    require_axes(1, rewards=rewards)
    require_between(0, 1, discount=discount, decay=decay)
    after = F.pad(values[..., 1:], (0, 1))  # (..., T)
    surprise = rewards + discount * after - values
    advantage, found = torch.zeros_like(values[..., 0]), []
    for delta in surprise.flip(-1).unbind(-1):  # from the last step to the first
        advantage = delta + discount * decay * advantage  # (12.4)
        found.append(advantage)
    return torch.stack(found, dim=-1).flip(-1)  # (..., T)


def clipped_objective(ratio, advantage, epsilon, reduction="mean") -> Tensor:
    """PPO's surrogate, a mean to be maximized: min(ratio A, clip(ratio) A).

    ratio: pi / pi_old of the sample, with gradient; clipped to 1 +- epsilon. No slope
    is left beyond 1 + epsilon where A > 0, and below 1 - epsilon where A < 0.
    advantage: constants, no gradient reaches them. reduction: "mean", or "none" for a
    value per sample. Schulman et al. 2017, eq. 7.
    """
    require_positive("epsilon", epsilon)
    known = isinstance(reduction, str) and reduction in ("mean", "none")
    require(known, "reduction must be mean or none")
    ratio, advantage = tensors_alike(ratio=ratio, advantage=advantage)
    advantage = advantage.detach()
    require(ratio.numel() > 0, "ratio and advantage are empty: they have no mean")
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon)
    each = torch.minimum(ratio * advantage, clipped * advantage)
    return each.mean() if reduction == "mean" else each


def importance_second_moment(logp, logq) -> Tensor:
    """E_q[(p / q)^2] = 1 + chi^2(p || q) >= 1, last axis; 1 only where p = q."""
    logp, logq = policies(logp=logp, logq=logq)
    log_terms = (2 * logp - logq).masked_fill(logp == float("-inf"), float("-inf"))
    return torch.logsumexp(log_terms, dim=-1).exp()


def _group(rewards):
    rewards = tensors_alike(finite, rewards=rewards)
    group = rewards.ndim and rewards.shape[-1] > 1
    require(group, "rewards: a group needs two samples or more")
    return rewards, rewards.shape[-1]

"""The DPO loss: logistic regression whose reward is beta log(pi / pi_ref).

    loss = -log sigmoid(beta * [(log pi_w - log ref_w) - (log pi_l - log ref_l)])  (6.1)

Rafailov et al. 2023, eq. 7: the likelihood of chapter 02 at the reward of chapter 05,
whose beta log Z cancels here as under any link (probit: torch.special.log_ndtr).
Losses are in nats. This module does not know where log-probabilities come from.
"""

import torch
import torch.nn.functional as F

from .validation import require, require_positive, require_same_outcomes
from .validation.tensors import (
    as_tensor,
    require_probabilities,
    tensors,
    tensors_alike,
)


def log_ratio_gap(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
) -> torch.Tensor:
    """How much more the policy moved toward the chosen response than the rejected one.

    Four log-probabilities of one shape, usually (pairs,); the gap has it too, in nats.
    Times beta it is the margin, the difference of two implicit rewards. Raises
    InputError where the shapes differ: (4,) and (4, 1) would give 16 gaps.

    >>> log_ratio_gap(-4.5, -4.5, -5.0, -4.0)
    tensor(1., dtype=torch.float64)
    """
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected = tensors_alike(
        logp_chosen=logp_chosen,
        logp_rejected=logp_rejected,
        ref_logp_chosen=ref_logp_chosen,
        ref_logp_rejected=ref_logp_rejected,
    )
    return (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)


def dpo_loss(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    beta,
    label=1.0,
    reduction="mean",
) -> torch.Tensor:
    """Cross-entropy, in nats, of the labels and sigmoid(margin).

    Four log-probabilities of one shape, as floats, lists, numpy arrays or tensors;
    gradients flow into every tensor that asks for them, so detach the reference.
    label: the probability that the chosen response wins, one number or one per pair.
    reduction: "mean", "sum" or "none". Accurate at any margin; probability 0 (-inf)
    costs 0 or inf. In tensors a NaN is not searched for: it shows in the result.
    Raises InputError for beta <= 0, a label outside [0, 1], unequal shapes, no pairs.

    >>> dpo_loss(-4.5, -4.5, -5.0, -4.0, beta=0.1).round(decimals=4)
    tensor(0.6444, dtype=torch.float64)
    """
    require_positive("beta", beta)
    gap = log_ratio_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    margin = beta * gap
    label = _checked_label(label, margin)
    right, wrong = -F.logsigmoid(margin), -F.logsigmoid(-margin)  # (6.1), both labels
    return _reduced(_weighted(label, right) + _weighted(1 - label, wrong), reduction)


def implicit_reward_accuracy(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
) -> torch.Tensor:
    """Share of pairs whose chosen response has the larger implicit reward.

    Not the share of pairs that the policy itself ranks right: the reference counts,
    beta does not. A tie is half right, so the untrained policy scores 0.5.

    >>> implicit_reward_accuracy([-2.0, -3.0], [-2.5, -1.0], [-2.0, -4.0], [-1.0, -1.5])
    tensor(1., dtype=torch.float64)
    """
    gap = log_ratio_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    _require_pairs(gap)
    return torch.heaviside(gap, gap.new_tensor(0.5)).mean()


def population_loss(logp, ref_logp, preference, beta, weight=None) -> torch.Tensor:
    """The loss that infinitely many labels would give, in an enumerated world.

    logp, ref_logp: (..., responses). preference: (..., responses, responses), entry
    [i, j] = P(i beats j). weight: how often each pair is compared, same shape, only
    i < j is read; None compares all pairs equally. Returns one number per prompt.
    Minimal where sigmoid(margin) = preference on every pair of positive weight.
    """
    logp, ref_logp = tensors(logp=logp, ref_logp=ref_logp)
    require_same_outcomes(logp=logp, ref_logp=ref_logp)
    i, j, label, weight = _pairs(preference, weight)
    require(int(j[-1]) == logp.shape[-1] - 1, "preference and logp: unequal responses")
    four = logp[..., i], logp[..., j], ref_logp[..., i], ref_logp[..., j]
    losses = dpo_loss(*four, beta, label=label, reduction="none")  # (..., pairs)
    mean = _weighted(weight, losses).sum(-1) / weight.sum(-1)
    require(not bool(mean.isnan().any()), "logp, ref_logp: NaN, or 0 / 0 on a pair")
    return mean


def preference_entropy(preference, weight=None) -> torch.Tensor:
    """Mean entropy of the labels, in nats: the floor that no policy's loss can pass.

    population_loss = preference_entropy + E[KL(Bernoulli(preference) || the model's)],
    so what is left to gain is a KL. Arguments as in ``population_loss``.
    """
    _, _, p, weight = _pairs(preference, weight)
    entropy = -torch.xlogy(p, p) - torch.xlogy(1 - p, 1 - p)  # (..., pairs)
    return (weight * entropy).sum(-1) / weight.sum(-1)


def _checked_label(label, margin):
    """The label as a tensor like ``margin``, or the reason why it cannot be one."""
    label = as_tensor(label, "label")
    _require_pairs(margin)
    require(
        label.shape in (torch.Size(), margin.shape),
        f"label must be one number or one per pair, got {tuple(label.shape)} "
        f"for {tuple(margin.shape)}",
    )
    require_probabilities(label=label)
    return label.to(margin)


def _require_pairs(gap):
    require(gap.numel() > 0, "no pairs: logp_chosen and the other three are empty")


def _reduced(losses, reduction):
    """Their mean, their sum, or the losses themselves."""
    reduce = {"mean": torch.mean, "sum": torch.sum, "none": torch.clone}
    require(
        isinstance(reduction, str) and reduction in reduce,
        f"reduction must be one of {', '.join(reduce)}",
    )
    return reduce[reduction](losses)


def _weighted(weight, losses):
    """Their product with 0 * inf = 0: what never happens costs nothing."""
    return torch.where(weight == 0, 0.0, weight * losses)


def _pairs(preference, weight):
    """Indices i < j of all pairs, with P(i beats j) and how often they are compared."""
    preference = as_tensor(preference, "preference")
    weight = torch.ones_like(preference) if weight is None else weight
    preference, weight = tensors_alike(preference=preference, weight=weight)
    table = preference.dim() > 1 and preference.shape[-1] == preference.shape[-2] > 1
    require(table, f"preference must be (..., R, R), got {tuple(preference.shape)}")
    i, j = torch.triu_indices(*preference.shape[-2:], offset=1)
    preference, weight = preference[..., i, j], weight[..., i, j]  # (..., pairs)
    require_probabilities(preference=preference)
    compared = bool((weight >= 0).all()) and bool((weight.sum(-1) > 0).all())
    require(compared, "weight must be 0 or more, and above 0 on some pair i < j")
    return i, j, preference, weight

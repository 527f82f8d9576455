"""How good is an estimate of the policy gradient? Its exact mean and variance.

    V(b) = E_pi[(r - b)^2 |grad log pi|^2] - |grad E_pi[r]|^2                  (12.2)

A policy is a table of logits, listed in full, so every moment is a sum: over the
responses for one sample, over all groups for several. Best b: Greensmith et al. 2004.
This module does not know how samples are drawn; it never draws one.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ..validation import require, require_callable, require_shape, require_whole
from ..validation.tensors import finite_tensors, policies
from .gradients import policy_gradient, scores


class Moments(NamedTuple):
    """Exact mean and variance of a gradient estimator, coordinate by coordinate."""

    mean: Tensor  # (parameters,)
    variance: Tensor  # (parameters,)

    @property
    def trace(self) -> float:
        """The trace-variance E[|estimate - mean|^2]: one number, all coordinates."""
        return float(self.variance.sum())


def moments(weight, values) -> Moments:
    """Moments of a random row of ``values`` (N, parameters); weight (N,) sums to 1."""
    weight, values = finite_tensors(weight=weight, values=values)
    require_shape((None, None), values=values)
    require_shape(tuple(values.shape[:1]), weight=weight)
    off = abs(float(weight.sum()) - 1)
    require(off < 1e-3, f"weight must sum to 1, is off by {off:.3g}")
    mean = weight @ values
    return Moments(mean, weight @ (values - mean) ** 2)


def score_function_estimates(logp, reward, baseline=0.0) -> Tensor:
    """Row y: what one sample y says of the gradient, (r(y) - baseline) times score.

    logp, reward: (responses,). A baseline of one number leaves the mean as it is; one
    per response (what the sample chose decides) does not.
    """
    logp, reward, baseline = _listed(logp, reward, baseline)
    return (reward - baseline)[:, None] * scores(logp)  # (12.1)


def optimal_baseline(logp, reward) -> float:
    """The constant of least trace-variance: E[|score|^2 r] / E[|score|^2].

    A mean of rewards in which responses with long scores, the rare ones, count more.
    """
    logp, reward, _ = _listed(logp, reward)
    weight = logp.exp() * scores(logp).square().sum(-1)  # (responses,)
    require(bool(weight.sum() > 0), "logp is sure of one response: no score to weigh")
    return float(weight @ reward / weight.sum())


def group_moments(logp, reward, size: int, advantages: Callable, length=1.0) -> Moments:
    """Moments of the mean of advantage times score over ``size`` samples of pi.

    ``advantages`` maps the samples' rewards (..., size) to their weights; length: what
    each response's weight is divided by, one number or (responses,). Every one of the
    responses^size groups is listed: for small tables only.
    """
    logp, reward, _ = _listed(logp, reward)
    length = finite_tensors(length=length)
    require_shape(tuple(length.shape and logp.shape), length=length)
    require(bool((length > 0).all()), "length must be positive")
    require_whole(1, 20, size=size)
    require_callable(advantages=advantages)
    few = len(logp) ** size <= 10**7
    require(few, f"size: {len(logp)}^{size} groups are too many to list")
    groups = torch.cartesian_prod(*[torch.arange(len(logp))] * size).reshape(-1, size)
    weight = advantages(reward[groups]) / length.expand_as(reward)[groups]
    estimates = (weight[..., None] * scores(logp)[groups]).mean(1)  # (groups, R)
    return moments(logp[groups].sum(dim=1).exp(), estimates)


def one_sample_variance(logp, reward, baseline=0.0) -> float:
    """Trace-variance of ``score_function_estimates``, for tables of any length.

    No table of scores is built: the squared length of e_y - pi is 1 - 2 pi(y) + |pi|^2.
    """
    logp, reward, baseline = _listed(logp, reward, baseline)
    worth = reward - baseline
    pi = logp.exp()
    length = 1 - 2 * pi + pi.square().sum()  # (responses,)
    slope = policy_gradient(logp, reward)
    return float(pi @ (worth.square() * length) - slope.square().sum())  # (12.2)


def leave_one_out_variance(logp, reward, size: int) -> float:
    """Trace-variance of the leave-one-out estimate, for tables of any length.

    The estimate is the mean over the group's pairs of (r_i - r_j)(score_i - score_j)/2:
    a U-statistic (Hoeffding 1948), whose variance needs single samples and pairs only.
    In a softmax two different scores lie sqrt 2 apart, so the pairs give Var(r).
    """
    logp, reward, _ = _listed(logp, reward)
    require_whole(2, size=size)  # the others of one sample are none
    pi = logp.exp()
    mean = pi @ reward
    one = one_sample_variance(logp, reward, mean)
    slope = policy_gradient(logp, reward).square().sum()
    pair = float(pi @ (reward - mean).square() - slope)
    return ((size - 2) * one + 2 * pair) / (size * (size - 1))


def _listed(logp, reward, baseline=0.0) -> tuple[Tensor, Tensor, Tensor]:
    """A policy in full, its rewards (responses,), and a baseline of one or as many."""
    logp = policies(logp=logp)
    require_shape((None,), logp=logp)
    reward, baseline = finite_tensors(reward=reward, baseline=baseline)
    require_shape(tuple(logp.shape), reward=reward)
    require(bool((reward.abs() < 1e100).all()), "reward must be below 1e100: squared")
    require_shape(tuple(baseline.shape and logp.shape), baseline=baseline)
    return logp.to(reward), reward, baseline

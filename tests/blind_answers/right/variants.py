"""Chapter 14: right answers in unusual styles."""

import functools
import math
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F


def ipo_loss__mse(log_ratio_gap, beta):
    """F.mse_loss against a constant tensor."""
    return F.mse_loss(log_ratio_gap, torch.full_like(log_ratio_gap, 0.5 / beta))


class _Ipo:
    """A callable class."""

    def __call__(self, log_ratio_gap, beta):
        distance = log_ratio_gap - 1 / (2 * beta)
        return torch.dot(distance, distance) / distance.numel()


ipo_loss__callable_class = _Ipo()
ipo_loss__callable_class.__doc__ = "An instance of a callable class; the square is a dot product."


def _announced(function):
    """A decorator with functools.wraps."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        print("IPO:", float(result))
        return result

    return wrapper


@_announced
def ipo_loss__decorated_print(log_ratio_gap, beta):
    """A decorator with functools.wraps that prints the loss."""
    return torch.mean(torch.square(log_ratio_gap - 0.5 / beta))


def ipo_loss__expanded(log_ratio_gap, beta):
    """A loop over the pairs, collected with sum()."""
    target = (2.0 * beta) ** -1
    return sum((g - target).pow(2) for g in log_ratio_gap) / len(log_ratio_gap)


def cdpo_loss__softplus_identity(log_ratio_gap, beta, epsilon):
    """cost(-m) = cost(m) + m, so the loss is cost(m) + epsilon m."""
    m = beta * log_ratio_gap
    return (-F.logsigmoid(m) + epsilon * m).mean()


def cdpo_loss__soft_bce(log_ratio_gap, beta, epsilon):
    """Binary cross entropy on logits with the soft label 1 - epsilon."""
    m = beta * log_ratio_gap
    return F.binary_cross_entropy_with_logits(m, torch.full_like(m, 1 - epsilon))


def cdpo_loss__cross_entropy_smoothing(log_ratio_gap, beta, epsilon):
    """Two classes with probabilities as targets in F.cross_entropy."""
    m = beta * log_ratio_gap
    logits = torch.stack([m, torch.zeros_like(m)], dim=1)
    target = torch.tensor([[1 - epsilon, epsilon]], dtype=m.dtype).expand(len(m), 2)
    return F.cross_entropy(logits, target)


def simpo_loss__stacked(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """Both sides stacked; the difference by torch.diff; logaddexp."""
    score = torch.stack([logp_rejected, logp_chosen]) / torch.stack([length_rejected, length_chosen])
    margin = torch.diff(score, dim=0)[0] * beta - gamma
    return torch.logaddexp(-margin, torch.zeros(1, dtype=margin.dtype)).mean()


simpo_loss__lambda = lambda logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma: F.binary_cross_entropy_with_logits(  # noqa: E731
    beta * (logp_chosen / length_chosen - logp_rejected / length_rejected) - gamma,
    torch.ones_like(logp_chosen),
)
simpo_loss__lambda.__doc__ = "A lambda around binary cross entropy on logits."


def simpo_loss__star_args(*args, **kwargs):
    """Takes *args and **kwargs and binds them by name."""
    names = ["logp_chosen", "logp_rejected", "length_chosen", "length_rejected", "beta", "gamma"]
    a = dict(zip(names, args)) | kwargs
    chosen = a["logp_chosen"].div(a["length_chosen"])
    rejected = a["logp_rejected"].div(a["length_rejected"])
    return torch.mean(F.logsigmoid(a["beta"] * (chosen - rejected) - a["gamma"])).neg()


def kto_loss__signed(log_ratio, desirable, kl, beta):
    """One sign for both kinds, and 1 - sigmoid(x) = sigmoid(-x)."""
    sign = desirable.to(log_ratio.dtype) * 2 - 1
    return torch.sigmoid(-beta * sign * (log_ratio - max(kl.item(), 0.0))).mean()


def kto_loss__concatenated(log_ratio, desirable, kl, beta):
    """Splits the kinds, concatenates their costs (either may be empty) and averages over all."""
    with torch.no_grad():
        z0 = F.relu(kl)
    good = (log_ratio[desirable] - z0) * beta
    bad = (z0 - log_ratio[~desirable]) * beta
    return (1 - torch.cat([good, bad]).sigmoid()).sum() / log_ratio.numel()


def kto_loss__tanh(log_ratio, desirable, kl, beta):
    """The sigmoid by tanh, in a loop over the responses."""
    z0 = max(0.0, float(kl))
    costs = []
    for x, good in zip(log_ratio, desirable.tolist()):
        d = x - z0 if good else z0 - x
        costs.append((1 - torch.tanh(beta * d / 2)) / 2)
    return torch.stack(costs).mean()


def find_the_bug_robust_loss__identity(log_ratio_gap, beta, epsilon):
    """((1 - e) c - e (c + m)) / (1 - 2 e) = c - e m / (1 - 2 e)."""
    m = beta * log_ratio_gap
    return (F.softplus(-m) - m * (epsilon / (1 - 2 * epsilon))).mean()


def find_the_bug_robust_loss__weights_vector(log_ratio_gap, beta, epsilon):
    """Costs of both labels as a matrix, times a vector of two weights."""
    m = beta * log_ratio_gap
    costs = -F.logsigmoid(torch.outer(torch.tensor([1.0, -1.0], dtype=m.dtype), m))
    weights = torch.tensor([1 - epsilon, -epsilon], dtype=m.dtype) / (1 - 2 * epsilon)
    return (weights @ costs).mean()


def find_the_bug_positive_loss__relu(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """The shortfall by relu; logaddexp for the loss."""
    margin = beta * (
        log_ratio_chosen - log_ratio_rejected - penalty * F.relu(-log_ratio_chosen)
    )
    return torch.logaddexp(margin.new_zeros(()), -margin).mean()


def find_the_bug_positive_loss__clamp_kept(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Keeps the negative fine of the given code and adds it; reduction by functools.partial."""
    gap = log_ratio_chosen - log_ratio_rejected
    fine = penalty * torch.minimum(log_ratio_chosen, torch.zeros_like(log_ratio_chosen))
    mean = partial(torch.mean, dim=0)
    return mean(-F.logsigmoid(beta * (gap + fine)))


def predict_the_ipo_gap__least_squares():
    """A weighted mean by np.average over all 100 comparisons."""
    return np.average([2.0, -2.0], weights=[90, 10])


def predict_the_cdpo_gap__scipy_logit():
    """The log odds by scipy."""
    from scipy.special import logit

    return logit(1 - 0.2) / 0.5


def predict_the_kto_pull__hyperbolic():
    """sigmoid'(x) / sigmoid'(0) = 1 / cosh(x / 2)^2."""
    return 1 / math.cosh(-4 / 2) ** 2

"""Four ways to a gradient through a random choice, each with its exact moments.

    d/dz E[f(e_y)],   y ~ softmax(z),   e_y = y as a one-hot vector           (12.5)

1. score function (REINFORCE, PPO): needs values of f at the corners e_y only; unbiased.
2. straight-through: f's slope at the corner, as if the choice were softmax(z); biased.
3. Gumbel-softmax: a soft choice in place of the hard one; biased, less when colder.
4. no choice inside the loss: DPO's pairs were drawn once, by another policy.
A VAE's Gaussian code is continuous: there the pathwise gradient is exact, no relaxing.
A VQ-VAE takes the nearest code, an argmax without any draw, and passes the slope
straight through. This module does not know rewards of text.
"""

import torch
from torch import Tensor

from ..bradley_terry import preference_matrix
from ..dpo_loss import dpo_loss
from ..validation import require, require_callable, require_positive, require_shape
from ..validation.arrays import finite
from ..validation.tensors import as_tensor, finite_tensors
from .gradients import policy_gradient
from .moments import Moments, moments, score_function_estimates


def corner_values(logits, f) -> Tensor:
    """f at every one-hot vector: all that the hard choice ever sees. (choices,)"""
    logits = _checked(logits, f)
    return f(torch.eye(len(logits), dtype=logits.dtype))


def exact_gradient(logits, f) -> Tensor:
    """d/dz E[f(e_y)] by enumeration; f maps (..., choices) to (...)."""
    logits = _checked(logits, f)
    return policy_gradient(logits.log_softmax(-1), corner_values(logits, f))


def score_function(logits, f, baseline=0.0) -> Moments:
    """(f(e_y) - baseline) times the score: mean exact, for every constant baseline."""
    logits = _checked(logits, f)
    logp = logits.log_softmax(-1)
    values = corner_values(logits, f)
    return moments(logp.exp(), score_function_estimates(logp, values, baseline))


def straight_through(logits, f) -> Moments:
    """Forward the hard choice, backward the softmax.

    A variant of Bengio et al. 2013, whose own leaves the sigmoid's slope out.
    For two choices and f quadratic with curvature 2 the bias is p(1 - p)(2p - 1).
    """
    logits = _checked(logits, f)
    hard = torch.eye(len(logits), dtype=logits.dtype)

    def path(z):
        soft = z.softmax(-1)
        return hard + soft - soft.detach()  # its value is hard, its slope is soft's

    return moments(logits.softmax(-1), _slopes(logits, f, path, len(hard)))


def gumbel_softmax(logits, f, temperature) -> Moments:
    """softmax((z + Gumbel noise) / temperature) instead of the choice, by quadrature.

    Two or three choices. Jang et al. 2017, Maddison et al. 2017. As the temperature
    falls the bias goes to 0 and the variance to infinity.
    """
    logits = _checked(logits, f)
    require_positive("temperature", temperature)
    few = len(logits) in (2, 3)
    require(few, "logits: the grid of noise is for two or three choices")
    step = 0.5 * min(temperature, 1)
    fine = (60 / step) ** (len(logits) - 1) <= 10**7
    require(fine, f"temperature {temperature} asks for a grid too fine: take a larger")
    noise, weight = _noise_grid(len(logits), step)

    def path(z):
        return ((z + noise) / temperature).softmax(-1)

    return moments(weight, _slopes(logits, f, path, len(noise)))


def pair_loss_slopes(logits, ref_logits, reward, beta) -> Moments:
    """Moments of minus the DPO gradient on one soft-labeled pair of the reference.

    The draws come from ``ref_logits`` and the label from ``reward``: nothing random
    depends on ``logits``, so plain differentiation is unbiased, for DPO's own loss.
    """
    logits, ref_logits = finite_tensors(logits=logits, ref_logits=ref_logits)
    require_shape((None,), logits=logits)
    require_shape(tuple(logits.shape), ref_logits=ref_logits)
    reward = finite(reward=reward)
    require_shape(tuple(logits.shape), reward=reward)
    require_positive("beta", beta)
    first, second = torch.cartesian_prod(*[torch.arange(len(logits))] * 2).T
    label = as_tensor(preference_matrix(reward)).flatten()  # (choices^2,)
    ref_logp = ref_logits.log_softmax(-1)
    weight = (ref_logp[first] + ref_logp[second]).exp()

    def losses(logp):
        rows = torch.arange(len(first))
        four = logp[rows, first], logp[rows, second], ref_logp[first], ref_logp[second]
        return -dpo_loss(*four, beta, label=label, reduction="none")

    return moments(weight, _slopes(logits, losses, _log_softmax, len(first)))


def _checked(logits, f) -> Tensor:
    """A table of logits, (choices,); raises unless f is a function as well."""
    require_callable(f=f)
    logits = finite_tensors(logits=logits)
    require_shape((None,), logits=logits)
    return logits


def _log_softmax(z):
    return z.log_softmax(-1)


def _slopes(logits, f, path, count) -> Tensor:
    """Row n: the gradient of f(path(z))[n] in its own copy of the logits."""
    copies = logits.detach().expand(count, -1).clone().requires_grad_()
    return torch.autograd.grad(f(path(copies)).sum(), copies)[0]  # (count, choices)


def _noise_grid(choices, step):
    """Differences of Gumbel noises to the last one, and the probability of each.

    Their density is (n-1)! prod e^-d / (1 + sum e^-d)^n. On a smooth density with
    thin tails the plain grid is as exact as any rule: here to about 1e-12.
    """
    line = torch.arange(-30, 30 + step, step, dtype=torch.float64)
    d = torch.cartesian_prod(*[line] * (choices - 1)).reshape(-1, choices - 1)
    noise = torch.cat([d, torch.zeros(len(d), 1, dtype=d.dtype)], dim=1)  # (N, choices)
    log_density = -noise.sum(-1) - choices * torch.logsumexp(-noise, dim=-1)
    weight = log_density.exp()
    return noise, weight / weight.sum()

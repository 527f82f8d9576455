"""Where each variant comes to rest on one pair that is preferred at rate p.

    minimize over the gap:    p loss(A over B) + (1 - p) loss(B over A)       (14.12)

Two responses, as many labels as you like. Some losses have a formula for the best gap,
all have a minimum that can be searched for; tests hold the two equal. A pair lists the
whole world here, so that absolute probabilities, which SimPO, ORPO and DPOP look at,
are known too. Which loss has which formula is said in ``table``. This module does not
know larger worlds.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from ..bradley_terry import logit
from ..dpo_loss import log_ratio_gap
from ..validation import (
    require_between,
    require_callable,
    require_finite,
    require_positive,
)
from ..validation.arrays import probabilities
from ..validation.tensors import as_tensor
from .losses import _share


class Compared(NamedTuple):
    """What any loss on pairs may look at: six tensors of one shape."""

    logp_chosen: torch.Tensor
    logp_rejected: torch.Tensor
    ref_logp_chosen: torch.Tensor
    ref_logp_rejected: torch.Tensor
    length_chosen: torch.Tensor  # tokens
    length_rejected: torch.Tensor

    @property
    def gap(self):
        """The log-ratio gap."""
        return log_ratio_gap(*self[:4])

    @property
    def log_ratios(self):
        """log pi - log ref of chosen and rejected."""
        chosen = self.logp_chosen - self.ref_logp_chosen
        return chosen, self.logp_rejected - self.ref_logp_rejected

    @property
    def unanchored(self):
        """What a loss without a reference reads: log-probabilities and lengths."""
        return *self[:2], *self[4:]


def dpo_gap(p, beta):
    """logit(p) / beta: infinite at p = 1, whatever beta."""
    require_positive("beta", beta)
    return logit(p) / beta


def ipo_gap(p, beta):
    """(2 p - 1) / (2 beta): at most 1 / (2 beta)."""
    require_positive("beta", beta)
    return (2 * probabilities(p=p) - 1) / (2 * beta)


def cdpo_gap(p, beta, epsilon):
    """DPO's gap at the rate that is left when epsilon of the labels are exchanged."""
    p = probabilities(p=p)
    require_positive("beta", beta)
    require_between(0, 0.5, epsilon=epsilon)
    return logit((1 - epsilon) * p + epsilon * (1 - p)) / beta


def rdpo_gap(p, beta, epsilon):
    """DPO's gap at the rate before the flips; infinite from p = 1 - epsilon on."""
    p = probabilities(p=p)
    require_positive("beta", beta)
    require_between(0, 0.5 - 1e-12, epsilon=epsilon)
    clean = (p - epsilon) / (1 - 2 * epsilon)
    return logit(clean.clip(0, 1)) / beta


def hinge_gap(p, beta):
    """1 / beta toward the majority, however small it is; 0 is one minimum at 1/2."""
    require_positive("beta", beta)
    return np.sign(probabilities(p=p) - 0.5) / beta


def simpo_gap(p, beta, gamma):
    """The gap between scores per token: with L = logit(p) and gamma = 0 it is L / beta.

    L / 2 + asinh(e^gamma sinh(L / 2)) solves the quadratic that e^(beta gap) obeys.
    """
    require_positive("beta", beta)
    require_between(0, 100, gamma=gamma)
    half = logit(p) / 2
    return (half + np.arcsinh(np.exp(gamma) * np.sinh(half))) / beta  # (14.13)


def expected_loss(loss: Callable, policy_logit, p, ref_logit=0.0) -> torch.Tensor:
    """(14.12) for a policy with pi(A) = sigmoid(policy_logit), responses of one token.

    loss: a function of a ``Compared``. The gap is policy_logit - ref_logit.
    """
    require_callable(loss=loss)
    require_between(0, 1, p=p)
    require_finite(ref_logit=ref_logit)
    logp, ref_logp = (
        (F.logsigmoid(x), F.logsigmoid(-x)) for x in _both(policy_logit, ref_logit)
    )
    one = torch.ones(logp[0].shape, dtype=torch.float64)  # none of vmap's: a constant
    right = loss(Compared(*logp, *ref_logp, one, one))
    wrong = loss(Compared(*logp[::-1], *ref_logp[::-1], one, one))
    return _share(p, right) + _share(1 - p, wrong)


def searched_logit(loss: Callable, p, ref_logit=0.0, limit=60.0) -> float:
    """The policy_logit of least expected loss, by search; inf where it runs away."""
    require_between(1e-6, 1e6, limit=limit)
    low, high = -limit, limit
    for _ in range(3):  # each round looks 2,000 times closer
        grid = torch.linspace(low, high, 4_001, dtype=torch.float64)
        losses = torch.vmap(lambda x: expected_loss(loss, x, p, ref_logit))(grid)
        best = int(losses.argmin())
        low, high = grid[max(best - 1, 0)].item(), grid[min(best + 1, 4_000)].item()
    found = float(grid[best])
    return found if abs(found) < 0.99 * limit else float(np.copysign(np.inf, found))


def _both(policy_logit, ref_logit):
    policy_logit = as_tensor(policy_logit, "policy_logit").double()
    return policy_logit, torch.full_like(policy_logit, ref_logit)

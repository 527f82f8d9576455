"""The same objective with another penalty in place of KL(pi || pi_ref).

    maximize E_pi[r] - beta E_ref[f(pi / pi_ref)]
    r(y) = beta f'(pi*(y) / pi_ref(y)) + lambda     for every y, if f'(0+) = -infinity

f'(1) = 0 throughout. lambda makes pi* sum to 1; it depends on the prompt only, so it
cancels in r(y) - r(y'), as beta log Z does. With a finite f'(0) pi* can drop responses,
and there the equation does not hold (Wang et al. 2023, f-DPO).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..boltzmann.tilt import rlhf_inputs
from ..bradley_terry import log_sigmoid
from ..root_finding import bisect
from ..validation import require_inside, require_positive, require_type
from .inversion import log_ratio


class Divergence(NamedTuple):
    """f' and its inverse, both in terms of the log-ratio log(pi/pi_ref)."""

    slope: Callable  # log-ratio -> f'(ratio)
    log_ratio: Callable  # f'(ratio) -> log-ratio
    highest_slope: float = np.inf  # f'(ratio) stays below it


REVERSE_KL = Divergence(slope=lambda x: x, log_ratio=lambda s: s)
"""KL(pi || pi_ref), f(t) = t log t - t + 1: the one of RLHF; lambda is beta log Z."""

FORWARD_KL = Divergence(
    slope=lambda x: -np.expm1(-x),  # f(t) = t - 1 - log t
    log_ratio=lambda s: -np.log1p(-s),
    highest_slope=1.0,
)
"""KL(pi_ref || pi): pi* = beta pi_ref / (lambda + beta - r), no exponential."""

JENSEN_SHANNON = Divergence(
    slope=lambda x: np.log(2) + log_sigmoid(x),  # f'(t) = log(2t / (1 + t))
    log_ratio=lambda s: s - np.log(2 - np.exp(s)),
    highest_slope=float(np.log(2)),
)
"""Twice the Jensen-Shannon divergence of pi and pi_ref."""

CHI_SQUARE = Divergence(
    slope=np.expm1,  # f(t) = (t - 1)^2 / 2
    log_ratio=lambda s: np.log(np.maximum(1 + s, 0)),  # below f'(0) = -1: dropped
)
"""Half of chi^2(pi || pi_ref): f'(0) = -1 is finite, so differences can be lost."""


def alpha_divergence(alpha: float) -> Divergence:
    """f'(t) = (t^(alpha-1) - 1) / (alpha - 1) for 0 < alpha < 1; raises otherwise."""
    require_inside(0, 1, alpha=alpha)
    return Divergence(
        slope=lambda x: np.expm1((alpha - 1) * x) / (alpha - 1),
        log_ratio=lambda s: np.log1p((alpha - 1) * s) / (alpha - 1),
        highest_slope=1 / (1 - alpha),
    )


def penalized_optimum(
    ref_logp, reward, beta, divergence: Divergence
) -> tuple[np.ndarray, np.ndarray]:
    """(logp of the maximizer, its multiplier lambda), by bisection on lambda.

    ref_logp, reward: (..., responses); lambda: (...), in units of reward. At the true
    lambda some slopes are above 0 and some below, so it lies between the rewards.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    require_type(Divergence, divergence=divergence)
    best = np.where(ref_logp > -np.inf, reward, -np.inf).max(axis=-1)  # (...)
    below_best = np.minimum(reward - best[..., None], 0)  # (..., responses)

    def logp(multiplier):
        log_ratio = divergence.log_ratio((below_best - multiplier[..., None]) / beta)
        return ref_logp + log_ratio

    def missing_mass(multiplier):  # log of 1 / total; increases with the multiplier
        return -np.logaddexp.reduce(logp(multiplier), axis=-1)

    with np.errstate(divide="ignore", over="ignore"):  # log 0 = -inf is meant
        low = np.maximum(below_best.min(axis=-1), -beta * divergence.highest_slope)
        multiplier = bisect(missing_mass, low, np.zeros_like(low))
        return logp(multiplier), multiplier + best


def recovered_reward(logp, ref_logp, beta, divergence: Divergence) -> np.ndarray:
    """beta f'(pi/pi_ref): the reward up to lambda, the implicit reward for any f."""
    require_positive("beta", beta)
    require_type(Divergence, divergence=divergence)
    return beta * divergence.slope(log_ratio(logp, ref_logp))

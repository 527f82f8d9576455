"""Where GRPO comes to rest: not at pi*, whatever the number of samples.

    pi(y) = pi_ref(y) / (1 - (r(y) - E_pi[r]) / b),   b = beta * deviation of r   (12.3)

In a table of responses and in large groups, GRPO's mean step is the gradient of E[r],
divided by the deviation, less beta times that of KL(pi_ref || pi): autograd of k3 in
the loss gives this KL, not KL(pi || pi_ref). Vojnovic and Yun 2025. Without the
division b is beta itself. This module does not know tokens: a response is one choice.
"""

import numpy as np

from ..boltzmann import expected_reward
from ..boltzmann.tilt import rlhf_inputs
from ..divergence import normalized
from ..root_finding import bisect


def forward_kl_optimal_logp(ref_logp, reward, beta) -> np.ndarray:
    """Log of the policy that maximizes E_pi[r] - beta KL(pi_ref || pi): (..., R).

    beta pi_ref / (level - r), with the level above all rewards that normalizes it.
    ref_logp, reward: (..., responses); beta in reward per nat, a number.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    return _at_rest(ref_logp, reward, np.full(ref_logp.shape[:-1], float(beta)))


def grpo_optimal_logp(ref_logp, reward, beta) -> np.ndarray:
    """Log of the policy (12.3) whose deviation of rewards gives its own b: (..., R).

    ref_logp, reward: (..., responses); beta in deviations per nat. Where all rewards
    are equal nothing is learned: the reference.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    wide = np.ptp(reward, axis=-1)

    def excess(b):  # below 0 for small b: a greedy policy's deviation falls slower
        return b - beta * _deviation(_at_rest(ref_logp, reward, b), reward)

    b = bisect(excess, np.zeros_like(wide), beta * wide)  # a deviation is below it
    return _at_rest(ref_logp, reward, np.where(wide > 0, b, beta))


def _deviation(logp, reward) -> np.ndarray:
    """Standard deviation of the reward under a policy."""
    centered = reward - expected_reward(logp, reward)[..., None]
    return np.sqrt(expected_reward(logp, centered**2))


def _at_rest(ref_logp, reward, b) -> np.ndarray:
    """b pi_ref / (gap + r_max - r), normalized by the choice of the gap."""
    below = reward.max(axis=-1, keepdims=True) - reward  # (..., R)
    ref = np.exp(ref_logp)

    def excess(gap):  # a gap of b is enough: then no term is above pi_ref
        return 1 - (ref * b[..., None] / (gap[..., None] + below)).sum(axis=-1)

    gap = bisect(excess, np.zeros_like(b), b)
    return normalized(ref_logp - np.log(gap[..., None] + below))

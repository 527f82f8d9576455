"""What beta buys: reward against KL along the optimal policies, and too much of it.

    d log Z / d(1/beta) = E_pi*[r],     second derivative = Var_pi*(r)
    d E_pi*[gold] / d(1/beta) = Cov_pi*(gold, proxy)

log Z is the cumulant generating function of the reward under pi_ref. As pi* maximizes
E[r] - beta KL, no policy has more reward at its KL: sweeping beta traces the frontier.
This module does not know how close training comes.
"""

from typing import NamedTuple

import numpy as np

from ..divergence import kl_from_logs, normalized
from ..root_finding import bisect
from ..validation import require, require_inside, require_shape
from ..validation.arrays import log_distributions, on_outcomes_of, positive
from .tilt import expected_reward, optimal_logp, reward_covariance, rlhf_inputs


class Sweep(NamedTuple):
    """pi* at several betas; the first axis of every field is beta."""

    beta: np.ndarray  # (betas,)
    logp: np.ndarray  # (betas, ..., responses)
    kl: np.ndarray  # (betas, ...) KL(pi* || pi_ref), nats
    reward: np.ndarray  # (betas, ...) E_pi*[r]


def beta_sweep(ref_logp, reward, betas) -> Sweep:
    """The exact frontier: the optimal policy, its KL and its reward at each beta."""
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    betas = positive(betas=betas)
    require_shape((None,), betas=betas)
    logp = np.stack([optimal_logp(ref_logp, reward, beta) for beta in betas])
    kl = kl_from_logs(logp, ref_logp)
    return Sweep(betas, logp, kl, expected_reward(logp, reward))


def greedy_limit_logp(ref_logp, reward) -> np.ndarray:
    """The limit of pi* as beta -> 0: the reference kept on its best responses only.

    Its KL to the reference is -log pi_ref(best responses), the most that any beta
    spends. At the other limit, beta -> infinity, pi* is the reference itself.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    possible = np.where(ref_logp > -np.inf, reward, -np.inf)
    best = possible == possible.max(axis=-1, keepdims=True)
    return normalized(np.where(best, ref_logp, -np.inf))


def beta_for_kl(ref_logp, reward, kl_budget) -> float:
    """The beta whose pi* spends exactly ``kl_budget`` nats, averaged over prompts.

    It is the Lagrange multiplier of: maximize E[r] subject to KL <= budget. Raises
    InputError for a budget that no beta > 0 spends.
    """
    largest = kl_from_logs(greedy_limit_logp(ref_logp, reward), ref_logp).mean()
    require_inside(0, largest, kl_budget=kl_budget)

    def overspent(inverse_beta):  # the KL increases with 1/beta
        return beta_sweep(ref_logp, reward, [1 / inverse_beta]).kl.mean() - kl_budget

    high = 1.0
    while overspent(high) < 0:
        high *= 2
    return float(1 / bisect(overspent, 0, high))


def best_proxy_beta(ref_logp, proxy, gold, betas) -> float:
    """The beta at which optimizing ``proxy`` gives the most of ``gold``.

    Below it the proxy still rises while gold falls: over-optimization (Gao et al.
    2023). Takes one prompt; refines the best of ``betas`` by the covariance's zero.
    Raises InputError where that best is the first or the last of ``betas``.
    """
    betas = np.sort(positive(axes=1, betas=betas), axis=None)
    ref_logp = log_distributions(ref_logp=ref_logp)
    require_shape((None,), ref_logp=ref_logp)
    proxy, gold = on_outcomes_of(ref_logp, proxy=proxy, gold=gold)
    require_shape(ref_logp.shape, proxy=proxy, gold=gold)
    top = int(expected_reward(beta_sweep(ref_logp, proxy, betas).logp, gold).argmax())
    require(0 < top < len(betas) - 1, "gold peaks at an end of betas: widen them")

    def covariance(beta):  # below 0 where beta is too small: gold falls, proxy rises
        star = optimal_logp(ref_logp, proxy, float(beta))
        return reward_covariance(star, gold, proxy)

    return float(bisect(covariance, betas[top - 1], betas[top + 1]))

"""How good is a policy? Exactly, because every response is known.

    share = (J - J_ref) / (J* - J_ref) = 1 - KL(pi || pi*) / KL(pi_ref || pi*)

by the Gibbs principle of chapter 04: one measure, two units. This module sees pi*, Z
and the true reward; training does not import it.
"""

from typing import NamedTuple

import numpy as np

from ..boltzmann import expected_reward, objective, optimal_logp, win_rate
from ..boltzmann.tilt import rlhf_inputs
from ..bradley_terry import preference_matrix
from ..divergence import kl_from_logs
from ..likelihood import binary_cross_entropy
from ..validation import require, require_same_shape, require_shape
from ..validation.arrays import finite, log_distributions


class Verdict(NamedTuple):
    """Exact measures of one policy, averaged over prompts."""

    reward: float  # E[r]
    kl_from_reference: float  # KL(pi || pi_ref), nats
    objective: float  # J = E[r] - beta KL(pi || pi_ref)
    share: float  # of the attainable improvement: 0 for the reference, 1 for pi*
    kl_to_optimum: float  # KL(pi || pi*), nats
    win_rate: float  # against the reference, by Bradley-Terry annotators


def evaluate(logp, ref_logp, reward, beta) -> Verdict:
    """All of ``Verdict`` for a policy given as log-probabilities: arrays (P, R)."""
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    logp = log_distributions(logp=logp)
    _require_tables(reward=reward, logp=logp, ref_logp=ref_logp)
    best = optimal_logp(ref_logp, reward, beta)
    values = [
        objective(each, ref_logp, reward, beta).mean()
        for each in (logp, ref_logp, best)
    ]
    here, start, top = values
    require(top > start, "reward (or beta) leaves nothing to gain: no share of it")
    return Verdict(
        expected_reward(logp, reward).mean(),
        kl_from_logs(logp, ref_logp).mean(),
        here,
        (here - start) / (top - start),
        kl_from_logs(logp, best).mean(),
        win_rate_by_level(logp, ref_logp, reward),
    )


def win_rate_by_level(logp, other_logp, reward) -> float:
    """``boltzmann.win_rate`` for thousands of responses with few distinct rewards.

    The probability of winning depends on the two rewards only, so responses of equal
    reward are pooled first: levels^2 comparisons per prompt and not responses^2.
    """
    logp, other_logp = log_distributions(logp=logp, other_logp=other_logp)
    reward = finite(reward=reward)
    _require_tables(reward=reward, logp=logp, other_logp=other_logp)
    levels, mine, other = pool_by_reward(reward, logp, other_logp)
    return float(win_rate(mine, other, np.broadcast_to(levels, mine.shape)).mean())


def loss_floor(ref_logp, reward) -> float:
    """Mean entropy of the labels of reference pairs: no policy's DPO loss is lower."""
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    _require_tables(reward=reward, ref_logp=ref_logp)
    levels, pooled = pool_by_reward(reward, ref_logp)
    p = preference_matrix(levels)  # (L, L): P(level i beats level j)
    entropy = binary_cross_entropy(p, levels[:, None] - levels)
    share = np.exp(pooled)  # (P, L)
    return float(np.einsum("pi,pj,ij->p", share, share, entropy).mean())


def pool_by_reward(reward, *logps):
    """The distinct rewards (L,), and each policy's log-probability of them (P, L).

    reward and policies: (P, R). -inf marks a level that no response reaches.
    """
    reward = finite(reward=reward)
    logps = [log_distributions(logps=logp) for logp in logps]
    for logp in logps:
        _require_tables(reward=reward, logps=logp)
    levels, level = np.unique(reward, return_inverse=True)
    level = level.reshape(np.shape(reward))

    def masses(logp):
        rows = zip(level, np.exp(logp), strict=True)
        return np.array([np.bincount(*row, minlength=len(levels)) for row in rows])

    with np.errstate(divide="ignore"):
        return levels, *(np.log(masses(logp)) for logp in logps)


def _require_tables(**tables) -> None:
    for name, table in tables.items():
        require_shape((None, None), **{name: table})
    require_same_shape(**tables)

"""How far from the frontier: the KL that a policy spends beyond its reward's price.

    KL(pi || pi_ref) - KL(pi*_b || pi_ref) = KL(pi || pi*_b),    E_pi*_b[r] = E_pi[r]

Of all policies with this much reward, the tilted reference pi*_b is nearest to the
reference (Csiszar 1975: an information projection), and what pi spends more is its KL
to that one. This module does not know which beta a policy was trained for.
"""

import numpy as np

from ..boltzmann import expected_reward, optimal_logp
from ..boltzmann.frontier import greedy_limit_logp
from ..boltzmann.tilt import rlhf_inputs
from ..divergence import kl_from_logs
from ..root_finding import bisect
from ..training.evaluation import pool_by_reward
from ..validation import require_inside, require_same_shape, require_shape
from ..validation.arrays import log_distributions


def beta_for_reward(ref_logp, reward, wanted: float) -> float:
    """The beta whose pi* earns ``wanted``, averaged over prompts; see ``beta_for_kl``.

    ref_logp, reward: (..., responses). Raises InputError for a reward that no beta > 0
    earns: the reference's own or less, or the best response's or more.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    least = expected_reward(ref_logp, reward).mean()
    most = expected_reward(greedy_limit_logp(ref_logp, reward), reward).mean()
    require_inside(least, most, wanted=wanted)

    def excess(inverse_beta):  # the reward increases with 1 / beta
        star = optimal_logp(ref_logp, reward, float(1 / inverse_beta))
        return expected_reward(star, reward).mean() - wanted

    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(1 / bisect(excess, 0, high))


def nats_off_frontier(logp, ref_logp, reward) -> float:
    """KL beyond what the frontier needs for this policy's reward, mean over prompts.

    logp, ref_logp, reward: (P, R). 0 on the frontier. A policy with no more reward than
    the reference needs no KL at all, so it wastes all it spends.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    logp = log_distributions(logp=logp)
    require_shape((None, None), logp=logp)
    require_same_shape(logp=logp, ref_logp=ref_logp, reward=reward)
    earned = expected_reward(logp, reward).mean()
    if earned <= expected_reward(ref_logp, reward).mean():
        return float(kl_from_logs(logp, ref_logp).mean())
    levels, pooled = pool_by_reward(reward, ref_logp)  # equals are tilted alike
    beta = beta_for_reward(pooled, np.broadcast_to(levels, pooled.shape), earned)
    # The difference of two KLs, taken as one: no digits are lost near the frontier.
    return float(np.mean(kl_from_logs(logp, optimal_logp(ref_logp, reward, beta))))

"""Where perfect methods end on a reward model of 5,000 pairs: by enumeration, no noise.

Each at several beta of its own, and all judged at beta 1: so nobody's beta has to be
chosen before the comparison. Nothing is trained here but the reward model.
"""

from functools import cache

import numpy as np

from ...boltzmann import optimal_logp
from ...policy_gradient.grpo_optimum import forward_kl_optimal_logp, grpo_optimal_logp
from ..shared_start import shared_start
from ..unfinished import kept
from .methods import drawn, judge, learned_reward
from .runs import PAIRS, ten_epochs

AT_REST = {
    "exact": optimal_logp,  # where REINFORCE and PPO end
    "GRPO": grpo_optimal_logp,
    "Dr. GRPO": forward_kl_optimal_logp,
}
BETAS = (1.0, 2**0.5, 2.0, 4.0)  # the best one of each was inside, or none was good


def rest(seed: int) -> dict[str, list[dict]]:
    """The three kinds at every beta, on the reward model of a seed's pairs."""
    ref_logp, learned, rows = shared_start().reference.logp, reward_of(seed), []
    for kind, ends in AT_REST.items():
        for beta in BETAS:
            named = {"kind": kind, "beta": beta, "seed": seed}
            rows.append(named | judge(ends(ref_logp, learned, beta)))
    return {"rest": rows}


@cache
def reward_of(seed: int) -> np.ndarray:
    """The reward model of a seed's pairs, as a table of all responses (P, R)."""
    return np.array(kept("policy_gradient", reward_rows, seed))


def reward_rows(seed: int) -> list[list[float]]:
    """``reward_of`` as lists, which are kept until the whole grid is stored."""
    return learned_reward(drawn(PAIRS, seed), ten_epochs(PAIRS), seed).tolist()

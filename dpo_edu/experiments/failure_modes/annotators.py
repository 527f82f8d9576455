"""Annotators who err, and annotators who disagree, in the world: five seeds each.

A share of all verdicts turned around; or two groups, each with a reward of its own,
whose answers land in one pool. ``misspecification`` knows where such labels lead.
"""

import numpy as np

from ...boltzmann import optimal_logp
from ...divergence import kl_from_logs
from ...failure_modes.misspecification import pooled_policy
from ...online.judges import reward_judge
from .material import (
    BETA,
    bench,
    in_epochs,
    judged_batches,
    learn,
    lengths,
    measures,
    verdict_pairs,
)

BREVITY, SHARE = 4.0, 0.4  # the second group's dislike of a word, and how many it is


def flipped(seed: int, rate: float) -> dict[str, float]:
    """Verdicts of which a share ``rate`` was turned around."""
    return measures(learn(in_epochs(verdict_pairs(seed, flips=rate), seed)))


def two_groups() -> np.ndarray:
    """Rewards of two groups of annotators, (2, P, R): the rule; the fewer words."""
    reward = bench().data.world.reward
    return np.stack([reward, np.broadcast_to(-BREVITY * lengths(), reward.shape)])


def pooled_optima() -> tuple[np.ndarray, np.ndarray]:
    """What DPO aims at on pooled labels; the optimum for the mean reward: (P, R)."""
    rewards, ref_logp = two_groups(), bench().reference.logp
    weights = [1 - SHARE, SHARE]
    pooled = [
        pooled_policy(ref_logp[x], rewards[:, x], weights, BETA)
        for x in range(len(ref_logp))
    ]
    mean = np.average(rewards, axis=0, weights=weights)
    return np.stack(pooled), optimal_logp(ref_logp, mean, BETA)


def pooled(seed: int) -> dict[str, float]:
    """Soft labels that are averages over two groups who want different things."""
    judges = [reward_judge(reward) for reward in two_groups()]

    def judge(*pair):
        return (1 - SHARE) * judges[0](*pair) + SHARE * judges[1](*pair)

    logp = learn(judged_batches(seed, judge))
    names = ("kl_to_pooled", "kl_to_mean_reward")
    return measures(logp) | {
        name: kl_from_logs(logp, each).mean()
        for name, each in zip(names, pooled_optima(), strict=True)
    }

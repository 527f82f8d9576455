"""Chapter 01: a comparison becomes a probability, and the probability a reward gap.

    P(i beats j) = sigmoid(r_i - r_j) = e^{r_i} / (e^{r_i} + e^{r_j})         (1.1)

Bradley & Terry (1952); for rankings Plackett (1975) and Luce (1959). Rewards are in
nats of log-odds and mean something only as differences: r + c predicts the same.
This module does not know where rewards come from; chapter 02 fits them to data.
"""

import math
from itertools import permutations

import numpy as np

from .validation import (
    require,
    require_between,
    require_finite,
    require_not_negative,
    require_shape,
    require_square,
    require_whole,
)
from .validation.arrays import finite, not_negative, probabilities, reals

ELO_PER_NAT = 400 / math.log(10)  # Elo's 400 points are a factor 10 in the odds


def log_sigmoid(x):
    """log(1 / (1 + e^-x)), any shape; finite for every finite x, however large."""
    return -np.logaddexp(0.0, -reals(x=x))


def sigmoid(x):
    """1 / (1 + e^-x), any shape; small values keep all their digits."""
    return np.exp(log_sigmoid(x))


def logit(p):
    """log(p / (1 - p)), the inverse of ``sigmoid``; -inf at 0 and inf at 1."""
    p = probabilities(p=p)
    with np.errstate(divide="ignore"):  # log 0 = -inf is the answer here
        return np.log(p) - np.log1p(-p)


def preference_probability(reward_i, reward_j):
    """P(i beats j) under Bradley-Terry; rewards in nats, shapes broadcast.

    >>> round(float(preference_probability(2.0, 1.0)), 4)
    0.7311
    """
    reward_i, reward_j = finite(reward_i=reward_i, reward_j=reward_j)
    return sigmoid(reward_i - reward_j)  # (1.1)


def preference_matrix(rewards):
    """``[..., i, j]`` = P(i beats j) for all pairs; rewards (..., K) to (..., K, K)."""
    rewards = finite(axes=1, rewards=rewards)
    return preference_probability(rewards[..., :, None], rewards[..., None, :])


def compose_preferences(p_ab, p_bc):
    """P(a beats c) from P(a beats b) and P(b beats c): odds multiply, log-odds add.

    Refuses 1 with 0, whose odds multiply to infinity times zero.
    """
    p_ab, p_bc = probabilities(p_ab=p_ab, p_bc=p_bc)
    with np.errstate(invalid="ignore"):  # inf - inf is refused in the next line
        gap = logit(p_ab) + logit(p_bc)
    require(not np.isnan(gap).any(), "p_ab, p_bc: 0 and 1 do not compose, move one off")
    return sigmoid(gap)


def cycle_defect(probabilities):
    """How far a (K, K) table of P(i beats j) is from Bradley-Terry, in nats.

    The largest |logit p_ij + logit p_jk + logit p_ki| over triples: log-odds that are
    reward gaps cancel around every cycle, and only they do.
    """
    gap = _finite_log_odds(finite(axes=2, probabilities=probabilities))
    around = gap[:, :, None] + gap[None, :, :] + gap.T[:, None, :]  # (i, j, k)
    return np.abs(around).max()


def _finite_log_odds(p):
    require_square(probabilities=p)
    both = "probabilities must have P(i beats j) + P(j beats i) = 1: it must be 1"
    require(np.allclose(p + p.T, 1), both)
    sure = "probabilities hold a sure preference, which has no finite log-odds"
    require(((p > 0) & (p < 1)).all(), sure)
    return logit(p)


def pooled_preferences(rewards, weights):
    """P(i beats j) when annotator a, with rewards[a], answers a share weights[a].

    rewards (A, K), weights (A,) to (K, K). In general no longer Bradley-Terry: look
    at its ``cycle_defect``.
    """
    rewards = finite(axes=2, rewards=rewards)
    weights = not_negative(axes=1, weights=weights)
    require_shape(rewards.shape[:1], weights=weights)
    require(weights.any(), "weights are all 0: somebody must answer")
    return np.average(preference_matrix(rewards), axis=0, weights=weights)


def random_utility_frequency(reward_i, reward_j, noise):
    """How often reward_i + noise[:, 0] exceeds reward_j + noise[:, 1]; noise (N, 2).

    Gumbel noise tends to ``preference_probability``, unit normals to
    ``thurstone_probability``: the noise is the model.
    """
    require_finite(reward_i=reward_i, reward_j=reward_j)
    noise = finite(noise=noise)
    require_shape((None, 2), noise=noise)
    return np.mean(reward_i + noise[:, 0] > reward_j + noise[:, 1])


def thurstone_probability(reward_i, reward_j):
    """P(i beats j) when both rewards carry independent unit normal noise (1927)."""
    reward_i, reward_j = finite(reward_i=reward_i, reward_j=reward_j)
    return (
        np.vectorize(math.erfc, [float])((reward_j - reward_i) / 2) / 2
    )  # Phi(gap / sqrt 2)


def elo_rating(reward):
    """The Elo rating of a reward, 1500 at 0 nats: the same model in other units."""
    return 1500 + ELO_PER_NAT * finite(reward=reward)


def elo_update(winner, loser, step=32.0):
    """Both Elo ratings after one game: points move in proportion to the surprise.

    It is one step of gradient descent on -log P(winner beats loser).
    """
    winner, loser = finite(winner=winner, loser=loser)
    require_not_negative(step=step)
    surprise = sigmoid((loser - winner) / ELO_PER_NAT)  # P(loser wins)
    return winner + step * surprise, loser - step * surprise


def plackett_luce_nll(rewards):
    """-log P(this ranking); rewards in ranked order, best first, (..., K) to (...).

    The ranking is K choices: the best of all, the best of the rest, ...
    """
    rewards = finite(axes=1, rewards=rewards)
    backwards = np.logaddexp.accumulate(rewards[..., ::-1], axis=-1)
    return (backwards[..., ::-1] - rewards).sum(axis=-1)  # sum_k lse(r_k..r_K) - r_k


def pair_product_nll(rewards):
    """The sum of -log P(i beats j) over all pairs of a ranking: not its likelihood.

    Same arguments as ``plackett_luce_nll``. One ranking is not K(K-1)/2 independent
    comparisons: e^-nll does not even sum to 1 over the rankings.
    """
    rewards = finite(axes=1, rewards=rewards)
    i, j = np.triu_indices(rewards.shape[-1], k=1)
    return -log_sigmoid(rewards[..., i] - rewards[..., j]).sum(axis=-1)


def all_rankings(rewards):
    """All K! orders of the items, best first, and the probability of each.

    rewards (K,) to item indices (K!, K) and probabilities (K!,), which sum to 1.
    """
    rewards = finite(rewards=rewards)
    require_shape((None,), rewards=rewards)
    require(len(rewards) <= 8, f"rewards: {len(rewards)} items have too many rankings")
    orders = np.array(list(permutations(range(len(rewards)))))  # (K!, K)
    return orders, np.exp(-plackett_luce_nll(rewards[orders]))


def pair_marginal(rewards, i, j):
    """P(i is ranked before j), summed over all rankings: exactly Bradley-Terry."""
    orders, probability = all_rankings(rewards)
    require_whole(0, orders.shape[1] - 1, i=i, j=j)
    require(i != j, f"i and j must be two items, got {i} twice")
    place = orders.argsort(axis=-1)  # place[n, item], 0 is best
    return probability[place[:, i] < place[:, j]].sum()


def flipped(preference, rate):
    """P(i beats j) after a share ``rate`` of the verdicts was turned around.

    >>> round(float(flipped(0.8, rate=0.1)), 2)
    0.74
    """
    preference = probabilities(preference=preference)
    require_between(0, 1, rate=rate)
    return (1 - rate) * preference + rate * (1 - preference)

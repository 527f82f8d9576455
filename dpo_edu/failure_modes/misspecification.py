"""What DPO aims at when an assumption of its derivation fails: exact, small models.

    fitted reward = argmin_r sum_ij weight_ij H(preference_ij, sigmoid(r_i - r_j))
    policy        = ref exp(fitted reward / beta) / Z                          (13.2)

Where Bradley-Terry holds, the weights do not matter and the policy is RLHF's. Where it
does not (flipped labels, pooled annotators, a policy class that cannot follow), this
is still what is minimized, and how often each pair is asked becomes part of the answer.
This module does not train.
"""

import numpy as np

from ..boltzmann import objective, optimal_logp, reward_covariance
from ..bradley_terry import pooled_preferences, sigmoid
from ..likelihood import fit_rewards
from ..root_finding import bisect
from ..validation import require, require_positive

TILTS = np.linspace(-30, 30, 2_401)  # where the best policy of a line is looked for


def population_policy(ref_logp, preference, weight, beta) -> np.ndarray:
    """The free table that infinitely many labels give: log-probabilities (K,).

    preference[i, j] = P(i beats j), weight[i, j] = how often they meet, both (K, K).
    With weight * preference = the wins counted, it is DPO on finite data, and RLHF on
    the reward model of the same data: one maximum likelihood, two names for it.
    Raises where that has no finite maximum.
    """
    wins = np.multiply(weight, preference)
    np.fill_diagonal(wins, 0)
    return optimal_logp(ref_logp, fit_rewards(wins), beta)  # (13.2)


def pooled_policy(ref_logp, rewards, share, beta) -> np.ndarray:
    """``population_policy`` of annotators who disagree, pairs drawn from ref: (R,).

    rewards: (annotators, R) to one prompt; share: how many answer so. Responses that
    everybody values alike are one item, so thousands of them cost little.
    """
    kinds, kind = np.unique(rewards, axis=1, return_inverse=True)
    kind = kind.reshape(-1)  # (R,)
    mass = np.bincount(kind, np.exp(ref_logp))
    wins = np.outer(mass, mass) * pooled_preferences(kinds, share)
    np.fill_diagonal(wins, 0)
    return optimal_logp(ref_logp, fit_rewards(wins)[kind], beta)


def averaged_optimum(ref_logp, reward, length, beta) -> np.ndarray:
    """What a loss with log-ratios divided by ``length`` aims at: arrays (..., R).

    beta log(pi/ref) / length = r - c gives pi = ref exp(length (r - c) / beta), with
    the one c that normalizes: (13.3). A token more multiplies what lies above c.
    """
    require_positive("beta", beta)
    reward, length = np.asarray(reward, float), np.asarray(length, float)
    require((length > 0).all(), "every response needs a length above 0")

    def log_total(c):  # decreases with c
        tilt = length * (reward - np.expand_dims(c, -1)) / beta
        return np.logaddexp.reduce(ref_logp + tilt, axis=-1)

    low, high = reward.min(axis=-1) - 1, reward.max(axis=-1) + 1
    c = bisect(lambda c: -log_total(c), low, high)
    return ref_logp + length * (reward - c[..., None]) / beta


def line_logp(tilt, feature, ref_logp) -> np.ndarray:
    """The policies that one number moves: ref exp(tilt * feature) / Z, (responses,)."""
    return optimal_logp(ref_logp, tilt * np.asarray(feature, float), beta=1)


def rlhf_tilt(feature, ref_logp, reward, beta) -> float:
    """The tilt of the policy on the line with the largest RLHF objective.

    A slope of 0, Cov(feature, reward) = beta tilt Var(feature), may hold more than
    once: the best of a fine grid is refined.
    """
    feature, reward = np.asarray(feature, float), np.asarray(reward, float)
    values = [
        objective(line_logp(tilt, feature, ref_logp), ref_logp, reward, beta)
        for tilt in TILTS
    ]
    top = int(np.argmax(values))
    require(0 < top < len(TILTS) - 1, "the best tilt is beyond 30: scale the feature")

    def downhill(tilt):
        gain = reward - beta * tilt * feature
        return -reward_covariance(line_logp(tilt, feature, ref_logp), feature, gain)

    return float(bisect(downhill, TILTS[top - 1], TILTS[top + 1]))


def dpo_tilt(feature, preference, weight, beta) -> float:
    """The tilt of the policy on the line with the smallest DPO loss.

    preference, weight: (K, K) as in ``population_policy``. Neither the reference nor
    the reward appears: the loss is a logistic regression on feature differences. With
    beta = 1 it is also the w of a reward model r = w feature fitted to the same labels;
    RLHF on that model, in this class, ends at w / beta: where DPO does.
    """
    feature = np.asarray(feature, dtype=float)
    difference = feature[:, None] - feature  # (K, K)

    def slope(tilt):
        error = sigmoid(beta * tilt * difference) - preference
        return (np.asarray(weight) * difference * error).sum()

    bound = TILTS[-1] / beta
    require(slope(-bound) < 0 < slope(bound), "no finite minimum: sure labels")
    return float(bisect(slope, -bound, bound))

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
from ..boltzmann.tilt import rlhf_inputs
from ..bradley_terry import pooled_preferences, sigmoid
from ..likelihood import fit_rewards
from ..root_finding import bisect
from ..validation import require, require_finite, require_positive, require_shape
from ..validation.arrays import (
    finite,
    log_distributions,
    not_negative,
    on_outcomes_of,
    positive,
    probabilities,
)

TILTS = np.linspace(-30, 30, 2_401)  # where the best policy of a line is looked for


def population_policy(ref_logp, preference, weight, beta) -> np.ndarray:
    """The free table that infinitely many labels give: log-probabilities (K,).

    preference[i, j] = P(i beats j), weight[i, j] = how often they meet, both (K, K).
    With weight * preference = the wins counted, it is DPO on finite data, and RLHF on
    the reward model of the same data: one maximum likelihood, two names for it.
    Raises where that has no finite maximum.
    """
    ref_logp = log_distributions(ref_logp=ref_logp)
    require_shape((None,), ref_logp=ref_logp)
    preference, weight = not_negative(preference=preference, weight=weight)
    require_shape((len(ref_logp),) * 2, preference=preference, weight=weight)
    wins = preference * weight
    np.fill_diagonal(wins, 0)
    return optimal_logp(ref_logp, fit_rewards(wins), beta)  # (13.2)


def pooled_policy(ref_logp, rewards, share, beta) -> np.ndarray:
    """``population_policy`` of annotators who disagree, pairs drawn from ref: (R,).

    rewards: (annotators, R) to one prompt; share: how many answer so. Responses that
    everybody values alike are one item, so thousands of them cost little.
    """
    ref_logp, rewards = log_distributions(ref_logp=ref_logp), finite(rewards=rewards)
    require_shape((None,), ref_logp=ref_logp)
    require_shape((None, len(ref_logp)), rewards=rewards)
    require_positive("beta", beta)
    weights = not_negative(share=share)
    require_shape(rewards.shape[:1], share=weights)
    require(weights.any(), "share is 0 for every annotator")
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
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    length = on_outcomes_of(ref_logp, length=positive(length=length))

    def log_total(c):  # decreases with c
        tilt = length * (reward - np.expand_dims(c, -1)) / beta
        return np.logaddexp.reduce(ref_logp + tilt, axis=-1)

    low, high = reward.min(axis=-1) - 1, reward.max(axis=-1) + 1
    c = bisect(lambda c: -log_total(c), low, high)
    return ref_logp + length * (reward - c[..., None]) / beta


def line_logp(tilt, feature, ref_logp) -> np.ndarray:
    """The policies that one number moves: ref exp(tilt * feature) / Z, (responses,)."""
    ref_logp, feature = _line(feature, ref_logp)
    require_finite(tilt=tilt)
    return optimal_logp(ref_logp, tilt * feature, beta=1)


def rlhf_tilt(feature, ref_logp, reward, beta) -> float:
    """The tilt of the policy on the line with the largest RLHF objective.

    A slope of 0, Cov(feature, reward) = beta tilt Var(feature), may hold more than
    once: the best of a fine grid is refined.
    """
    ref_logp, feature = _line(feature, ref_logp)
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    require_shape(ref_logp.shape, reward=reward)
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
    feature = finite(feature=feature)
    require_shape((None,), feature=feature)
    require_positive("beta", beta)
    preference, weight = (
        probabilities(preference=preference),
        not_negative(weight=weight),
    )
    require_shape((len(feature),) * 2, preference=preference, weight=weight)
    difference = feature[:, None] - feature  # (K, K)

    def slope(tilt):
        error = sigmoid(beta * tilt * difference) - preference
        return (weight * difference * error).sum()

    bound = TILTS[-1] / beta
    require(
        slope(-bound) < 0 < slope(bound),
        "preference, weight, feature: no finite minimum, sure labels",
    )
    return float(bisect(slope, -bound, bound))


def _line(feature, ref_logp):
    """Reference and feature of one prompt, both (responses,)."""
    ref_logp = log_distributions(ref_logp=ref_logp)
    feature = on_outcomes_of(ref_logp, feature=feature)
    require_shape((None,), ref_logp=ref_logp, feature=feature)
    return ref_logp, feature

"""Where the probability went, and what the pairs left open: measures of failure.

    moved(y) = pi(y) - pi_before(y) = pi_before(y) (e^(change of log pi) - 1)    (13.1)

sums to 0, so it can be entered in a ledger. Likelihood displacement is the name of
Razin et al. 2024 for a chosen response whose probability falls while its margin grows.
All measures are exact: they list every response. This module does not know how a
policy was trained, nor which assumption failed (``misspecification`` does).
"""

from typing import NamedTuple

import numpy as np

from ..boltzmann import reward_covariance
from ..bradley_terry import preference_probability
from ..validation import require, require_positive, require_same_shape

ROLES = ("unseen", "chosen", "rejected", "both")
"""What the pairs say of a response: nothing, wins only, losses only, some of each."""


class Displacement(NamedTuple):
    """What training did to the chosen responses of some pairs."""

    change: np.ndarray  # (pairs,) of log pi(chosen), in nats: below 0 where it fell
    share: float  # of the pairs: the margin grew and the chosen response fell


def displacement(logp_before, logp_after) -> Displacement:
    """Likelihood displacement: how far did chosen responses move, how many fell?

    Log-probabilities (pairs, 2) in nats, column 0 chosen, column 1 rejected. The
    margin is their difference; a reference that does not move would cancel.

    >>> displacement([[-2.0, -3.0], [-4.0, -1.0]], [[-2.5, -6.0], [-3.0, -1.0]]).share
    0.5
    """
    before, after = np.asarray(logp_before, float), np.asarray(logp_after, float)
    require_same_shape(logp_before=before, logp_after=after)
    pairs = before.ndim == 2 and before.shape[-1] == 2 and len(before) > 0
    require(pairs, f"give one row (chosen, rejected) a pair, got {before.shape}")
    change = after[:, 0] - before[:, 0]  # (pairs,)
    grew = after[:, 0] - after[:, 1] > before[:, 0] - before[:, 1]
    return Displacement(change, float(np.mean(grew & (change < 0))))


def mass_moved(logp_before, logp_after) -> np.ndarray:
    """How much probability each response won or lost; any shape, sums to 0 over y.

    Small movements keep their digits: no two nearly equal numbers are subtracted.
    """
    change = np.subtract(logp_after, logp_before)
    return np.exp(logp_before) * np.expm1(change)  # (13.1)


class Ledger(NamedTuple):
    """Probability by group of responses, averaged over prompts: fields (groups,)."""

    before: np.ndarray
    moved: np.ndarray  # sums to 0
    after: np.ndarray


def mass_ledger(logp_before, logp_after, group, groups=0) -> Ledger:
    """Where every unit of probability was, went, and is.

    logp_before, logp_after: (..., responses); group: integers from 0, the same shape,
    such as ``role_in_pairs`` or the level of reward. A group that is empty on a prompt
    counts there with 0; ``groups`` is their number, where the last may be empty.
    """
    before = np.asarray(logp_before, float)
    group = np.broadcast_to(group, before.shape)
    prompts = before.size // before.shape[-1]

    def total(mass):
        return np.bincount(group.ravel(), mass.ravel(), groups) / prompts  # (groups,)

    moved = mass_moved(before, logp_after)
    return Ledger(total(np.exp(before)), total(moved), total(np.exp(logp_after)))


def role_in_pairs(prompt, chosen, rejected, shape) -> np.ndarray:
    """The place in ``ROLES`` of every response to every prompt: integers ``shape``.

    prompt, chosen, rejected: (N,) numbers of rows and responses; shape: (P, R).
    """
    role = np.zeros(shape, dtype=int)
    role[prompt, chosen] = ROLES.index("chosen")
    lost = np.zeros(shape, dtype=bool)
    lost[prompt, rejected] = True
    return role + ROLES.index("rejected") * lost  # 1 + 2 = 3: both


def mean_log_ratios(logp, ref_logp, reward) -> tuple[float, float]:
    """E[log pi/ref] of the chosen and of the rejected response of reference pairs.

    Both responses drawn from the reference, the winner by Bradley-Terry; arrays
    (..., responses), averaged over prompts. The mean of the two results is
    -KL(ref || pi) for every policy: on such pairs an average fall is forced.
    """
    log_ratio, reward = np.subtract(logp, ref_logp), np.asarray(reward, float)
    share, levels = np.exp(ref_logp), np.unique(reward)
    is_level = reward[..., None] == levels  # (..., R, L): the opponent counts by level
    opponents = np.einsum("...r,...rl->...l", share, is_level)
    beats = preference_probability(reward[..., None], levels)  # (..., R, L)
    wins = np.einsum("...rl,...l->...r", beats, opponents)  # against a random opponent
    both = (2 * share * side * log_ratio for side in (wins, 1 - wins))
    chosen, rejected = (float(each.sum(axis=-1).mean()) for each in both)
    return chosen, rejected


def correlation(logp, first, second) -> np.ndarray:
    """Correlation of two properties of a policy's responses, as length and reward.

    logp, first, second: (..., responses); one number from -1 to 1 a prompt.
    """
    spread = [reward_covariance(logp, each, each) for each in (first, second)]
    return reward_covariance(logp, first, second) / np.sqrt(spread[0] * spread[1])


def table_limit(ref_logp, reward, component, beta) -> np.ndarray:
    """Where small gradient steps from the reference lead a free table: (..., R).

    component: integers (R,), equal for responses which comparisons connect. Inside a
    component the labels fix all gaps. Between components they fix nothing: no pair's
    gradient changes the sum of a component's logits, so that stays where it began,
    and a response that nobody compared keeps its logit.
    """
    require_positive("beta", beta)
    logits = np.array(ref_logp, dtype=float)
    tilt = np.broadcast_to(reward, logits.shape) / beta
    for name in np.unique(component):
        here = np.asarray(component) == name
        logits[..., here] += tilt[..., here] - tilt[..., here].mean(-1, keepdims=True)
    return logits - np.logaddexp.reduce(logits, axis=-1)[..., None]

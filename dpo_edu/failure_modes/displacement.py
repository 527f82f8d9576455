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
from ..boltzmann.tilt import rlhf_inputs
from ..bradley_terry import preference_probability
from ..cancellation.inversion import log_ratio
from ..divergence import normalized
from ..validation import (
    require,
    require_same_outcomes,
    require_same_shape,
    require_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import (
    finite,
    indices,
    log_distributions,
    log_numbers,
    log_probabilities,
    on_outcomes_of,
)

ROLES = ("unseen", "chosen", "rejected", "both")
"""What the pairs say of a response: nothing, wins only, losses only, some of each."""


# A tie's margin stays at the exact optimum, and rounding moves it by about 1e-15: which
# ties "grew" by that much is chance, and another processor's chance is another.
SMALLEST = 1e-9  # nats that a margin has to grow


class Displacement(NamedTuple):
    """What training did to the chosen responses of some pairs."""

    change: np.ndarray  # (pairs,) of log pi(chosen), in nats: below 0 where it fell
    share: float  # of the pairs: the margin grew and the chosen response fell


def displacement(logp_before, logp_after) -> Displacement:
    """Likelihood displacement: how far did chosen responses move, how many fell?

    Log-probabilities (pairs, 2) in nats, column 0 chosen, column 1 rejected. The
    margin is their difference; a reference that does not move would cancel. It grew if
    it did so by more than rounding does, ``SMALLEST``.

    >>> displacement([[-2.0, -3.0], [-4.0, -1.0]], [[-2.5, -6.0], [-3.0, -1.0]]).share
    0.5
    """
    before, after = log_numbers(logp_before=logp_before, logp_after=logp_after)
    require_same_shape(logp_before=before, logp_after=after)
    pairs = before.ndim == 2 and before.shape[-1] == 2 and len(before) > 0
    wanted = "logp_before must be one row (chosen, rejected) a pair"
    require(pairs, f"{wanted}, got {before.shape}")
    change = log_ratio(after[:, 0], before[:, 0])  # (pairs,)
    grew = change - log_ratio(after[:, 1], before[:, 1]) > SMALLEST
    return Displacement(change, float(np.mean(grew & (change < 0))))


def mass_moved(logp_before, logp_after) -> np.ndarray:
    """How much probability each response won or lost; any shape, sums to 0 over y.

    Small movements keep their digits: no two nearly equal numbers are subtracted.
    """
    before, change = _possible_change(logp_before, logp_after)
    return np.exp(before) * np.expm1(change)  # (13.1)


def _possible_change(logp_before, logp_after):
    """Logs before and their change, of probabilities that need not be above 0 before.

    e^-700 stands for such a 0, so that e^change is no infinity.
    """
    before, after = log_probabilities(logp_before=logp_before, logp_after=logp_after)
    floor = np.where(np.isneginf(before), after, before)
    start = np.maximum(before, np.where(after > -700, -700.0, floor))
    return start, log_ratio(after, start)


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
    before, after, group = _checked_groups(logp_before, logp_after, group, groups)
    prompts = before.size // before.shape[-1]

    def total(mass):
        return np.bincount(group.ravel(), mass.ravel(), groups) / prompts  # (groups,)

    moved = mass_moved(before, after)
    return Ledger(total(np.exp(before)), total(moved), total(np.exp(after)))


def _checked_groups(logp_before, logp_after, group, groups):
    """All three as arrays of one shape."""
    before, after = log_distributions(logp_before=logp_before, logp_after=logp_after)
    require_same_shape(logp_before=before, logp_after=after)
    require_whole(0, groups=groups)
    group = indices(groups or 10**6, group=group)
    require_same_outcomes(group=group, logp_before=before)
    require(group.ndim <= before.ndim, "group has more axes than logp_before")
    return before, after, np.broadcast_to(group, before.shape)


def role_in_pairs(prompt, chosen, rejected, shape) -> np.ndarray:
    """The place in ``ROLES`` of every response to every prompt: integers ``shape``.

    prompt, chosen, rejected: (N,) numbers of rows and responses; shape: (P, R).
    """
    require_type(tuple, shape=shape)
    require(len(shape) == 2, "shape must be (prompts, responses)")
    require_whole(1, 10**8, **{"shape[0]": shape[0], "shape[1]": shape[1]})
    prompt = indices(shape[0], prompt=prompt)
    chosen, rejected = indices(shape[1], chosen=chosen, rejected=rejected)
    require_same_shape(prompt=prompt, chosen=chosen, rejected=rejected)
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
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    logp = log_distributions(logp=logp)
    require_same_shape(logp=logp, ref_logp=ref_logp, reward=reward)
    moved = np.where(np.isneginf(ref_logp), 0.0, log_ratio(logp, ref_logp))
    share, levels = np.exp(ref_logp), np.unique(reward)
    is_level = reward[..., None] == levels  # (..., R, L): the opponent counts by level
    opponents = np.einsum("...r,...rl->...l", share, is_level)
    beats = preference_probability(reward[..., None], levels)  # (..., R, L)
    wins = np.einsum("...rl,...l->...r", beats, opponents)  # against a random opponent
    both = (2 * share * side * moved for side in (wins, 1 - wins))
    chosen, rejected = (float(each.sum(axis=-1).mean()) for each in both)
    return chosen, rejected


def correlation(logp, first, second) -> np.ndarray:
    """Correlation of two properties of a policy's responses, as length and reward.

    logp, first, second: (..., responses); one number from -1 to 1 per prompt.
    """
    logp = log_distributions(logp=logp)
    first, second = on_outcomes_of(logp, first=first, second=second)
    spread = [reward_covariance(logp, each, each) for each in (first, second)]
    _require_spread(logp, spread[0], first=first)
    _require_spread(logp, spread[1], second=second)
    return reward_covariance(logp, first, second) / np.sqrt(spread[0] * spread[1])


def _require_spread(logp, variance, **values) -> None:
    """Raise where all possible responses have one value: it correlates with nothing."""
    ((name, value),) = values.items()
    possible = logp > -np.inf
    highest = np.where(possible, value, -np.inf).max(axis=-1)
    lowest = np.where(possible, value, np.inf).min(axis=-1)
    varies = (highest > lowest) & (variance > 0)
    require(varies.all(), f"{name} is the same for all responses")


def table_limit(ref_logp, reward, component, beta) -> np.ndarray:
    """Where small gradient steps from the reference lead a free table: (..., R).

    component: integers (R,), equal for responses which comparisons connect. Inside a
    component the labels fix all gaps. Between components they fix nothing: no pair's
    gradient changes the sum of a component's logits, so that stays where it began,
    and a response that nobody compared keeps its logit.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    component = finite(component=component)  # any numbers will do as names
    require_shape(ref_logp.shape[-1:], component=component)
    logits = ref_logp.copy()
    require(reward.ndim <= logits.ndim, "reward has more axes than ref_logp")
    tilt = np.broadcast_to(reward, logits.shape) / beta
    require((abs(tilt) < 1e300).all(), "reward / beta is too large for floats")
    for name in np.unique(component):
        here = component == name
        logits[..., here] += tilt[..., here] - tilt[..., here].mean(-1, keepdims=True)
    return normalized(logits)

"""What the exact optimum does to the winners of pairs that the reference wrote.

    log pi*/pi_ref (y) = r(y) / beta - log Z            (chapter 04)

Both responses of a pair are drawn from the reference and the winner by Bradley-Terry,
so ties have winners too, and upsets happen. Everything is a sum over levels of reward.
This module does not know how a policy was trained.
"""

from typing import NamedTuple

import numpy as np

from ..boltzmann import log_partition
from ..boltzmann.tilt import rlhf_inputs
from ..bradley_terry import preference_probability
from ..validation import require_shape

KINDS = ("better", "tie", "upset")
"""The winner's true reward against the loser's: higher, equal, lower."""


class Winners(NamedTuple):
    """All pairs that there can be, by prompt, winner's level and loser's level."""

    change: np.ndarray  # (P, L, L): of the winner's log-probability, in nats
    weight: dict[str, np.ndarray]  # kind: (P, L, L); all kinds together sum to 1

    def fell(self, *kinds: str, by: float = 0.0) -> float:
        """Share of the pairs of these kinds whose winner falls by more than so much."""
        weight = np.sum([self.weight[kind] for kind in kinds or KINDS], axis=0)
        return float(weight[self.change < -by].sum() / weight.sum())


def winners_at_optimum(ref_logp, reward, beta) -> Winners:
    """How far the winners of reference pairs move from the reference to pi*.

    ref_logp, reward: (prompts, responses), nats. Source: the closed form of pi*,
    Rafailov et al. 2023, eq. 4. Raises InputError for other shapes, and as
    ``rlhf_inputs`` does.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    require_shape((None, None), ref_logp=ref_logp)
    require_shape(ref_logp.shape, reward=reward)
    top = reward.max(axis=-1, keepdims=True)  # a prompt's level cancels: no overflow
    levels = np.unique(reward)
    share = np.stack([(np.exp(ref_logp) * (reward == r)).sum(-1) for r in levels], -1)
    beats = preference_probability(levels[:, None], levels)  # (L, L): winner, loser
    pairs = 2 * share[:, :, None] * share[:, None, :] * beats / len(share)
    with np.errstate(over="ignore"):  # of levels that a prompt does not have
        above = (levels - top) / beta  # (P, L)
    change = above - log_partition(ref_logp, reward - top, beta)[:, None]  # (P, L)
    gap = np.sign(levels[:, None] - levels)
    weight = {k: pairs * (gap == s) for k, s in zip(KINDS, (1, 0, -1), strict=True)}
    return Winners(np.broadcast_to(change[:, :, None], pairs.shape), weight)

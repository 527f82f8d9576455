"""The optimum of each loss on the world: infinitely many labels, a free table.

What a loss wants, before a network, 5,000 pairs and four epochs interfere. None where
the loss has no minimum, and for ORPO, whose optimum no table of groups can hold: it
weighs every response's own reference probability. This module does not train.
"""

from functools import cache

import numpy as np

from ...variants.optima import EPSILON, PAIR_LOSSES
from ...variants.population import (
    best_log_ratios,
    best_log_ratios_from_thumbs,
    simpo_logp,
)
from ..failure_modes.material import bench
from .data import groups, preference
from .measures import measures

NO_MINIMUM = {"DPO", "rDPO", "SimPO", "DPOP"}  # where labels are sure


def population(source: str, name: str, setting: float) -> dict[str, float] | None:
    """Exact measures of the policy of least expected loss; None where there is none."""
    if name == "ORPO" or (source == "sure" and name in NO_MINIMUM):
        return None
    beats = preference(world_groups()[1], source)
    if name == "rDPO" and beats.max() >= 1 - EPSILON:
        return None  # more certain than flips allow: rDPO pays for every nat of gap
    return measures(best_logp(name, setting, beats), source)


def best_logp(name: str, setting: float, beats) -> np.ndarray:
    """That policy, every response: (P, R)."""
    number, kinds = world_groups()
    share = group_totals(np.exp(bench().reference.logp))
    if name == "SimPO":
        tokens = np.minimum(kinds[:, 1] + 1, bench().data.world.max_words)
        count = group_totals(np.ones(number.shape))
        table = simpo_logp(share, beats, setting, setting / 4, tokens, count)
        return np.take_along_axis(table, number, axis=1)
    if name == "KTO":
        table = best_log_ratios_from_thumbs(share, share @ beats.T, setting)
    else:
        loss = PAIR_LOSSES[name]
        table = best_log_ratios(lambda pair: loss(pair, setting), share, beats)
    return bench().reference.logp + np.take_along_axis(table, number, axis=1)


@cache
def world_groups():
    """``groups`` of the bench's world, found once."""
    return groups(bench().data.world)


def group_totals(values) -> np.ndarray:
    """Sum of ``values`` (P, R) over each group: (P, G)."""
    number, kinds = world_groups()
    rows = zip(number, values, strict=True)
    return np.stack([np.bincount(each, row, len(kinds)) for each, row in rows])

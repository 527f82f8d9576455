"""How good a policy became, and how good the optimum of its loss is.

The share compares J with that of pi* at beta = 1. The shortfall is the reward missing
to the frontier of all pi*_beta at the policy's own KL; a policy that does not move has
none, so compare shortfalls at similar KLs only. A loss's optimum is what it wants from
infinitely many labels in a free table, before a network, 5,000 pairs and four epochs
interfere. This module does not train.
"""

from functools import cache

import numpy as np

from ...boltzmann.frontier import beta_sweep
from ...preference_world import Pairs
from ...training.evaluation import evaluate, pool_by_reward
from ...variants.population import (
    best_log_ratios,
    best_log_ratios_from_thumbs,
    simpo_logp,
)
from ...variants.table import DPO, PAIR_LOSSES, VARIANTS
from ..shared_start import held_out_loss, shared_start
from .data import groups, preference, source_pairs


def quality(logp, source: str) -> dict[str, float]:
    """Exact quality of a policy (P, R); ``held_out`` is what one sees without truth.

    source: whose verdicts are held out, 2,000 of them; thumbs and rankings have clean
    ones. Their loss is that of any policy's log-ratio gap, at beta = 1 as in J.
    """
    data, reference, _ = shared_start()
    verdict = evaluate(logp, reference.logp, data.world.reward, beta=1.0)
    return {
        "reward": verdict.reward,
        "kl": verdict.kl_from_reference,
        "share": verdict.share,
        "win_rate": verdict.win_rate,
        "shortfall": frontier_reward(verdict.kl_from_reference) - verdict.reward,
        "words": float((np.exp(logp) * data.world.lengths).sum(-1).mean()),
        "held_out": held_out_loss(logp - reference.logp, held_out(source)),
    }


@cache
def held_out(source: str) -> Pairs:
    """Pairs that no seed trains on, judged by the annotators of ``source``."""
    return source_pairs(source, 2_000, seed=-1)


@cache
def frontier() -> tuple[np.ndarray, np.ndarray]:
    """KL and reward of pi* from large beta to small: nothing lies above."""
    data, reference, _ = shared_start()
    levels, pooled = pool_by_reward(data.world.reward, reference.logp)
    betas = np.geomspace(30, 0.02, 400)
    sweep = beta_sweep(pooled, np.broadcast_to(levels, pooled.shape), betas)
    return sweep.kl.mean(-1), sweep.reward.mean(-1)


def frontier_reward(kl: float) -> float:
    """The most reward that this KL can buy."""
    return float(np.interp(kl, *frontier()))


def optimum(source: str, name: str, strength: float) -> dict[str, float] | None:
    """Exact quality of the policy of least expected loss; None where there is none.

    None, too, for ORPO, whose optimum no table of groups can hold.
    """
    (variant,) = (row for row in (DPO, *VARIANTS) if row.name == name)
    beats = preference(world_groups()[1], source)
    if beats.max() >= variant.optimum_below:
        return None
    return quality(best_logp(name, strength, beats), source)


def best_logp(name: str, strength: float, beats) -> np.ndarray:
    """That policy, every response: (P, R). beats: (G, G), of the world's groups."""
    data, reference, _ = shared_start()
    number, kinds = world_groups()
    share = group_totals(np.exp(reference.logp))
    if name == "SimPO":
        tokens = np.minimum(kinds[:, 1] + 1, data.world.max_words)
        count = group_totals(np.ones(number.shape))
        table = simpo_logp(share, beats, strength, strength / 4, tokens, count)
        return np.take_along_axis(table, number, axis=1)
    if name == "KTO":
        table = best_log_ratios_from_thumbs(share, share @ beats.T, strength)
    else:
        loss = PAIR_LOSSES[name]
        table = best_log_ratios(lambda pair: loss(pair, strength), share, beats)
    return reference.logp + np.take_along_axis(table, number, axis=1)


@cache
def world_groups():
    """``groups`` of the shared world, found once."""
    return groups(shared_start().data.world)


def group_totals(values) -> np.ndarray:
    """Sum of ``values`` (P, R) over each group: (P, G)."""
    number, kinds = world_groups()
    rows = zip(number, values, strict=True)
    return np.stack([np.bincount(each, row, len(kinds)) for each, row in rows])

"""How good a policy became, and how good the optimum of its loss is.

The share compares J with that of pi* at beta = 1: DPO's home ground, since pi* is what
DPO wants there. The shortfall is the reward missing to the frontier of all pi*_beta at
the policy's own KL; a policy that does not move has none. So that no loss profits from
how far it went, ``missing`` first brings every policy to the same KL, by one factor on
its log-ratios to the reference,

    log pi_t = log ref + t (log pi - log ref) - normalizer,  t with KL(pi_t || ref) = KL

which leaves the frontier on the frontier. A loss's optimum is what it wants from
infinitely many labels in a free table, before a network and a few thousand pairs
interfere. This module does not train.
"""

from functools import cache

import numpy as np

from ...boltzmann import expected_reward
from ...boltzmann.frontier import beta_sweep
from ...divergence import normalized
from ...preference_world import Pairs
from ...root_finding import bisect
from ...training.evaluation import evaluate, pool_by_reward
from ...variants.population import (
    best_log_ratios,
    best_log_ratios_from_thumbs,
    simpo_logp,
)
from ...variants.table import DPO, PAIR_LOSSES, VARIANTS
from ..shared_start import held_out_loss, shared_start
from .data import groups, preference, source_pairs

SAME_KL = 0.5  # nats from the reference, where ``missing`` compares all policies
LARGEST_FACTOR = 50.0  # on log-ratios, in search of that KL
PER_TOKEN = ("LN-DPO", "RPO")  # with a reference, and looking at lengths
ROWS = {row.name: row for row in (DPO, *VARIANTS)}


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
        "shortfall": frontier_reward(verdict.kl_from_reference) - verdict.reward,
        "missing": missing(logp),
        "words": float((np.exp(logp) * data.world.lengths).sum(-1).mean()),
        "held_out": held_out_loss(logp - reference.logp, held_out(source)),
    }


def missing(logp) -> float:
    """Reward missing to the frontier once the policy (P, R) is at ``SAME_KL``."""
    data, reference, _ = shared_start()
    moved = at_kl(logp, reference.logp, SAME_KL)
    reward = expected_reward(moved, data.world.reward).mean()
    return frontier_reward(SAME_KL) - float(reward)


def at_kl(logp, ref_logp, kl: float) -> np.ndarray:
    """The policy with the log-ratios of ``logp``, scaled to this mean KL: (P, R).

    Where no factor up to ``LARGEST_FACTOR`` gets so far, it is the one of that factor.
    """
    log_ratio = logp - ref_logp

    def too_far(factor):  # unchecked, because it is asked some sixty times
        table = ref_logp + factor * log_ratio
        log_z = np.log(np.exp(table).sum(-1, keepdims=True))
        divergence = (np.exp(table - log_z) * (factor * log_ratio - log_z)).sum(-1)
        return divergence.mean() - kl

    factor = float(bisect(too_far, 0.0, LARGEST_FACTOR))
    return normalized(ref_logp + factor * log_ratio)


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


def optimum(
    source: str, name: str, strength: float, knob: float | None = None
) -> dict[str, float] | None:
    """Exact quality of the policy of least expected loss; None where there is none.

    knob: the loss's own setting, where it begins in the table if not given. None, too,
    for ORPO, whose optimum no table of groups can hold, and on thumbs.
    """
    if source == "thumbs":
        return None
    knob = ROWS[name].knob_start if knob is None else knob
    beats = preference(world_groups()[1], source)
    if beats.max() >= ROWS[name].optimum_below(knob):
        return None
    return quality(best_logp(name, strength, beats, knob), source)


def best_logp(name: str, strength: float, beats, knob: float | None = None):
    """That policy, every response: (P, R). beats: (G, G), of the world's groups."""
    data, reference, _ = shared_start()
    number, kinds = world_groups()
    share = group_totals(np.exp(reference.logp))
    tokens = np.minimum(kinds[:, 1] + 1, data.world.max_words)
    knob = ROWS[name].knob_start if knob is None else knob
    knobs = () if knob is None else (knob,)
    if name == "SimPO":
        count, lead = group_totals(np.ones(number.shape)), strength * (knob or 0.0)
        table = simpo_logp(share, beats, strength, lead, tokens, count)
        return np.take_along_axis(table, number, axis=1)
    if name == "KTO":
        table = best_log_ratios_from_thumbs(share, share @ beats.T, strength, *knobs)
    else:
        loss = PAIR_LOSSES[name]
        table = best_log_ratios(
            lambda pair: loss(pair, strength, *knobs),
            *(share, beats, tokens if name in PER_TOKEN else None),
        )
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

"""How good a policy became: exactly, and as far as its owner can see.

The share compares J with that of pi* at beta = 1. The shortfall is the reward missing
to the frontier of all pi*_beta at the policy's own KL; a policy that does not move has
none, so compare shortfalls at similar KLs only. This module does not know trainers.
"""

from functools import cache

import numpy as np

from ...boltzmann.frontier import beta_sweep
from ...dpo_loss import dpo_loss
from ...preference_world import Pairs
from ...training.evaluation import evaluate, pool_by_reward
from ..failure_modes.material import bench, lengths
from .data import judged_pairs


def measures(logp, source: str) -> dict[str, float]:
    """Exact quality of a policy (P, R); ``held_out`` is what one sees without truth.

    source: whose verdicts are held out.
    """
    world, ref_logp = bench().data.world, bench().reference.logp
    verdict = evaluate(logp, ref_logp, world.reward, beta=1.0)
    return {
        "reward": verdict.reward,
        "kl": verdict.kl_from_reference,
        "share": verdict.share,
        "win_rate": verdict.win_rate,
        "shortfall": frontier_reward(verdict.kl_from_reference) - verdict.reward,
        "words": float((np.exp(logp) * lengths()).sum(-1).mean()),
        "held_out": held_out_loss(logp, source),
    }


def held_out_loss(logp, source: str) -> float:
    """Cross-entropy of 2,000 fresh verdicts and sigmoid(log-ratio gap), any policy.

    Of the annotators that training has; thumbs and rankings have clean ones. The scale
    of the gap is fixed at beta = 1, as in J.
    """
    pairs, ref_logp = held_out(source), bench().reference.logp
    places = [(pairs.prompt, y) for y in (pairs.chosen, pairs.rejected)]
    return dpo_loss(*(x[at] for x in (logp, ref_logp) for at in places), 1.0).item()


@cache
def held_out(source: str) -> Pairs:
    """Pairs that no seed trains on, judged by the annotators of ``source``."""
    return judged_pairs(source, 2_000, seed=-1)


@cache
def frontier() -> tuple[np.ndarray, np.ndarray]:
    """KL and reward of pi* from large beta to small: nothing lies above."""
    levels, pooled = pool_by_reward(bench().data.world.reward, bench().reference.logp)
    betas = np.geomspace(30, 0.02, 400)
    sweep = beta_sweep(pooled, np.broadcast_to(levels, pooled.shape), betas)
    return sweep.kl.mean(-1), sweep.reward.mean(-1)


def frontier_reward(kl: float) -> float:
    """The most reward that this KL can buy."""
    return float(np.interp(kl, *frontier()))

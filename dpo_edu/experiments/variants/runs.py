"""One run of any variant on any data, watched by an observer who knows the truth.

10,000 judged responses (5,000 pairs), four epochs, the same data in the same order for
every loss of a seed. KTO takes a pair as one thumb up and one down. This module does
not know which settings are tried, nor what is stored.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from ...dpo_loss import dpo_loss
from ...preference_world import Pairs
from ...training import (
    PairBatch,
    Schedule,
    epoch_rows,
    epoch_steps,
    learner,
    minimize,
    model_logp,
)
from ...training.world_batches import epoch_batch
from ...training.world_run import policy_logp
from ...variants import kto_loss, plackett_luce_loss
from ...variants.optima import PAIR_LOSSES, Compared
from ..failure_modes.material import bench
from .data import Thumbs, judged_alone, judged_pairs, judged_rankings, paired_again
from .measures import measures

PAIRS, BATCH, EPOCHS = 5_000, 128, 4
MISMATCHED = 64  # draws of a prompt and another prompt's response: KTO's z0
STEPS = epoch_steps(PAIRS, BATCH, EPOCHS)


def final(source: str, name: str, setting: float, rate: float, seed: int) -> dict:
    """Train a copy of the reference to the end; exact measures of what it became.

    setting: the strength of the loss, see PAIR_LOSSES. rate: the largest learning rate.
    """
    policy = learner(bench().reference.model)
    loss_at = partial(losses(source, name, setting, seed), policy)
    minimize(policy, lambda step: (loss_at(step), {}), Schedule(STEPS, rate))
    return measures(policy_logp(policy, bench().data.world), source)


def losses(source: str, name: str, setting: float, seed: int) -> Callable:
    """The loss as a function of (policy, step)."""
    if source == "rankings":
        return partial(ranking_loss, name, setting, seed, judged_rankings(2_500, seed))
    if source == "thumbs" and name != "DPO":
        return partial(thumb_loss, name, setting, seed, judged_alone(PAIRS, seed))
    if source == "thumbs":
        pairs = paired_again(judged_alone(PAIRS, seed), seed)
    else:
        pairs = judged_pairs(source, PAIRS, seed)
    return partial(loss_of_pairs, name, setting, seed, pairs)


def loss_of_pairs(name, setting, seed, pairs: Pairs, policy, step) -> torch.Tensor:
    """Any loss of ``PAIR_LOSSES``, or KTO, on a batch of pairs."""
    ref_logp = bench().reference.logp
    batch = epoch_batch(bench().data, pairs, ref_logp, BATCH, seed, step)
    pair = compared(policy, batch)
    if name != "KTO":
        return PAIR_LOSSES[name](pair, setting)
    log_ratio = torch.stack(pair.log_ratios)  # (2, B)
    up = torch.tensor([[True], [False]]).expand_as(log_ratio)
    alone = np.tile(pairs.prompt, 2), np.concatenate([pairs.chosen, pairs.rejected])
    return kto_loss(log_ratio, up, mismatched_kl(policy, *alone, [seed, step]), setting)


def compared(policy, batch: PairBatch) -> Compared:
    """Score a batch: what the losses of pairs read."""
    logp = model_logp(policy, batch.tokens, batch.mask)  # (S,)
    three = logp, batch.ref_logp, batch.mask.sum(-1)
    return Compared(
        *(x[side] for x in three for side in (batch.chosen, batch.rejected))
    )


def log_ratios(policy, prompt, response) -> torch.Tensor:
    """log pi - log ref of responses by number, in the shape of ``prompt``."""
    data, rows = bench().data, bench().data.rows(prompt, response)
    logp = model_logp(policy, data.tokens[rows.flatten()], data.mask[rows.flatten()])
    ref_logp = torch.as_tensor(bench().reference.logp[prompt, response])
    return logp.view_as(ref_logp) - ref_logp


@torch.no_grad()
def mismatched_kl(policy, prompt, response, seed) -> torch.Tensor:
    """KTO's estimate of KL(pi || ref): mean log-ratio of answers to other prompts."""
    generator = np.random.default_rng([*seed, 3])
    one, other = generator.integers(len(prompt), size=(2, MISMATCHED))
    apart = prompt[one] != prompt[other]  # seven in eight
    return log_ratios(policy, prompt[one[apart]], response[other[apart]]).mean()


def thumb_loss(name, setting, seed, thumbs: Thumbs, policy, step) -> torch.Tensor:
    """KTO on single responses, or SFT on those with a thumb up."""
    here = epoch_rows(len(thumbs.up), 2 * BATCH, seed, step)
    prompt, response, up = (field[here] for field in thumbs)
    if name == "SFT":
        rows = bench().data.rows(prompt[up], response[up])
        return -model_logp(
            policy, bench().data.tokens[rows], bench().data.mask[rows]
        ).mean()
    kl = mismatched_kl(policy, thumbs.prompt, thumbs.response, [seed, step])
    return kto_loss(log_ratios(policy, prompt, response), up, kl, setting)


def ranking_loss(name, setting, seed, rankings, policy, step) -> torch.Tensor:
    """Plackett-Luce on rankings of four, or DPO on each of their six pairs."""
    here = epoch_rows(len(rankings[0]), BATCH // 2, seed, step)
    prompt, response = (field[here] for field in rankings)  # (B,), (B, 4)
    log_ratio = log_ratios(policy, prompt[:, None].repeat(4, axis=1), response)
    if name == "Plackett-Luce":
        return plackett_luce_loss(log_ratio, setting)
    better, worse = torch.triu_indices(4, 4, offset=1)
    zero = torch.zeros_like(log_ratio[:, better])
    return dpo_loss(log_ratio[:, better], log_ratio[:, worse], zero, zero, setting)

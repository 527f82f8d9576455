"""One run of any variant on any data, watched by an observer who knows the truth.

10,000 judged responses (5,000 pairs), four epochs, the same data in the same order for
every loss of a seed. KTO takes a pair as one thumb up and one down. This module does
not know which settings are tried, nor what is stored.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from ...dpo_loss import dpo_loss
from ...preference_world import Pairs
from ...training import (
    PairBatch,
    Schedule,
    epoch_rows,
    epoch_steps,
    model_logp,
    sft_loss,
    train_pairs,
)
from ...training.world_run import policy_logp
from ...variants import kto_loss, plackett_luce_loss
from ...variants.optima import Compared
from ...variants.table import PAIR_LOSSES
from ..shared_start import BATCH_SIZE, in_epochs, shared_start
from .data import Thumbs, judged_alone, judged_rankings, paired_again, source_pairs
from .measures import quality

PAIRS, EPOCHS = 5_000, 4
MISMATCHED = 64  # draws of a prompt and another prompt's response: KTO's z0
STEPS = epoch_steps(PAIRS, BATCH_SIZE, EPOCHS)


def one_run(
    source: str, name: str, strength: float, learning_rate: float, seed: int
) -> dict[str, float]:
    """Train a copy of the reference to the end; exact quality of what it became.

    strength: see ``variants.table``. learning_rate: the schedule's largest.
    """
    data, reference, _ = shared_start()
    batch_at, loss = batches_and_loss(source, name, seed)
    schedule = Schedule(STEPS, learning_rate)
    policy = train_pairs(reference.model, batch_at, schedule, strength, loss)
    return quality(policy_logp(policy, data.world), source)


def batches_and_loss(source: str, name: str, seed: int) -> tuple[Callable, Callable]:
    """(step -> batch, loss(policy, batch, strength)) of a loss on a kind of data."""
    if source == "rankings":
        return partial(ranking_batch, judged_rankings(2_500, seed), seed), RANKED[name]
    thumbs = judged_alone(PAIRS, seed) if source == "thumbs" else None
    if thumbs and name != "DPO":
        return partial(thumb_batch, thumbs, seed), ALONE[name]
    pairs = paired_again(thumbs, seed) if thumbs else source_pairs(source, PAIRS, seed)
    if name == "KTO":
        return partial(pairs_as_thumbs, pairs, seed), kto_on_pairs
    return in_epochs(pairs, seed), partial(variant_loss, PAIR_LOSSES[name])


# Pairs


def variant_loss(loss: Callable, policy, batch: PairBatch, strength: float):
    """A loss of ``PAIR_LOSSES`` on a batch, and nothing to log."""
    return loss(compared(policy, batch), strength), {}


def compared(policy, batch: PairBatch) -> Compared:
    """Score a batch: what the losses of pairs read."""
    logp = model_logp(policy, batch.tokens, batch.mask)  # (S,)
    ref_logp, tokens = batch.ref_logp, batch.mask.sum(-1)
    chosen, rejected = batch.chosen, batch.rejected
    return Compared(
        logp[chosen],
        logp[rejected],
        ref_logp[chosen],
        ref_logp[rejected],
        tokens[chosen],
        tokens[rejected],
    )


# Thumbs


class Mismatched(NamedTuple):
    """Prompts, and responses that were given to other prompts."""

    prompt: np.ndarray  # (M,)
    response: np.ndarray  # (M,)


def mismatched(prompt, response, seed: int, step: int) -> Mismatched:
    """Draw prompts and responses of these data apart; about seven in eight remain."""
    generator = np.random.default_rng([seed, step, 3])
    one, other = generator.integers(len(prompt), size=(2, MISMATCHED))
    apart = prompt[one] != prompt[other]
    return Mismatched(prompt[one[apart]], response[other[apart]])


@torch.no_grad()
def mismatched_kl(policy, examples: Mismatched) -> torch.Tensor:
    """KTO's estimate of KL(pi || ref): mean log-ratio of answers to other prompts."""
    return log_ratios(policy, *examples).mean()


def log_ratios(policy, prompt, response) -> torch.Tensor:
    """log pi - log ref of responses by number, in the shape of ``prompt``."""
    data, reference, _ = shared_start()
    rows = data.rows(prompt, response).flatten()
    logp = model_logp(policy, data.tokens[rows], data.mask[rows])
    ref_logp = torch.as_tensor(reference.logp[prompt, response])
    return logp.view_as(ref_logp) - ref_logp


class PairsAsThumbs(NamedTuple):
    """A batch of pairs, and what KTO needs besides."""

    pairs: PairBatch
    mismatched: Mismatched


def pairs_as_thumbs(pairs: Pairs, seed: int, step: int) -> PairsAsThumbs:
    """Batch number ``step`` of the pairs, for KTO."""
    prompt = np.tile(pairs.prompt, 2)
    response = np.concatenate([pairs.chosen, pairs.rejected])
    apart = mismatched(prompt, response, seed, step)
    return PairsAsThumbs(in_epochs(pairs, seed)(step), apart)


def kto_on_pairs(policy, batch: PairsAsThumbs, beta: float):
    """KTO where each pair is one thumb up and one down."""
    log_ratio = torch.stack(compared(policy, batch.pairs).log_ratios)  # (2, B)
    up = torch.tensor([[True], [False]]).expand_as(log_ratio)
    return kto_loss(log_ratio, up, mismatched_kl(policy, batch.mismatched), beta), {}


class ThumbBatch(NamedTuple):
    """Responses judged one by one, and what KTO needs besides."""

    judged: Thumbs
    mismatched: Mismatched


def thumb_batch(thumbs: Thumbs, seed: int, step: int) -> ThumbBatch:
    """Batch number ``step`` of single responses: as many as in the batches of pairs."""
    rows = epoch_rows(len(thumbs.up), 2 * BATCH_SIZE, seed, step)
    apart = mismatched(thumbs.prompt, thumbs.response, seed, step)
    return ThumbBatch(Thumbs(*(field[rows] for field in thumbs)), apart)


def kto_on_thumbs(policy, batch: ThumbBatch, beta: float):
    """KTO on single responses."""
    prompt, response, up = batch.judged
    kl = mismatched_kl(policy, batch.mismatched)
    return kto_loss(log_ratios(policy, prompt, response), up, kl, beta), {}


def sft_on_ups(policy, batch: ThumbBatch, _strength: float):
    """SFT on the responses with a thumb up."""
    data, (prompt, response, up) = shared_start().data, batch.judged
    rows = data.rows(prompt[up], response[up])
    return sft_loss(policy, data.tokens[rows], data.mask[rows]), {}


# Rankings


def ranking_batch(rankings, seed: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Batch number ``step``: prompts (B,), responses (B, 4), best first."""
    rows = epoch_rows(len(rankings[0]), BATCH_SIZE // 2, seed, step)
    prompt, response = rankings
    return prompt[rows], response[rows]


def ranked_log_ratios(policy, batch) -> torch.Tensor:
    """log pi - log ref, best first: (B, 4)."""
    prompt, response = batch
    return log_ratios(policy, prompt[:, None].repeat(4, axis=1), response)


def plackett_luce(policy, batch, beta: float):
    """Plackett-Luce on rankings of four."""
    return plackett_luce_loss(ranked_log_ratios(policy, batch), beta), {}


def six_pairs(policy, batch, beta: float):
    """DPO on each of the six pairs in a ranking of four."""
    log_ratio = ranked_log_ratios(policy, batch)
    better, worse = torch.triu_indices(4, 4, offset=1)
    zero = torch.zeros_like(log_ratio[:, better])
    loss = dpo_loss(log_ratio[:, better], log_ratio[:, worse], zero, zero, beta)
    return loss, {}


ALONE = {"KTO": kto_on_thumbs, "SFT": sft_on_ups}
RANKED = {"Plackett-Luce": plackett_luce, "six pairs": six_pairs}

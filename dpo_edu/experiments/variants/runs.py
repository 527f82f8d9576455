"""One run of any variant on any data, watched by an observer who knows the truth.

10,000 judged responses (5,000 pairs), two epochs in steps of 64 pairs, the same data in
the same order for every loss of a seed. KTO takes a pair as one thumb up and one down.
This module does not know which settings are tried, nor what is stored.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

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
from ...variants import kto_loss
from ...variants.optima import Compared
from ...variants.table import PAIR_LOSSES
from ..shared_start import in_epochs, shared_start
from .data import Thumbs, judged_alone, paired_again, source_pairs
from .measures import quality

PAIRS, EPOCHS, BATCH_SIZE = 5_000, 2, 64
MISMATCHED = 64  # draws of a prompt and another prompt's response: KTO's z0
STEPS = epoch_steps(PAIRS, BATCH_SIZE, EPOCHS)
of_pairs = partial(in_epochs, size=BATCH_SIZE)


def one_run(source: str, name: str, setting, seed: int) -> dict[str, float]:
    """Train a copy of the reference to the end; exact quality of what it became.

    setting: the schedule's largest learning rate, the strength and the knob of
    ``variants.table``; None for what a loss does not have.
    """
    data, reference, _ = shared_start()
    learning_rate, strength, knob = setting
    batch_at, loss = batches_and_loss(source, name, knob, seed)
    schedule, beta = Schedule(STEPS, learning_rate), strength or 1.0
    policy = train_pairs(reference.model, batch_at, schedule, beta, loss)
    return quality(policy_logp(policy, data.world), source)


def batches_and_loss(source: str, name: str, knob, seed: int):
    """(step -> batch, loss(policy, batch, strength)) of a loss on a kind of data."""
    thumbs = judged_alone(PAIRS, seed) if source == "thumbs" else None
    if thumbs and name != "DPO":
        return partial(thumb_batch, thumbs, seed), partial(ALONE[name], knob)
    pairs = paired_again(thumbs, seed) if thumbs else source_pairs(source, PAIRS, seed)
    if name == "KTO":
        return partial(pairs_as_thumbs, pairs, seed), partial(kto_on_pairs, knob)
    knobs = () if knob is None else (knob,)
    return of_pairs(pairs, seed), partial(variant_loss, PAIR_LOSSES[name], knobs)


# Pairs


def variant_loss(loss: Callable, knobs: tuple, policy, batch: PairBatch, strength):
    """A loss of ``PAIR_LOSSES`` on a batch, and nothing to log."""
    return loss(compared(policy, batch), strength, *knobs), {}


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
    return PairsAsThumbs(of_pairs(pairs, seed)(step), apart)


def kto_on_pairs(ups: float, policy, batch: PairsAsThumbs, beta: float):
    """KTO where each pair is one thumb up, of weight ``ups``, and one down."""
    log_ratio = torch.stack(compared(policy, batch.pairs).log_ratios)  # (2, B)
    up = torch.tensor([[True], [False]]).expand_as(log_ratio)
    kl = mismatched_kl(policy, batch.mismatched)
    return kto_loss(log_ratio, up, kl, beta, (ups, 1.0)), {}


class ThumbBatch(NamedTuple):
    """Responses judged one by one, and what KTO needs besides."""

    judged: Thumbs
    mismatched: Mismatched


def thumb_batch(thumbs: Thumbs, seed: int, step: int) -> ThumbBatch:
    """Batch number ``step`` of single responses: as many as in the batches of pairs."""
    rows = epoch_rows(len(thumbs.up), 2 * BATCH_SIZE, seed, step)
    apart = mismatched(thumbs.prompt, thumbs.response, seed, step)
    return ThumbBatch(Thumbs(*(field[rows] for field in thumbs)), apart)


def kto_on_thumbs(ups: float, policy, batch: ThumbBatch, beta: float):
    """KTO on single responses, a thumb up of weight ``ups``."""
    prompt, response, up = batch.judged
    kl = mismatched_kl(policy, batch.mismatched)
    log_ratio = log_ratios(policy, prompt, response)
    return kto_loss(log_ratio, up, kl, beta, (ups, 1.0)), {}


def sft_on_ups(_knob, policy, batch: ThumbBatch, _strength: float):
    """SFT on the responses with a thumb up."""
    data, (prompt, response, up) = shared_start().data, batch.judged
    rows = data.rows(prompt[up], response[up])
    return sft_loss(policy, data.tokens[rows], data.mask[rows]), {}


ALONE = {"KTO": kto_on_thumbs, "SFT": sft_on_ups}

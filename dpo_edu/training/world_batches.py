"""The world as batches: texts for SFT, compared responses for DPO.

Row p * R + y of ``tokens`` is response number y to prompt number p. A batch depends on
the seed and the step alone, so a run can be stopped and continued. The module draws
responses from the reference and asks for labels; it never reads Z or pi*.
"""

from dataclasses import dataclass

import numpy as np
import torch

from ..preference_world import EOS, Pairs, World, sample_responses, soft_labels
from ..sequence_logprob import pad_sequences
from ..validation import (
    require,
    require_same_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import indices, shaped
from ..validation.tensors import as_device
from .loop import epoch_rows
from .scoring import PairBatch

MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class WorldData:
    """A world's sequences as tensors, on one device and in one precision."""

    world: World
    tokens: torch.Tensor  # (P * R, T)
    mask: torch.Tensor  # (P * R, T)
    dtype: torch.dtype = torch.float64

    def rows(self, prompt, response) -> torch.Tensor:
        """Rows of ``tokens`` for prompt and response numbers of one shape."""
        rows, responses = self.world.reward.shape
        prompt = indices(rows, prompt=prompt)
        response = indices(responses, response=response)
        require_same_shape(prompt=prompt, response=response)
        numbers = prompt * responses + response
        return torch.as_tensor(numbers, device=self.tokens.device)


def world_data(world: World, device="cpu", dtype=torch.float64) -> WorldData:
    """Lay out all sequences; at the cap ``<eos>`` is forced, so it is not a token."""
    require_type(World, world=world)
    require_type(torch.dtype, dtype=dtype)
    require(dtype.is_floating_point, f"dtype must be one of floats, got {dtype}")
    device = as_device(device)
    ended = [
        (*response, EOS) if len(response) < world.max_words else response
        for response in world.responses
    ]
    prompts = [prompt for prompt in world.prompts for _ in ended]
    tokens, mask = pad_sequences(prompts, ended * len(world.prompts), pad=EOS)
    return WorldData(world, tokens.to(device), mask.to(device), dtype)


def text_batch(data: WorldData, text_logp, count: int, seed: int, step: int):
    """``count`` texts of the writers, prompts uniform: (tokens, mask)."""
    require_type(WorldData, data=data)
    require_whole(1, count=count)
    generator = _generator(seed, step, 0)
    text_logp = shaped(data.world.reward.shape, text_logp=text_logp)
    prompt = generator.integers(len(data.world.prompts), size=count)
    response = sample_responses(text_logp, prompt, generator, name="text_logp")
    rows = data.rows(prompt, response)
    return data.tokens[rows], data.mask[rows]


def compared_batch(data: WorldData, ref_logp, group_size: int, seed: int, step: int):
    """``group_size`` reference responses to every prompt, each pair soft-labeled.

    A group of K gives K(K-1)/2 comparisons for K forward passes, as in Ouyang et al.
    2022. The label is the annotators' probability, not one verdict.
    """
    require_type(WorldData, data=data)
    require_whole(2, 10**6, group_size=group_size)
    generator = _generator(seed, step, 1)
    ref_logp = shaped(data.world.reward.shape, ref_logp=ref_logp)
    prompts = len(data.world.prompts)
    prompt = np.arange(prompts).repeat(group_size)
    response = sample_responses(ref_logp, prompt, generator, name="ref_logp")
    one, other = np.triu_indices(group_size, 1)  # every pair of a group, once
    prompt, response = prompt.reshape(prompts, -1), response.reshape(prompts, -1)
    three = prompt[:, one], response[:, one], response[:, other]
    pairs = soft_labels(data.world, *(field.ravel() for field in three))
    return pair_batch(data, pairs, ref_logp)


def epoch_batch(
    data: WorldData, pairs: Pairs, ref_logp, size: int, seed: int, step: int
):
    """Batch number ``step`` of a fixed set of pairs, reshuffled every epoch."""
    require_type(Pairs, pairs=pairs)
    require_whole(1, size=size)
    require_whole(0, MOST_SEED, seed=seed, step=step)
    require(len(pairs.prompt) > 0, "pairs hold no comparison")
    rows = epoch_rows(len(pairs.prompt), size, seed, step)
    return pair_batch(data, Pairs(*(field[rows] for field in pairs)), ref_logp)


def pair_batch(data: WorldData, pairs: Pairs, ref_logp) -> PairBatch:
    """Pairs by number as tensors, each distinct sequence once."""
    require_type(WorldData, data=data)
    require_type(Pairs, pairs=pairs)
    ref_logp = shaped(data.world.reward.shape, ref_logp=ref_logp)
    both = [data.rows(pairs.prompt, y) for y in (pairs.chosen, pairs.rejected)]
    rows, place = torch.unique(torch.cat(both), return_inverse=True)
    chosen, rejected = place.chunk(2)
    values = ref_logp.ravel()[rows.cpu().numpy()]
    require(not np.isnan(values).any(), "ref_logp is NaN for a compared response")
    like = {"dtype": data.dtype, "device": data.tokens.device}
    return PairBatch(
        data.tokens[rows],
        data.mask[rows],
        torch.as_tensor(values, **like),
        chosen,
        rejected,
        torch.as_tensor(pairs.label, **like),
    )


def _generator(seed, step, purpose) -> np.random.Generator:
    """Random numbers that depend on seed, step and what they are for."""
    require_whole(0, MOST_SEED, seed=seed, step=step)
    return np.random.default_rng([seed, step, purpose])

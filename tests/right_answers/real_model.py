"""Right answers of chapter 17 that are written in unusual ways."""

import random

import numpy as np
import torch
from torch.nn import functional as F

from dpo_edu.workbook.known_wrong.real_model import (
    FLAT,
    INTERVAL,
    LORA,
    PARTS,
    SPLIT,
    STEADY,
    WEIGHTS,
    WINNING,
)

from . import right


@right(LORA)
def merged_into_the_matrix(x, weight, a, b, scale):
    return x @ (weight.detach() + scale * b @ a).T


@right(LORA)
def with_linear(x, weight, a, b, scale):
    thin = F.linear(x, a)
    return torch.add(F.linear(x, weight.detach()), F.linear(thin, b), alpha=scale)


@right(LORA)
def with_einsum(x, weight, a, b, scale):
    with torch.no_grad():
        frozen = torch.einsum("ni,oi->no", x, weight)
    return frozen + torch.einsum("ni,ri,or->no", scale * x, a, b)


@right(PARTS)
def joined(losses_per_part):
    return torch.cat(losses_per_part).mean()


@right(PARTS)
def weighted_means(losses_per_part):
    total = sum(part.numel() for part in losses_per_part)
    filled = [part for part in losses_per_part if part.numel()]
    return sum(part.mean() * (part.numel() / total) for part in filled)


@right(PARTS)
def pair_by_pair(losses_per_part):
    pairs = [loss for part in losses_per_part for loss in part]
    return torch.stack(pairs).sum().div(len(pairs))


@right(SPLIT)
def with_python_s_random(prompts, held_out, seed):
    held = random.Random(seed).sample(sorted({*prompts}), held_out)
    return [prompt for prompt in prompts if prompt not in held], held


@right(SPLIT)
def with_torch(prompts, held_out, seed):
    different = [*dict.fromkeys(prompts)]
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(different), generator=generator).tolist()
    held = {different[n] for n in order[:held_out]}
    return [p for p in prompts if p not in held], sorted(held)


@right(SPLIT)
def with_choice(prompts, held_out, seed):
    different = np.unique(prompts)
    draws = np.random.default_rng(seed)
    held = draws.choice(different, held_out, replace=False).tolist()
    return list(filter(lambda prompt: prompt not in held, prompts)), held


@right(INTERVAL)
def mean_of_each_side_first(before, after):
    gains = after.mean(1) - before.mean(1)
    error = np.sqrt(gains.var(ddof=1) / gains.size)
    return gains.mean(), 1.96 * error


@right(INTERVAL)
def in_torch(before, after):
    gains = torch.tensor(after - before).mean(1)
    return gains.mean().item(), 1.96 * (gains.std() / len(gains) ** 0.5).item()


@right(WEIGHTS)
def matrix_by_matrix():
    square = 8 * 576 + 576 * 8
    return 30 * (2 * square + 8 * 576 + 192 * 8 + 8 * 1536 + 576 * 8)


@right(WEIGHTS)
def to_three_digits():
    return 1.24e6


@right(FLAT)
def flat_aloud():
    return "The reference moves with the policy."


@right(FLAT)
def flat():
    return "the reference moves with the policy"


@right(STEADY)
def steady_aloud():
    return "The labels say nothing about the answers."


@right(STEADY)
def steady():
    return "the labels say nothing about the answers"


@right(WINNING)
def winning_aloud():
    return "Chosen and rejected are exchanged."


@right(WINNING)
def winning():
    return "chosen and rejected are exchanged"

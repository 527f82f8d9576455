"""One pair alone, in the transformer: would it push its own chosen response down?

To first order a small step changes log pi(chosen) by a multiple of <g_w, g_w - g_l>,
with the gradients of the two log-probabilities: below 0 only where the rejected
response's gradient reaches further along g_w than g_w does. This module does not train.
"""

import numpy as np
import torch

from ...preference_world import WORDS
from ...training import learner, model_logp
from ..shared_start import shared_start
from .material import verdict_pairs


def single_pairs(seed: int, count=100) -> dict[str, tuple[int, int]]:
    """How many pairs would lower their chosen response in one small step? Of how many.

    "random" pairs are the data's; "near" ones differ from theirs in one word. Where
    the two responses are drawn equal there is no pair, so fewer than ``count`` remain.
    """
    pairs, generator = verdict_pairs(seed, count), np.random.default_rng([seed, 13])
    near = [_neighbor(response, generator) for response in pairs.chosen]
    fell = {}
    for name, others in (("random", pairs.rejected), ("near", near)):
        triples = list(zip(pairs.prompt, pairs.chosen, others, strict=True))
        rises = [_first_order(*triple) for triple in triples if triple[1] != triple[2]]
        fell[name] = int(np.less(rises, 0).sum()), len(rises)
    return fell


def _neighbor(response, generator) -> int:
    """A response that differs from this one in one word, or in having one."""
    responses = shared_start().data.world.responses
    words = [*responses[response]] or [0]
    words[generator.integers(len(words))] = int(generator.integers(len(WORDS)))
    return responses.index(tuple(words))


def _first_order(prompt, chosen, rejected) -> float:
    data, reference, _ = shared_start()
    model, slopes = learner(reference.model), []
    for response in (chosen, rejected):
        rows = data.rows(np.array([prompt]), np.array([response]))
        logp = model_logp(model, data.tokens[rows], data.mask[rows])
        grads = torch.autograd.grad(logp.sum(), list(model.parameters()))
        slopes.append(torch.cat([each.ravel() for each in grads]))
    return (slopes[0] @ (slopes[0] - slopes[1])).item()

"""The loss of a whole batch, wrong in its scores, in its formula, or in its mean.

This module runs no trainer.
"""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F

from . import wrong_losses, wrong_scores
from .truth import four_logp

TOTAL = "sum over the pairs"
SENTENCES = (
    wrong_scores.SENTENCES
    | wrong_losses.SENTENCES
    | {TOTAL: "the losses of a batch are added up; their mean is taken"}
)


def wrong_batches(
    policy, reference, batches, conventions=()
) -> Iterator[tuple[list[str], Callable]]:
    """Names of what is wrong, and the losses of all batches as a function of beta."""
    sizes = [len(chosen.prompts) for chosen, _ in batches]
    for parts, losses in _of_pairs(policy, reference, batches, conventions):
        for name, one in (("", torch.mean), (TOTAL, torch.sum)):

            def of_batches(beta, losses=losses, one=one):
                return torch.stack([one(part) for part in losses(beta).split(sizes)])

            yield [*parts, name] if name else parts, of_batches


def _of_pairs(policy, reference, batches, conventions):
    """Wrong scores in the right loss, right scores in wrong losses: pair by pair."""
    for parts, four in _wrong_fours(policy, reference, batches):
        gap = (four[0] - four[2]) - (four[1] - four[3])
        yield parts, lambda beta, gap=gap: -F.logsigmoid(beta * gap)
    with torch.no_grad():
        each = [four_logp(policy, reference, b, conventions) for b in batches]
    yield from wrong_losses.wrong_losses(
        [torch.cat(x) for x in zip(*each, strict=True)]
    )


def _wrong_fours(policy, reference, batches):
    """Four log-probabilities of all pairs, wrong in the same way on every side."""
    every = [
        [
            list(wrong_scores.wrong_scores(side, model))
            for model in (policy, reference)
            for side in pairs
        ]
        for pairs in batches
    ]
    for way, (parts, _) in enumerate(every[0][0]):
        yield parts, [torch.cat([b[n][way][1] for b in every]) for n in range(4)]

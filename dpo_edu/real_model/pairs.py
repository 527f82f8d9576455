"""From judged answers to comparisons: the best of a prompt beside its worst.

The judge here is certain: a rule compares two numbers, so the label is 1. Answers that
the rule calls equal make no pair. This module knows neither rules nor models.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..validation import require_shape, require_whole
from ..validation.arrays import reals


class AnswerPair(NamedTuple):
    """Two answers to one prompt, as token numbers with their end marks."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


def best_beside_worst(scores: Sequence[float], most: int) -> list[tuple[int, int]]:
    """(number of the better, number of the worse), at most ``most`` pairs.

    The best is put beside the worst, the second best beside the second worst, and so
    on, so that no answer stands in two pairs; ties make none.

    >>> best_beside_worst([0, 3, 1, 1, 2], most=3)
    [(1, 0), (4, 3)]
    """
    require_whole(1, at_most=most)
    scores = reals(1, scores=scores)  # (answers,)
    require_shape((None,), scores=scores)
    order = sorted(range(len(scores)), key=lambda n: -scores[n])
    outside_in = zip(order[: len(order) // 2], reversed(order), strict=False)
    pairs = [(a, b) for a, b in outside_in if scores[a] > scores[b]]
    return pairs[:most]

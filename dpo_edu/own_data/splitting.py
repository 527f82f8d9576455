"""Which pairs are trained on and which are held out: all of a prompt on one side.

Whoever has seen a question in training knows something of its answers, whichever two of
them are compared. Where all pairs have one prompt, equal comparisons stay together.
"""

from typing import NamedTuple

import numpy as np

from ..validation import (
    require,
    require_inside,
    require_list_of,
    require_type,
    require_whole,
)
from .comparison import TextPair


class Split(NamedTuple):
    """Numbers of the pairs on either side."""

    training: np.ndarray
    held_out: np.ndarray


def together(pairs: list[TextPair]) -> list[list[int]]:
    """Numbers of the pairs, in groups that must not be parted."""
    groups = same_prompt(pairs)
    return groups if len(groups) > 1 else equal_pairs(pairs)


def same_prompt(pairs: list[TextPair]) -> list[list[int]]:
    """Those together that ask the same, in whatever case and with whatever spaces."""
    require_list_of(TextPair, pairs=pairs)
    return _grouped(" ".join(pair.prompt.casefold().split()) for pair in pairs)


def shared_prompts(pairs: list[TextPair], parts: Split) -> int:
    """How many prompts have pairs on both sides."""
    require_type(Split, parts=parts)
    groups = same_prompt(pairs)
    held_out = {*parts.held_out.tolist()}
    return sum(0 < len(held_out & {*group}) < len(group) for group in groups)


def equal_pairs(pairs: list[TextPair]) -> list[list[int]]:
    """Those together that compare the same two answers to the same prompt."""
    require_list_of(TextPair, pairs=pairs)
    return _grouped((prompt, *sorted(answers)) for prompt, *answers in pairs)


def _grouped(keys) -> list[list[int]]:
    groups: dict = {}
    for number, key in enumerate(keys):
        groups.setdefault(key, []).append(number)
    return [*groups.values()]


def split(groups: list[list[int]], held_out: float, seed: int) -> Split:
    """Hold out whole groups, about this share of the pairs, at least one of each side.

    Chance alone decides, drawn from the seed: groups are taken in a drawn order as long
    as they fit into the share.
    """
    require_list_of(list, groups=groups)
    for group in groups:
        require_list_of(int, **{"each of groups": group})
    require(len(groups) > 1, f"groups must be two or more, got {len(groups)}")
    require_inside(0, 1, held_out=held_out)
    require_whole(0, 2**63 - 1, seed=seed)
    order = np.random.default_rng([seed, 4]).permutation(len(groups))
    room = max(round(held_out * sum(map(len, groups))), 1)
    held = []
    for number in order[:-1]:
        if len(groups[number]) <= room:
            held.append(number)
            room -= len(groups[number])
    held = held or [min(order, key=lambda number: len(groups[number]))]
    kept = [number for number in order if number not in {*held}]
    return Split(*(np.concatenate([groups[n] for n in part]) for part in (kept, held)))

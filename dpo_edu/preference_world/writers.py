"""The people whose text the reference learns: loose grammar, loosely on the prompt.

    P(next word | prompt, last word) is proportional to
        6 where the grammar likes the step (18 for ending there), 1 elsewhere,
        times 1 + (2 - d)/4 for a quality word at distance d from the prompt's meaning

Any word may follow any other, so every response is covered. A model fitted to this
text knows the language and only half the task: the pi_ref of the preference world.
This module does not know rewards.
"""

import numpy as np
import torch

from ..validation import require_type
from .prefix_tree import unfold
from .world import PROMPTS, STRENGTH, WORDS, World, meaning

_KINDS = {
    "noun": ("tea", "soup", "cake", "bread", "it"),
    "link": ("is",),
    "join": ("and", "but"),
    "modifier": ("not", "very"),
    "quality": tuple(STRENGTH),
}
_LIKED = {
    "start": ("noun", "modifier", "quality"),
    "noun": ("link", "end"),
    "link": ("modifier", "quality"),
    "join": ("quality",),
    "modifier": ("quality",),
    "quality": ("noun", "join", "end"),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}


def writers_logp(world: World) -> np.ndarray:
    """Log-probability of every response in the writers' text: (P, R)."""
    require_type(World, world=world)
    return np.stack([unfold(_levels(x, world.max_words)).numpy() for x in PROMPTS])


def _levels(prompt: str, max_words: int) -> list[torch.Tensor]:
    """Next-word log-probabilities at every depth of the prefix tree."""
    after = torch.stack([_next_logp(prompt, _KIND[word]) for word in WORDS])  # (V, V+1)
    repeats = [len(WORDS) ** depth for depth in range(max_words - 1)]
    # Only the last word of a prefix counts, so a level is the same table over again.
    return [_next_logp(prompt, "start")[None], *(after.repeat(n, 1) for n in repeats)]


def _next_logp(prompt: str, kind: str) -> torch.Tensor:
    """log P(next | prompt, kind of the last word): V words, then <eos>."""
    liked = _LIKED[kind]
    weights = [6.0 if _KIND[word] in liked else 1.0 for word in WORDS]
    for number, word in enumerate(WORDS):
        if word in STRENGTH:
            distance = abs(STRENGTH[word] - (meaning(prompt.split()) or 0))
            weights[number] *= 1 + (2 - distance) / 4
    ending = 18.0 if "end" in liked else 1.0
    return torch.tensor([*weights, ending]).double().log().log_softmax(0)

"""Chapter 10: a language small enough to enumerate.

Rooms: ``world`` (words, reward, pairs, labels), ``writers`` (its text), ``prefix_tree``
(every response's probability from a transformer). The last two need torch.
"""

from .world import (
    EOS,
    PROMPTS,
    STRENGTH,
    WORDS,
    Pairs,
    World,
    build_world,
    exact_kl,
    hard_labels,
    label_pair,
    meaning,
    reward,
    sample_pairs,
    sample_responses,
    soft_labels,
)

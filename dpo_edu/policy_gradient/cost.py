"""What training costs, counted in passes: one sequence, once, through one transformer.

    cost = forward passes + 2 * backward passes          (Kaplan et al. 2020)

All models of chapter 12 have the same body, so their passes cost the same. Saying a
response costs what it does here: a pass per word. A cache of what earlier words left
behind makes its arithmetic one pass, but not its time: the words still come one after
another. This module does not know how many pairs or responses a run needs.
"""

from ..validation import require_whole


def cost(forward: int, backward: int = 0) -> int:
    """Passes of a forward pass's price: going back takes twice as long.

    >>> cost(forward=2, backward=2)
    6
    """
    require_whole(0, forward=forward, backward=backward)
    return forward + 2 * backward


PAIR = cost(forward=2, backward=2)
"""DPO or a reward model sees a pair: both responses, through the one that learns."""

REFERENCE = cost(forward=2)
"""What DPO pays on top for each pair, once: the reference's two log-probabilities."""

SAY = cost(forward=3)
"""A response of the world, said word by word by ``rollout.sample_words``: 3 at most."""

REINFORCE = SAY + cost(forward=3, backward=1)
"""A response: said, scored by the reference and by the reward model, learned from."""

GRPO = REINFORCE
"""The same at one gradient step per batch: its ratios are 1 and need no old policy."""


def ppo(reuse: int) -> int:
    """A response: said, scored by two models, appraised, learned from ``reuse`` times.

    >>> ppo(reuse=4)
    18
    """
    require_whole(0, reuse=reuse)
    return SAY + cost(forward=3 + reuse, backward=reuse)


def best_of(n: int) -> int:
    """One answer: n responses said and scored, at every answer and not in training."""
    require_whole(1, n=n)
    return n * (SAY + cost(forward=1))

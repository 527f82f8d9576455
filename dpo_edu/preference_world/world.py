"""A language small enough to enumerate: every response, its reward, its probability.

Fifteen words. A prompt says something about food, as in "very good"; the response, up
to three words, should mean the same. ``reward`` is the rule in full: it depends on the
prompt, not on length or grammar. Grammar comes from the reference, a model of the text
of ``writers``, who only half listen to the prompt. Labels come from Bradley-Terry.
This module does not know how a policy computes its probabilities, nor pi* or Z.
"""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from ..bradley_terry import preference_probability
from ..divergence import kl_from_logs
from ..validation import require

STRENGTH = {"great": 2, "good": 1, "fine": 0, "bad": -1, "awful": -2}
WORDS = (
    *("tea", "soup", "cake", "bread", "it", "is", "and", "but", "not", "very"),
    *STRENGTH,
)
EOS = len(WORDS)  # the token that ends a response
PROMPTS = (
    "great",
    "good",
    "bad",
    "awful",
    "very good",
    "not good",
    "not bad",
    "very bad",
)


def meaning(words) -> int | None:
    """Strength of the first quality word, changed by the modifiers before it.

    ``not`` flips its sign, ``very`` makes it as strong as it gets; None without one.

    >>> meaning(["soup", "not", "very", "good"])
    -2
    """
    sign, strong = 1, False
    for word in words:
        if word in STRENGTH:
            strength = sign * STRENGTH[word]
            return 2 * int(np.sign(strength)) if strong else strength
        sign = -sign if word == "not" else sign
        strong = strong or word == "very"
    return None


def reward(prompt: str, response: str) -> float:
    """3 for saying what was asked, 1.5 less a step away; 0 for saying nothing of it.

    >>> reward("very good", "great"), reward("very good", "tea"), reward("bad", "great")
    (3.0, 0.0, -1.5)
    """
    asked, said = meaning(prompt.split()), meaning(response.split())
    return 0.0 if said is None or asked is None else 3.0 - 1.5 * abs(said - asked)


@dataclass(frozen=True)
class World:
    """All responses to all prompts, by number: row = prompt, column = response."""

    max_words: int
    prompts: tuple[tuple[int, ...], ...]  # word numbers
    responses: tuple[tuple[int, ...], ...]  # shortest first, then in word order
    reward: np.ndarray  # (P, R)

    def text(self, response: int) -> str:
        """Response number ``response`` in words; "" for the empty one."""
        return " ".join(WORDS[word] for word in self.responses[response])

    def number(self, text: str) -> int:
        """The number of a response given in words."""
        return self.responses.index(tuple(WORDS.index(word) for word in text.split()))


def build_world(max_words: int = 3) -> World:
    """Enumerate the world: 3,616 responses a prompt for 3 words, 54,241 for 4."""
    require(1 <= max_words <= 4, f"max_words must be 1 to 4, got {max_words}")
    lengths = range(max_words + 1)
    responses = [y for n in lengths for y in product(range(len(WORDS)), repeat=n)]
    said = [" ".join(WORDS[word] for word in response) for response in responses]
    return World(
        max_words,
        tuple(tuple(WORDS.index(word) for word in x.split()) for x in PROMPTS),
        tuple(responses),
        np.array([[reward(x, y) for y in said] for x in PROMPTS]),
    )


class Pairs(NamedTuple):
    """Comparisons by number: two responses to one prompt, and who is preferred."""

    prompt: np.ndarray  # (N,) rows of the world
    chosen: np.ndarray  # (N,) response numbers
    rejected: np.ndarray  # (N,)
    label: np.ndarray  # (N,) probability that chosen is preferred; 1 once it was


def label_pair(reward_a, reward_b, uniform):
    """True where an annotator prefers a; ``uniform`` in [0, 1) is the chance she has.

    Bradley-Terry at unit rationality: P(a preferred) = sigmoid(reward_a - reward_b).
    """
    return verdict(preference_probability(reward_a, reward_b), uniform)


def verdict(preference, uniform):
    """True where an annotator who prefers a with probability ``preference`` says so."""
    return uniform < preference


def sample_responses(logp, prompt, generator) -> np.ndarray:
    """One response number for each entry of ``prompt``, drawn from exp(logp): (N,).

    logp: (P, R). Inverse transform: where a uniform draw falls in the cumulated row.
    """
    cumulated = np.exp(logp).cumsum(axis=-1)  # (P, R)
    uniform = generator.random(len(prompt)) * cumulated[prompt, -1]
    response = np.empty(len(prompt), dtype=int)
    for row in range(len(cumulated)):
        here = prompt == row
        response[here] = cumulated[row].searchsorted(uniform[here], side="right")
    return response


def sample_pairs(world: World, ref_logp, count: int, generator) -> Pairs:
    """Prompts uniformly, two responses each from ref_logp (P, R), soft labels."""
    prompt = generator.integers(len(world.prompts), size=count)
    first = sample_responses(ref_logp, prompt, generator)
    second = sample_responses(ref_logp, prompt, generator)
    return soft_labels(world, prompt, first, second)


def soft_labels(world: World, prompt, first, second) -> Pairs:
    """Label with the annotators' probability itself; chosen is the likelier winner."""
    gap = world.reward[prompt, first] - world.reward[prompt, second]
    chosen, rejected = np.where(gap >= 0, (first, second), (second, first))
    return Pairs(prompt, chosen, rejected, preference_probability(np.abs(gap), 0))


def hard_labels(pairs: Pairs, generator) -> Pairs:
    """One annotator's verdict on each pair: chosen is who won, with label 1."""
    a_wins = verdict(pairs.label, generator.random(len(pairs.label)))
    chosen = np.where(a_wins, pairs.chosen, pairs.rejected)
    rejected = np.where(a_wins, pairs.rejected, pairs.chosen)
    return Pairs(pairs.prompt, chosen, rejected, np.ones(len(a_wins)))


def exact_kl(logp, ref_logp):
    """KL(policy || reference) in nats, summed over all responses: (P, R) to (P,)."""
    return kl_from_logs(logp, ref_logp)

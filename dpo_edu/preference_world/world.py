"""A language small enough to enumerate: every response, its reward, its probability.

Fifteen words. A prompt says something about food, as in "very good"; the response, up
to three words, should mean the same. ``reward`` is the rule in full: it depends on the
prompt, not on length or grammar. Grammar comes from the reference, a model of the text
of ``writers``, who only half listen to the prompt. Labels come from Bradley-Terry.
This module does not know how a policy computes its probabilities, nor pi* or Z.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from ..bradley_terry import preference_probability
from ..divergence import kl_from_logs
from ..validation import (
    require,
    require_same_shape,
    require_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import (
    finite,
    indices,
    log_distributions,
    probabilities,
    shaped,
)

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
    require_type((list, tuple), words=words)
    sign, strong = 1, False
    for word in words:
        require_type(str, words=word)
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
    require_type(str, prompt=prompt, response=response)
    asked, said = meaning(prompt.split()), meaning(response.split())
    return 0.0 if said is None or asked is None else 3.0 - 1.5 * abs(said - asked)


@dataclass(frozen=True)
class World:
    """All responses to all prompts, by number: row = prompt, column = response."""

    max_words: int
    prompts: tuple[tuple[int, ...], ...]  # word numbers
    responses: tuple[tuple[int, ...], ...]  # shortest first, then in word order
    reward: np.ndarray  # (P, R)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Words of every response: (R,)."""
        return np.array([len(response) for response in self.responses])

    def text(self, response: int) -> str:
        """Response number ``response`` in words; "" for the empty one."""
        require_whole(0, len(self.responses) - 1, response=response)
        return " ".join(WORDS[word] for word in self.responses[response])

    def number(self, text: str) -> int:
        """The number of a response given in words."""
        require_type(str, text=text)
        words = text.split()
        known = len(words) <= self.max_words and all(word in WORDS for word in words)
        require(
            known, f"text must be at most {self.max_words} of the words, got {text!r}"
        )
        return self.responses.index(tuple(WORDS.index(word) for word in words))


def build_world(max_words: int = 3) -> World:
    """Enumerate the world: 3,616 responses per prompt for 3 words, 54,241 for 4."""
    require_whole(1, 4, max_words=max_words)
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
    reward_a, reward_b = finite(reward_a=reward_a, reward_b=reward_b)
    return verdict(preference_probability(reward_a, reward_b), uniform)


def verdict(preference, uniform):
    """True where an annotator who prefers a with probability ``preference`` says so."""
    preference, uniform = probabilities(preference=preference, uniform=uniform)
    return uniform < preference


def sample_responses(logp, prompt, generator, name="logp") -> np.ndarray:
    """One response number for each entry of ``prompt``, drawn from exp(logp): (N,).

    logp: (P, R). Inverse transform: where a uniform draw falls in the cumulated row.
    name: what an error calls ``logp``.
    """
    require_type(np.random.Generator, generator=generator)
    cumulated = _cumulated(**{name: logp})  # (P, R)
    prompt = indices(len(cumulated), prompt=prompt)
    require_shape((prompt.size,), prompt=prompt)
    uniform = generator.random(len(prompt)) * cumulated[prompt, -1]
    response = np.empty(len(prompt), dtype=int)
    for row in range(len(cumulated)):
        here = prompt == row
        response[here] = cumulated[row].searchsorted(uniform[here], side="right")
    return response


def _cumulated(**policy) -> np.ndarray:
    """P(this response or an earlier one), (P, R), of the named log-probabilities."""
    (name,) = policy
    logp = shaped((None, None), **policy)  # a NaN shows in the sum
    with np.errstate(over="ignore"):
        cumulated = np.exp(logp).cumsum(axis=-1)
    whole = (abs(cumulated[:, -1] - 1) < 1e-4).all()
    require(whole, f"{name} must be log-probabilities whose rows sum to 1")
    return cumulated


def sample_pairs(world: World, ref_logp, count: int, generator) -> Pairs:
    """Prompts uniformly, two responses each from ref_logp (P, R), soft labels."""
    ref_logp = _checked_draw(world, ref_logp, count, generator)
    prompt = generator.integers(len(world.prompts), size=count)
    first = sample_responses(ref_logp, prompt, generator)
    second = sample_responses(ref_logp, prompt, generator)
    return soft_labels(world, prompt, first, second)


def _checked_draw(world, ref_logp, count, generator) -> np.ndarray:
    require_type(World, world=world)
    require_whole(0, count=count)
    require_type(np.random.Generator, generator=generator)
    ref_logp = log_distributions(ref_logp=ref_logp)
    require_shape((len(world.prompts), None), ref_logp=ref_logp)
    return ref_logp


def soft_labels(world: World, prompt, first, second) -> Pairs:
    """Label with the annotators' probability itself; chosen is the likelier winner."""
    require_type(World, world=world)
    rows, responses = world.reward.shape
    prompt = indices(rows, prompt=prompt)
    first, second = indices(responses, first=first, second=second)
    require_same_shape(prompt=prompt, first=first, second=second)
    gap = world.reward[prompt, first] - world.reward[prompt, second]
    chosen, rejected = np.where(gap >= 0, (first, second), (second, first))
    return Pairs(prompt, chosen, rejected, preference_probability(np.abs(gap), 0))


def hard_labels(pairs: Pairs, generator) -> Pairs:
    """One annotator's verdict on each pair: chosen is who won, with label 1."""
    require_type(Pairs, pairs=pairs)
    require_type(np.random.Generator, generator=generator)
    a_wins = verdict(pairs.label, generator.random(len(pairs.label)))
    chosen = np.where(a_wins, pairs.chosen, pairs.rejected)
    rejected = np.where(a_wins, pairs.rejected, pairs.chosen)
    return Pairs(pairs.prompt, chosen, rejected, np.ones(len(a_wins)))


def exact_kl(logp, ref_logp):
    """KL(policy || reference) in nats, summed over all responses: (P, R) to (P,)."""
    logp, ref_logp = log_distributions(logp=logp, ref_logp=ref_logp)
    return kl_from_logs(logp, ref_logp)

"""Who labels: annotators, annotators who slip, a judge with a taste, the policy itself.

A judge is a function (prompt, first, second) -> P(first is preferred) on arrays of
numbers of the world. Most are Bradley-Terry with some table of rewards; what differs is
whose rewards they are. ``judged_pairs`` has a policy's own responses compared by one.
This module does not train, and does not know which judge is right.
"""

from collections.abc import Callable

import numpy as np

from ..bradley_terry import flipped, preference_probability
from ..cancellation import implicit_reward
from ..preference_world import PROMPTS, Pairs, World, reward, sample_responses
from ..validation import (
    require_between,
    require_callable,
    require_finite,
    require_same_shape,
    require_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import finite, log_distributions, probabilities

Judge = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def reward_judge(table) -> Judge:
    """Bradley-Terry with the rewards of ``table`` (P, R): sigmoid of their difference.

    With ``world.reward`` these are the annotators of chapter 10.
    """
    table = finite(table=table)
    require_shape((None, None), table=table)

    def judge(prompt, first, second):
        return preference_probability(table[prompt, first], table[prompt, second])

    return judge


def slipping(judge: Judge, rate: float) -> Judge:
    """The same judge, whose verdict is turned around with probability ``rate``.

    P becomes rate + (1 - 2 rate) P. No table of rewards does that: a slip hits a clear
    case as often as a close one.
    """
    require_callable(judge=judge)
    require_between(0, 1, rate=rate)
    return lambda *pair: flipped(judge(*pair), rate)


def self_judge(logp, ref_logp, beta) -> Judge:
    """The policy's own opinion: Bradley-Terry with its implicit reward; (P, R) both."""
    logp, ref_logp = log_distributions(logp=logp, ref_logp=ref_logp)
    require_same_shape(logp=logp, ref_logp=ref_logp)
    require_shape((None, None), logp=logp)
    return reward_judge(implicit_reward(logp, ref_logp, beta))


def reward_of_length(world: World, per_word: float) -> np.ndarray:
    """The true reward plus ``per_word`` for every word said: (P, R)."""
    require_type(World, world=world)
    require_finite(per_word=per_word)
    return world.reward + per_word * world.lengths


def reward_without_not(world: World) -> np.ndarray:
    """The reward as heard by somebody who overlooks the word ``not``: (P, R)."""
    require_type(World, world=world)
    heard = [_without_not(world.text(y)) for y in range(len(world.responses))]
    return np.array([[reward(_without_not(x), y) for y in heard] for x in PROMPTS])


def judged_pairs(logp, judge: Judge, count: int, generator) -> Pairs:
    """Two responses of the policy (P, R) to each of ``count`` prompts, soft labels.

    ``chosen`` is the likelier winner; ``preference_world.hard_labels`` makes a verdict
    of each. Both responses can be the same: such a pair teaches nothing.
    """
    logp = log_distributions(logp=logp)
    require_shape((None, None), logp=logp)
    require_callable(judge=judge)
    require_whole(0, count=count)
    require_type(np.random.Generator, generator=generator)
    prompt = generator.integers(len(logp), size=count)
    first = sample_responses(logp, prompt, generator)
    second = sample_responses(logp, prompt, generator)
    wins = probabilities(judge=judge(prompt, first, second))  # (N,)
    chosen, rejected = np.where(wins >= 0.5, (first, second), (second, first))
    return Pairs(prompt, chosen, rejected, np.maximum(wins, 1 - wins))


def _without_not(text: str) -> str:
    return " ".join(word for word in text.split() if word != "not")

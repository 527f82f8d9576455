"""The same responses before four kinds of annotators: what the variants are fed.

    clean     one Bradley-Terry verdict per pair
    flips     the same, then 20 % of the verdicts exchanged
    sure      the better response always wins; a coin decides ties
    thumbs    no pairs: each response alone, up at the rate at which it beats another

The true reward stays what it was; only annotators differ, and a seed draws the same
responses for all of them. This module does not know a loss.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ...bradley_terry import flipped, preference_matrix, preference_probability
from ...preference_world import Pairs, World, hard_labels, sample_pairs
from ..shared_start import shared_start

FLIPPED = 0.2  # share of verdicts exchanged
SURE = 1e3  # a scale at which Bradley-Terry annotators never err


def opinion(reward, source: str) -> np.ndarray:
    """What the annotators of ``source`` go by, in place of the reward."""
    return (SURE if source == "sure" else 1.0) * reward


def exchanged(rate, source: str):
    """The rate at which A wins once ``source`` has exchanged its share of verdicts."""
    return flipped(rate, FLIPPED if source == "flips" else 0.0)


def source_pairs(source: str, count: int, seed: int) -> Pairs:
    """``count`` pairs drawn from the reference, one verdict each; chosen won."""
    data, reference, _ = shared_start()
    generator = np.random.default_rng([count, seed + 1])
    reward = opinion(data.world.reward, source)
    judges = replace(data.world, reward=reward)
    drawn = sample_pairs(judges, reference.logp, count, generator)
    rate = exchanged(drawn.label, source)
    return hard_labels(drawn._replace(label=rate), generator)


def groups(world: World) -> tuple[np.ndarray, np.ndarray]:
    """(each response's group (P, R), the reward and words of every group (G, 2)).

    Whom a response beats depends on the reward alone; what a loss that counts tokens
    makes of it depends on the words, too.
    """
    both = np.stack([world.reward, np.broadcast_to(world.lengths, world.reward.shape)])
    kinds, number = np.unique(both.reshape(2, -1), axis=1, return_inverse=True)
    return number.reshape(world.reward.shape), kinds.T


def preference(kinds, source: str) -> np.ndarray:
    """[i, j] = P(group i beats group j) for the annotators of ``source``: (G, G)."""
    return exchanged(preference_matrix(opinion(kinds[:, 0], source)), source)


class Thumbs(NamedTuple):
    """Responses judged one by one."""

    prompt: np.ndarray  # (N,)
    response: np.ndarray  # (N,)
    up: np.ndarray  # (N,) True: desirable


def judged_alone(count: int, seed: int) -> Thumbs:
    """The ``2 * count`` responses of the clean pairs, each without its partner."""
    data, reference, _ = shared_start()
    reward, pairs = data.world.reward, source_pairs("clean", count, seed)
    prompt = np.concatenate([pairs.prompt, pairs.prompt])
    response = np.concatenate([pairs.chosen, pairs.rejected])
    rate = np.zeros(2 * count)  # of winning against a draw from the reference
    for level in np.unique(reward):
        share = (np.exp(reference.logp) * (reward == level)).sum(-1)
        beats = preference_probability(reward[prompt, response], level)
        rate += share[prompt] * beats
    uniform = np.random.default_rng([count, seed + 1, 2]).random(2 * count)
    return Thumbs(prompt, response, uniform < rate)


def paired_again(thumbs: Thumbs, seed: int) -> Pairs:
    """An up and a down of the same prompt, at random, as long as there are both."""
    generator, couples = np.random.default_rng([seed, 5]), []
    for prompt in np.unique(thumbs.prompt):
        of_prompt = thumbs.prompt == prompt
        sides = [
            generator.permutation(np.flatnonzero(of_prompt & (thumbs.up == up)))
            for up in (True, False)
        ]
        fewer = min(map(len, sides))
        couples.append(np.stack([side[:fewer] for side in sides]))
    up, down = np.concatenate(couples, axis=1)
    chosen, rejected = thumbs.response[up], thumbs.response[down]
    return Pairs(thumbs.prompt[up], chosen, rejected, np.ones(len(up)))

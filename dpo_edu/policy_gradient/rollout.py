"""Responses that a policy says itself, and what they are worth.

A policy gradient is a mean over the policy's own samples, so they are drawn as any
language model draws them: word by word (``ancestral sampling``), though the world is
small enough to list. What never changes is computed once for all responses and looked
up: the reference's log-probabilities and the reward. Knows no pi*, and no optimizer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from ..preference_world import EOS, WORDS
from ..sequence_logprob import token_logprobs
from ..tiny_transformer import TinyTransformer, sample_token
from ..training import Schedule
from ..training.world_batches import WorldData
from ..validation import (
    require,
    require_between,
    require_callable,
    require_callable_or_none,
    require_not_negative,
    require_positive,
    require_same_shape,
    require_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import finite, indices
from ..validation.tensors import as_mask, require_floats, require_numbers


class Task(NamedTuple):
    """What there is to gain, and what there is to stay close to."""

    data: WorldData
    ref_logp: torch.Tensor  # (P * R, T) the reference's, token by token
    reward: torch.Tensor  # (P * R,) of a reward model, or the true one


@dataclass(frozen=True)
class RLSettings:
    """What decides a run of REINFORCE, PPO or GRPO, besides its task and its start."""

    schedule: Schedule  # in gradient steps
    beta: float = 1.0  # reward per nat
    group_size: int = 16  # responses to each prompt in a batch
    reuse: int = 4  # PPO, GRPO: gradient steps on one batch; REINFORCE takes one
    epsilon: float = 0.2  # PPO, GRPO: how far a token's ratio may pull
    decay: float = 0.95  # PPO: GAE's lambda; rewards are not discounted
    value_weight: float = 0.1  # PPO: of the value head's squared error
    seed: int = 0

    def __post_init__(self):
        require_type(Schedule, schedule=self.schedule)
        require_positive("beta", self.beta)
        require_whole(2, group_size=self.group_size)
        require_whole(1, reuse=self.reuse)
        require_positive("epsilon", self.epsilon)
        require_between(0, 1, decay=self.decay)
        require_not_negative(value_weight=self.value_weight)
        require_whole(0, 2**63 - 1, seed=self.seed)


class Responses(NamedTuple):
    """A batch of responses, ``group_size`` to each prompt, one prompt after another."""

    tokens: torch.Tensor  # (B, T)
    mask: torch.Tensor  # (B, T)
    ref_logp: torch.Tensor  # (B, T)
    reward: torch.Tensor  # (B,)


def require_training(start, task, settings, after_step=None) -> None:
    """Raise InputError unless a run can begin with these."""
    require_type(TinyTransformer, start=start)
    require_type(Task, task=task)
    require_type(RLSettings, settings=settings)
    require_callable_or_none(after_step=after_step)


def make_task(data: WorldData, reference, reward) -> Task:
    """Score all responses once: reward is a table (P, R)."""
    require_type(WorldData, data=data)
    require_callable(reference=reference)
    reward = finite(reward=reward)
    require_shape(data.world.reward.shape, reward=reward)
    with torch.no_grad():
        ref_logp = token_scores(reference(data.tokens[:, :-1]), data.tokens, data.mask)
    return Task(data, ref_logp, torch.as_tensor(reward).to(ref_logp).flatten())


def token_scores(logits, tokens, mask) -> torch.Tensor:
    """Log-probability of each token of the response, 0 elsewhere: (B, T).

    logits: (B, T - 1, V), those of all tokens but the last, which predicts nothing.
    """
    require_floats(logits=logits)
    require(logits.dim() == 3, f"logits must be (B, T, V), got {tuple(logits.shape)}")
    require_numbers(tokens=tokens)
    mask = as_mask(mask=mask)
    require_same_shape(tokens=tokens, mask=mask)
    each = token_logprobs(F.pad(logits, (0, 0, 0, 1)), tokens)  # (B, T)
    return each.where(mask, 0.0)


def generate(policy, task: Task, group_size: int, generator) -> Responses:
    """Let the policy answer every prompt ``group_size`` times."""
    require_callable(policy=policy)
    require_type(Task, task=task)
    require_whole(1, 10**6, group_size=group_size)
    prompt = np.arange(len(task.data.world.prompts)).repeat(group_size)
    rows = task.data.rows(prompt, sample_words(policy, task.data, prompt, generator))
    tables = task.data.tokens, task.data.mask, task.ref_logp, task.reward
    return Responses(*(table[rows] for table in tables))


def reused(draw: Callable, times: int) -> Iterator:
    """What ``draw()`` returns, each ``times`` times; drawn anew when it is asked for.

    >>> batches = reused(iter("ab").__next__, times=2)
    >>> [next(batches) for _ in range(4)]
    ['a', 'a', 'b', 'b']
    """
    require_callable(draw=draw)
    require_whole(1, times=times)
    return (batch for _ in repeat(None) for batch in repeat(draw(), times))


@torch.no_grad()
def sample_words(policy, data: WorldData, prompt, generator) -> np.ndarray:
    """One response number for each entry of ``prompt`` (B,), drawn word by word."""
    require_callable(policy=policy)
    require_type(WorldData, data=data)
    require_type((torch.Generator, type(None)), generator=generator)
    prompt = indices(len(data.world.prompts), axes=1, prompt=prompt)
    require_shape((None,), prompt=prompt)
    world, row = data.world, torch.arange(len(prompt))
    empty = data.tokens[data.rows(prompt, np.zeros_like(prompt))]  # prompt, then <eos>
    tokens, number = empty.clone(), torch.zeros_like(row)
    place = torch.tensor([len(world.prompts[each]) for each in prompt])  # of next word
    speaking = torch.ones_like(row, dtype=torch.bool)
    for _ in range(world.max_words):
        logits = policy(tokens[:, : int(place.max())])[row, place - 1]  # (B, V)
        word = sample_token(logits, generator=generator)
        speaking &= word != EOS
        tokens[row, place] = torch.where(speaking, word, EOS)
        # Responses are numbered shortest first, then in word order: digits 1 to V.
        number = torch.where(speaking, number * len(WORDS) + word + 1, number)
        place = place + 1
    return number.numpy()

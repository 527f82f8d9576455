"""A round of online DPO on the world: sample from the policy, ask a judge, train.

A label is a verdict, one per pair. Which reference the next round gets is decided in
``online``; this module learns from pairs and labels only, against the reference that it
is given, and does not know who the judge is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..preference_world import Pairs, hard_labels
from ..training import Schedule, train_pairs
from ..training.world_batches import WorldData, epoch_batch
from ..training.world_run import Stage, stage
from ..validation import (
    listed,
    require_callable,
    require_positive,
    require_type,
    require_whole,
)
from .judges import judged_pairs


def newest_labels(labels: list[Pairs]) -> Pairs:
    """The pairs of the last round alone."""
    return _checked(labels)[-1]


def all_labels(labels: list[Pairs]) -> Pairs:
    """The pairs of all rounds so far: a verdict stays true when the policy changes."""
    return Pairs(*map(np.concatenate, zip(*_checked(labels), strict=True)))


def _checked(labels) -> list[Pairs]:
    labels = listed(labels=labels)
    for pairs in labels:
        require_type(Pairs, labels=pairs)
    return labels


@dataclass(frozen=True)
class RoundSettings:
    """What a round costs, and how it learns."""

    beta: float = 0.5  # against the reference that the round is given
    pairs: int = 1_000  # new comparisons, one verdict each
    keep: Callable = all_labels  # what to train on, of the labels so far
    steps: int = 150
    learning_rate: float = 5e-3  # the largest; it falls to 0 again
    batch_size: int = 128

    def __post_init__(self):
        require_positive("beta", self.beta)
        require_whole(1, pairs=self.pairs, steps=self.steps, batch_size=self.batch_size)
        require_callable(keep=self.keep)
        require_positive("learning_rate", self.learning_rate)


def online_round(
    data: WorldData, judge_for: Callable, labels: list, settings, generator
) -> Callable:
    """learn(policy, reference) -> policy for transformers: sample, label, train.

    ``judge_for(policy)`` is the judge of that round: constant, or the policy itself.
    ``labels`` receives each round's verdicts, so that a caller can look at them.
    """
    _require_round(data, judge_for, labels, settings, generator)

    def learn(policy: Stage, reference: Stage) -> Stage:
        judge = judge_for(policy)
        pairs = judged_pairs(policy.logp, judge, settings.pairs, generator)
        labels.append(hard_labels(pairs, generator))
        return train_round(data, policy, reference, settings.keep(labels), settings)

    return learn


def _require_round(data, judge_for, labels, settings, generator) -> None:
    require_type(WorldData, data=data)
    require_callable(judge_for=judge_for)
    require_type(list, labels=labels)
    for pairs in labels:
        require_type(Pairs, labels=pairs)
    require_type(RoundSettings, settings=settings)
    require_type(np.random.Generator, generator=generator)


def train_round(data, policy: Stage, reference: Stage, pairs: Pairs, settings) -> Stage:
    """DPO from where ``policy`` is, measured against ``reference``."""
    require_type(WorldData, data=data)
    require_type(Stage, policy=policy, reference=reference)
    require_type(Pairs, pairs=pairs)
    require_type(RoundSettings, settings=settings)
    count, size = len(pairs.label), settings.batch_size
    batch_at = partial(epoch_batch, data, pairs, reference.logp, size, count)
    schedule = Schedule(settings.steps, settings.learning_rate)
    model = train_pairs(policy.model, batch_at, schedule, settings.beta)
    return stage(model, data.world)

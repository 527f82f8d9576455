"""A round of online DPO on the world: sample from the policy, ask a judge, train.

A label is a verdict, one a pair. Which reference the next round gets is decided in
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
from .judges import judged_pairs


def newest_labels(labels: list[Pairs]) -> Pairs:
    """The pairs of the last round alone."""
    return labels[-1]


def all_labels(labels: list[Pairs]) -> Pairs:
    """The pairs of all rounds so far: a verdict stays true when the policy changes."""
    return Pairs(*map(np.concatenate, zip(*labels, strict=True)))


@dataclass(frozen=True)
class RoundSettings:
    """What a round costs, and how it learns."""

    beta: float = 0.5  # against the reference that the round is given
    pairs: int = 1_000  # new comparisons, one verdict each
    keep: Callable = all_labels  # what to train on, of the labels so far
    steps: int = 150
    learning_rate: float = 5e-3  # the largest; it falls to 0 again
    batch_size: int = 128


def online_round(
    data: WorldData, judge_for: Callable, labels: list, settings, generator
) -> Callable:
    """learn(policy, reference) -> policy for transformers: sample, label, train.

    ``judge_for(policy)`` is the judge of that round: constant, or the policy itself.
    ``labels`` receives each round's verdicts, so that a caller can look at them.
    """

    def learn(policy: Stage, reference: Stage) -> Stage:
        judge = judge_for(policy)
        pairs = judged_pairs(policy.logp, judge, settings.pairs, generator)
        labels.append(hard_labels(pairs, generator))
        return train_round(data, policy, reference, settings.keep(labels), settings)

    return learn


def train_round(data, policy: Stage, reference: Stage, pairs: Pairs, settings) -> Stage:
    """DPO from where ``policy`` is, measured against ``reference``."""
    count, size = len(pairs.label), settings.batch_size
    batch_at = partial(epoch_batch, data, pairs, reference.logp, size, count)
    schedule = Schedule(settings.steps, settings.learning_rate)
    model = train_pairs(policy.model, batch_at, schedule, settings.beta)
    return stage(model, data.world)

"""SFT, a frozen reference, DPO: the loop that runs on the world and on your own pairs.

A step goes down the loss of a batch. The batch at a step is a function of the step, so
a run that was stopped can go on as if it had not been. Nothing here reads Z, pi* or a
true reward: training sees pairs and labels only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from ..validation import (
    listed,
    require,
    require_above,
    require_between,
    require_callable,
    require_callable_or_none,
    require_not_negative,
    require_positive,
    require_type,
    require_whole,
)
from ..validation.tensors import require_loss
from .scoring import Model, PairBatch, learner, model_logp, pair_loss, sft_loss


@dataclass(frozen=True)
class Schedule:
    """How long, how fast, and by which Adam: all that an optimizer is told."""

    steps: int
    learning_rate: float  # the largest one
    warmup: int = 20  # steps of linear rise; 0 starts at the largest
    falls: bool = True  # linearly to 0 after the last step; else it stays
    betas: tuple[float, float] = (0.9, 0.95)  # of Adam's two running means
    weight_decay: float = 0.0  # decoupled, as in AdamW (Loshchilov and Hutter 2019)
    clip: float = inf  # the largest norm of a gradient

    def __post_init__(self):
        require_whole(0, steps=self.steps, warmup=self.warmup)
        require_not_negative(learning_rate=self.learning_rate)
        require_not_negative(weight_decay=self.weight_decay)
        require_type(bool, falls=self.falls)
        require_above(0, clip=self.clip)
        betas = listed(betas=self.betas)
        require(len(betas) == 2, f"betas must be two numbers, got {len(betas)}")
        for which, beta in zip(("first", "second"), betas, strict=True):
            require_between(0, 1, **{f"betas, {which}_beta": beta})

    def learning_rate_at(self, step: int) -> float:
        """The learning rate at ``step``, counted from 0."""
        rising = min((step + 1) / max(self.warmup, 1), 1)
        falling = 1 - step / self.steps if self.falls else 1
        return self.learning_rate * rising * falling


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run, besides its data and model."""

    beta: float = 1.0  # reward per nat; with noiseless annotators, RLHF's beta
    sft: Schedule = Schedule(steps=600, learning_rate=3e-3)  # makes the reference
    sft_batch_size: int = 128  # texts per step
    dpo: Schedule = Schedule(steps=3000, learning_rate=1e-2)
    group_size: int = 32  # responses per prompt and step, all compared: soft labels
    batch_size: int = 128  # pairs per step from a fixed set: hard labels
    seed: int = 0

    def __post_init__(self):
        require_positive("beta", self.beta)
        require_type(Schedule, sft=self.sft, dpo=self.dpo)
        require_whole(1, sft_batch_size=self.sft_batch_size, batch_size=self.batch_size)
        require_whole(2, group_size=self.group_size)
        require_whole(0, 2**63 - 1, seed=self.seed)


def dpo_step(policy, reference, optimizer, batch: PairBatch, beta) -> float:
    """One update in full: log-probabilities, margin, loss, backward, step."""
    require_callable(policy=policy, reference=reference)
    require_type(PairBatch, batch=batch)
    with torch.no_grad():
        ref_logp = model_logp(reference, batch.tokens, batch.mask)
    loss, _ = pair_loss(policy, batch._replace(ref_logp=ref_logp), beta)
    take_step(optimizer, loss)
    return loss.item()


def take_step(optimizer, loss: torch.Tensor, clip: float = inf) -> None:
    """Move every weight of the optimizer a little against its gradient of the loss."""
    require_type(torch.optim.Optimizer, optimizer=optimizer)
    require_loss(loss)
    require_above(0, clip=clip)
    optimizer.zero_grad()
    loss.backward()
    if clip < inf:
        groups = optimizer.param_groups
        nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], clip)
    optimizer.step()


class StepReport(NamedTuple):
    """What is known after a step: what a watcher gets, to log, show or save."""

    step: int  # its number, from 0
    record: dict[str, float]  # what the loss wrote down
    model: Any  # as the step left it
    optimizer: torch.optim.Optimizer


class Checkpoint(NamedTuple):
    """Where a stopped run stood."""

    step: int  # steps done
    weights: dict[str, torch.Tensor]  # the model's, by name
    moments: dict[int, dict[str, torch.Tensor]]  # Adam's state, by parameter


def minimize(
    model: nn.Module,
    loss_at: Callable,
    schedule: Schedule,
    after_step: Callable[[StepReport], object] | None = None,
    checkpoint: Checkpoint | None = None,
    steps: int | None = None,
) -> None:
    """Adam on ``loss_at(step)``, which returns (loss, record).

    ``after_step`` is told of every step. ``checkpoint`` goes on where a run stopped and
    ends with the same weights as a run that did not. ``steps`` ends early, on the way
    that the whole schedule would take.
    """
    _require_run(model, loss_at, schedule, after_step, checkpoint, steps)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        betas=schedule.betas,
        weight_decay=schedule.weight_decay,
        fused=True,
    )
    if checkpoint:
        model.load_state_dict(checkpoint.weights)
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": checkpoint.moments, "param_groups": groups})
    first, last = checkpoint.step if checkpoint else 0, schedule.steps
    for step in range(first, last if steps is None else min(steps, last)):
        optimizer.param_groups[0]["lr"] = schedule.learning_rate_at(step)
        loss, record = loss_at(step)
        take_step(optimizer, loss, schedule.clip)
        if after_step:
            after_step(StepReport(step, record, model, optimizer))


def _require_run(model, loss_at, schedule, after_step, checkpoint, steps) -> None:
    require_type(nn.Module, model=model)
    learns = any(weight.requires_grad for weight in model.parameters())
    require(learns, "model has no weight that learns")
    require_callable(loss_at=loss_at)
    require_type(Schedule, schedule=schedule)
    require_callable_or_none(after_step=after_step)
    require_type((Checkpoint, type(None)), checkpoint=checkpoint)
    require_whole(0, steps=0 if steps is None else steps)


def train_texts(
    start: Model,
    texts_at: Callable,
    schedule: Schedule,
    loss: Callable = sft_loss,
    **watched,
) -> Model:
    """SFT from ``start``: a copy that learns the texts ``texts_at(step)``.

    ``texts_at`` returns (tokens, mask), both (B, T), of which ``loss(model, tokens,
    mask)`` is taken. ``watched`` goes to ``minimize``.
    """
    require_type(nn.Module, start=start)
    require_callable(texts_at=texts_at, loss=loss)
    model = learner(start)

    def loss_at(step):
        value = loss(model, *texts_at(step))
        return value, {"loss": value.item()}

    minimize(model, loss_at, schedule, **watched)
    return model


def train_pairs(
    start: Model,
    batch_at: Callable[[int], PairBatch],
    schedule: Schedule,
    beta: float,
    loss: Callable = pair_loss,
    **watched,
) -> Model:
    """DPO from ``start``: a copy that learns from ``batch_at(step)``.

    ``loss(policy, batch, beta)`` returns (loss, record). ``watched`` goes to
    ``minimize``.
    """
    require_type(nn.Module, start=start)
    require_callable(batch_at=batch_at, loss=loss)
    require_positive("beta", beta)
    policy = learner(start)
    minimize(
        policy, lambda step: loss(policy, batch_at(step), beta), schedule, **watched
    )
    return policy


def epoch_rows(count: int, size: int, seed: int, step: int) -> np.ndarray:
    """Which of ``count`` examples batch ``step`` holds; a new order each epoch."""
    require_whole(1, count=count, size=size)
    require_whole(0, 2**63 - 1, seed=seed, step=step)
    epoch, place = divmod(step, -(-count // size))
    order = np.random.default_rng([seed, epoch, 2]).permutation(count)
    return order[place * size : (place + 1) * size]


def epoch_steps(count: int, size: int, epochs: int = 1) -> int:
    """How many batches of ``size`` cover ``count`` examples ``epochs`` times."""
    require_whole(1, count=count, size=size)
    require_whole(0, epochs=epochs)
    return epochs * -(-count // size)

"""SFT, a frozen reference, DPO: the loop that runs on the world and on your own pairs.

    loss = dpo_loss(log pi(y_w|x), log pi(y_l|x), their reference values, beta)

Rafailov et al. 2023, section 4. The batch at a step is a function of the step, so a run
that was stopped can go on as if it had not been. Nothing here reads Z, pi* or a true
reward: training sees pairs and labels only.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch
from torch import nn
from torch.nn import functional as F

from ..dpo_loss import dpo_loss, implicit_reward_accuracy, log_ratio_gap
from ..sequence_logprob import sequence_logprob

Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: linear warm-up, then linear decay to 0."""

    steps: int
    peak: float  # the largest learning rate
    warmup: int = 20  # steps

    def rate(self, step: int) -> float:
        """The learning rate at ``step``, counted from 0."""
        rising = (step + 1) / max(self.warmup, 1)
        return self.peak * min(rising, 1) * (1 - step / self.steps)


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run, besides its data and model."""

    beta: float = 1.0  # reward per nat; with noiseless annotators, RLHF's beta
    sft: Schedule = Schedule(steps=600, peak=3e-3)  # makes the reference
    sft_batch: int = 128  # texts a step
    dpo: Schedule = Schedule(steps=3000, peak=1e-2)
    group: int = 32  # responses a prompt and step, all compared: soft labels
    batch: int = 128  # pairs a step from a fixed set: hard labels
    seed: int = 0


class PairBatch(NamedTuple):
    """Pairs over S distinct sequences, so that each is run through the model once."""

    tokens: torch.Tensor  # (S, T) prompt, response, padding
    mask: torch.Tensor  # (S, T) 1 on the response's tokens
    ref_logp: torch.Tensor  # (S,) computed once: the reference never changes
    chosen: torch.Tensor  # (B,) rows of ``tokens``
    rejected: torch.Tensor  # (B,)
    label: torch.Tensor  # (B,) probability that chosen is preferred


def freeze(model: Model) -> Model:
    """A copy that never learns: the reference. The model itself stays trainable.

    A copy, because the same object would follow the policy and the loss stay at log 2.
    """
    return deepcopy(model).eval().requires_grad_(False)


def model_logp(model, tokens, mask) -> torch.Tensor:
    """log pi(y|x) of each row: (S,). Dropout, if the model has any, is its own."""
    # The last position predicts nothing that is scored, so the model never sees it.
    logits = F.pad(model(tokens[:, :-1]), (0, 0, 0, 1))  # (S, T, V)
    return sequence_logprob(logits, tokens, mask)


def sft_loss(model, tokens, mask) -> torch.Tensor:
    """Mean negative log-likelihood of the responses, in nats a response."""
    return -model_logp(model, tokens, mask).mean()


def pair_loss(policy, batch: PairBatch, beta) -> tuple[torch.Tensor, dict[str, float]]:
    """The DPO loss of a batch, and what is worth logging beside it."""
    logp = model_logp(policy, batch.tokens, batch.mask)  # (S,)
    four = [
        values[rows]
        for values in (logp, batch.ref_logp)
        for rows in (batch.chosen, batch.rejected)
    ]
    loss = dpo_loss(*four, beta, label=batch.label)
    with torch.no_grad():
        moved = beta * (logp - batch.ref_logp)  # implicit rewards, (S,)
        record = {
            "loss": loss.item(),
            "margin": beta * log_ratio_gap(*four).mean().item(),
            "accuracy": implicit_reward_accuracy(*four).item(),
            "reward_chosen": moved[batch.chosen].mean().item(),
            "reward_rejected": moved[batch.rejected].mean().item(),
        }
    return loss, record


def dpo_step(policy, reference, optimizer, batch: PairBatch, beta) -> float:
    """One update in full: log-probabilities, margin, loss, backward, step."""
    with torch.no_grad():
        ref_logp = model_logp(reference, batch.tokens, batch.mask)
    loss, _ = pair_loss(policy, batch._replace(ref_logp=ref_logp), beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


class Progress(NamedTuple):
    """Where a stopped run stood, besides the model's weights."""

    step: int  # steps done
    moments: dict[int, dict[str, torch.Tensor]]  # Adam's state, by parameter


def minimize(
    model: nn.Module,
    loss_at: Callable,
    schedule: Schedule,
    progress: Progress | None = None,
    after_step: Callable | None = None,
) -> None:
    """Adam on ``loss_at(step)``, which returns (loss, record).

    ``after_step(step, record, optimizer)`` may log, show or save; ``progress`` goes on
    where a run stopped and ends with the same weights as a run that did not.
    """
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.95), fused=True)
    if progress:
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": progress.moments, "param_groups": groups})
    for step in range(progress.step if progress else 0, schedule.steps):
        optimizer.param_groups[0]["lr"] = schedule.rate(step)
        loss, record = loss_at(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if after_step:
            after_step(step, record, optimizer)

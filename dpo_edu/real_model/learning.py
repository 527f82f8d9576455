"""DPO and SFT on a transformers model, by the course's own loop and loss.

A batch goes through the model in parts, whose gradients add up to that of the whole:

    loss = sum over parts of (pairs in the part / pairs in all) * mean loss of the part

A plain mean of the parts' means would count a pair of a small part more. The reference
is scored once, before the first step. This module does not know where pairs come from.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from ..dpo_loss import dpo_loss
from ..training.loop import Schedule, epoch_rows, epoch_steps, minimize
from ..training.scoring import log_record
from ..validation import require_positive
from .pairs import AnswerPair
from .scoring import Group, Scorer, logp_of_all, parts

Part = tuple[int, Callable[[], tuple[torch.Tensor, dict[str, float]]]]


class LossInParts:
    """A mean loss whose ``backward`` goes through its parts one after the other.

    Only one part's activations are in memory at a time. ``parts``: of each, how many
    examples it holds and a function that returns its mean loss and what is worth
    logging; ``record`` holds the means over all examples after ``backward``.
    """

    def __init__(self, parts: Sequence[Part]):
        self.parts, self.record = parts, dict[str, float]()

    def backward(self) -> None:
        """Add the gradient of the whole to the weights that learn."""
        total = sum(size for size, _ in self.parts)
        for size, evaluate in self.parts:
            loss, record = evaluate()
            (loss * (size / total)).backward()
            for name, value in record.items():
                before = self.record.get(name, 0.0)
                self.record[name] = before + value * size / total


class Plan(NamedTuple):
    """How long and how fast: of DPO and of SFT alike."""

    learning_rate: float = 5e-4
    batch_size: int = 8  # pairs per step
    epochs: int = 1
    at_once: int = 1_024  # tokens in one forward pass
    seed: int = 0  # of the order
    clip: float = 1.0  # the largest norm of a gradient

    def schedule(self, count: int) -> Schedule:
        """For so many examples: a short rise, then down to 0."""
        steps = epoch_steps(count, self.batch_size, self.epochs)
        warmup = min(5, steps)
        return Schedule(
            steps, self.learning_rate, warmup=warmup, betas=(0.9, 0.999), clip=self.clip
        )


def as_groups(pairs: Sequence[AnswerPair]) -> list[Group]:
    """Each pair as its prompt and two responses: chosen, rejected."""
    return [Group(pair.prompt, [pair.chosen, pair.rejected]) for pair in pairs]


def train_dpo(
    scorer: Scorer,
    pairs: Sequence[AnswerPair],
    ref_logp: torch.Tensor,
    beta: float,
    plan: Plan,
    **watched,
) -> None:
    """DPO: what of ``scorer.model`` learns goes down the loss of chapter 06.

    ref_logp: (pairs, 2), of chosen and rejected under the reference. ``watched`` goes
    to ``minimize``.
    """
    require_positive("beta", beta)
    groups = as_groups(pairs)

    def loss_of(numbers: Sequence[int]):
        logp = scorer.logp([groups[n] for n in numbers]).view(-1, 2)  # (part, 2)
        ref = ref_logp[torch.as_tensor(numbers)].to(logp)
        four = (*logp.unbind(-1), *ref.unbind(-1))
        loss = dpo_loss(*four, beta)
        return loss, log_record(loss, *four, beta=beta)

    _learn(scorer.model, groups, loss_of, plan, **watched)


def train_sft(scorer: Scorer, texts: Sequence[Group], plan: Plan, **watched) -> None:
    """SFT: down the mean negative log-likelihood of responses, in nats per response.

    texts: one response each, such as the winners of the pairs.
    """

    def loss_of(numbers: Sequence[int]):
        loss = -scorer.logp([texts[n] for n in numbers]).mean()
        return loss, {"loss": loss.item()}

    _learn(scorer.model, texts, loss_of, plan, **watched)


def _learn(model, groups, loss_of: Callable, plan: Plan, **watched) -> None:
    def loss_at(step: int):
        rows = epoch_rows(len(groups), plan.batch_size, plan.seed, step)
        loss = in_parts([groups[n] for n in rows], loss_of, rows, plan.at_once)
        return loss, loss.record

    minimize(model, loss_at, plan.schedule(len(groups)), **watched)


def in_parts(groups, loss_of: Callable, numbers, at_once: int) -> LossInParts:
    """The loss of a batch, in parts of groups of similar length.

    ``loss_of(numbers of the examples)`` returns (mean loss, record); ``numbers[n]`` is
    that of ``groups[n]``.
    """
    found = parts(groups, at_once)
    chosen = [[int(numbers[n]) for n in part] for part in found]
    return LossInParts([(len(part), lambda p=part: loss_of(p)) for part in chosen])


def reference_logp(scorer: Scorer, pairs: Sequence[AnswerPair]) -> torch.Tensor:
    """(pairs, 2) under the model without its adapter, computed once for all epochs."""
    with scorer.model.disable_adapter():
        return torch.stack(logp_of_all(scorer, as_groups(pairs)))

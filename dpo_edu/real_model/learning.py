"""DPO and SFT on a transformers model, by the course's own loop and loss.

A batch goes through the model in parts, whose gradients add up to that of the whole:

    loss = sum over parts of (pairs in the part / pairs in all) * mean loss of the part

A plain mean of the parts' means would count a pair of a small part more. The reference
is scored once, before the first step. This module does not know where pairs come from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from ..dpo_loss import dpo_loss
from ..training.loop import Schedule, epoch_rows, epoch_steps, minimize
from ..training.scoring import log_record
from ..validation import require_positive, require_whole
from .adapter import learning_weights
from .pairs import AnswerPair
from .scoring import Group, Scorer, logp_of_all, parts

Part = tuple[int, Callable[[], tuple[torch.Tensor, dict[str, float]]]]


def accumulated(parts_: Sequence[Part], weights: Sequence[torch.Tensor]):
    """(loss, record): means over all examples, of parts that are computed one by one.

    parts_: of each, how many examples it holds and a function that returns its mean
    loss and what is worth logging. Only one part's activations are in memory at a time.
    ``loss.backward()`` gives ``weights`` the gradient of the whole.
    """
    total, record = sum(size for size, _ in parts_), dict[str, float]()
    gradients = [torch.zeros_like(weight) for weight in weights]
    value = torch.zeros(())
    for size, evaluate in parts_:
        loss, logged = evaluate()
        loss = loss * (size / total)
        found = torch.autograd.grad(
            loss, weights, allow_unused=True, materialize_grads=True
        )
        for gradient, more in zip(gradients, found, strict=True):
            gradient += more
        value = value.to(loss) + loss.detach()
        for name, number in logged.items():
            record[name] = record.get(name, 0.0) + number * size / total
    # The differences are 0, so this is the loss; its derivatives are the gradients.
    pairs = zip(weights, gradients, strict=True)
    return value + sum(((w - w.detach()) * g).sum() for w, g in pairs), record


@dataclass(frozen=True)
class Plan:
    """How long and how fast: of DPO and of SFT alike."""

    learning_rate: float = 3e-3  # 5e-4 hardly moves an adapter in one epoch
    batch_size: int = 4  # pairs per step
    epochs: int = 1
    at_once: int = 1_024  # tokens in one forward pass
    seed: int = 0  # of the order
    clip: float = 1.0  # the largest norm of a gradient

    def __post_init__(self):
        require_positive("learning_rate", self.learning_rate)
        require_whole(1, batch_size=self.batch_size, epochs=self.epochs)
        require_whole(1, at_once=self.at_once)

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


def train_dpo(scorer: Scorer, pairs, ref_logp, beta: float, plan: Plan, **watched):
    """DPO: what of ``scorer.model`` learns goes down the loss of chapter 06.

    pairs: a sequence of ``AnswerPair``. ref_logp: (pairs, 2), of chosen and rejected
    under the reference. ``watched`` goes to ``minimize``.
    """
    require_positive("beta", beta)
    groups = as_groups(pairs)

    def loss_of(numbers: Sequence[int]):
        logp = scorer.logp([groups[n] for n in numbers]).view(-1, 2)  # (part, 2)
        ref = ref_logp[torch.as_tensor(numbers)].to(logp)
        four = (*logp.unbind(-1), *ref.unbind(-1))
        loss = dpo_loss(*four, beta)
        return loss, log_record(loss, *four, beta=beta)

    learn(scorer.model, groups, loss_of, plan, **watched)


def train_sft(scorer: Scorer, texts: Sequence[Group], plan: Plan, **watched) -> None:
    """SFT: down the mean negative log-likelihood of responses, in nats per response.

    texts: one response each, such as the winners of the pairs.
    """

    def loss_of(numbers: Sequence[int]):
        loss = -scorer.logp([texts[n] for n in numbers]).mean()
        return loss, {"loss": loss.item()}

    learn(scorer.model, texts, loss_of, plan, **watched)


def learn(model, groups, loss_of: Callable, plan: Plan, **watched) -> None:
    """Go down ``loss_of(numbers of some groups)``, which returns (mean loss, record).

    What of ``model`` learns is changed. ``watched`` goes to ``minimize``.
    """
    weights = [*learning_weights(model).values()]

    def loss_at(step: int):
        rows = epoch_rows(len(groups), plan.batch_size, plan.seed, step).tolist()
        return accumulated(in_parts(groups, rows, loss_of, plan.at_once), weights)

    minimize(model, loss_at, plan.schedule(len(groups)), **watched)


def in_parts(groups, numbers: Sequence[int], loss_of: Callable, at_once: int):
    """The groups with these numbers, in parts of similar length for ``accumulated``.

    ``loss_of(some of the numbers)`` returns (mean loss, record).
    """
    found = parts([groups[n] for n in numbers], at_once)
    chosen = [[numbers[place] for place in part] for part in found]
    return [(len(part), partial(loss_of, part)) for part in chosen]


def reference_logp(scorer: Scorer, pairs: Sequence[AnswerPair]) -> torch.Tensor:
    """(pairs, 2) under the model without its adapter, computed once for all epochs."""
    # With an adapter a step costs about two forward passes, its reference one: of E
    # epochs' 3 E passes 2 E + 1 are left. That saves nothing at one epoch, a sixth at
    # two.
    with scorer.model.disable_adapter():
        return torch.stack(logp_of_all(scorer, as_groups(pairs)))

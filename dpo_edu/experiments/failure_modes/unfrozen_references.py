"""Three references that are not frozen, five seeds each, in the clinic's trainer.

Aliased with gradient, aliased without, and a copy that was handed to the optimizer.
Chapter 11's clinic has the first two as patients with one seed; the third is new.
``table_with_trained_reference`` does the third in a table, where its end is known.
"""

import torch
from torch import nn

from ...dpo_loss import log_ratio_gap, population_loss
from ...training import Schedule, learner, minimize
from ...training.world_run import policy_logp
from ..shared_start import in_epochs, of_pairs, shared_start
from ..training.clinic import TRAINERS, Trainer, log_row, score
from .material import LEARNING_RATE, STEPS, measures, verdict_pairs

EVERY = 20  # steps from row to row


class Together(nn.Module):
    """Policy and reference under one roof: the optimizer moves the weights of both."""

    def __init__(self, reference):
        super().__init__()
        self.policy, self.reference = learner(reference), learner(reference)

    def forward(self, tokens):
        return self.policy(tokens)


def trained_too(policy, reference, tokens, mask):
    """Score the reference that the optimizer moves, with gradient."""
    return score(policy.reference, tokens, mask)


def aliased(policy, reference):
    """Which model the margin is measured against, if the reference is the policy."""
    return policy


REFERENCES = {  # the trainer, and which model serves as its reference
    "frozen": (TRAINERS["healthy"], lambda policy, reference: reference),
    "aliased, with gradient": (TRAINERS["aliased reference, with gradient"], aliased),
    "aliased, no gradient": (TRAINERS["aliased reference, no gradient"], aliased),
    "in the optimizer": (
        Trainer(policy=Together, reference=trained_too),
        lambda policy, reference: policy.reference,
    ),
}


def unfrozen(seed: int, name: str, steps=STEPS) -> list[dict]:
    """Every 20th step: the margin that the trainer sees, the real one, the truth."""
    trainer, present = REFERENCES[name]
    model, pairs, rows = shared_start().reference.model, verdict_pairs(seed), []
    batch_at, policy = in_epochs(pairs, seed), trainer.policy(model)

    def loss_at(step):
        return log_row(trainer, policy, model, batch_at(step))

    def after_step(report):
        done = report.step + 1
        if done % EVERY == 0:
            row = _truth(pairs, policy, present(policy, model))
            rows.append({"step": done, "loss": report.record["loss"]} | row)

    minimize(policy, loss_at, Schedule(steps, LEARNING_RATE), after_step)
    return rows


def _truth(pairs, policy, present) -> dict[str, float]:
    """Margins on all pairs against the reference as it is now, and as it was."""
    logp, now = (
        policy_logp(each, shared_start().data.world) for each in (policy, present)
    )
    ours, theirs = measures(logp), measures(now)
    return {name: ours[name] for name in ("reward", "kl_from_reference", "share")} | {
        "seen_margin": _margin(pairs, logp, now),
        "real_margin": _margin(pairs, logp, shared_start().reference.logp),
        "reference_moved": theirs["kl_from_reference"],
        "reward_of_reference": theirs["reward"],
    }


def _margin(pairs, logp, ref_logp) -> float:
    """Mean margin at beta = 1 over all pairs."""
    return log_ratio_gap(*of_pairs(pairs, logp, ref_logp)).mean().item()


def table_with_trained_reference(
    ref_logp, preference, beta, steps=4_000, step_size=1.0
):
    """Gradient descent on both tables, policy and reference: their log-probabilities.

    ref_logp: (K,), preference: (K, K). Every pair pulls the two tables with equal and
    opposite force, so each supplies half of every margin: the policy ends where DPO
    with 2 beta and a frozen reference ends.
    """
    tables = [torch.tensor(ref_logp, requires_grad=True) for _ in range(2)]
    for _ in range(steps):
        logps = [table.log_softmax(-1) for table in tables]
        loss = population_loss(*logps, preference, beta)
        slopes = torch.autograd.grad(loss, tables)
        with torch.no_grad():
            for table, slope in zip(tables, slopes, strict=True):
                table -= step_size * slope
    return [table.detach().log_softmax(-1).numpy() for table in tables]

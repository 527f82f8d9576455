"""Nine ways to break a DPO run, really broken, and the log that each one leaves.

    loss = -log sigmoid(beta * [(log pi_w - log ref_w) - (log pi_l - log ref_l)])

A trainer in five parts, so that a bug is one part exchanged. The package refuses a beta
of 0 and a mask without a response; this trainer, like many, does not. Only the column
``win_rate`` knows the truth. This module does not know how to cure a run.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ...sequence_logprob import token_logprobs
from ...training import Schedule, learner, minimize
from ...training.evaluation import evaluate
from ...training.world_batches import epoch_batch
from ...training.world_run import policy_logp
from ..bench import Bench, verdicts
from .dropout import with_dropout

STEPS, EVERY, PAIRS = 200, 10, 5_000


def score(model, tokens, mask):
    """log pi(y|x) of each row, whatever the mask: (S,)."""
    each = token_logprobs(model(tokens), tokens)  # (S, T)
    return each.where(mask, 0.0).sum(-1)


def noisy_learner(reference):
    """A copy with dropout 0.1, switched on while it is trained and scored."""
    return with_dropout(learner(reference), 0.1)


def frozen(policy, reference, tokens, mask):
    """The right reference: another model, no gradient."""
    with torch.no_grad():
        return score(reference, tokens, mask)


def alias(policy, reference, tokens, mask):
    """``reference = policy``: the same object, and the gradient flows into it."""
    return score(policy, tokens, mask)


def detached_alias(policy, reference, tokens, mask):
    """The same object again, under no_grad: it moves along, and is not felt."""
    with torch.no_grad():
        return score(policy, tokens, mask)


def in_bfloat16(policy, reference, tokens, mask):
    """Load the reference in bfloat16 beside a policy in full precision."""
    coarse = deepcopy(reference).bfloat16()
    return frozen(policy, coarse, tokens, mask).to(torch.float64)


@dataclass(frozen=True)
class Trainer:
    """The parts of a run; each default is right."""

    beta: float = 1.0
    learning_rate: float = 5e-3
    policy: Callable = learner
    reference: Callable = frozen
    mask: Callable = torch.clone
    sides: tuple[str, str] = ("chosen", "rejected")


TRAINERS = {
    "healthy": Trainer(),
    "beta = 0": Trainer(beta=0.0),
    "empty mask": Trainer(mask=torch.zeros_like),
    "aliased reference, with gradient": Trainer(reference=alias),
    "aliased reference, no gradient": Trainer(reference=detached_alias),
    "dropout in the policy": Trainer(policy=noisy_learner),
    "reference in bfloat16": Trainer(reference=in_bfloat16),
    "padding counted": Trainer(mask=lambda mask: mask.cumsum(-1) > 0),
    "chosen and rejected swapped": Trainer(sides=("rejected", "chosen")),
    "learning rate x 100": Trainer(learning_rate=0.5),
}


def log_row(trainer: Trainer, policy, reference, batch):
    """The loss of a batch, and the columns that trainers print."""
    mask = trainer.mask(batch.mask)
    logp = score(policy, batch.tokens, mask)  # (S,)
    ref_logp = trainer.reference(policy, reference, batch.tokens, mask)
    sides = [getattr(batch, side) for side in trainer.sides]
    chosen, rejected = (trainer.beta * (logp - ref_logp)[rows] for rows in sides)
    loss = -F.logsigmoid(chosen - rejected).mean()
    return loss, {
        "loss": loss.item(),
        "margin": (chosen - rejected).mean().item(),
        "accuracy": ((chosen - rejected).sign() / 2 + 0.5).mean().item(),
        "reward_chosen": chosen.mean().item(),
        "reward_rejected": rejected.mean().item(),
        "logp_chosen": logp[sides[0]].mean().item(),
        "logp_rejected": logp[sides[1]].mean().item(),
    }


def run(bench: Bench, trainer: Trainer, steps: int = STEPS) -> list[dict]:
    """Train with these parts; every tenth row of the log, as of before that step."""
    model, rows = bench.reference.model, []
    pairs = verdicts(bench.data, bench.reference, PAIRS, seed=0)
    policy = trainer.policy(model)

    def loss_at(step):
        batch = epoch_batch(bench.data, pairs, bench.reference.logp, 128, 0, step)
        loss, row = log_row(trainer, policy, model, batch)
        if step % EVERY == 0:
            rows.append({"step": step} | row | {"win_rate": judged(bench, policy)})
        return loss, row

    def after_step(report):
        if report.step % EVERY == 0:
            slopes = [p.grad.norm() for p in policy.parameters()]
            rows[-1]["gradient"] = torch.stack(slopes).norm().item()

    with torch.random.fork_rng():
        torch.manual_seed(0)  # dropout draws
        schedule = Schedule(STEPS, trainer.learning_rate)
        minimize(policy, loss_at, schedule, after_step, steps=steps)
    return rows


def judged(bench: Bench, policy) -> float:
    """Exact rate at which annotators prefer the policy to the reference."""
    logp = policy_logp(deepcopy(policy).eval(), bench.data.world)
    return evaluate(
        logp, bench.reference.logp, bench.data.world.reward, beta=1.0
    ).win_rate

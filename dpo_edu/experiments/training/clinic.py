"""Nine ways to break a DPO run, really broken, and the log that each one leaves.

    loss = -log sigmoid(beta * [(log pi_w - log ref_w) - (log pi_l - log ref_l)])

A trainer in six parts, so that a bug is one part exchanged. The package refuses a beta
of 0 and a mask without a response; this trainer, like many, does not. Only the column
``win_rate`` knows the truth. Runs that leave the same log are told apart by moving the
policy by hand. This module does not know how to cure a run.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ...sequence_logprob import token_logprobs
from ...training import Schedule, learner, minimize
from ...training.evaluation import evaluate
from ...training.world_run import policy_logp
from ..shared_start import in_epochs, shared_start, verdicts
from .dropout import with_dropout

STEPS, EVERY = 200, 10  # of a run; from row to row of its log
PAIRS = 5_000
PATIENTS = {  # under these letters the notebook shows them
    "A": "aliased reference, no gradient",
    "B": "empty mask",
    "C": "beta = 0",
    "D": "aliased reference, with gradient",
    "E": "padding counted",
    "F": "reference in bfloat16",
    "G": "dropout in the policy",
    "H": "learning rate x 100",
    "I": "chosen and rejected swapped",
}
COLUMNS = {  # of the printed log: heading, digits
    "loss": ("loss", 4),
    "gradient": ("gradient", 4),
    "margin": ("margin", 4),
    "accuracy": ("acc.", 3),
    "reward_chosen": ("r_chosen", 4),
    "reward_rejected": ("r_rej.", 4),
    "logp_chosen": ("logp_ch.", 2),
    "logp_rejected": ("logp_rej.", 2),
    "win_rate": ("wins", 3),
}


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


def examine(name: str) -> dict:
    """Run one of ``TRAINERS``: its log, and what answers to a policy moved by hand."""
    trainer = TRAINERS[name]
    return {"log": logged_run(trainer), "nudge": perturbed(trainer)}


def logged_run(trainer: Trainer, steps: int = STEPS) -> list[dict]:
    """Train with these parts; every tenth row of the log, as of before that step."""
    model, batch_at, rows = shared_start().reference.model, batches(), []
    policy = trainer.policy(model)

    def loss_at(step):
        loss, row = log_row(trainer, policy, model, batch_at(step))
        if step % EVERY == 0:
            rows.append({"step": step} | row | {"win_rate": exact_win_rate(policy)})
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


def perturbed(trainer: Trainer) -> dict[str, float]:
    """Move every weight of a fresh policy a little by hand: which columns answer?

    With beta = 0 the log-ratios leave 0 and the margins do not; with an aliased
    reference neither does. Returns mean absolute log-ratio and margin of the first
    batch, both in nats.
    """
    model, batch = shared_start().reference.model, batches()(0)
    policy, generator = trainer.policy(model), torch.Generator().manual_seed(0)
    mask = trainer.mask(batch.mask)
    with torch.no_grad():
        for weight in policy.parameters():
            noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
            weight += 0.02 * noise
        ref_logp = trainer.reference(policy, model, batch.tokens, mask)
        moved = score(policy, batch.tokens, mask) - ref_logp  # (S,)
    gap = moved[batch.chosen] - moved[batch.rejected]
    return {
        "log_ratio": moved.abs().mean().item(),
        "margin": (trainer.beta * gap).abs().mean().item(),
    }


def batches() -> Callable:
    """The same pairs for every trainer; step to batch."""
    data, reference, _ = shared_start()
    return in_epochs(verdicts(data, reference, PAIRS, seed=0), seed=0)


def exact_win_rate(policy) -> float:
    """Exact rate at which annotators prefer the policy to the reference."""
    data, reference, _ = shared_start()
    logp = policy_logp(deepcopy(policy).eval(), data.world)
    return evaluate(logp, reference.logp, data.world.reward, beta=1.0).win_rate


def log_table(rows, steps=(0, 10, 50, 190)) -> str:
    """Some rows of a run's log, as a trainer prints them."""
    lines = ["step" + "".join(f"{head:>10}" for head, _ in COLUMNS.values())]
    for row in (row for row in rows if row["step"] in steps):
        cells = (f"{row[name]:10.{places}f}" for name, (_, places) in COLUMNS.items())
        lines.append(f"{row['step']:>4}" + "".join(cells))
    return "\n".join(lines)

"""Is the loss right, given four log-probabilities? Ordinary pairs, start, extremes.

Each check returns None, or what is wrong in words. This module does not know models.
"""

import math

import torch

from ..dpo_loss import dpo_loss
from .adapter import Trainer
from .naming import named, nats
from .truth import BETAS
from .wrong_losses import SENTENCES, alike, names

# Both signs of the margin, and references that differ between the two sides.
FOUR = tuple(
    torch.tensor(numbers, dtype=torch.float64)
    for numbers in (
        (-4.5, -7.25, -3.0, -11.5, -2.0),  # logp_chosen
        (-4.25, -9.0, -6.5, -8.0, -14.0),  # logp_rejected
        (-5.0, -6.0, -3.75, -9.0, -5.5),  # ref_logp_chosen
        (-4.0, -9.5, -2.5, -8.75, -7.0),  # ref_logp_rejected
    )
)
HUGE = 10_000.0


def loss_of_ordinary_pairs(trainer: Trainer) -> str | None:
    """-log sigmoid(beta * gap) of each pair alone, at two betas."""
    found = [_each(trainer, FOUR, beta) for beta in BETAS]
    right = [dpo_loss(*FOUR, beta, reduction="none") for beta in BETAS]
    for beta, mine, truth in zip(BETAS, found, right, strict=True):
        if not alike(mine, truth):
            pair = int((mine - truth).abs().nan_to_num(math.inf, math.inf).argmax())
            numbers = ", ".join(nats(float(each[pair])) for each in FOUR)
            return (
                f"{named(names(FOUR, BETAS, found), SENTENCES)} "
                f"loss({numbers}, beta={beta}) = {nats(float(mine[pair]))}, where "
                f"{nats(float(truth[pair]))} is right."
            )
    return None


def _each(trainer: Trainer, four, beta: float) -> torch.Tensor:
    """The loss of each pair in a batch of its own: (B,)."""
    alone = range(len(four[0]))
    each = [trainer.loss([x[n : n + 1] for x in four], beta) for n in alone]
    return torch.stack([loss.detach().double().cpu().reshape(()) for loss in each])


def mean_over_pairs(trainer: Trainer) -> str | None:
    """The loss of a batch is the mean of its pairs' losses, or all of them."""
    beta = BETAS[1]
    each, found = _each(trainer, FOUR, beta), trainer.loss(FOUR, beta)
    found = found.detach().double().cpu()
    if alike(found, each if found.dim() else each.mean()):
        return None
    others = {
        "the sum": each.sum(),
        "the first pair's": each[0],
        "the last pair's": each[-1],
        "half the mean": each.mean() / 2,
    }
    cause = [name for name, value in others.items() if alike(found, value)]
    numbers = "their list" if found.dim() else f"{nats(float(found))}"
    what = f"This is {cause[0]}. " if cause else ""
    return (
        f"The loss of {len(each)} pairs in one batch is {numbers}, where their mean, "
        f"{nats(float(each.mean()))}, is right. {what}".strip()
    )


def log_2_at_the_start(trainer: Trainer) -> str | None:
    """Where policy and reference agree, the loss is log 2 at every beta."""
    for beta in BETAS:
        found = float(_each(trainer, (*FOUR[:2], *FOUR[:2]), beta).mean())
        if not math.isclose(found, math.log(2), rel_tol=1e-5):
            return (
                f"Where policy and reference agree, the loss at beta = {beta} is "
                f"{nats(found)}, where log 2 = 0.6931 is right."
            )
    return None


def extreme_margins(trainer: Trainer) -> str | None:
    """At margins of -10,000 and 10,000 loss and gradient are finite, and right."""
    for margin in (-HUGE, HUGE):
        loss, slope = _at(trainer, margin)
        right, right_slope = max(0.0, -margin), -1.0 if margin < 0 else 0.0
        near = math.isclose(loss, right, rel_tol=1e-5, abs_tol=1e-5)
        if not near or not math.isclose(slope, right_slope, abs_tol=1e-5):
            return (
                f"At a margin of {margin:,.0f} in float32 the loss is {nats(loss)} and "
                f"its slope {nats(slope)}, where {nats(right)} and {right_slope:.0f} "
                f"are right. {_why_extreme(trainer, loss)}".strip()
            )
    return None


def _why_extreme(trainer: Trainer, loss: float) -> str:
    if not math.isfinite(loss):
        return (
            "The sigmoid is rounded to 0 before its logarithm is taken; logsigmoid "
            "and softplus(-margin) are exact."
        )
    if loss > 1 and math.isclose(loss, _at(trainer, -HUGE / 10)[0], rel_tol=1e-6):
        return (
            "It is the same at -1,000: something is cut off or added inside of the "
            "logarithm, and pairs that are very wrong teach nothing."
        )
    return ""


def _why_nan(loss: float) -> str:
    return "Somewhere 0 is multiplied by inf." if math.isnan(loss) else ""


def _at(trainer: Trainer, margin: float) -> tuple[float, float]:
    """The loss of one pair with this margin, and its slope in the log-probability."""
    four = [torch.zeros(1) for _ in range(4)]
    logp_chosen = torch.full((1,), margin, requires_grad=True)
    loss = trainer.loss([logp_chosen, *four[1:]], 1.0).sum()
    (slope,) = torch.autograd.grad(loss, logp_chosen)
    return loss.item(), slope.item()


def probability_0(trainer: Trainer) -> str | None:
    """A response that the policy makes impossible (-inf) costs 0 or inf, not NaN."""
    impossible, certain = torch.tensor([-math.inf]), torch.tensor([-1.0])
    for side, right in (("rejected", 0.0), ("chosen", math.inf)):
        two = (certain, impossible) if right == 0 else (impossible, certain)
        found = float(trainer.loss([*two, certain, certain], BETAS[0]).sum())
        if found != right and not abs(found - right) < 1e-6:
            return (
                f"If the policy makes the {side} response impossible (log-probability "
                f"-inf), the loss is {nats(found)}, where {right:.0f} is right. "
                f"It happens where a token is banned. {_why_nan(found)}"
            ).strip()
    return None

"""Is the loss of a batch right, and does the reference stay where it is?

The policy is nudged, and what follows the nudge tells an aliased reference from a beta
of 0. Each check returns None, or what is wrong in words.
"""

import math
from contextlib import contextmanager

import torch

from .adapter import Trainer
from .language import laid_out, nudge
from .naming import fewest_parts, named, nats
from .truth import BETAS, gradient, pair_batches, pair_loss, read
from .words import PROMPTS
from .wrong_batches import SENTENCES, wrong_batches

SIZES = (4, 3)
BETA = BETAS[1]
LOG_2 = math.log(2)


def _nudged(trainer: Trainer):
    """A policy that has moved, and a reference that cannot have followed it."""
    policy, reference = trainer.model(), trainer.model()
    nudge(policy)
    return policy, reference


def loss_of_a_batch(trainer: Trainer) -> str | None:
    """The whole loss of four batches, after the policy has moved from the reference."""
    policy, reference = _nudged(trainer)
    batches = pair_batches(SIZES)
    found = {
        beta: torch.stack(
            [_pair_loss(trainer, policy, reference, b, beta).detach() for b in batches]
        )
        for beta in BETAS
    }
    right = {beta: _right(trainer, policy, reference, batches, beta) for beta in BETAS}
    for beta in BETAS:
        if not _alike(found[beta], right[beta]):
            said = _cause(trainer, policy, reference, batches, found)
            return (
                f"{said} The loss of a batch of {SIZES[0]} pairs at "
                f"beta = {beta} is {nats(found[beta][0].item())}, where "
                f"{nats(right[beta][0].item())} is right."
            )
    return None


def _pair_loss(trainer: Trainer, policy, reference, pairs, beta: float):
    chosen, rejected = (side.rows for side in pairs)
    return trainer.pair_loss(policy, reference, chosen, rejected, beta).double().cpu()


def _right(trainer: Trainer, policy, reference, batches, beta: float) -> torch.Tensor:
    with torch.no_grad():
        return torch.stack(
            [
                pair_loss(policy, reference, b, beta, trainer.conventions)
                for b in batches
            ]
        )


def _alike(found, right) -> bool:
    return bool(((found - right).abs() <= 1e-5 * (1 + right.abs())).all())


def _cause(trainer: Trainer, policy, reference, batches, found) -> str:
    if all(_alike(losses, torch.full_like(losses, LOG_2)) for losses in found.values()):
        return (
            "The margin of every pair is 0, though the policy has moved; "
            '"start and nudge" says more.'
        )
    mistakes = wrong_batches(policy, reference, batches, trainer.conventions)

    def matches(losses) -> bool:
        return all(_alike(found[beta], losses(beta)) for beta in BETAS)

    return named(fewest_parts(mistakes, matches, trainer.conventions), SENTENCES)


def start_and_nudge(trainer: Trainer) -> str | None:
    """The first loss is log 2; once the policy is nudged, it is not log 2 any more."""
    policy = trainer.model()
    reference = trainer.reference(policy)
    if "pair_loss" not in trainer.has:
        return _follows(policy, reference)
    pairs = pair_batches(SIZES)[0]
    first = _pair_loss(trainer, policy, reference, pairs, BETA)
    if not math.isclose(first.item(), LOG_2, rel_tol=1e-5):
        return (
            f"The first loss is {nats(first.item())}, where log 2 = 0.6931 is right, "
            f"as the reference was made of this very policy."
        )
    slope = gradient(policy, first).norm().item() if first.requires_grad else 0.0
    if follows := _follows(policy, reference):
        return f"{follows} {_anchorless(slope)}"
    with _calls(reference) as asked:
        loss = _pair_loss(trainer, policy, reference, pairs, BETA).item()
    moved = not math.isclose(loss, LOG_2, rel_tol=1e-5)
    return None if moved else _why_it_stays(bool(asked), slope)


def _why_it_stays(asked: bool, slope: float) -> str:
    """Why the loss is log 2 after a nudge, though the reference is no alias."""
    stays = "After a nudge of the policy the loss is still log 2 = 0.6931."
    if asked:
        return (
            f"{stays} The reference was asked and is not an alias: beta is 0, or the "
            f"mask marks nothing."
        )
    return (
        f"{stays} The reference was never asked: the policy is scored on both sides. "
        f"{_anchorless(slope)}"
    )


def _follows(policy, reference) -> str | None:
    """Nudge the policy, and say whether the reference moved with it."""
    tokens = laid_out([list(PROMPTS[0])], [[2, 3]]).rows.tokens
    with torch.no_grad():
        before = read(reference, tokens)
        nudge(policy)
        moved = (read(reference, tokens) - before).abs().max().item()
    if moved < 1e-9:
        return None
    return (
        f"The reference is an alias: when the policy is nudged, the reference's logits "
        f"move, too, by up to {nats(moved)}. It must be a copy."
    )


def _anchorless(slope: float) -> str:
    if slope < 1e-12:
        return "The gradient is 0, so that nothing is learned."
    return (
        f"The gradient is not 0 (norm {nats(slope)}), so that the policy drifts "
        f"without an anchor while the loss stays."
    )


@contextmanager
def _calls(model):
    """A list that grows by one whenever this model is run."""
    made: list[int] = []
    hook = model.register_forward_hook(lambda *_: made.append(1))
    try:
        yield made
    finally:
        hook.remove()


def gradient_of_the_policy(trainer: Trainer) -> str | None:
    """The loss pulls the policy's weights as the formula says."""
    policy, reference = _nudged(trainer)
    pairs = pair_batches(SIZES)[0]
    loss = _pair_loss(trainer, policy, reference, pairs, BETA)
    right = gradient(
        policy, pair_loss(policy, reference, pairs, BETA, trainer.conventions)
    )
    if not loss.requires_grad:
        return "The loss has no gradient: the policy was scored where none is recorded."
    found = gradient(policy, loss)
    if (found - right).norm() <= 1e-4 * right.norm():
        return None
    length, wanted = found.norm().item(), right.norm().item()
    numbers = f"The gradient's norm is {nats(length)}, where {nats(wanted)} is right"
    if length < 1e-12:
        return f"{numbers}: the loss does not depend on the policy's weights."
    one_way = (found @ right / (found.norm() * right.norm())).item()
    return f"{numbers}; the cosine between the two is {one_way:.4f}, where 1 is right."


def gradient_into_the_reference(trainer: Trainer) -> str | None:
    """The loss leaves no gradient in the reference's weights."""
    policy = trainer.model()
    reference = trainer.reference(policy)
    if _follows(policy, reference):
        return (
            "The reference is an alias of the policy, and gets the policy's gradient."
        )
    pairs = pair_batches(SIZES)[0]
    loss = _pair_loss(trainer, policy, reference, pairs, BETA)
    if not loss.requires_grad:
        return None
    loss.backward()
    of_policy = {id(w) for w in policy.parameters()}  # a wrapper may hold it as well
    own = [w for w in reference.parameters() if id(w) not in of_policy]
    grads = [w.grad for w in own if w.grad is not None]
    norm = sum(float((g.double() ** 2).sum()) for g in grads) ** 0.5
    if norm == 0:
        return None
    return (
        f"A gradient of norm {nats(norm)} flows into the reference's weights, where 0 "
        f"is right: score the reference under torch.no_grad(), or freeze it."
    )

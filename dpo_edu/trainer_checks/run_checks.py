"""Is a large batch right in parts, and does a stopped run go on as if it had not been?

Mistakes are recognized by letting the trainer itself do the thing that a mistake would
amount to. Each check returns None, or what is wrong in words.
"""

import tempfile
from copy import deepcopy

import torch

from .adapter import Trainer
from .language import nudge
from .naming import nats
from .truth import BETAS, gradient, pair_batches, pair_loss

PARTS = (3, 3, 1)
BETA = BETAS[1]
STEPS, STOP = 6, 3


def unequal_parts(trainer: Trainer) -> str | None:
    """The gradient of 7 pairs in parts of 3, 3 and 1 is that of their mean loss."""
    policy, reference = trainer.model(), trainer.model()
    nudge(policy)
    each = _of_parts(trainer, policy, reference)  # (parts, weights)
    sizes = torch.tensor(PARTS, dtype=torch.float64)[:, None]
    right = (each * sizes).sum(0) / sizes.sum()
    _accumulate(trainer, policy, reference)
    found = _left(policy)
    if _same(found, right):
        return None
    others = _other_gradients(each, sizes, right)
    cause = [name for name, value in others.items() if _same(found, value)]
    what = f"It is {cause[0]}." if cause else _apart(found, right)
    return f"The gradient of 7 pairs in parts of 3, 3 and 1 is not their mean's. {what}"


def _other_gradients(each, sizes, right) -> dict[str, torch.Tensor]:
    """What people leave in the weights, in words: (weights,) each."""
    parts, pairs = len(PARTS), sum(PARTS)
    return {
        f"a mean of the parts' means: the one pair of the last part counts "
        f"1/{parts} = {1 / parts:.3f}, where 1/{pairs} = {1 / pairs:.3f} is "
        f"right": each.mean(0),
        "the sum of the parts' means, not divided by anything": each.sum(0),
        f"the sum over all pairs, {pairs} times too much": (each * sizes).sum(0),
        "that of the last part alone": each[-1],
        "that of the last part alone, divided by their number": each[-1] / parts,
        "that of the first part alone": each[0],
        "the right one, divided by the number of parts once more": right / parts,
        "0: nothing is left in the weights": torch.zeros_like(right),
    }


def _batches(sizes):
    return [tuple(side.rows for side in pairs) for pairs in pair_batches(sizes)]


def _of_parts(trainer: Trainer, policy, reference) -> torch.Tensor:
    """Every part's gradient, by the trainer's own loss where the adapter has it."""
    if "pair_loss" in trainer.has:
        losses = [
            trainer.pair_loss(policy, reference, *rows, BETA)
            for rows in _batches(PARTS)
        ]
    else:
        losses = [
            pair_loss(policy, reference, pairs, BETA, trainer.conventions)
            for pairs in pair_batches(PARTS)
        ]
    return torch.stack([gradient(policy, loss) for loss in losses])


def _accumulate(trainer: Trainer, policy, reference) -> None:
    policy.zero_grad()
    trainer.accumulate(policy, reference, _batches(PARTS), BETA)


def _left(policy) -> torch.Tensor:
    """The gradient that lies in the weights."""
    weights = [w for w in policy.parameters() if w.requires_grad]
    grads = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
    return torch.cat([grad.flatten().double() for grad in grads])


def _same(found, right) -> bool:
    return bool((found - right).norm() <= 1e-4 * right.norm() + 1e-12)


def _apart(found, right) -> str:
    norms = f"{nats(found.norm().item())}, where {nats(right.norm().item())} is right"
    one_way = (found @ right / (found.norm() * right.norm())).item()
    if one_way > 1 - 1e-6:
        return f"It points the right way, and its norm is {norms}: is it clipped?"
    return f"Its norm is {norms}; no mistake that is known here gives this gradient."


class _Runs:
    """Runs of the trainer from the same start, each in a folder of its own."""

    def __init__(self, trainer: Trainer):
        self.trainer, self.batches = trainer, _batches((2,) * STEPS)

    def weights(self, stops, batches=None, start=None) -> torch.Tensor:
        """Where a run ends that was stopped after each of ``stops`` steps."""
        batches = self.batches if batches is None else batches
        reference = self.trainer.model()
        with tempfile.TemporaryDirectory() as folder:
            for stop in stops:
                policy = deepcopy(start) if start is not None else self.trainer.model()
                self.trainer.train(policy, reference, batches, BETA, folder, stop)
        self.policy, self.reference = policy, reference
        return _flat(policy)


def _flat(model) -> torch.Tensor:
    return torch.cat([w.detach().flatten().double() for w in model.parameters()])


def resume(trainer: Trainer) -> str | None:
    """A run stopped at step 3 of 6 and resumed ends at the same weights."""
    runs = _Runs(trainer)
    whole, again = runs.weights([STEPS]), runs.weights([STEPS])
    start = _flat(trainer.model())
    if _equal(whole, start):
        return "Training moved no weight, so that nothing can be said about resuming."
    if not _equal(whole, again):
        return (
            f"Two uninterrupted runs end {nats(_far(whole, again))} apart: without a "
            f"fixed seed, a resumed run cannot be compared with them."
        )
    if _equal(whole, runs.weights([STOP])):
        return (
            f"A run to step {STOP} ends where the run to step {STEPS} ends: ``stop`` "
            f"is not heeded, so that there is nothing to resume."
        )
    resumed = runs.weights([STOP, STEPS])
    if _equal(resumed, whole):
        return None
    return (
        f"A run of {STEPS} steps that is stopped after {STOP} and resumed ends "
        f"{nats(_far(resumed, whole))} from the uninterrupted one (the largest "
        f"difference of a weight), where 0 is right. {_why_not(runs, resumed, start)}"
    ).strip()


def _why_not(runs: _Runs, resumed, start) -> str:
    """What else ends where the resumed run ended."""
    stopped_at = runs.weights([STOP])
    if _equal(resumed, stopped_at):
        return "It ends where it was stopped: the second half was not trained."
    if _equal(resumed, start):
        return "It ends where the policy began: what was trained is not in it."
    for name, batches, begin in _other_runs(runs.batches, runs.policy):
        if _equal(resumed, runs.weights([len(batches)], batches, begin)):
            return name
    return "No mistake that is known here ends there."


def _other_runs(batches, stopped):
    """What resuming may amount to: in words, the batches, and the policy's start."""
    rest, first = batches[STOP:], batches[:STOP]
    yield "The stored weights were not loaded: the second half began anew.", rest, None
    restored = "The weights were restored"
    yield f"{restored} and the place, the optimizer's state was not.", rest, stopped
    again = "it began with the first batch again, with a new optimizer."
    yield f"{restored}, but {again}", first, stopped
    yield f"{restored}, but all steps were counted anew.", batches, stopped


def _equal(a, b) -> bool:
    return _far(a, b) <= 1e-7 * (1 + b.abs().max().item())


def _far(a, b) -> float:
    return (a - b).abs().max().item()


def reference_stays(trainer: Trainer) -> str | None:
    """Training moves no weight of the reference."""
    runs = _Runs(trainer)
    runs.weights([STOP])
    moved = _far(_flat(runs.reference), _flat(trainer.model()))
    if moved == 0:
        return None
    return (
        f"Training moved the reference's weights by up to {nats(moved)}, where 0 is "
        f"right: is it in the optimizer, or an alias?"
    )

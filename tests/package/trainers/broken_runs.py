"""Accumulation and resuming with a mistake, and the words that must name it."""

from pathlib import Path
from types import SimpleNamespace

import torch

from .broken_batches import with_gradient
from .right import Right

right = Right()


def runs(**functions):
    return SimpleNamespace(**functions)


def accumulating(weight):
    """Each part's loss with this weight: (number of the part, its pairs) -> weight."""

    def accumulate(policy, reference, parts, beta):
        for number, (chosen, rejected) in enumerate(parts):
            loss = right.pair_loss(policy, reference, chosen, rejected, beta)
            (weight(number, len(chosen.tokens)) * loss).backward()

    return runs(accumulate=accumulate)


def accumulate_the_last(policy, reference, parts, beta):
    for chosen, rejected in parts:
        policy.zero_grad()
        right.pair_loss(policy, reference, chosen, rejected, beta).backward()


def accumulate_and_clip(policy, reference, parts, beta):
    right.accumulate(policy, reference, parts, beta)
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.01)


PARTS, RESUME, STAYS = "unequal parts", "resume", "reference stays"
ACCUMULATION = {
    "mean of means": (
        accumulating(lambda number, size: 1 / 3),
        {PARTS: "counts 1/3 = 0.333, where 1/7 = 0.143"},
    ),
    "sum of means": (
        accumulating(lambda number, size: 1),
        {PARTS: "the sum of the parts' means"},
    ),
    "sum": (accumulating(lambda number, size: size), {PARTS: "the sum over all pairs"}),
    "last part": (runs(accumulate=accumulate_the_last), {PARTS: "the last part alone"}),
    "first part": (
        accumulating(lambda number, size: number == 0),
        {PARTS: "the first part alone"},
    ),
    "divided twice": (
        accumulating(lambda number, size: size / 21),
        {PARTS: "divided by the number of parts once more"},
    ),
    "nothing": (accumulating(lambda number, size: 0), {PARTS: "nothing is left"}),
    "clipped": (
        runs(accumulate=accumulate_and_clip),
        {PARTS: "It points the right way, and its norm is 0.0100"},
    ),
    "odd": (accumulating(lambda number, size: size**2), {PARTS: "no mistake that is"}),
}


class Resumable(Right):
    """Train as ``Right``, with one thing wrong about going on."""

    forget: tuple[str, ...] = ()  # what is not put back: policy, optimizer, step
    moves = 0.01
    also_reference = False
    pair_loss = with_gradient

    def train(self, policy, reference, batches, beta, folder, stop):
        weights = [*policy.parameters()]
        weights += [*reference.parameters()] if self.also_reference else []
        optimizer = torch.optim.AdamW(weights, lr=self.moves, weight_decay=0.1)
        file, step = Path(folder) / "state.pt", 0
        if file.exists():
            state = torch.load(file)
            if "policy" not in self.forget:
                policy.load_state_dict(state["policy"])
            if "optimizer" not in self.forget:
                optimizer.load_state_dict(state["optimizer"])
            step = 0 if "step" in self.forget else state["step"]
            stop = self.where(step, stop)
        for pairs in batches[step:stop]:
            optimizer.zero_grad()
            self.pair_loss(policy, reference, *pairs, beta).backward()
            optimizer.step()
        state = {"policy": policy.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"step": stop}, file)

    def where(self, step, stop):
        return stop


def resuming(**changes):
    trainer = type("Changed", (Resumable,), changes)()
    return runs(train=trainer.train)


def unseeded(self, policy, reference, batches, beta, folder, stop):
    with torch.no_grad():
        for weight in policy.parameters():
            weight += torch.rand(weight.shape)


RESUMED = {
    "optimizer forgotten": (
        resuming(forget=("optimizer",)),
        {RESUME: "the optimizer's state was not"},
    ),
    "weights forgotten": (
        resuming(forget=("policy", "optimizer")),
        {RESUME: "The stored weights were not loaded"},
    ),
    "place forgotten": (
        resuming(forget=("step", "optimizer"), where=lambda self, step, stop: 3),
        {RESUME: "it began with the first batch again"},
    ),
    "counted anew": (
        resuming(forget=("step", "optimizer")),
        {RESUME: "all steps were counted anew"},
    ),
    "nothing more": (
        resuming(where=lambda self, step, stop: step),
        {RESUME: "the second half was not trained"},
    ),
    "does not stop": (
        runs(train=lambda *x: right.train(*x[:-1], len(x[2]))),
        {RESUME: "``stop`` is not heeded"},
    ),
    "still": (resuming(moves=0.0), {RESUME: "Training moved no weight"}),
    "unseeded": (
        resuming(train=unseeded),
        {RESUME: "Two uninterrupted runs end"},
    ),
    "reference trained": (
        resuming(also_reference=True),
        {STAYS: "Training moved the reference's weights"},
    ),
}

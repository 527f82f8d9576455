"""Checks of chapter 11. The models are tables of logits, so a step is done by hand too.

A step has no single value to compare: the checks look at the loss, at the weights of
both models afterwards, and at a second step. The logs to diagnose are real: a trainer
was broken and run.
"""

from copy import deepcopy
from math import exp, log, log1p

import numpy as np
import torch
from torch import nn

from ..answer import copied, same
from ..exercise import Example, Exercise, choose, holds, predict
from ..kinds import Broken, describe, expect, expect_close, number


def _f(*rows) -> np.ndarray:
    return np.array(rows, dtype=float)


# Freeze


class Small(nn.Module):
    """Dropout between two layers; a buffer; optionally a layer that is fixed."""

    def __init__(self, rate=0.0, fixed=False, seed=0):
        super().__init__()
        self.inner, self.outer = nn.Linear(3, 4), nn.Linear(4, 2)
        self.dropout = nn.Dropout(rate)
        self.register_buffer("level", torch.tensor(0.25))
        values = np.random.default_rng(seed)
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_(torch.tensor(values.uniform(-1, 1, weight.shape).round(2)))
        self.double()
        self.inner.requires_grad_(not fixed)

    def forward(self, x):
        return self.outer(self.dropout(torch.tanh(self.inner(x)))) + self.level

    def __repr__(self):
        return f"<Small with dropout {self.dropout.p}>"


class Odd(nn.Module):
    """What a model may have and Small has not: arguments that it is made with, layers
    in layers, a weight of its own, a gradient left over, a buffer that is not saved,
    statistics that training changes.
    """

    def __init__(self, width, scale):
        super().__init__()
        norm = nn.BatchNorm1d(width)
        inner = nn.Sequential(nn.Linear(3, width), norm)
        self.layers = nn.Sequential(inner, nn.Dropout(0.5), nn.Linear(width, 2))
        self.own = nn.Parameter(torch.tensor([0.5, -0.25]))
        self.register_buffer("shift", torch.tensor(0.75), persistent=False)
        self.scale = scale
        values = np.random.default_rng(width)
        for weight in self.layers.parameters():
            weight.data = torch.tensor(values.uniform(-1, 1, weight.shape).round(2))
        norm.register_buffer("running_mean", torch.full((width,), 0.25))
        self.double()
        self.own.grad = torch.ones_like(self.own)

    def forward(self, x):
        return self.layers(x) * self.scale + self.own + self.shift

    def __repr__(self):
        return "<Odd>"


INPUT = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], dtype=torch.float64)


def _models():
    """Fresh ones each time: plain, in evaluation mode, dropout, partly fixed, odd."""
    return (
        Small().train(),
        Small(0.5, seed=1).eval(),
        Small(0.5, seed=2).train(),
        Small(0.25, fixed=True, seed=3).train(),
        Odd(4, scale=2.0),
    )


def _state(model) -> list:
    """What freezing must leave alone: numbers, switches, modes, dropout, the rest."""
    numbers = [value.detach().clone() for value in _values(model)]
    switches = [p.requires_grad for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    gradients = [p.grad is not None for p in model.parameters()]
    return [numbers, switches, modes, _rates(model), gradients, _hooks(model)]


def _values(model) -> list:
    """Weights and buffers, also those that are not saved."""
    return [*model.parameters(), *model.buffers()]


def _rates(model) -> list:
    return [m.p for m in model.modules() if isinstance(m, nn.Dropout)]


def _hooks(model) -> list:
    """How many hooks hang on each module, before and after it is called."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    return [len(getattr(m, name)) for m in model.modules() for name in hooks]


def _same_state(one, other) -> bool:
    return one[1:] == other[1:] and all(map(torch.equal, one[0], other[0]))


def _train(model) -> None:
    """Change every weight and buffer in place, as training would."""
    with torch.no_grad():
        for value in _values(model):
            value.add_(1)


def _frozen(answer, model) -> nn.Module:
    reference = answer.untouched(model)
    if not isinstance(reference, nn.Module):
        words = f"it returned {describe(reference)}; the task asks for a model"
        raise Broken(words, reference)
    expect(_same_type(reference), "its weights have another number of digits")
    return reference


def _same_type(model) -> bool:
    return all(weight.dtype == torch.float64 for weight in model.parameters())


@torch.no_grad()
def _said(model):
    """The outputs with dropout off, as an array; the model's mode stays."""
    return deepcopy(model).eval()(INPUT).numpy()


@holds("the reference gives the same outputs as the model with dropout off")
def _same_outputs(answer):
    for model in _models():
        wanted = _said(model)
        expect_close(_said(_frozen(answer, model)), wanted)


@holds("when the model is trained afterwards, the reference says what it said before")
def _stays(answer):
    for model in _models():
        wanted = _said(model)
        reference = _frozen(answer, model)
        _train(model)
        expect_close(_said(reference), wanted)


@holds("the model is as before: weights, which are trainable, gradients, modes, hooks")
def _model_as_before(answer):
    for model in _models():
        before = _state(model)
        _frozen(answer, model)
        expect(_same_state(_state(model), before))


@holds("no weight of the reference asks for a gradient")
def _no_gradient(answer):
    for model in _models():
        reference = _frozen(answer, model)
        expect(not any(weight.requires_grad for weight in reference.parameters()))
        expect(not reference(INPUT).requires_grad)


@holds("dropout is off in the reference, even if the model was in training mode")
def _dropout_off(answer):
    for model in _models():
        reference = _frozen(answer, model)
        wanted = _said(reference)
        expect(not reference.training)
        expect_close(reference(INPUT).detach().numpy(), wanted)


@holds("an optimizer made before freezing still trains the model, and only the model")
def _optimizer_still_works(answer):
    for model in (Small(seed=4), Small(seed=5)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        reference = _frozen(answer, model)
        was, said = _said(model), _said(reference)
        model(INPUT).sum().backward()
        optimizer.step()
        expect(not np.allclose(_said(model), was))
        expect_close(_said(reference), said)


def _follows(reference, model) -> bool:
    """A function's values change when the model is trained."""
    before = reference(INPUT)
    _train(model)
    return not torch.equal(before, reference(INPUT))


def _facts(answer, arguments):
    """What can be seen of ``freeze(model)``, as numbers, for comparison."""
    (model,) = copied(arguments)
    before, wanted = _state(model), _said(model)
    reference = answer.untouched(model)
    if not isinstance(reference, nn.Module):
        return [describe(reference), callable(reference) and _follows(reference, model)]
    if not _same_type(reference):
        return ["weights of another type"]
    after = _state(model)
    asks = [weight.requires_grad for weight in reference.parameters()]
    facts = [
        reference is model,
        sum(asks),
        [module.training for module in reference.modules()],
        _rates(reference),
        *(one == other for one, other in zip(before[1:], after[1:], strict=True)),
        after[1:3],
        _same_state(before, after),
        _said(reference) - wanted,
    ]
    _train(model)
    return [*facts, _said(reference) - wanted]


freeze = Exercise(
    name="freeze",
    oracle=None,
    arguments=("model",),
    ordinary=tuple((model,) for model in _models()),
    properties=(
        _same_outputs,
        _model_as_before,
        _stays,
        _no_gradient,
        _dropout_off,
        _optimizer_still_works,
    ),
    observe=(_facts,),
    may_change_inputs=True,  # looked at in words of its own
)


# One step


class Table(nn.Module):
    """A language model without a network: logits of the next token, given this one."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight, dtype=torch.float64))

    def forward(self, tokens):
        return self.weight[tokens]

    def __repr__(self):
        return f"<Table of {len(self.weight)} words>"


def _batch(chosen, chosen_mask, rejected, rejected_mask) -> dict:
    return {
        "chosen": torch.tensor(chosen),
        "chosen_mask": torch.tensor(chosen_mask) > 0,
        "rejected": torch.tensor(rejected),
        "rejected_mask": torch.tensor(rejected_mask) > 0,
    }


ONE_PAIR = _batch([[0, 1]], [[0, 1]], [[0, 0]], [[0, 1]])
THREE = _batch(
    [[1, 2, 3, 0, 0], [2, 1, 1, 3, 0], [3, 3, 2, 0, 0]],
    [[0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 0, 0]],
    [[1, 3, 0, 0, 0], [2, 1, 2, 2, 0], [3, 3, 1, 1, 0]],
    [[0, 1, 1, 0, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1]],
)
TWO = _batch(
    [[2, 1, 0, 0], [1, 2, 2, 0]],
    [[0, 1, 1, 0], [0, 1, 1, 1]],
    [[2, 2, 1, 0], [1, 0, 0, 0]],
    [[0, 1, 1, 1], [0, 1, 0, 0]],
)


def _weights(words: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1.5, 1.5, (words, words)).round(2)


class SGD(torch.optim.SGD):
    """Torch's own, shown in a message by its name alone."""

    def __repr__(self):
        return "<SGD>"


class Adam(torch.optim.Adam):
    """Likewise."""

    def __repr__(self):
        return "<Adam>"


OPTIMIZERS = {
    "SGD": lambda weights: SGD(weights, lr=0.5),
    "momentum": lambda weights: SGD(weights, lr=0.25, momentum=0.9),
    "Adam": lambda weights: Adam(weights, lr=0.1),
}


def _scene(words, batch, beta, optimizer="SGD", seed=0, learns=True):
    """Arguments of ``dpo_step``: (policy, reference, optimizer, batch, beta)."""
    policy, reference = Table(_weights(words, seed)), Table(_weights(words, seed + 50))
    reference.requires_grad_(learns)
    stepper = OPTIMIZERS[optimizer](policy.parameters())
    return policy, reference, stepper, deepcopy(batch), beta


SCENES = (
    _scene(4, THREE, 0.5),
    _scene(4, THREE, 2.0, "momentum", seed=1),
    _scene(3, TWO, 0.3, "Adam", seed=2, learns=False),
    _scene(3, TWO, 1.0, seed=3, learns=False),
    _scene(4, TWO, 0.1, "momentum", seed=4),
    _scene(4, THREE, 1.5, "Adam", seed=5),
)


def _score(weight, tokens, mask):
    """log pi of one response under a table, and its gradient, in a loop."""
    total, gradient = 0.0, np.zeros_like(weight)
    for before, token, counts in zip(tokens, tokens[1:], mask[1:], strict=False):
        if counts:
            p = np.exp(weight[before]) / np.exp(weight[before]).sum()
            total += log(p[token])
            gradient[before] -= p
            gradient[before, token] += 1
    return total, gradient


def _by_hand(weight, ref_weight, batch, beta):
    """The mean loss and its gradient in the policy's table."""
    rows = [batch[f"{side}{part}"].tolist() for side in ("chosen", "rejected")
            for part in ("", "_mask")]  # fmt: skip
    losses, gradients = [], []
    for chosen, chosen_mask, rejected, rejected_mask in zip(*rows, strict=True):
        won, up = _score(weight, chosen, chosen_mask)
        lost, down = _score(weight, rejected, rejected_mask)
        start = _score(ref_weight, chosen, chosen_mask)[0]
        start -= _score(ref_weight, rejected, rejected_mask)[0]
        margin = beta * (won - lost - start)
        losses.append(max(-margin, 0) + log1p(exp(-abs(margin))))
        gradients.append(-beta / (1 + exp(margin)) * (up - down))
    return sum(losses) / len(losses), sum(gradients) / len(gradients)


def _table(model) -> np.ndarray:
    return model.weight.detach().numpy().copy()


def _equal(one, other) -> bool:
    """Equal tables, up to what Adam makes of a gradient of 1e-17 instead of 0."""
    return np.allclose(one, other, rtol=1e-8, atol=1e-8)


def _loss(answer, scene) -> float:
    """One step on ``scene`` itself, and the loss that it returned."""
    return answer.kind.plain(answer.untouched(*scene))


@holds("a policy equal to the reference has the loss log 2")
def _starts_at_log_two(answer):
    for batch, beta in ((THREE, 0.5), (TWO, 2.0)):
        policy, reference, optimizer, *rest = _scene(4, batch, beta, seed=7)
        reference.weight.data.copy_(policy.weight.data)
        expect_close(_loss(answer, (policy, reference, optimizer, *rest)), log(2))


@holds("it returns the mean DPO loss of the batch, as it was before the update")
def _loss_before(answer):
    for scene in SCENES:
        policy, reference, _, batch, beta = scene
        wanted, _ = _by_hand(_table(policy), _table(reference), batch, beta)
        expect_close(_loss(answer, copied(scene)), wanted)


@holds("one step of SGD moves the policy by -rate * the gradient of the mean loss")
def _one_step(answer):
    scenes = (4, THREE, 0.7, 8), (3, TWO, 1.5, 9), (4, TWO, 40.0, 10)
    for words, batch, beta, seed in scenes:
        policy, reference, *rest = _scene(words, batch, beta, seed=seed)
        before = _table(policy)
        _, gradient = _by_hand(before, _table(reference), batch, beta)
        _loss(answer, (policy, reference, *rest))
        expect(_equal(_table(policy), before - 0.5 * gradient))


def _far():
    """A pair of which the policy is sure, the other way than the reference."""
    policy, reference = Table(_f([0, -1000], [0, 0])), Table(_f([-1000, 0], [0, 0]))
    stepper = OPTIMIZERS["SGD"](policy.parameters())
    return policy, reference, stepper, deepcopy(ONE_PAIR), 1.0


@holds("a pair with the margin -2000 costs 2000 nats, and its gradient is beta")
def _far_away(answer):
    scene = _far()
    wanted = _table(scene[0]) + _f([-0.5, 0.5], [0, 0])
    expect_close(_loss(answer, scene), 2000.0)
    expect(_equal(_table(scene[0]), wanted))


@holds("gradients left over from earlier do not count")
def _stale_gradients(answer):
    for scene in (SCENES[0], SCENES[3]):
        clean, stale = copied(scene), copied(scene)
        stale[0].weight.grad = torch.full_like(stale[0].weight, 3.0)
        _loss(answer, clean)
        _loss(answer, stale)
        expect(_equal(_table(stale[0]), _table(clean[0])))


@holds("the reference keeps its weights and receives no gradient")
def _reference_stays(answer):
    for scene in SCENES:
        ours = copied(scene)
        asked = ours[1].weight.requires_grad
        _loss(answer, ours)
        expect(_equal(_table(ours[1]), _table(scene[1])))
        expect(ours[1].weight.grad is None)
        expect(ours[1].weight.requires_grad == asked)


@holds("three steps are three steps of the given optimizer, which keeps its memory")
def _three_steps(answer):
    for scene in SCENES:
        ours, theirs = copied(scene), copied(scene)
        for _ in range(3):
            _loss(answer, ours)
            policy, reference, optimizer, batch, beta = theirs
            _, gradient = _by_hand(_table(policy), _table(reference), batch, beta)
            policy.weight.grad = torch.tensor(gradient)
            optimizer.step()
        expect(_equal(_table(ours[0]), _table(theirs[0])))


@holds("the batch and the optimizer's settings are as before")
def _batch_as_before(answer):
    for scene in SCENES[:3]:
        ours = copied(scene)
        _loss(answer, ours)
        expect(all(torch.equal(ours[3][name], scene[3][name]) for name in scene[3]))
        rates = [group["lr"] for group in ours[2].param_groups]
        expect(rates == [group["lr"] for group in scene[2].param_groups])


def _two_steps(answer, arguments):
    """Losses and weights of two steps, the first with a gradient left over.

    Then whether the batch is as before, and the loss of a pair far away; and where no
    weight moved, how many steps the optimizer made and whether there is a gradient.
    """
    ours = copied(arguments)
    policy, reference, optimizer, *_ = ours
    before, steps = _table(policy), []
    optimizer.register_step_post_hook(lambda *_: steps.append(1))
    policy.weight.grad = torch.ones_like(policy.weight)
    losses = [answer.untouched(*ours) for _ in range(2)]
    touched = reference.weight.grad is not None
    spoiled = not same(ours[3], arguments[3])
    tables = _table(policy) + 1, _table(reference) + 1  # to six decimals, near 0 too
    still = [len(steps), _has_gradient(policy)] if _equal(tables[0] - 1, before) else []
    return [*losses, *tables, touched, spoiled, answer.untouched(*_far()), still]


def _has_gradient(model) -> bool:
    return model.weight.grad is not None and bool(model.weight.grad.any())


HAND = Table(_f([0, log(3)], [0, 0])), Table(_f([0, 0], [0, 0]))

dpo_step = Exercise(
    name="dpo_step",
    returns=number,
    oracle=None,
    arguments=("policy", "reference", "optimizer", "batch", "beta"),
    example=Example(
        (*HAND, OPTIMIZERS["SGD"](HAND[0].parameters()), ONE_PAIR, 1.0),
        log(4 / 3),
        "gap log 3, -log sigmoid(log 3) = log(4/3)",
    ),
    ordinary=SCENES,
    properties=(
        _starts_at_log_two,
        _loss_before,
        _one_step,
        _far_away,
        _stale_gradients,
        _reference_stays,
        _three_steps,
        _batch_as_before,
    ),
    observe=(_two_steps,),
    may_change_inputs=True,
)


# Three runs to diagnose

DIAGNOSES = (
    "nothing is wrong",
    "the reference moves with the policy",
    "the policy is never updated",
    "dropout is on in the policy",
    "chosen and rejected are exchanged",
    "the learning rate is far too large",
    "too few pairs, too many epochs",
)

diagnose_the_silent_log = choose(
    "diagnose_the_silent_log",
    "the reference moves with the policy",
    DIAGNOSES,
)

diagnose_the_perfect_log = choose(
    "diagnose_the_perfect_log",
    "too few pairs, too many epochs",
    DIAGNOSES,
)

diagnose_the_cheerful_log = choose(
    "diagnose_the_cheerful_log",
    "chosen and rejected are exchanged",
    DIAGNOSES,
)


# Find the bug


def _share(logp, ref_logp, reward, beta):
    """1 - KL(policy || best) / KL(reference || best), in loops."""
    away = [0.0, 0.0]
    for row, ref_row, r_row in zip(logp, ref_logp, reward, strict=True):
        weights = [exp(q + r / beta) for q, r in zip(ref_row, r_row, strict=True)]
        best = [log(w / sum(weights)) for w in weights]
        for k, policy in enumerate((row, ref_row)):
            both = zip(policy, best, strict=True)
            away[k] += sum(exp(p) * (p - b) for p, b in both)
    return 1 - away[0] / away[1]


def _policies(prompts: int, responses: int, beta: float, seed: int):
    draws = np.random.default_rng(seed)
    weights = draws.uniform(0.2, 3, (2, prompts, responses)).round(2)
    logs = np.log(weights / weights.sum(-1, keepdims=True))
    return *logs, draws.uniform(-2, 3, (prompts, responses)).round(1), beta


SHARES = (
    _policies(2, 3, 0.5, seed=1),
    _policies(3, 4, 2.0, seed=2),
    _policies(1, 6, 1.0, seed=3),
    _policies(4, 5, 0.3, seed=4),
    _policies(5, 3, 3.0, seed=5),
    _policies(2, 8, 0.7, seed=6),
)


def _best(ref_logp, reward, beta):
    tilted = ref_logp + reward / beta
    return tilted - np.log(np.exp(tilted).sum(-1, keepdims=True))


@holds("the best policy has the share 1")
def _best_has_one(answer):
    for _, ref_logp, reward, beta in SHARES:
        best = _best(ref_logp, reward, beta)
        expect_close(answer(best, ref_logp, reward, beta), 1.0)


@holds("the reference has the share 0")
def _reference_has_zero(answer):
    for _, ref_logp, reward, beta in SHARES:
        share = answer(ref_logp, ref_logp, reward, beta)
        expect(abs(share) < 1e-12)


@holds("no policy has a share above 1")
def _at_most_one(answer):
    for logp, ref_logp, reward, beta in SHARES:
        for sure in (0.5, 1.0, 2.0, 4.0):
            policy = _best(ref_logp, sure * reward, beta)
            expect(answer(policy, ref_logp, reward, beta) <= 1 + 1e-12)
        expect(answer(logp, ref_logp, reward, beta) <= 1)


@holds("rewards and beta in another unit, both three times as large, change nothing")
def _units(answer):
    for logp, ref_logp, reward, beta in SHARES:
        wanted = answer(logp, ref_logp, reward, beta)
        expect_close(answer(logp, ref_logp, 3 * reward, 3 * beta), wanted)


find_the_bug_share = Exercise(
    name="find_the_bug_share",
    returns=number,
    oracle=_share,
    example=Example(
        (np.log(_f([1, 3]) / 4), np.log(_f([1, 1]) / 2), _f([0, 0.5 * log(3)]), 0.5),
        1.0,
        "the policy is the best one",
    ),
    ordinary=SHARES,
    properties=(_best_has_one, _reference_has_zero, _at_most_one, _units),
)


# Predict the number

predict_the_share = predict("predict_the_share", 0.95)

predict_the_final_gap = predict("predict_the_final_gap", log(4) / 0.5)

EXERCISES = (
    freeze,
    dpo_step,
    diagnose_the_silent_log,
    diagnose_the_perfect_log,
    diagnose_the_cheerful_log,
    find_the_bug_share,
    predict_the_share,
    predict_the_final_gap,
)

"""Losses with a mistake, and the words by which the check-up must name it."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F

from .right import Right

right = Right()


PAIRS, MEAN, START, EXTREME, ZERO = (
    "loss of ordinary pairs",
    "mean over pairs",
    "log 2 at the start",
    "extreme margins",
    "probability 0",
)


def losses(function, **found):
    """A loss as a function of the margin, the gap and beta."""

    def loss(lc, lr, rc, rr, beta):
        gap = (lc - rc) - (lr - rr)
        return function(beta * gap, gap, beta).mean()

    return SimpleNamespace(loss=loss), found


def of_four(gap, **found):
    return (
        SimpleNamespace(
            loss=lambda *four_beta: (
                -F.logsigmoid(four_beta[-1] * gap(*four_beta[:-1])).mean()
            )
        ),
        found,
    )


def smoothed(m, gap, beta):
    return -F.logsigmoid(m) * (1 - 0.0) - F.logsigmoid(-m) * 0.0


LOSSES = {
    "reference ignored": of_four(
        lambda lc, lr, rc, rr: lc - lr,
        **{PAIRS: '"reference ignored":', START: "where log 2 = 0.6931"},
    ),
    "reference added": of_four(
        lambda lc, lr, rc, rr: (lc + rc) - (lr + rr),
        **{PAIRS: '"reference added":', START: "where log 2"},
    ),
    "exchanged": of_four(
        lambda lc, lr, rc, rr: (lr - rr) - (lc - rc),
        **{
            PAIRS: '"exchanged":',
            EXTREME: "the loss is 0.0000",
            ZERO: "the loss is inf",
        },
    ),
    "rejected ignored": of_four(
        lambda lc, lr, rc, rr: lc - rc,
        **{PAIRS: '"rejected ignored":', ZERO: "the loss is 0.6931"},
    ),
    "beta ignored": losses(
        lambda m, gap, beta: -F.logsigmoid(gap), **{PAIRS: '"beta ignored":'}
    ),
    "beta twice": losses(
        lambda m, gap, beta: -F.logsigmoid(beta * m), **{PAIRS: '"beta twice":'}
    ),
    "divided by beta": losses(
        lambda m, gap, beta: -F.logsigmoid(gap / beta), **{PAIRS: '"divided by beta":'}
    ),
    "beta is 0": losses(
        lambda m, gap, beta: -F.logsigmoid(0 * m),
        **{PAIRS: '"beta is 0":', EXTREME: "is 0.6931", ZERO: "0 is multiplied by inf"},
    ),
    "no log": losses(
        lambda m, gap, beta: -torch.sigmoid(m),
        **{
            PAIRS: '"no logarithm":',
            START: "is -0.5000, where log 2",
            EXTREME: "where 10,000",
            ZERO: "the loss is -1.0000",
        },
    ),
    "sign": losses(
        lambda m, gap, beta: F.logsigmoid(m),
        **{PAIRS: '"sign":', START: "-0.6931", EXTREME: "-10,000", ZERO: "-inf"},
    ),
    "hinge": losses(
        lambda m, gap, beta: torch.relu(1 - m),
        **{PAIRS: '"hinge loss":', START: "is 1.0000", EXTREME: "10,001"},
    ),
    "IPO": losses(
        lambda m, gap, beta: (gap - 0.5 / beta) ** 2,
        **{
            PAIRS: '"IPO\'s loss":',
            START: "is 25.0000",
            EXTREME: "1.00",
            ZERO: "is inf",
        },
    ),
    "sum": (
        SimpleNamespace(loss=lambda *x: len(x[0]) * right.loss(*x)),
        {MEAN: "This is the sum."},
    ),
    "first pair": (
        SimpleNamespace(loss=lambda *x: right.loss(*[n[:1] for n in x[:4]], x[4])),
        {MEAN: "This is the first pair's."},
    ),
    "log of sigmoid": losses(
        lambda m, gap, beta: -torch.log(torch.sigmoid(m)),
        **{EXTREME: "The sigmoid is rounded to 0 before its logarithm"},
    ),
    "epsilon": losses(
        lambda m, gap, beta: -torch.log(torch.sigmoid(m) + 1e-8),
        **{EXTREME: "It is the same at -1,000", ZERO: "the loss is 18.4207"},
    ),
    "clamped": losses(
        lambda m, gap, beta: -F.logsigmoid(m.clamp(-50, 50)),
        **{EXTREME: "It is the same at -1,000", ZERO: "the loss is 50.0000"},
    ),
    "smoothing of 0": losses(smoothed, **{ZERO: "0 is multiplied by inf"}),
    "cross-entropy": losses(
        lambda m, gap, beta: F.binary_cross_entropy_with_logits(m, torch.ones_like(m)),
        **{ZERO: "0 is multiplied by inf"},
    ),
    "a tuple": (
        SimpleNamespace(loss=lambda *x: (right.loss(*x), None)),
        {check: "the loss alone" for check in (PAIRS, MEAN, START, EXTREME, ZERO)},
    ),
}

"""Claims of chapter 00: the numbers that one can do by hand."""

import numpy as np
import torch

from ...boltzmann import optimal_logp
from ...divergence import kl_divergence
from ...dpo_gradient import dpo_gradient, gradient_weight, optimal_gap
from ...dpo_loss import dpo_loss
from ...preference_world import build_world
from ..claim import FLOAT64, Claim, near

PAIR = (-4.5, -4.5, -5.0, -4.0)  # log π and log π_ref, of the chosen and the rejected


def trained_probability(beta: float) -> float:
    """π(chosen) after 100 steps on one pair of which 75 % prefer the chosen answer."""
    logits, ref = torch.zeros(2, dtype=torch.float64), np.log(0.5)
    for _ in range(100):
        logits.requires_grad_()
        logp = logits.log_softmax(0)
        loss = dpo_loss(logp[0], logp[1], ref, ref, beta, label=0.75)
        (slope,) = torch.autograd.grad(loss, logits)
        logits = (logits - slope).detach()
    return logits.softmax(0)[0].item()


CLAIMS = (
    Claim(
        "00-loss",
        "The worked example has a DPO loss of log(1 + e^-0.1) = 0.6444 nats.",
        "From four numbers to one",
        "dpo_loss",
        lambda: dpo_loss(*PAIR, beta=0.1),
        near(np.log1p(np.exp(-0.1))),
    ),
    Claim(
        "00-start",
        "Training starts at a loss of log 2 = 0.6931 nats for every pair, because the "
        "policy is still the reference.",
        "The package's own loss",
        "dpo_loss where policy = reference",
        lambda: dpo_loss(-5.0, -4.0, -5.0, -4.0, beta=0.1),
        near(np.log(2)),
    ),
    Claim(
        "00-slope",
        "The slope of the loss in the margin is -σ(-0.1) = -0.4750 in the worked "
        "example: a larger margin means a smaller loss.",
        "Which way is down?",
        "a central difference of the loss",
        lambda: (
            (dpo_loss(0.1001, 0, 0, 0, 1.0) - dpo_loss(0.0999, 0, 0, 0, 1.0)) / 2e-4
        ),
        near(-float(gradient_weight(1.0, 0.1)), within=1e-8),
        FLOAT64,
    ),
    Claim(
        "00-both-move",
        "Descent pushes the chosen log-probability up and the rejected one down by the "
        "same 0.0475 = β σ(-m) per unit of step size.",
        "Which way is down?",
        "dpo_gradient",
        lambda: dpo_gradient(*PAIR, beta=0.1)[1].item(),
        near(0.1 / (1 + np.exp(0.1))),
    ),
    Claim(
        "00-stop",
        "With three readers of four for the chosen answer and β = 1, training stops at "
        "π(chosen) = 3/(1 + 3) = 0.75.",
        "Where does training stop?",
        "100 steps of gradient descent on two logits",
        lambda: trained_probability(1.0),
        near(0.75, within=1e-4),
        FLOAT64,
    ),
    Claim(
        "00-smaller-beta",
        "With β = ½ the same labels end at 9/(1 + 9) = 0.90: a smaller β allows more "
        "distance from the reference.",
        "Where does training stop?",
        "100 steps of gradient descent on two logits",
        lambda: trained_probability(0.5),
        near(0.9, within=1e-4),
        FLOAT64,
    ),
    Claim(
        "00-optimum",
        "The gap at which training stops is log(p/(1-p))/β, here log 3 nats.",
        "Where does training stop?",
        "optimal_gap beside the closed-form policy",
        lambda: optimal_gap(0.75, 1.0),
        near(
            float(-np.diff(optimal_logp(np.log([0.5, 0.5]), [np.log(3), 0.0], 1.0))[0])
        ),
    ),
    Claim(
        "00-world",
        "The small world has 3,616 responses to each of its 8 prompts, few enough to "
        "list.",
        "One small world, solved exactly",
        "build_world",
        lambda: len(build_world().responses),
        near(sum(15**words for words in range(4))),
    ),
    Claim(
        "00-underflow",
        "A product of 110 probabilities of 0.001 is 0 in the computer; the sum of "
        "their logarithms is -759.9.",
        "Four tools (core)",
        "numpy's product",
        lambda: np.prod(np.full(110, 0.001)) + np.log(np.full(110, 0.001)).sum(),
        near(110 * np.log(0.001)),
    ),
    Claim(
        "00-kl",
        "The KL divergence of a fair coin from one of 1 : 3 is 0.1438 nats.",
        "Expectation",
        "kl_divergence",
        lambda: kl_divergence([0.5, 0.5], [0.25, 0.75]),
        near(0.5 * np.log(4 / 3)),
    ),
)

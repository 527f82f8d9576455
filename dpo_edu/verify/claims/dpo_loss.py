"""Claims of chapter 06: the loss, what it sees, and when DPO and RLHF agree."""

import numpy as np
import torch

from ...boltzmann import log_partition, objective, optimal_logp
from ...bradley_terry import pooled_preferences, preference_matrix
from ...dpo_gradient import optimal_gap
from ...dpo_loss import (
    dpo_loss,
    implicit_reward_accuracy,
    population_loss,
    preference_entropy,
)
from ...likelihood import fit_rewards, mle_exists
from ..claim import FLOAT64, Claim, above, near

WINS = np.array([[0, 3, 2], [1, 0, 2], [1, 1, 0]])
REFERENCE, REWARD = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
UNIFORM = np.log([1 / 3] * 3)


def direct_minus_detour() -> float:
    """DPO on counted votes, minus the optimum for the reward fitted to them."""
    detour = np.exp(optimal_logp(UNIFORM, fit_rewards(WINS), beta=0.5))
    compared = WINS + WINS.T
    share = WINS / np.maximum(compared, 1)
    found = descended(UNIFORM, share, 0.5, compared, rate=20.0, steps=100)
    return np.abs(found - detour).max()


def descended(ref_logp, preference, beta, weight, rate, steps) -> np.ndarray:
    """The policy after gradient descent on the population loss from equal logits."""
    logits = torch.zeros(3, dtype=torch.float64)
    for _ in range(steps):
        logits.requires_grad_()
        logp = logits.log_softmax(0)
        loss = population_loss(logp, ref_logp, preference, beta, weight=weight)
        (slope,) = torch.autograd.grad(loss, logits)
        logits = (logits - rate * slope).detach()
    return logits.softmax(0).numpy()


def chain_minus_optimum() -> float:
    """Only A-B and B-C are compared: how far descent ends from π*."""
    chain = np.array([[0.0, 1, 0], [0, 0, 1], [0, 0, 0]])
    truth = preference_matrix(REWARD)
    found = descended(REFERENCE, truth, 1.0, chain, rate=8.0, steps=200)
    return np.abs(found - np.exp(optimal_logp(REFERENCE, REWARD, 1.0))).max()


def best_tilts() -> tuple[float, float]:
    """(RLHF's, DPO's) best member of a family of policies that leaves out π*."""
    theta, reward = np.linspace(-1, 1.5, 2501), np.array([0.0, 2.0, 1.0])
    start = np.tile(UNIFORM, (len(theta), 1))
    family = optimal_logp(start, np.outer(theta, [0, 1, 2]), 1.0)  # (2501, 3)
    truth = np.tile(preference_matrix(reward), (len(theta), 1, 1))
    loss = population_loss(family, start, truth, 1.0).numpy()
    value = objective(family, start, reward, 1.0)
    return float(theta[value.argmax()]), float(theta[loss.argmin()])


def lost_to_pooling() -> float:
    """The best loss on two judges' pooled votes, above the entropy of the votes."""
    pooled = pooled_preferences([[4, 0, -1], [-1, 0, 1]], [0.5, 0.5])
    best = optimal_logp(UNIFORM, fit_rewards(pooled * (1 - np.eye(3))), 1.0)
    loss = population_loss(best, UNIFORM, pooled, 1.0).item()
    return loss - float(preference_entropy(pooled))


CLAIMS = (
    Claim(
        "06-same-policy",
        "Fitting a reward to votes and tilting the reference by it gives the policy "
        "that minimizing the DPO loss on the same votes gives.",
        "Does DPO find another policy than RLHF?",
        "100 steps of descent beside fit_rewards and optimal_logp",
        direct_minus_detour,
        near(0.0, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "06-loss",
        "The worked example: gap 1 nat, β = 0.1, loss 0.6444 nats.",
        "By hand, in four lines",
        "dpo_loss",
        lambda: dpo_loss(-4.5, -4.5, -5.0, -4.0, beta=0.1),
        near(np.log1p(np.exp(-0.1))),
    ),
    Claim(
        "06-problem-2",
        "Two losses that a worked example prints as 0.6762 and 0.2686 are 0.6760 and "
        "0.2690; the sigmoids printed beside them give other figures.",
        "The loss sees only the gap (essential)",
        "the sum of the two losses",
        lambda: sum(
            dpo_loss(*np.log([*now, 0.2, 0.3]), beta=0.5).item()
            for now in ((0.25, 0.35), (0.35, 0.05))
        ),
        near(np.log1p((14 / 15) ** 0.5) + np.log1p((1 / 10.5) ** 0.5)),
    ),
    Claim(
        "06-log-2",
        "The loss starts at log 2 for every pair and every β.",
        "The first loss (core)",
        "dpo_loss where policy = reference, β = 5",
        lambda: dpo_loss(-60.0, -20.0, -60.0, -20.0, beta=5.0),
        near(np.log(2)),
    ),
    Claim(
        "06-first-step",
        "The first gradient is β/2 for the chosen and -β/2 for the rejected answer, "
        "however likely the two are.",
        "The first gradient is not zero",
        "a central difference of the loss at policy = reference",
        lambda: (
            (
                dpo_loss(-60.0 - 1e-5, -20.0, -60.0, -20.0, 0.1)
                - dpo_loss(-60.0 + 1e-5, -20.0, -60.0, -20.0, 0.1)
            )
            / 2e-5
        ),
        near(0.05, within=1e-8),
        FLOAT64,
    ),
    Claim(
        "06-gap-only",
        "The loss sees only the gap: it is 0.6444 as well where both answers have "
        "become rarer, by 1 and by 2 nats.",
        "What the loss cannot see",
        "dpo_loss",
        lambda: dpo_loss(-1.0, -2.0, 0.0, 0.0, beta=0.1),
        near(np.log1p(np.exp(-0.1))),
    ),
    Claim(
        "06-tiny-loss",
        "A loss of 9.6e-11 can go with a chosen answer that is 2,000 times rarer than "
        "before.",
        "Does a tiny loss mean a likely answer?",
        "dpo_loss where π(chosen) went from 0.2 to 0.0001",
        lambda: dpo_loss(*np.log([1e-4, 1e-104, 0.2, 0.3]), beta=0.1),
        near(9.6e-11, within=5e-13),
        FLOAT64,
    ),
    Claim(
        "06-overtakes",
        "A pair whose chosen answer starts 5 nats behind is turned around at a loss of "
        "0.4741, not before.",
        "Better than before, or ahead now?",
        "dpo_loss at equal log-probabilities",
        lambda: dpo_loss(0.0, 0.0, -5.0, 0.0, beta=0.1),
        near(np.log1p(np.exp(-0.5))),
    ),
    Claim(
        "06-accuracy",
        "The accuracy that trainers log compares with the reference: it is 1 here, "
        "although the rejected answer is as likely as the chosen one.",
        "Better than before, or ahead now?",
        "implicit_reward_accuracy",
        lambda: implicit_reward_accuracy([-4.5], [-4.5], [-5.0], [-4.0]),
        near(1.0),
    ),
    Claim(
        "06-soft-label",
        "A soft label of 0.8 pulls until the gap is log 4/β, here 13.86 nats, and "
        "leaves a loss of 0.5004.",
        "Where the pull of a soft label ends",
        "optimal_gap",
        lambda: optimal_gap(0.8, 0.1),
        near(np.log(4) / 0.1),
    ),
    Claim(
        "06-connected",
        "On a connected comparison graph nothing but π* minimizes the expected loss, "
        "even if some pairs are never compared.",
        "Why nothing but the optimal policy is best",
        "200 steps of descent on two of three pairs",
        chain_minus_optimum,
        near(0.0, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "06-two-functions",
        "DPO's loss and RLHF's objective are two functions: on the uniform policy the "
        "one is 0.1519 above its floor, the other 0.2135 below its top.",
        "Why nothing but the optimal policy is best",
        "population_loss and objective",
        lambda: (
            log_partition(REFERENCE, REWARD, 1.0)
            - objective(UNIFORM, REFERENCE, REWARD, 1.0)
        ),
        near(0.2135, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "06-out-of-reach",
        "Where the model cannot express π*, the two disagree: in one family of "
        "policies RLHF ends at 0.333 and DPO at 0.426.",
        "Out of reach: condition 6",
        "2,501 policies of the family",
        lambda: float(np.diff(best_tilts())[0]),
        near(0.426 - 0.333, within=0.002),
        FLOAT64,
    ),
    Claim(
        "06-pooled",
        "Judges who disagree leave a loss above the entropy of their votes that no "
        "reward can remove.",
        "Each condition dropped, in numbers (deeper)",
        "population_loss - preference_entropy",
        lost_to_pooling,
        above(0.001),
        FLOAT64,
    ),
    Claim(
        "06-sure",
        "Sure labels on all pairs leave no finite optimum.",
        "Each condition dropped, in numbers (deeper)",
        "mle_exists",
        lambda: mle_exists(np.where(np.subtract.outer(REWARD, REWARD) > 0, 1.0, 0.0)),
        near(0.0),
    ),
)

"""Claims of chapter 07: the pull of a pair, and where it leads."""

import numpy as np

from ...boltzmann import expected_reward, objective, optimal_logp
from ...divergence import kl_from_logs
from ...dpo_gradient import (
    descent_step,
    dpo_gradient,
    first_order_change,
    gradient_flow,
    gradient_weight,
    log_linear_logp,
    optimal_gap,
    score,
)
from ..claim import FLOAT64, Claim, near

SHARED, START = [[1.0], [0.0], [3.0]], np.log([0.4, 0.1, 0.5])
FOUR, FOUR_REWARDS = np.log([0.5, 0.25, 0.125, 0.125]), np.array([0.0, 1.0, 2.0, -1.0])


def chosen_after_a_step(features, start, beta=0.1, rate=10.0) -> float:
    """The log-ratio of the chosen response after one step on the pair (0, 1)."""
    theta = descent_step(np.zeros(np.shape(features)[1]), features, (0, 1), beta, rate)
    return (log_linear_logp(theta, features, start)[0] - start[0]).item()


def rises(starts) -> float:
    """Share of the starts from which the chosen response rises to first order."""
    moved = [
        first_order_change(
            np.log(start), SHARED, descent_step([0.0], SHARED, (0, 1), 0.1, 0.1)
        )[0]
        for start in starts
    ]
    return float(np.mean(np.array(moved) > 0))


def starts() -> list:
    """28 policies over three responses, spread evenly."""
    parts = range(1, 20, 3)
    return [
        np.array([i, j, 21 - i - j]) / 21 for i in parts for j in parts if i + j < 21
    ]


def rlhf_slope_moved_by_beta() -> float:
    """How much the slope of J at the reference changes from β = 0.1 to β = 10."""
    world, reward = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
    nudged = world + 1e-6 * np.array([[1.0, 0, 0], [-1.0, 0, 0]])
    nudged -= np.log(np.exp(nudged).sum(axis=1, keepdims=True))
    slopes = [
        -np.diff(objective(nudged, world, reward, b))[0] / 2e-6 for b in (0.1, 10)
    ]
    return abs(slopes[0] - slopes[1])


def kl_over_its_limit(beta: float) -> float:
    """KL(π*‖π_ref) divided by Var(r)/2β²."""
    mean = expected_reward(FOUR, FOUR_REWARDS)
    variance = expected_reward(FOUR, (FOUR_REWARDS - mean) ** 2)
    kl = kl_from_logs(optimal_logp(FOUR, FOUR_REWARDS, beta), FOUR)
    return kl / (variance / (2 * beta**2))


CLAIMS = (
    Claim(
        "07-pull",
        "In the worked example the pair pulls with β σ(-m) = 0.0475 in each direction.",
        "Several roads to one number",
        "dpo_gradient",
        lambda: dpo_gradient(-4.5, -4.5, -5.0, -4.0, beta=0.1)[1].item(),
        near(0.1 / (1 + np.exp(0.1))),
    ),
    Claim(
        "07-weight",
        "The weight 0.4750 is the modeled probability of the reversed label.",
        "What the weight means (essential)",
        "gradient_weight",
        lambda: gradient_weight(1.0, 0.1),
        near(1 / (1 + np.exp(0.1))),
    ),
    Claim(
        "07-most",
        "However wrong a pair is, it pulls with at most β: 0.1000 at a margin of -20.",
        "Every pair pulls with at most β",
        "β times gradient_weight",
        lambda: 0.1 * gradient_weight(-20.0 / 0.1, 0.1),
        near(0.1, within=1e-8),
        FLOAT64,
    ),
    Claim(
        "07-table",
        "In a table with one pair the chosen response rises: by 0.4884 nats at a step "
        "of 10 from (0.2, 0.3, 0.5).",
        "The dripping faucet again",
        "descent_step on one logit per response",
        lambda: chosen_after_a_step(np.eye(3), np.log([0.2, 0.3, 0.5])),
        near(0.4884, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "07-displaced",
        "With a shared feature the chosen response can fall: by 0.5987 nats in one "
        "clean step, though the loss falls too.",
        "What one clean pair did",
        "descent_step on one shared feature",
        lambda: chosen_after_a_step(SHARED, START),
        near(-0.5987, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "07-wedge",
        "There the chosen response rises only where the rejected one has more than "
        "twice the mass of the third.",
        "Where does the chosen answer rise?",
        "28 starts: first-order changes minus the rule",
        lambda: rises(starts()) - np.mean([y[1] > 2 * y[2] for y in starts()]),
        near(0.0),
    ),
    Claim(
        "07-bold-first",
        "At time 1 the largest of three β (0.5) has the largest gap, 0.470 nats.",
        "The crossing",
        "gradient_flow",
        lambda: gradient_flow(0.5, 1.0),
        near(0.470, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "07-bold-last",
        "At time 100,000 it has the smallest, 21.6 nats; the smallest β (0.01) leads "
        "with 289.6.",
        "Two limits",
        "gradient_flow",
        lambda: gradient_flow(0.01, 100_000.0) - gradient_flow(0.5, 100_000.0),
        near(289.613 - 21.639, within=1e-3),
        FLOAT64,
    ),
    Claim(
        "07-rlhf-start",
        "RLHF's first step does not depend on β, because the KL has slope 0 at the "
        "reference; DPO's is proportional to β.",
        "One question, five answers",
        "central differences of the objective at β = 0.1 and 10",
        rlhf_slope_moved_by_beta,
        near(0.0, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "07-no-end",
        "A label that 90 % agree with stops at a gap of log 9/β; a sure label never "
        "stops.",
        "Where it ends (core)",
        "optimal_gap",
        lambda: optimal_gap(0.9, 0.1),
        near(np.log(9) / 0.1),
    ),
    Claim(
        "07-score",
        "The score of a response does not vanish with its probability: its length is "
        "1.2570 at one in a million.",
        "Every token gets the same push, and a rare response keeps its score (deeper)",
        "score",
        lambda: score(np.log([0.7, 0.299999, 0.000001]), 2).norm(),
        near(np.sqrt(0.999999**2 + 0.7**2 + 0.299999**2)),
    ),
    Claim(
        "07-gentle",
        "For large β the optimum approaches the reference: KL(π*‖π_ref) is Var(r)/2β² "
        "to 0.3 % at β = 100.",
        "β to infinity (deeper)",
        "optimal_logp on four responses",
        lambda: kl_over_its_limit(100.0),
        near(1.0, within=0.003),
        FLOAT64,
    ),
)

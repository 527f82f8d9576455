"""Claims of chapter 13: what pairs leave open, which falls are right, what noise costs.

Runs are read from the stored grid; ``python -m dpo_edu.experiments`` makes them again.
"""

from functools import cache

import numpy as np

from ...boltzmann import optimal_logp
from ...bradley_terry import flipped, logit, pooled_preferences, preference_matrix
from ...dpo_loss import population_loss
from ...experiments.grid import stored
from ...experiments.shared_start import shared_start
from ...failure_modes import table_limit
from ...failure_modes.misspecification import dpo_tilt, population_policy, rlhf_tilt
from ...failure_modes.winners import Winners, winners_at_optimum
from ..claim import FLOAT64, SAMPLED, Claim, above, below, near

REFERENCE, REWARD = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
grid = cache(stored)


@cache
def winners(beta: float) -> Winners:
    """All pairs of chapter 11's reference, and what the optimum does to winners."""
    data, reference, _ = shared_start()
    return winners_at_optimum(reference.logp, data.world.reward, beta)


def each(run: str, measure: str) -> np.ndarray:
    """A measure of a stored run, one number per seed."""
    return np.array([seed[measure] for seed in grid("failure_modes")[run]])


def last(run: str, measure: str) -> np.ndarray:
    """The last row of a stored run, one number per seed."""
    return np.array([rows[-1][measure] for rows in grid("failure_modes")[run]])


def spread_of_the_loss() -> float:
    """Loss on A against B alone, with C at 0.9 minus with C at 0.001."""
    odds = 0.5 / 0.3 * np.e
    met = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    losses = []
    for c in (0.001, 0.9):
        logp = np.log([(1 - c) * odds / (1 + odds), (1 - c) / (1 + odds), c])
        labels = preference_matrix(REWARD)
        losses.append(float(population_loss(logp, REFERENCE, labels, 1.0, met)))
    return losses[1] - losses[0]


def sharp_annotators() -> float:
    """Largest distance of DPO on labels twice as sharp to the optimum at half β."""
    sharp = preference_matrix(2 * REWARD)
    found = population_policy(REFERENCE, sharp, np.ones((3, 3)), beta=1.0)
    half = optimal_logp(REFERENCE, REWARD, beta=0.5)
    return float(abs(np.exp(found) - np.exp(half)).max())


def narrow_class() -> float:
    """DPO's tilt minus RLHF's, where B and C are asked eight times as often."""
    feature, even, goal = [0.0, 1.0, 2.0], np.log(np.full(3, 1 / 3)), [0.0, 2.0, 1.0]
    met = np.array([[0, 1, 1], [1, 0, 8], [1, 8, 0]])
    tilt = dpo_tilt(feature, preference_matrix(goal), met, beta=1.0)
    return tilt - rlhf_tilt(feature, even, np.array(goal), beta=1.0)


CLAIMS = (
    Claim(
        "13-uncompared",
        "The loss is the same for every probability of an answer that nobody compares.",
        "The loss is the same for every probability of C",
        "population_loss of two policies with the same odds of A to B",
        spread_of_the_loss,
        near(0.0),
    ),
    Claim(
        "13-best-falls",
        "In a table an uncompared answer moves with the normalizer: the best of three "
        "falls from 0.2 to 0.1658.",
        "The optimizer decides about C",
        "table_limit of the three answers",
        lambda: np.exp(table_limit(REFERENCE, REWARD, [0, 0, 1], 1.0))[2],
        near(0.1658, within=5e-5),
    ),
    Claim(
        "13-left-out",
        "Two words left out of the comparisons cost more than a third of what can be "
        "gained.",
        'In the world, nobody compares "great"',
        "share with all answers compared minus share without, five seeds",
        lambda: each("all compared", "share") - each("left out", "share"),
        above(1 / 3),
        SAMPLED,
    ),
    Claim(
        "13-better-falls",
        "At the exact optimum for β = 1 a share of 0.473 of the winners that are truly "
        "better is less likely than before.",
        "A falling winner alone is no symptom",
        "all pairs of the reference, by levels of reward",
        lambda: winners(1.0).fell("better"),
        near(0.473, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "13-beta-decides",
        "At β = 2 that share is 0.225: no fixed share of falls is right.",
        "A falling winner alone is no symptom",
        "all pairs of the reference, by levels of reward",
        lambda: winners(2.0).fell("better"),
        near(0.225, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "13-random-flips",
        "Random flips shrink a gap and keep its sign: of 13.86 a tenth of flips "
        "leaves 10.46.",
        "Label noise (core)",
        "log-odds of 0.74 over β = 0.1",
        lambda: logit(flipped(0.8, rate=0.1)) / 0.1,
        near(10.46, within=5e-3),
    ),
    Claim(
        "13-timid",
        "With two verdicts of five flipped the policy still gains.",
        "With flips the policy stays closer to its reference",
        "share of five seeds at a rate of 0.4",
        lambda: each("flips 0.4", "share"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "13-heads",
        "A pool of votes can prefer A where the mean reward prefers B.",
        "Pooled annotators (deeper)",
        "six in ten at +2 nats, four in ten at −9",
        lambda: pooled_preferences([[2.0, 0.0], [0.0, 9.0]], [0.6, 0.4])[0, 1],
        above(0.5),
    ),
    Claim(
        "13-strong-minority",
        "Where the majority prefers A by only 0.1 nats, the pool prefers B: votes "
        "average probabilities and count no heads.",
        "Pooled annotators (deeper)",
        "six in ten at +0.1 nats, four in ten at −9",
        lambda: pooled_preferences([[0.1, 0.0], [0.0, 9.0]], [0.6, 0.4])[0, 1],
        near(0.3150, within=5e-5),
    ),
    Claim(
        "13-few-pairs",
        "Four hundred steps on 500 verdicts end far below the untrained reference.",
        "With few pairs, more KL buys little reward",
        "share at the end, five seeds",
        lambda: last("500 pairs", "share"),
        below(-1.0),
        SAMPLED,
    ),
    Claim(
        "13-narrow",
        "In a class that lacks the optimum DPO's answer depends on which pairs are "
        "asked, and can have the other sign than RLHF's.",
        "DPO's answer depends on how often each pair is asked",
        "θ of DPO minus θ of RLHF on the true reward",
        narrow_class,
        near(-0.6475, within=1e-4),
        FLOAT64,
    ),
    Claim(
        "13-sharpness",
        "Annotators twice as consistent act as half the β.",
        "Consistent annotators act like a smaller β",
        "largest difference of two policies of three answers",
        sharp_annotators,
        near(0.0, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "13-reference-moves",
        "A reference in the optimizer costs part of what can be gained.",
        "The reference is not frozen (core)",
        "share with a frozen reference minus share with one that is trained",
        lambda: last("frozen", "share") - last("in the optimizer", "share"),
        above(0.0),
        SAMPLED,
    ),
)

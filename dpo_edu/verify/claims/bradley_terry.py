"""Claims of chapter 01: comparisons, odds, rankings, circles."""

import numpy as np

from ...bradley_terry import (
    ELO_PER_NAT,
    all_rankings,
    compose_preferences,
    cycle_defect,
    log_sigmoid,
    pair_marginal,
    pair_product_nll,
    plackett_luce_nll,
    pooled_preferences,
    preference_probability,
    random_utility_frequency,
    thurstone_probability,
)
from ..claim import FLOAT64, Claim, below, near

REWARDS = [1.0, 0.0, -1.0]


def sigmoid_minus_normal() -> float:
    """The largest distance between the logistic and the best-known normal curve."""
    gap = np.linspace(-8, 8, 1601)
    normal = thurstone_probability(gap * np.sqrt(2) / 1.702, 0.0)
    return np.abs(normal - preference_probability(gap, 0.0)).max()


def gumbel_frequency() -> float:
    """How often the first of two noisy rewards, half a nat apart, is the larger."""
    noise = np.random.default_rng(0).gumbel(size=(200_000, 2))
    return random_utility_frequency(0.5, 0.0, noise)


CLAIMS = (
    Claim(
        "01-one-nat",
        "A reward that is one nat higher wins with probability e/(e + 1) = 0.7311.",
        "By hand",
        "preference_probability",
        lambda: preference_probability(1.0, 0.0),
        near(np.e / (np.e + 1)),
    ),
    Claim(
        "01-level",
        "Only differences count: rewards of 1 and 0 predict the same as -99 and -100.",
        "The sign of a reward means nothing",
        "preference_probability, moved by 100 nats",
        lambda: preference_probability(-99.0, -100.0),
        near(np.e / (np.e + 1)),
    ),
    Claim(
        "01-unit",
        "Doubled rewards are another model: 0.7311 becomes 0.8808.",
        "Three rewards, doubled",
        "preference_probability",
        lambda: preference_probability(2.0, 0.0),
        near(np.exp(2) / (np.exp(2) + 1)),
    ),
    Claim(
        "01-odds",
        "If A beats B with 0.7 and B beats C with 0.6, the model says that A beats C "
        "with 7/9, because odds multiply.",
        "Rewards add, so odds multiply",
        "compose_preferences",
        lambda: compose_preferences(0.7, 0.6),
        near(7 / 9),
    ),
    Claim(
        "01-gumbel",
        "If each reward gets Gumbel noise and the larger one wins, the sigmoid comes "
        "out: 0.622 of 200,000 races at a gap of half a nat.",
        "Gumbel noise gives exactly the sigmoid",
        "200,000 drawn pairs, three standard errors",
        gumbel_frequency,
        near(preference_probability(0.5, 0.0), within=0.0033),
        FLOAT64,
    ),
    Claim(
        "01-normal",
        "Normal noise, rescaled, stays within 0.01 of the sigmoid everywhere.",
        "Can data tell the two curves apart?",
        "the largest distance on a grid of gaps from -8 to 8",
        sigmoid_minus_normal,
        below(0.01),
        FLOAT64,
    ),
    Claim(
        "01-elo",
        "Elo is the same model in another unit: one nat is 400/log 10 = 173.7 points.",
        "Elo is the same model (deeper)",
        "ELO_PER_NAT",
        lambda: ELO_PER_NAT,
        near(400 / np.log(10)),
    ),
    Claim(
        "01-ranking",
        "A ranking is not its pairs: Plackett-Luce gives A > B > C 0.0326 nats less "
        "loss than the three pairs do.",
        "Is a ranking the same as its pairs?",
        "pair_product_nll - plackett_luce_nll",
        lambda: pair_product_nll(REWARDS) - plackett_luce_nll(REWARDS),
        near(0.0326, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "01-rankings-sum",
        "The Plackett-Luce probabilities of all six rankings of three answers sum "
        "to 1.",
        "All six rankings of three answers",
        "all_rankings",
        lambda: all_rankings(REWARDS)[1].sum(),
        near(1.0),
    ),
    Claim(
        "01-marginal",
        "In all rankings together, A stands before C as often as Bradley-Terry says: "
        "σ(2) = 0.8808.",
        "All six rankings of three answers",
        "pair_marginal",
        lambda: pair_marginal(REWARDS, 0, 2),
        near(preference_probability(2.0, 0.0)),
    ),
    Claim(
        "01-circle",
        "A circle of preferences of 0.9 cannot be fitted: the best loss is log 2, "
        "0.3681 nats above the entropy of the votes.",
        "The loss of all rewards of the form (t, 0, −t)",
        "log 2 minus the entropy of 0.9",
        lambda: np.log(2) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1),
        near(0.3681, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "01-pooled",
        "Two judges who each follow the model do not follow it together: around a "
        "circle the log-odds of their pooled votes miss 0 by 0.2869 nats.",
        "Two judges in one data set",
        "cycle_defect of pooled_preferences",
        lambda: cycle_defect(pooled_preferences([[4, 0, -1], [-1, 0, 1]], [0.5, 0.5])),
        near(0.2869, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "01-stable",
        "log σ(-800) is -800; computed as log(1/(1 + e^800)) it is minus infinity.",
        "What the computer makes of a large gap (deeper)",
        "log_sigmoid",
        lambda: log_sigmoid(-800.0),
        near(-800.0),
    ),
)

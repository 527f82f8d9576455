"""Claims of chapter 02: one loss, its floor, its bottom, its errors."""

import numpy as np

from ...bradley_terry import log_sigmoid, preference_matrix, sigmoid
from ...likelihood import (
    bayes_accuracy,
    bayes_loss,
    binary_cross_entropy,
    fisher_information,
    fit_rewards,
    fit_with_home_advantage,
    load_baseball,
    mle_exists,
    negative_log_likelihood,
    standard_errors,
    wins_matrix,
)
from ..claim import FLOAT64, Claim, near

BALTIMORE = 6  # the team that all others are compared with
CHAIN = preference_matrix([1.0, 0.0, -1.0])[np.triu_indices(3, 1)]


def milwaukee_over_baltimore() -> float:
    """The gap of the best fit to the season of 1987."""
    return float(np.subtract(*fit_rewards(load_baseball().wins)[[0, BALTIMORE]]))


def its_standard_error() -> float:
    """From the information about all gaps, Baltimore held at 0."""
    wins = load_baseball().wins
    information = fisher_information(fit_rewards(wins), wins + wins.T)
    return standard_errors(information, base=BALTIMORE)[0]


def home_advantage() -> float:
    """What the second fit adds to the home team's reward."""
    season = load_baseball()
    return fit_with_home_advantage(season.home_wins, season.away_wins).home_advantage


def gain_on_games_left_out() -> float:
    """Nats per game below log 2, each game predicted by a fit to the 272 others."""
    wins, total = load_baseball().wins, 0.0
    for i, j in zip(*np.nonzero(wins), strict=True):
        others = wins.copy()
        others[i, j] -= 1
        gap = np.subtract(*fit_rewards(others)[[i, j]])
        total += wins[i, j] * log_sigmoid(gap)
    return np.log(2) + total / wins.sum()


CLAIMS = (
    Claim(
        "02-seven-of-ten",
        "Seven wins in ten comparisons put the best gap at log(7/3) = 0.8473 nats.",
        "Take the logarithm and find the bottom",
        "fit_rewards",
        lambda: np.ptp(fit_rewards(np.array([[0, 7], [3, 0]]))),
        near(np.log(7 / 3)),
    ),
    Claim(
        "02-soft-label",
        "Ten votes and one soft label of 0.7 have the same mean loss.",
        "Other fields use the same loss",
        "negative_log_likelihood - binary_cross_entropy",
        lambda: (
            negative_log_likelihood([0.5, 0.0], [0] * 7 + [1] * 3, [1] * 7 + [0] * 3)
            - binary_cross_entropy(0.7, 0.5)
        ),
        near(0.0),
    ),
    Claim(
        "02-floor",
        "Where 80 % agree, no model has an expected loss below the entropy of 0.5004 "
        "nats; -log 0.8 = 0.2231 is not reachable.",
        "The floor under every model",
        "bayes_loss",
        lambda: bayes_loss([0.8]),
        near(-0.8 * np.log(0.8) - 0.2 * np.log(0.2)),
    ),
    Claim(
        "02-true-model",
        "The true rewards (1, 0, -1) lose 0.5099 nats per vote, hardly less than the "
        "log 2 of somebody who knows nothing.",
        "A loss near zero is no goal",
        "bayes_loss",
        lambda: bayes_loss(CHAIN),
        near(0.5099, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "02-ceiling",
        "The same true rewards are right in 78.1 % of the votes, and no model is right "
        "more often.",
        "A loss near zero is no goal",
        "bayes_accuracy",
        lambda: bayes_accuracy(CHAIN),
        near(CHAIN.mean()),
    ),
    Claim(
        "02-separate",
        "Pairs that are each labelled once have no finite best fit, because on each "
        "pair a larger gap is always better.",
        "Single labels and rings",
        "mle_exists for five pairs of ten items",
        lambda: mle_exists(wins_matrix([0, 2, 4, 6, 8], [1, 3, 5, 7, 9], items=10)),
        near(0.0),
    ),
    Claim(
        "02-ring",
        "Five single labels that close a ring have a finite best fit.",
        "Single labels and rings",
        "mle_exists for five items",
        lambda: mle_exists(wins_matrix([0, 1, 2, 3, 4], [1, 2, 3, 4, 0], items=5)),
        near(1.0),
    ),
    Claim(
        "02-beta",
        "β does not repair this: at a gap of 10/β the loss is the same for every β.",
        "Does β save DPO from this?",
        "the loss at β = 1 minus that at β = 0.01",
        lambda: log_sigmoid(0.01 * (10 / 0.01)) - log_sigmoid(10.0),
        near(0.0),
    ),
    Claim(
        "02-expected-wins",
        "At the bottom every item is expected to win as often as it did.",
        "At the bottom, expected wins equal observed wins",
        "expected wins of the first item, which won 5",
        lambda: (
            [0, 4, 3]
            * preference_matrix(fit_rewards([[0, 3, 2], [1, 0, 2], [1, 1, 0]]))[0]
        ).sum(),
        near(5.0),
    ),
    Claim(
        "02-error",
        "A hundred votes at 70 % fix a gap to ±0.22 nats; at 99 % to ±1.0, because a "
        "vote informs as p(1-p).",
        "Close races tell most about a gap",
        "the ratio of the two errors",
        lambda: np.sqrt(0.7 * 0.3 / (0.99 * 0.01)),
        near(1.005 / 0.2182, within=0.01),
        FLOAT64,
    ),
    Claim(
        "02-baseball",
        "In 1987 Milwaukee stood 1.58 nats above Baltimore, as in Agresti (2002).",
        "A season tells which gaps are real (core)",
        "fit_rewards on 273 games",
        milwaukee_over_baltimore,
        near(1.58, within=0.005),
        FLOAT64,
    ),
    Claim(
        "02-baseball-error",
        "The standard error of that gap is 0.34 nats.",
        "A season tells which gaps are real (core)",
        "fisher_information on 273 games",
        its_standard_error,
        near(0.34, within=0.005),
        FLOAT64,
    ),
    Claim(
        "02-home",
        "Playing at home is worth 0.302 nats, which is 57.5 % between equal teams.",
        "Teams win more often at home",
        "fit_with_home_advantage",
        lambda: sigmoid(home_advantage()),
        near(0.575, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "02-left-out",
        "On games that the fit has not seen, a season of knowledge is worth 0.039 nats "
        "per game.",
        "What is a season of knowledge worth?",
        "273 fits, each without one game",
        gain_on_games_left_out,
        near(0.0394, within=5e-5),
        FLOAT64,
    ),
)

"""Checks of chapter 01. The oracles compute with exact fractions of 50-digit powers.

They share no code with the package, which works in log space: ``decimal`` has neither
overflow nor rounding at rewards of 1000.
"""

from decimal import Context, Decimal, localcontext
from itertools import combinations, permutations
from math import factorial, log

import numpy as np

from ..exercise import Example, Exercise, holds, predict
from ..kinds import array, expect, expect_close


def _powers(*rewards) -> list[Decimal]:
    """e^reward for each, at 50 digits."""
    with localcontext(Context(prec=50)):
        return [Decimal(float(reward)).exp() for reward in rewards]


def _probability(reward_i, reward_j):
    power_i, power_j = _powers(reward_i, reward_j)
    return float(power_i / (power_i + power_j))


GAMES = ((0.3, -1.2), (-0.5, 1.5), (0.0, 0.0), (-2.0, -2.75), (1.7, 0.0), (0.25, 3.0),
         (-4.0, 2.5), (6.5, -1.0), (1 / 3, -(2**0.5)))  # fmt: skip


@holds("P(i beats j) + P(j beats i) = 1: somebody wins")
def _somebody_wins(answer):
    for i, j in GAMES:
        expect_close(answer(i, j) + answer(j, i), 1.0)


@holds("adding 5 to both rewards changes nothing: only their difference counts")
def _only_the_gap_counts(answer):
    for i, j in GAMES:
        expect_close(answer(i + 5, j + 5), answer(i, j))


@holds("the log-odds log(p / (1 - p)) are reward_i - reward_j")
def _log_odds_are_the_gap(answer):
    for i, j in GAMES:
        p = answer(i, j)
        expect(0 < p < 1, f"a probability strictly between 0 and 1 is due, not {p:g}")
        expect_close(log(p / (1 - p)) + 10, i - j + 10)


@holds("a small gap moves the probability away from 1/2 by a quarter of the gap")
def _a_small_gap_is_not_a_tie(answer):
    for gap in (4e-4, -2e-4):
        expect_close((answer(1.5 + gap, 1.5) - 0.5) / gap, 0.25, relative=1e-6)


@holds("60 nats or more below the other nothing is left, not even 1e-15",
       stage="extremes")  # fmt: skip
def _no_floor(answer):
    for i, j in ((0.0, 60.0), (-500.0, 500.0)):
        expect(answer(i, j) < 1e-15)


preference_probability = Exercise(
    name="preference_probability",
    oracle=_probability,
    example=Example((2.0, 1.0), _probability(2, 1), "e / (e + 1) = 0.7311"),
    ordinary=GAMES,
    properties=(
        _somebody_wins,
        _only_the_gap_counts,
        _log_odds_are_the_gap,
        _a_small_gap_is_not_a_tie,
        _no_floor,
    ),
    extremes=((1000.0, 0.0), (0.0, 1000.0), (1000.0, 999.0), (-1000.0, -999.5),
              (-1000.0, 1000.0), (0.0, 20.0)),
)  # fmt: skip


def _composed(p_ab, p_bc):
    with localcontext(Context(prec=50)):
        ab, bc = Decimal(p_ab), Decimal(p_bc)
        both, neither = ab * bc, (1 - ab) * (1 - bc)
        return float(both / (both + neither))


CHAINS = ((0.3, 0.9), (0.5, 0.8), (0.2, 0.35), (0.65, 0.5), (0.95, 0.85), (0.12, 0.88),
          (0.5, 0.5), (0.4, 0.75))  # fmt: skip


@holds("a fair coin changes nothing: with 0.5 for one of the two, the other comes out")
def _a_coin_flip_is_neutral(answer):
    for p, _ in CHAINS:
        expect_close(answer(p, 0.5), p)
        expect_close(answer(0.5, p), p)


@holds("there and back again: p and then 1 - p give 0.5")
def _back_again(answer):
    for p, _ in CHAINS:
        expect_close(answer(p, 1 - p), 0.5)


@holds("with rewards r_a, r_b, r_c the result is P(a beats c) of those rewards")
def _agrees_with_rewards(answer):
    for a, b, c in ((1.0, 0.0, -1.0), (0.5, 2.0, 1.0), (-1.5, 0.25, 2.0)):
        expect_close(answer(_probability(a, b), _probability(b, c)), _probability(a, c))


compose_preferences = Exercise(
    name="compose_preferences",
    oracle=_composed,
    example=Example((0.7, 0.6), 7 / 9, "odds 7/3 times 3/2 are 7 : 2, so 7 / 9"),
    ordinary=CHAINS,
    properties=(_a_coin_flip_is_neutral, _back_again, _agrees_with_rewards),
    extremes=((1e-6, 1e-3), (1 - 1e-9, 0.5), (1e-6, 1 - 1e-6), (1e-4, 0.999),
              (1e-200, 1e-200), (1 - 1e-16, 1 - 1e-16), (1e-200, 1 - 1e-16)),
)  # fmt: skip


def _ranking_nll(rewards):
    with localcontext(Context(prec=50)):
        powers = _powers(*rewards)
        chances = [power / sum(powers[k:]) for k, power in enumerate(powers)]
        return float(-sum(chance.ln() for chance in chances))


RANKINGS = tuple(
    (np.array(rewards),)
    for rewards in (
        [1.0, 0.0, -1.0],
        [-0.5, 2.0],
        [0.3, -1.2, 0.8, 2.5],
        [2.0, 2.0, -3.0, 0.5, 1.0],
        [0.0, 1.5, -0.75],
        [-4.0, 3.0],
        2 * np.cos(np.arange(9.0)),
    )
)


@holds("the probabilities e^-nll of all 3! or 4! rankings add up to 1")
def _rankings_sum_to_one(answer):
    for rewards in ([1.0, 0.0, -1.0], [0.5, -2.0, 1.5, 0.0]):
        orders = permutations(rewards)
        expect_close(sum(np.exp(-answer(np.array(order))) for order in orders), 1.0)


@holds("with two items it is Bradley-Terry: -log P(first beats second)")
def _two_items_are_a_game(answer):
    for i, j in GAMES:
        expect_close(answer(np.array([i, j])), -log(_probability(i, j)))


@holds("one item can be ranked in one way only: the nll is 0")
def _one_item(answer):
    for reward in (0.0, 3.5, -2.0):
        expect_close(answer(np.array([reward])), 0.0)


@holds("K equal rewards make all K! rankings equally likely: log K!")
def _equal_rewards(answer):
    for items in (2, 5, 15):
        expect_close(answer(np.full(items, -0.5)), log(factorial(items)))


@holds("adding 7 to all rewards changes nothing")
def _shift_of_all(answer):
    for (rewards,) in RANKINGS:
        expect_close(answer(rewards + 7), answer(rewards))


plackett_luce_nll = Exercise(
    name="plackett_luce_nll",
    oracle=_ranking_nll,
    example=Example((np.zeros(3),), log(factorial(3)), "6 equal rankings, log 6"),
    ordinary=RANKINGS,
    properties=(
        _one_item,
        _two_items_are_a_game,
        _equal_rewards,
        _rankings_sum_to_one,
        _shift_of_all,
    ),
    extremes=tuple(
        (np.array(rewards),)
        for rewards in (
            [1000.0, 1000.0],
            [1000.0, 0.0, -5.0],
            [-1000.0, -1001.0, -1002.5],
            [0.0, 1000.0, -1000.0],
        )
    ),
)


def _expected_wins(rewards):
    wins = [0.0 for _ in rewards]
    for i, j in combinations(range(len(rewards)), 2):
        wins[i] += _probability(rewards[i], rewards[j])
        wins[j] += _probability(rewards[j], rewards[i])
    return np.array(wins)


@holds("every game has one winner: the wins of K teams add up to K (K - 1) / 2")
def _one_win_a_game(answer):
    for (rewards,) in RANKINGS:
        games = len(rewards) * (len(rewards) - 1) / 2
        expect_close(answer(rewards).sum(), games)


@holds("a team without opponents plays no game: it wins 0")
def _nobody_to_play(answer):
    for reward in (0.0, 2.5):
        expect_close(answer(np.array([reward])), [0.0])


@holds("teams listed in another order win what they won before")
def _any_order_of_teams(answer):
    for (rewards,) in RANKINGS:
        expect_close(answer(rewards[::-1].copy()), answer(rewards)[::-1])


find_the_bug_expected_wins = Exercise(
    name="find_the_bug_expected_wins",
    returns=array,
    oracle=_expected_wins,
    example=Example((np.zeros(3),), np.ones(3), "two games each, half of them won"),
    ordinary=RANKINGS,
    properties=(_one_win_a_game, _any_order_of_teams, _nobody_to_play),
)

predict_the_cycle = predict("predict_the_cycle", 1 / 37)

EXERCISES = (
    preference_probability,
    compose_preferences,
    plackett_luce_nll,
    find_the_bug_expected_wins,
    predict_the_cycle,
)

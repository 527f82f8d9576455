"""Right answers of chapter 15 that are written in unusual ways."""

import math
from functools import reduce
from itertools import accumulate, repeat

import numpy as np

from dpo_edu.workbook.known_wrong.online import (
    BETA,
    ITERATE,
    JUDGE,
    SLIPS,
    THREE,
    sigmoid,
)

from . import right


@right(BETA)
def by_doing_the_rounds(beta, rounds):
    weights = np.array([0.5, 0.5])
    for _ in range(rounds):
        weights = weights * np.exp(np.array([0.1, 0.0]) / beta)
        weights = weights / weights.sum()
    log_odds = np.log(weights[0] / weights[1])
    return 0.1 / log_odds if rounds else math.inf


@right(BETA)
def by_adding_inverses(beta, rounds):
    total = sum(repeat(1 / beta, rounds))
    return float("inf") if total == 0 else 1 / total


@right(ITERATE)
def with_accumulate(policy, reference, round_fn, rounds):
    steps = accumulate(
        range(rounds), lambda pair, _: round_fn(*pair), initial=(policy, reference)
    )
    return [each for each, _ in steps]


@right(ITERATE)
def recursively(policy, reference, round_fn, rounds):
    if rounds == 0:
        return [policy]
    return [policy, *recursively(*round_fn(policy, reference), round_fn, rounds - 1)]


@right(ITERATE)
def with_reduce(policy, reference, round_fn, rounds):
    def one_more(so_far, _):
        listed, pair = so_far
        pair = round_fn(*pair)
        return [*listed, pair[0]], pair

    return reduce(one_more, range(rounds), ([policy], (policy, reference)))[0]


@right(SLIPS)
def in_one_line(reward_a, reward_b, rate):
    return rate + (1 - 2 * rate) * sigmoid(reward_a - reward_b)


@right(SLIPS)
def by_hyperbolic_tangent(reward_a, reward_b, rate):
    return 0.5 + (0.5 - rate) * np.tanh((reward_a - reward_b) / 2)


@right(THREE)
def as_a_fraction():
    return 4 / 13


@right(THREE)
def by_tilting():
    weights = np.ones(2)
    for beta in (0.5, 1.0, 4.0):
        weights = weights * np.exp(np.array([1.0, 0.0]) / beta)
    return 1 / math.log(weights[0] / weights[1])


@right(JUDGE)
def another_taste():
    return "the judge means something else than people do"


@right(JUDGE)
def another_taste_spelled_in_parts():
    return " ".join(("the judge means something else", "than people do"))

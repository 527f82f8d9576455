"""Right answers of chapter 01 that are written in unusual ways."""

import math

import numpy as np

from dpo_edu.workbook.known_wrong.bradley_terry import (
    COMPOSE,
    CYCLE,
    PROBABILITY,
    RANKING,
    WINS,
    logit,
    sigmoid,
)

from . import right


@right(PROBABILITY)
def logistic_by_tanh(reward_i, reward_j):
    return 0.5 * (1 + np.tanh((reward_i - reward_j) / 2))


@right(PROBABILITY)
def logistic_with_numpy(reward_i, reward_j):
    return 1 / (1 + np.exp(np.asarray(reward_j - reward_i)))


@right(PROBABILITY)
def softmax_of_two(reward_i, reward_j):
    rewards = np.array([reward_i, reward_j])
    powers = np.exp(rewards - rewards.max())
    return powers[0] / powers.sum()


@right(PROBABILITY)
def exponential_of_log_sigmoid(reward_i, reward_j):
    return float(np.exp(-np.logaddexp(0.0, reward_j - reward_i)))


@right(COMPOSE)
def by_log_odds(p_ab, p_bc):
    return sigmoid(logit(p_ab) + logit(p_bc))


@right(COMPOSE)
def by_bayes(p_ab, p_bc):
    both, neither = p_ab * p_bc, (1 - p_ab) * (1 - p_bc)
    return np.float64(both) / (both + neither)


@right(RANKING)
def running_log_sum(rewards):
    backwards = np.logaddexp.accumulate(rewards[::-1])[::-1]
    return np.sum(backwards - rewards)


@right(RANKING)
def stops_before_the_last(rewards):
    total = 0.0
    for k in range(len(rewards) - 1):
        gaps = rewards[k:] - rewards[k]
        total += gaps.max() + math.log(np.exp(gaps - gaps.max()).sum())
    return total


@right(WINS)
def takes_the_half_off(rewards):
    gaps = rewards[:, None] - rewards
    return (1 / (1 + np.exp(-gaps))).sum(axis=1) - 0.5


@right(WINS)
def masks_the_diagonal(rewards):
    p = 1 / (1 + np.exp(rewards - rewards[:, None]))
    np.fill_diagonal(p, 0.0)
    return p.sum(axis=1)


@right(CYCLE)
def from_odds():
    return 1 / (1 + 9 * 4)


@right(CYCLE)
def three_digits():
    return 0.027

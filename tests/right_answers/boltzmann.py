"""Right answers of chapter 04 that are written in unusual ways."""

import math

import numpy as np

from dpo_edu.workbook.known_wrong.boltzmann import (
    HALF,
    LOG_Z,
    OPTIMUM,
    REGRET,
    SHIFT,
    VALUE,
    log,
    log_sum_exp,
    softmax,
)

from . import right


@right(LOG_Z)
def z_in_log_space(ref, reward, beta):
    return np.logaddexp.reduce(log(ref) + reward / beta, axis=-1)


@right(LOG_Z)
def z_prompt_by_prompt(ref, reward, beta):
    if ref.ndim > 1:
        return np.array(
            [z_prompt_by_prompt(*row, beta) for row in zip(ref, reward, strict=True)]
        )
    terms = [math.log(q) + r / beta for q, r in zip(ref, reward, strict=True) if q > 0]
    return max(terms) + math.log(math.fsum(math.exp(t - max(terms)) for t in terms))


@right(OPTIMUM)
def tilt_in_log_space(ref, reward, beta):
    return softmax(log(ref) + reward / beta)


@right(OPTIMUM)
def tilt_prompt_by_prompt(ref, reward, beta):
    if ref.ndim > 1:
        rows = zip(ref, reward, strict=True)
        return np.stack([tilt_prompt_by_prompt(*row, beta) for row in rows])
    # one over the sum of odds against the response: no Z at all
    policy, given = np.zeros(len(ref)), ref > 0
    for i in np.flatnonzero(given):
        with np.errstate(over="ignore"):
            gap = (reward[given] - reward[i]) / beta
            policy[i] = 1 / np.sum(ref[given] / ref[i] * np.exp(gap))
    return policy


@right(VALUE)
def by_the_gibbs_identity(policy, ref, reward, beta):
    log_z = log_sum_exp(log(ref) + reward / beta)
    with np.errstate(all="ignore"):
        star = log(ref) + reward / beta - log_z[..., None]
        terms = np.where(policy > 0, policy * (log(policy) - star), 0.0)
    return beta * log_z - beta * np.sum(terms, axis=-1)


@right(VALUE)
def response_by_response(policy, ref, reward, beta):
    if policy.ndim > 1:
        rows = zip(policy, ref, reward, strict=True)
        return np.array([response_by_response(*row, beta) for row in rows])
    total = 0.0
    for p, q, r in zip(policy, ref, reward, strict=True):
        if p > 0 and q == 0:
            return -math.inf
        if p > 0:
            total += p * r - beta * p * math.log(p / q)
    return total


@right(REGRET)
def the_other_road(policy, ref, reward, beta):
    best = beta * log_sum_exp(np.log(ref) + reward / beta)
    return best - np.sum(policy * (reward - beta * np.log(policy / ref)))


@right(REGRET)
def ratio_and_weights_turned(policy, ref, reward, beta):
    product = ref * np.exp((reward - reward.max()) / beta)
    star = product / product.sum()
    return -beta * np.sum(policy * np.log(star / policy))


@right(HALF)
def from_multiplied_odds():
    odds = 0.25 * 6**2
    return odds / (1 + odds)


@right(HALF)
def from_the_reward():
    gap = math.log(6)
    return 0.2 * math.exp(gap / 0.5) / (0.2 * math.exp(gap / 0.5) + 0.8)


@right(SHIFT)
def shift_from_a_world():
    ref, reward = np.array([0.4, 0.6]), np.array([1.0, -1.0])
    before, after = (log_sum_exp(np.log(ref) + r / 0.5) for r in (reward, reward + 3))
    return after - before


@right(SHIFT)
def shift_as_an_integer():
    return 6

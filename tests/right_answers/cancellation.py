"""Right answers of chapter 05 that are written in unusual ways."""

import math

import numpy as np
import sympy as sp

from dpo_edu.workbook.known_wrong.cancellation import (
    AVERAGE,
    COUNT,
    ESTIMATE,
    LEVEL,
    REWARD,
    STEP_1,
    STEP_2,
    STEP_3,
    STEP_4,
    STEP_5,
    ratio,
)

from . import right


@right(REWARD)
def scaled_separately(logp, ref_logp, beta):
    with np.errstate(invalid="ignore"):
        return np.subtract(beta * logp, beta * ref_logp)


@right(REWARD)
def one_response_at_a_time(logp, ref_logp, beta):
    if np.ndim(logp) == 0:
        return float(beta * -(ref_logp - logp))
    rows = zip(logp, ref_logp, strict=True)
    return np.array([one_response_at_a_time(p, q, beta) for p, q in rows])


@right(COUNT)
def exact_integer(vocabulary_size, length):
    return math.log10(vocabulary_size**length)


@right(COUNT)
def place_by_place(vocabulary_size, length):
    return math.fsum(math.log10(vocabulary_size) for _ in range(length))


@right(STEP_1)
def solved_by_sympy(policy, ref, beta, z):
    reward = sp.Symbol("reward", real=True)
    return sp.solve(sp.Eq(policy, ref * sp.exp(reward / beta) / z), reward)[0]


@right(STEP_1)
def differences_of_logs(policy, ref, beta, z):
    return -beta * (sp.log(ref) - sp.log(policy) - sp.log(z))


@right(STEP_2)
def one_logarithm(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z):
    odds = (policy_chosen / policy_rejected) / (ref_chosen / ref_rejected)
    return sp.log(odds**beta)


@right(STEP_2)
def expanded_by_sympy(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    rewards = (
        beta * sp.log(policy_chosen * z / ref_chosen),
        beta * sp.log(policy_rejected * z / ref_rejected),
    )
    return sp.simplify(sp.expand_log(rewards[0]) - sp.expand_log(rewards[1]))


@right(STEP_3)
def odds_over_one_plus_odds(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    one = (policy_chosen / ref_chosen) ** beta
    return one / (one + (policy_rejected / ref_rejected) ** beta)


@right(STEP_3)
def by_hyperbolic_tangent(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    gap = beta * sp.log(ratio(policy_chosen, policy_rejected, ref_chosen, ref_rejected))
    return (1 + sp.tanh(gap / 2)) / 2


@right(STEP_4)
def softplus(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    gap = beta * (sp.log(policy_chosen) - sp.log(ref_chosen))
    gap -= beta * (sp.log(policy_rejected) - sp.log(ref_rejected))
    return sp.log(1 + sp.exp(-gap))


@right(STEP_4)
def log_of_powers(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    one = (policy_chosen / ref_chosen) ** beta
    other = (policy_rejected / ref_rejected) ** beta
    return sp.log(one + other) - sp.log(one)


@right(STEP_5)
def one_quotient(beta, z_chosen, z_rejected):
    return beta * sp.log(z_chosen / z_rejected)


@right(STEP_5)
def one_power(beta, z_chosen, z_rejected):
    return -sp.log((z_rejected / z_chosen) ** beta)


@right(ESTIMATE)
def in_log_space(ref_logp, reward, beta):
    return np.logaddexp.reduce(reward / beta - np.log(len(reward)))


@right(ESTIMATE)
def equal_weights(ref_logp, reward, beta):
    best = reward.max()
    powers = np.exp((reward - best) / beta)
    return best / beta + math.log(np.average(powers, weights=np.ones(len(reward))))


@right(AVERAGE)
def sum_of_the_policy():
    return 0.1 + 0.2 + 0.7


@right(AVERAGE)
def with_the_code():
    policy, ref = np.array([0.1, 0.2, 0.7]), np.array([0.5, 0.3, 0.2])
    reward = 0.1 * (np.log(policy) - np.log(ref))
    return np.exp(reward / 0.1) @ ref


@right(LEVEL)
def from_the_tilt():
    z = math.exp(2 / 0.5) / 2  # policy / ref = 2 = e^(r / beta) / Z
    return 0.5 * math.log(z)


@right(LEVEL)
def level_in_digits():
    return 1.6534

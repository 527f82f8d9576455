"""Other penalties: golden worlds, scipy's constrained optimizer, recovered rewards."""

import numpy as np
import pytest
from scipy import optimize, special

from dpo_edu.boltzmann import log_partition, optimal_logp
from dpo_edu.cancellation.other_divergences import (
    CHI_SQUARE,
    FORWARD_KL,
    JENSEN_SHANNON,
    REVERSE_KL,
    alpha_divergence,
    penalized_optimum,
    recovered_reward,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

INVERTIBLE = {
    "reverse": REVERSE_KL,
    "forward": FORWARD_KL,
    "js": JENSEN_SHANNON,
    "alpha": alpha_divergence(0.5),
}
GENERATOR = {  # f(t) of the penalty E_ref[f(pi / pi_ref)]
    "reverse": lambda t: special.xlogy(t, t) - t + 1,
    "forward": lambda t: t - 1 - np.log(t),
    "js": lambda t: special.xlogy(t, t) - (1 + t) * np.log((1 + t) / 2),
    "alpha": lambda t: 2 * (t - 1) - 4 * (np.sqrt(t) - 1),
    "chi2": lambda t: (t - 1) ** 2 / 2,
}


def gaps(row, divergence):
    """Recovered reward differences A - B and C - A, where A, B, C are the responses."""
    ref, reward, beta = world(row)
    logp, _ = penalized_optimum(ref, reward, beta, divergence)
    r = recovered_reward(logp, ref, beta, divergence)
    return r[0] - r[1], r[2] - r[0]


def test_forward_kl():
    row = entry("w3_forward_kl")
    ref, reward, beta = world(row)
    logp, multiplier = penalized_optimum(ref, reward, beta, FORWARD_KL)
    close(np.exp(logp), row["value"]["pi"])
    lam = multiplier + beta  # pi = beta ref / (lam - r); ours has f'(1) = 0, not -1
    close(lam, row["value"]["lam"])
    close(beta * np.exp(ref) / (lam - reward), row["value"]["pi"])
    expected = row["value"]["r_diff_AB"], row["value"]["r_diff_CA"]
    close(gaps(row, FORWARD_KL), expected)


def test_jensen_shannon():
    row = entry("w3_js")
    logp, multiplier = penalized_optimum(*world(row), JENSEN_SHANNON)
    close(np.exp(logp), row["value"]["pi"])
    close(multiplier, row["value"]["lam"])
    close(gaps(row, JENSEN_SHANNON)[1], row["value"]["r_diff_CA"])


def test_alpha_one_half():
    row, divergence = entry("w3_alpha_half"), alpha_divergence(0.5)
    logp, multiplier = penalized_optimum(*world(row), divergence)
    close(np.exp(logp), row["value"]["pi"])
    close(multiplier, row["value"]["lam"])
    close(gaps(row, divergence)[1], row["value"]["r_diff_CA"])


def test_chi_square_drops_responses_and_loses_their_rewards():
    row = entry("w3_chi2_failure")
    ref, reward, beta = world(row)
    interior = 1 + (reward - np.exp(ref) @ reward) / beta
    close(interior, row["value"]["interior_u"])
    logp, multiplier = penalized_optimum(ref, reward, beta, CHI_SQUARE)
    close(np.exp(logp), [1, 0, 0], atol=1e-15)
    close(multiplier, row["value"]["lam"])
    with np.errstate(divide="ignore"):
        r = recovered_reward(logp, ref, beta, CHI_SQUARE)
    close(r[0] - r[1], row["value"]["fprime_diff"])
    assert reward[0] - reward[1] == row["value"]["reward_diff"] != r[0] - r[1]


@pytest.mark.parametrize("name", list(GENERATOR))
@pytest.mark.parametrize("beta", [0.5, 3.0])
def test_no_policy_does_better(name, beta):
    ref, reward = np.array([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
    f = GENERATOR[name]

    def loss(pi):
        return -(pi @ reward - beta * ref @ f(pi / ref))

    found = optimize.minimize(
        loss,
        ref,
        bounds=[(1e-12, 1)] * 3,
        constraints={"type": "eq", "fun": lambda pi: pi.sum() - 1},
        tol=1e-13,
    )
    divergence = {**INVERTIBLE, "chi2": CHI_SQUARE}[name]
    logp, _ = penalized_optimum(np.log(ref), reward, beta, divergence)
    close(loss(np.maximum(np.exp(logp), 1e-300)), found.fun, rtol=1e-7)
    close(np.exp(logp), found.x, atol=1e-3)


@pytest.mark.parametrize("name", list(INVERTIBLE))
def test_the_multiplier_cancels_from_reward_gaps(name):
    rng, divergence = np.random.default_rng(0), INVERTIBLE[name]
    ref = special.log_softmax(rng.normal(size=(4, 6)), axis=-1)
    reward = rng.normal(size=(4, 6))
    for beta in (0.1, 1.0, 10.0):
        logp, multiplier = penalized_optimum(ref, reward, beta, divergence)
        close(np.exp(logp).sum(axis=-1), 1, rtol=1e-10)
        r = recovered_reward(logp, ref, beta, divergence)
        close(r + multiplier[:, None], reward, atol=1e-9)


def test_reverse_kl_is_the_closed_form():
    ref, reward = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
    for beta in (1e-2, 1.0, 1e3):
        logp, multiplier = penalized_optimum(ref, reward, beta, REVERSE_KL)
        close(logp, optimal_logp(ref, reward, beta), atol=1e-12)
        close(multiplier, beta * log_partition(ref, reward, beta), rtol=1e-9)


@pytest.mark.parametrize("divergence", [*INVERTIBLE.values(), CHI_SQUARE])
@pytest.mark.parametrize("beta", [1e-3, 1e3])
def test_huge_rewards_and_zero_probabilities(divergence, beta):
    ref = np.array([np.log(0.5), -np.inf, np.log(0.5)])
    logp, multiplier = penalized_optimum(
        ref, np.array([1e4, 9e9, -1e4]), beta, divergence
    )
    assert logp[1] == -np.inf
    close(np.exp(logp).sum(), 1, rtol=1e-6)
    assert np.isfinite(multiplier)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 1.5, np.nan])
def test_alpha_outside_its_range_is_refused(alpha):
    with pytest.raises(InputError, match="between 0 and 1"):
        alpha_divergence(alpha)

"""Reward against KL: the golden sweep, finite differences, a constrained search."""

import numpy as np
import pytest
from scipy import optimize, special

from dpo_edu.boltzmann import expected_reward, log_partition, optimal_logp
from dpo_edu.boltzmann.frontier import (
    best_proxy_beta,
    beta_for_kl,
    beta_sweep,
    greedy_limit_logp,
    reward_covariance,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

REF, REWARD, BETA = world(entry("w4_beta_sweep"))


def test_sweep_and_both_limits():
    value = entry("w4_beta_sweep")["value"]
    labels = ["0.05", "0.1", "0.5", "1", "2", "10", "100"]
    sweep = beta_sweep(REF, REWARD, [float(label) for label in labels])
    # KL is a sum of terms near 0.1 that cancels to 4e-5 at beta = 100: absolute digits
    close(sweep.kl, [value[f"kl_beta={label}"] for label in labels], atol=1e-15)
    close(sweep.reward, [value[f"E_r_beta={label}"] for label in labels])
    variance = reward_covariance(REF, REWARD, REWARD)
    close(variance, value["var_ref_r"])
    close(sweep.kl[-1] * 2 * 100**2, value["kl*2*beta^2_at_100"], rtol=1e-10)
    greedy = greedy_limit_logp(REF, REWARD)
    close(np.exp(greedy), [0, 0, 1, 0])
    close(-REF[2], value["kl_limit_beta_to_0 = -log pi_ref(argmax)"])


def test_derivatives_of_log_z():
    value = entry("w4_free_energy_derivatives")["value"]
    star = optimal_logp(REF, REWARD, BETA)
    close(expected_reward(star, REWARD), value["first"])
    close(reward_covariance(star, REWARD, REWARD), value["second"])
    h = 1e-4
    low, mid, high = (
        log_partition(REF, REWARD, 1 / (1 / BETA + t)) for t in (-h, 0, h)
    )
    close((high - low) / (2 * h), value["E_r_star"], rtol=1e-8)
    close((high - 2 * mid + low) / h**2, value["var_r_star"], rtol=1e-6)


def test_beta_for_a_kl_budget():
    value = entry("w4_beta_for_kl_budget")["value"]
    beta = beta_for_kl(REF, REWARD, kl_budget=0.1)
    close(beta, value["beta"])
    close(expected_reward(optimal_logp(REF, REWARD, beta), REWARD), value["E_r"])


def test_no_policy_within_the_budget_has_more_reward():
    def kl(scores):
        return special.rel_entr(special.softmax(scores), np.exp(REF)).sum()

    found = optimize.minimize(
        lambda scores: -special.softmax(scores) @ REWARD,
        REF,
        constraints={"type": "ineq", "fun": lambda scores: 0.1 - kl(scores)},
        tol=1e-12,
    )
    beta = beta_for_kl(REF, REWARD, 0.1)
    best = expected_reward(optimal_logp(REF, REWARD, beta), REWARD)
    close(-found.fun, best, rtol=1e-6)


def test_one_beta_spends_the_budget_on_average_over_prompts():
    rng = np.random.default_rng(0)
    ref = special.log_softmax(rng.normal(size=(5, 8)), axis=-1)
    reward = rng.normal(size=(5, 8))
    for budget in (1e-6, 0.01, 0.5, 1.2):
        star = optimal_logp(ref, reward, beta_for_kl(ref, reward, budget))
        spent = special.rel_entr(np.exp(star), np.exp(ref)).sum(axis=-1)
        close(spent.mean(), budget, rtol=1e-8)


@pytest.mark.parametrize("budget", [0.0, -1.0, -REF[2], 3.0, np.nan])
def test_impossible_budgets_are_refused(budget):
    with pytest.raises(InputError, match=r"kl_budget .* between 0 and 2\.07944"):
        beta_for_kl(REF, REWARD, budget)


def test_greedy_limit_keeps_the_reference_among_ties():
    ref = np.log([[0.5, 0.2, 0.3], [0.25, 0.75, 1e-300]])
    ref[1, 2] = -np.inf  # the best response of prompt 2 is never drawn
    reward = np.array([[1.0, 2.0, 2.0], [1.0, 0.0, 9.0]])
    close(np.exp(greedy_limit_logp(ref, reward)), [[0, 0.4, 0.6], [1, 0, 0]])
    close(np.exp(optimal_logp(ref, reward, 1e-2))[0], [0, 0.4, 0.6], atol=1e-40)


def test_over_optimization_of_a_proxy():
    row = entry("overoptimisation_toy")
    gold, value = np.array(row["inputs"]["gold"]), row["value"]
    labels = ["0.1", "0.2", "0.5", "1", "2", "5"]
    sweep = beta_sweep(REF, REWARD, [float(label) for label in labels])
    gold_reward = expected_reward(sweep.logp, gold)
    close(gold_reward, [value[f"gold_beta={label}"] for label in labels])
    close(sweep.reward, [value[f"proxy_beta={label}"] for label in labels])
    close(sweep.kl, [value[f"kl_beta={label}"] for label in labels], rtol=1e-11)
    best = best_proxy_beta(REF, REWARD, gold, sweep.beta)
    close(best, value["beta_best_gold"])
    at_best = beta_sweep(REF, REWARD, [best])
    close(expected_reward(at_best.logp[0], gold), value["gold_at_best"])
    close(at_best.kl[0], value["kl_at_best"])


def test_gold_slope_is_the_covariance():
    gold, t, h = np.array([0.0, 1.0, 0.5, -1.0]), 2.0, 1e-5
    up, down = (
        expected_reward(optimal_logp(REF, REWARD, 1 / s), gold) for s in (t + h, t - h)
    )
    star = optimal_logp(REF, REWARD, 1 / t)
    slope = reward_covariance(star, gold, REWARD)
    close((up - down) / (2 * h), slope, rtol=1e-7)


def test_peak_at_an_end_is_refused():
    with pytest.raises(InputError, match="widen"):
        best_proxy_beta(REF, REWARD, REWARD, [0.1, 1.0, 10.0])

"""The cancellation, and Z by three routes, against enumeration and sampling."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from dpo_edu.boltzmann import log_partition, optimal_logp
from dpo_edu.bradley_terry import log_sigmoid, plackett_luce_nll
from dpo_edu.cancellation import (
    chain_logp,
    derive_cancellation,
    effect_of_prompt_constant,
    implicit_reward,
    log10_responses,
    monte_carlo_partition,
    normalized_reward,
    soft_bellman,
)
from dpo_edu.cancellation.partition_estimates import (
    mean_log_estimate,
    quantile_log_partition,
    relative_variance,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

REF, REWARD, BETA = world(entry("w4_optimal_policy"))


# Golden values


def test_implicit_reward_of_any_policy_is_normalized():
    value = entry("implicit_reward_normalisation")["value"]
    uniform = np.log(np.full(4, 0.25))
    r_hat = implicit_reward(uniform, REF, BETA)
    close(np.exp(log_partition(REF, r_hat, BETA)), value["E_ref_exp"])
    close(np.exp(uniform) @ r_hat, value["beta_kl_pi_ref"])
    close(np.exp(REF) @ r_hat, value["minus_beta_kl_ref_pi"])


def test_reward_comes_back_up_to_a_constant():
    value = entry("implicit_reward_recovers_r_up_to_constant")["value"]
    r_hat = implicit_reward(optimal_logp(REF, REWARD, BETA), REF, BETA)
    close(r_hat, value["r_hat"])
    close(REWARD - r_hat, value["r_minus_rhat"])
    close(normalized_reward(REF, REWARD, BETA), value["r_hat"])


def test_two_prompts_differ_by_their_constants():
    value, beta = entry("cross_prompt_constant")["value"], BETA
    w3 = entry("w3_reverse_kl")["inputs"]
    other_ref, other_reward = np.log(w3["pi_ref"]), np.array(w3["r"])
    first = implicit_reward(optimal_logp(REF, REWARD, beta), REF, beta)
    other_star = optimal_logp(other_ref, other_reward, beta)
    second = implicit_reward(other_star, other_ref, beta)
    off = (REWARD[0] - other_reward[0]) - (first[0] - second[0])
    close(off, value["discrepancy"])
    close(beta * log_partition(REF, REWARD, beta), value["beta_logZ_x1"])
    close(beta * log_partition(other_ref, other_reward, beta), value["beta_logZ_x2"])


def test_soft_bellman_on_two_tokens():
    row = entry("soft_bellman")
    inputs, value = row["inputs"], row["value"]
    levels = [
        np.log(inputs["ref_first"]),
        np.log([inputs["ref_a"], inputs["ref_b"]]),
    ]
    r = inputs["r"]
    leaves = np.array([[r["aa"], r["ab"]], [r["ba"], r["bb"]]])
    tree = soft_bellman(levels, leaves, inputs["beta"])
    close(tree.values[0], value["V_root"])
    close(tree.values[1], [value["V_a"], value["V_b"]])
    close(np.exp(tree.token_logp[0]), value["pi_first"])
    close(np.exp(tree.token_logp[1][0]), value["pi_after_a"])
    close(np.exp(chain_logp(tree.token_logp)).ravel(), value["pi_star_seq"])
    by_list = log_partition(chain_logp(levels).ravel(), leaves.ravel(), inputs["beta"])
    close(inputs["beta"] * by_list, value["beta_log_Z"])


def test_monte_carlo_error_exactly():
    value = entry("w4_Z_monte_carlo")["value"]
    chi2 = relative_variance(REF, REWARD, BETA, samples=1)
    close(chi2, value["chi2"])
    close(1 / (1 + chi2), value["ess_fraction"])
    z = np.exp(log_partition(REF, REWARD, BETA))
    close(chi2 * z**2, value["var_single"])
    sd = np.sqrt(relative_variance(REF, REWARD, BETA, samples=1000))
    close(sd, value["rel_sd_N_1000"])
    close(mean_log_estimate(REF, REWARD, BETA, 1), value["E_logZhat_N1"])
    close(mean_log_estimate(REF, REWARD, BETA, 2), value["E_logZhat_N2"])
    close(np.log(z), value["log_Z"])


def test_monte_carlo_variance_is_bounded_in_a_finite_world():
    row = entry("w4_Z_monte_carlo_small_beta")
    chi2 = relative_variance(REF, REWARD, row["inputs"]["beta"], samples=1)
    close(chi2, row["value"]["chi2"])
    close(1 / np.exp(REF).min() - 1, row["value"]["bound"])
    assert chi2 < row["value"]["bound"]


def test_quantile_reward_has_a_known_z():
    row = entry("quantile_reward_Z")
    beta = row["inputs"]["beta"]
    close(np.exp(quantile_log_partition(beta)), row["value"]["Z"])
    close(beta * quantile_log_partition(beta), row["value"]["beta_log_Z"])
    close(integrate.quad(lambda u: np.exp(u / beta), 0, 1)[0], row["value"]["Z"])
    close(quantile_log_partition(1e-3), np.log(1e-3) + 1e3)  # exp(1000) overflows


def test_number_of_responses():
    row = entry("response_space_size")
    vocabulary, length = int(row["inputs"]["V"]), int(row["inputs"]["L"])
    log10 = log10_responses(vocabulary, length)
    close(log10, row["value"]["log10_V_pow_L"])
    close(10 ** (log10 - 450), row["value"]["mantissa"], rtol=1e-11)
    close(log10, math.log10(vocabulary**length))  # exact integers
    close(log10_responses(32768, length), row["value"]["log10_for_32768"])
    shorter_too = sum(vocabulary**n for n in range(1, length + 1)) / vocabulary**length
    close(shorter_too, row["value"]["ratio_all_lengths_upto_L"])
    assert log10_responses(vocabulary, 0) == 0


# Oracles and properties

logits = st.lists(st.floats(-20, 20), min_size=4, max_size=4)


@given(logits, logits, st.floats(-3, 3))
def test_every_policy_is_optimal_for_its_implicit_reward(scores, other, log10_beta):
    logp, ref = special.log_softmax(scores), special.log_softmax(other)
    beta = 10**log10_beta
    r_hat = implicit_reward(logp, ref, beta)
    close(optimal_logp(ref, r_hat, beta), logp, atol=1e-12)
    close(log_partition(ref, r_hat, beta), 0, atol=1e-12)


@given(logits, logits, st.floats(-2, 2), st.floats(-50, 50))
def test_what_cancels_and_what_does_not(scores, reward, log10_beta, constant):
    reward = np.array(reward)

    def effect(rule):
        return effect_of_prompt_constant(rule, reward, constant)

    close(effect(lambda r: log_sigmoid(r[0] - r[1])), 0, atol=1e-12)
    close(effect(lambda r: special.ndtr(r[0] - r[1])), 0, atol=1e-12)  # probit
    close(effect(lambda r: max(0, 1 - (r[0] - r[1]))), 0, atol=1e-12)  # hinge
    close(effect(plackett_luce_nll), 0, atol=1e-11)
    scalar = effect(lambda r: (r[0] - 1.0) ** 2)
    close(scalar, constant * (2 * reward[0] - 2 + constant), atol=1e-9)


def test_constants_of_two_prompts():
    reward = np.array([[1.0, 2.0], [3.0, 5.0]])
    within = effect_of_prompt_constant(lambda r: r[:, 0] - r[:, 1], reward, [3.0, 7.0])
    across = effect_of_prompt_constant(lambda r: r[0, 0] - r[1, 0], reward, [3.0, 7.0])
    close(within, [0, 0])
    close(across, 3.0 - 7.0)


def test_implicit_reward_is_the_same_arithmetic_in_torch():
    logp = torch.tensor([-4.5, -4.5], dtype=torch.float64, requires_grad=True)
    r_hat = implicit_reward(logp, torch.tensor([-5.0, -4.0]), 0.1)
    close(r_hat.detach().numpy(), [0.05, -0.05])
    r_hat.sum().backward()
    close(logp.grad.numpy(), [0.1, 0.1])


def test_soft_bellman_equals_enumeration_on_a_deeper_tree_with_prompts():
    rng, beta, tokens, depth = np.random.default_rng(0), 0.4, 3, 4
    shapes = [(2, *[tokens] * (t + 1)) for t in range(depth)]  # 2 prompts
    levels = [special.log_softmax(rng.normal(size=s), axis=-1) for s in shapes]
    levels[1][..., 0], levels[1][..., 1:] = 0.0, -np.inf  # a forced token
    reward = rng.normal(size=shapes[-1])
    tree = soft_bellman(levels, reward, beta)
    for prompt in range(2):
        weights = {}
        for path in itertools.product(range(tokens), repeat=depth):
            chances = (levels[t][(prompt, *path[: t + 1])] for t in range(depth))
            weights[path] = math.exp(sum(chances) + reward[(prompt, *path)] / beta)
        z = math.fsum(weights.values())
        close(tree.values[0][prompt], beta * math.log(z))
        pi = np.exp(chain_logp(tree.token_logp)[prompt])
        close([pi[path] for path in weights], [w / z for w in weights.values()])


def test_a_token_s_log_ratio_is_the_change_of_the_soft_value():
    rng, beta, tokens, depth = np.random.default_rng(2), 0.7, 3, 3
    shapes = [(tokens,) * (t + 1) for t in range(depth)]
    levels = [special.log_softmax(rng.normal(size=s), axis=-1) for s in shapes]
    reward = rng.normal(size=shapes[-1])
    tree = soft_bellman(levels, reward, beta)
    later = [*tree.values[1:], reward]
    total = 0.0
    for t in range(depth):
        ratio = implicit_reward(tree.token_logp[t], levels[t], beta)
        close(ratio, later[t] - tree.values[t][..., None])
        total = total[..., None] + ratio if t else ratio
    close(total, reward - tree.values[0])  # the inner values are gone


def test_who_is_paid_when_does_not_change_the_policy():
    rng, beta = np.random.default_rng(3), 0.7
    first = special.log_softmax(rng.normal(size=3))
    second = special.log_softmax(rng.normal(size=(3, 3)), axis=-1)
    reward, paid = rng.normal(size=(3, 3)), rng.normal(size=3)
    value = beta * log_partition(second, reward - paid[:, None], beta)
    best = soft_bellman([first, second], reward, beta)
    close(optimal_logp(first, paid + value, beta), best.token_logp[0])
    close(optimal_logp(second, reward - paid[:, None], beta), best.token_logp[1])


def test_estimates_from_samples_have_the_stated_mean_and_variance():
    rng, samples, repeats = np.random.default_rng(1), 8, 200_000
    drawn = REWARD[rng.choice(4, size=(repeats, samples), p=np.exp(REF))]
    log_z_hat, log_z = (
        monte_carlo_partition(drawn, BETA),
        log_partition(REF, REWARD, BETA),
    )
    ratio = np.exp(log_z_hat - log_z)
    sd = np.sqrt(relative_variance(REF, REWARD, BETA, samples))
    assert abs(ratio.mean() - 1) < 4 * sd / np.sqrt(repeats)
    close(ratio.std(), sd, rtol=0.01)
    exact_mean = mean_log_estimate(REF, REWARD, BETA, samples)
    standard_error = log_z_hat.std() / np.sqrt(repeats)
    assert abs(log_z_hat.mean() - exact_mean) < 4 * standard_error
    assert exact_mean < log_z - 100 * standard_error


def test_relative_variance_is_chi_square():
    rng = np.random.default_rng(2)
    ref = special.log_softmax(rng.normal(size=(3, 6)), axis=-1)
    reward = rng.normal(size=(3, 6))
    pi = np.exp(optimal_logp(ref, reward, 0.7))
    chi2 = ((pi - np.exp(ref)) ** 2 / np.exp(ref)).sum(axis=-1)
    close(relative_variance(ref, reward, 0.7, samples=5), chi2 / 5, rtol=1e-11)
    shifted = relative_variance(ref, reward + 1e4, 0.7, samples=5)
    close(shifted, chi2 / 5, rtol=1e-9)


def test_unusable_input_is_refused():
    with pytest.raises(InputError, match="too many to list"):
        mean_log_estimate(REF, REWARD, BETA, samples=11)
    with pytest.raises(InputError, match="samples"):
        mean_log_estimate(REF, REWARD, BETA, samples=0)
    with pytest.raises(InputError, match="samples"):
        relative_variance(REF, REWARD, BETA, samples=0)
    with pytest.raises(InputError, match="vocabulary_size"):
        log10_responses(0, 3)
    with pytest.raises(InputError, match="length"):
        log10_responses(3, -1)


# The derivation


@pytest.fixture(scope="module")
def steps():
    return {step.title: step.expression for step in derive_cancellation()}


def names(expression):
    return {symbol.name for symbol in expression.free_symbols}


def test_derivation_loses_z_where_it_should(steps):
    assert r"\log Z" in names(steps["inverted"]) & names(steps["substituted"])
    assert not {n for n in names(steps["cancelled"]) if "Z" in n}
    assert not {n for n in names(steps["loss"]) if "Z" in n}
    assert steps["a ranking"] == 0
    assert {r"\log Z", r"\log Z'"} <= names(steps["two prompts"])
    assert r"\log Z" in names(steps["a scalar target"])


def test_derivation_agrees_with_numbers(steps):
    star = optimal_logp(REF, REWARD, BETA)
    numbers = {"beta": BETA, r"\log Z": log_partition(REF, REWARD, BETA)}
    for i, response in enumerate("wlm"):
        numbers[f"ell_{response}"], numbers[f"ell^ref_{response}"] = star[i], REF[i]
        numbers[f"r_{response}"] = REWARD[i]

    def at(expression):
        symbols = expression.free_symbols
        return float(expression.subs({s: numbers[s.name] for s in symbols}))

    close(at(steps["optimal policy"].rhs), star[0])
    close(at(steps["inverted"].rhs), REWARD[0], atol=1e-14)
    close(at(steps["substituted"]), REWARD[0] - REWARD[1])
    close(at(steps["cancelled"]), REWARD[0] - REWARD[1])
    close(at(steps["loss"]), -log_sigmoid(REWARD[0] - REWARD[1]))

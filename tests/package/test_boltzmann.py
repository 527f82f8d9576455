"""The optimal policy against scipy's optimizers, enumeration and the golden table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from dpo_edu.boltzmann import (
    derive_optimal_policy,
    expected_reward,
    log_partition,
    objective,
    optimal_logp,
    regret,
    win_rate,
)
from dpo_edu.boltzmann.evidence import (
    elbo,
    evidence_probability,
    runaway_log_partition,
    runaway_world,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

REF, REWARD, BETA = world(entry("w4_optimal_policy"))
UNIFORM = np.log(np.full(4, 0.25))


def kl(p, q):
    return special.rel_entr(p, q).sum(axis=-1)


@st.composite
def worlds(draw, size=5):
    """(ref_logp, reward, beta): any reference, rewards and betas over six decades."""
    number = st.floats(-5, 5)
    scores = draw(st.lists(number, min_size=size, max_size=size))
    reward = draw(st.lists(number, min_size=size, max_size=size))
    beta = 10 ** draw(st.floats(-3, 3))
    return special.log_softmax(scores), np.array(reward), beta


# Golden values


def test_optimal_policy():
    value = entry("w4_optimal_policy")["value"]
    logp = optimal_logp(REF, REWARD, BETA)
    close(np.exp(log_partition(REF, REWARD, BETA)), value["Z"])
    close(log_partition(REF, REWARD, BETA), value["log_Z"])
    close(np.exp(logp), value["pi_star"])
    close(kl(np.exp(logp), np.exp(REF)), value["kl_star_ref"])
    close(kl(np.exp(REF), np.exp(logp)), value["kl_ref_star"])
    close(expected_reward(logp, REWARD), value["E_r_star"])
    close(expected_reward(REF, REWARD), value["E_r_ref"])


def test_three_response_world():
    row = entry("w3_reverse_kl")
    world = np.log(row["inputs"]["pi_ref"]), row["inputs"]["r"], row["inputs"]["beta"]
    close(np.exp(optimal_logp(*world)), row["value"]["pi"])
    close(np.exp(log_partition(*world)), row["value"]["Z"])
    close(log_partition(*world), row["value"]["log_Z"])
    close(objective(optimal_logp(*world), *world), row["value"]["J_star"])


def test_best_value_is_beta_log_z():
    value = entry("w4_value")["value"]
    star = optimal_logp(REF, REWARD, BETA)
    close(objective(star, REF, REWARD, BETA), value["J_star"])
    close(BETA * log_partition(REF, REWARD, BETA), value["beta_log_Z"])
    close(objective(REF, REF, REWARD, BETA), value["J_ref"])


def test_regret():
    value = entry("w4_regret")["value"]
    close(regret(UNIFORM, REF, REWARD, BETA), value["regret_uniform"])
    close(regret(REF, REF, REWARD, BETA), value["regret_ref"])
    star = optimal_logp(REF, REWARD, BETA)
    best = objective(star, REF, REWARD, BETA)
    close(best - objective(UNIFORM, REF, REWARD, BETA), value["beta_kl_uniform_star"])


def test_elbo_and_evidence():
    value = entry("w4_elbo")["value"]
    close(elbo(UNIFORM, REF, REWARD, BETA), value["elbo_uniform"])
    gap = kl(np.exp(UNIFORM), np.exp(optimal_logp(REF, REWARD, BETA)))
    close(gap, value["kl_uniform_star"])
    close(elbo(UNIFORM, REF, REWARD, BETA) + gap, value["log_Z"])
    probability = evidence_probability(REF, REWARD, BETA)
    close(probability, value["evidence_as_probability"])


def test_restricted_e_step_leaves_a_gap():
    row = entry("em_e_step_vs_restricted")
    phi, reward = np.array(row["inputs"]["phi"]), np.array(row["inputs"]["r"])
    ref, beta = np.log(np.full(3, 1 / 3)), row["inputs"]["beta"]

    def family(theta):
        return special.log_softmax(theta * phi)

    best = optimize.minimize_scalar(lambda t: -elbo(family(t), ref, reward, beta)).x
    bound, log_z = (
        elbo(family(best), ref, reward, beta),
        log_partition(ref, reward, beta),
    )
    close(log_z, row["value"]["log_Z"])
    close(bound, row["value"]["best_elbo"])
    close(log_z - bound, row["value"]["gap"])
    star = np.exp(optimal_logp(ref, reward, beta))
    close(kl(np.exp(family(best)), star), row["value"]["kl_q_pistar"], rtol=1e-7)


def test_kl_of_the_optimum_from_log_z():
    value = entry("w4_kl_from_Z")["value"]
    star, log_z = optimal_logp(REF, REWARD, BETA), log_partition(REF, REWARD, BETA)
    close(expected_reward(star, REWARD) / BETA - log_z, value["rhs"])
    close(kl(np.exp(star), np.exp(REF)), value["lhs"])


def test_only_the_ratio_matters():
    row = entry("w4_only_ratio_matters")
    c, value = row["inputs"]["c"], row["value"]
    close(np.exp(optimal_logp(REF, c * REWARD, c * BETA)), value["pi_star_scaled"])
    close(log_partition(REF, REWARD + c, BETA), value["log_Z_shifted_by_7"])
    close(log_partition(REF, REWARD, BETA) + c / BETA, value["log_Z_plus_14"])


def test_tilts_compose():
    row = entry("iterated_tilt")
    beta, k = row["inputs"]["beta"], int(row["inputs"]["k"])
    logp = REF
    for _ in range(k):
        logp = optimal_logp(logp, REWARD, beta)
    close(np.exp(logp), row["value"]["two_rounds_beta_1"])
    one_round = optimal_logp(REF, REWARD, beta / k)
    close(np.exp(one_round), row["value"]["one_round_beta_half"])


def test_geometric_mixture_changes_beta_after_training():
    value, weight = entry("realignment")["value"], 0.3
    star = optimal_logp(REF, REWARD, BETA)
    mixture = special.softmax((1 - weight) * REF + weight * star)
    close(mixture, value["mixture"])
    close(
        np.exp(optimal_logp(REF, REWARD, BETA / weight)), value["pi_star_beta_over_l"]
    )


def test_one_mirror_ascent_step_is_the_optimum():
    value, eta = entry("mirror_ascent")["value"], 2.0
    close(special.softmax(REF + eta * REWARD), value["step"])
    close(np.exp(optimal_logp(REF, REWARD, 1 / eta)), value["pi_star"])


def test_win_rate():
    row = entry("win_rate_of_pi_star")
    ref, r = np.log(row["inputs"]["pi_ref"]), np.array(row["inputs"]["r"])
    star = optimal_logp(ref, r, row["inputs"]["beta"])
    with np.errstate(divide="ignore"):
        greedy = np.log(r == r.max())
    close(win_rate(star, ref, r), row["value"]["pi_star_vs_ref"])
    close(win_rate(ref, ref, r), row["value"]["ref_vs_ref"])
    close(win_rate(greedy, ref, r), row["value"]["argmax_vs_ref"])


def test_hoeffding_sandwich():
    value = entry("hoeffding_sandwich")["value"]
    mean, spread = expected_reward(REF, REWARD), np.ptp(REWARD)
    beta_log_z = BETA * log_partition(REF, REWARD, BETA)
    close(beta_log_z, value["beta_log_Z"])
    close(mean, value["E_ref_r"])
    close(mean + spread**2 / (8 * BETA), value["hoeffding"])
    assert mean <= beta_log_z <= min(value["hoeffding"], value["max_r"])


def test_rewards_bound_the_drift():
    value = entry("rlhf_kl_bound")["value"]
    star = optimal_logp(REF, REWARD, BETA)
    gain = expected_reward(star, REWARD) - expected_reward(REF, REWARD)
    close(kl(np.exp(star), np.exp(REF)), value["kl"])
    close(gain / BETA, value["first_bound"])
    assert value["kl"] <= value["first_bound"] <= value["range_bound"]


def test_z_may_be_infinite():
    row = entry("Z_may_diverge")
    beta, value = row["inputs"]["beta"], row["value"]
    close(np.exp(runaway_log_partition(beta)), value["Z_beta2"])
    ref, lengths = runaway_world(600)  # the tail beyond 600 is below 1e-50
    close(log_partition(ref, lengths, beta), np.log(value["Z_beta2"]))
    star = optimal_logp(ref, lengths, beta)
    close(expected_reward(star, lengths), value["mean_length_pi_star"])
    close(kl(np.exp(star), np.exp(ref)), value["kl_star_ref"])
    assert np.isfinite(runaway_log_partition(value["threshold"] + 1e-9))
    assert runaway_log_partition(value["threshold"]) == np.inf


def test_divergent_z_grows_with_the_part_of_the_world_one_looks_at():
    below, above = 1.4, 1.5
    sizes = (100, 1000, 10_000)
    growth = np.diff([log_partition(*runaway_world(n), below) for n in sizes])
    close(growth, np.diff(sizes) * (1 / below - np.log(2)), rtol=1e-2)
    close(log_partition(*runaway_world(10_000), above), runaway_log_partition(above))


# Oracles: general-purpose optimizers and plain sums


@pytest.mark.parametrize("beta", [0.2, 1.0, 5.0])
def test_no_policy_beats_it(beta):
    def loss(scores):
        return -objective(special.log_softmax(scores), REF, REWARD, beta)

    found = optimize.minimize(loss, np.zeros(4), tol=1e-12)
    close(-found.fun, beta * log_partition(REF, REWARD, beta), rtol=1e-9)
    optimum = np.exp(optimal_logp(REF, REWARD, beta))
    close(special.softmax(found.x), optimum, atol=1e-4)


def test_batches_over_prompts_and_broadcasts():
    rng = np.random.default_rng(0)
    ref = special.log_softmax(rng.normal(size=(2, 3, 7)), axis=-1)
    reward, beta = rng.normal(size=(2, 3, 7)), 0.3
    weights = np.exp(ref) * np.exp(reward / beta)
    z = weights.sum(axis=-1)
    close(log_partition(ref, reward, beta), np.log(z))
    close(np.exp(optimal_logp(ref, reward, beta)), weights / z[..., None])
    close(
        log_partition(ref, reward[0, 0], beta)[1, 2],
        np.log((np.exp(ref[1, 2]) * np.exp(reward[0, 0] / beta)).sum()),
    )
    assert objective(ref, ref, reward, beta).shape == (2, 3)
    by_hand = [
        sum(
            np.exp(a + b) / (1 + np.exp(r_j - r_i))
            for a, r_i in zip(ref[i, j], reward[i, j], strict=True)
            for b, r_j in zip(ref[0, 0], reward[i, j], strict=True)
        )
        for i in range(2)
        for j in range(3)
    ]
    close(win_rate(ref, ref[0, 0], reward).ravel(), by_hand)


# Properties


@given(worlds(), worlds())
def test_gibbs_variational_principle(world, other):
    _, reward, beta = world
    logp = other[0]
    value, best = objective(logp, *world), beta * log_partition(*world)
    scale = np.abs(reward).max() + beta * 20
    close(best - value, regret(logp, *world), atol=1e-13 * scale)
    assert regret(logp, *world) >= 0
    close(regret(optimal_logp(*world), *world), 0, atol=1e-13 * scale)


@given(worlds())
def test_optimum_is_a_distribution_with_reward_gaps_over_beta(world):
    ref, reward, beta = world
    logp = optimal_logp(*world)
    close(np.exp(logp).sum(), 1)
    gaps = (logp - ref) - (logp - ref)[0]
    close(gaps, (reward - reward[0]) / beta, atol=1e-11 * (1 + 10 / beta))


@given(worlds())
def test_win_rates_of_two_policies_sum_to_one(world):
    ref, reward, _ = world
    star = optimal_logp(*world)
    close(win_rate(star, ref, reward) + win_rate(ref, star, reward), 1)
    assert win_rate(star, ref, reward) >= 0.5 - 1e-12


# Extremes


@pytest.mark.parametrize("beta", [1e-3, 1.0, 1e3])
def test_huge_rewards_and_zero_probabilities(beta):
    ref = np.array([np.log(0.5), -np.inf, np.log(0.5)])
    reward = np.array([1e4, 2e4, 1e4 - beta])  # the best response is never drawn
    logp = optimal_logp(ref, reward, beta)
    assert logp[1] == -np.inf
    close(logp[[0, 2]], special.log_softmax([1.0, 0.0]), atol=1e-16 * 2e4 / beta)
    close(log_partition(ref, reward, beta), 1e4 / beta + np.log(0.5 + 0.5 / np.e))
    close(objective(ref, ref, reward, beta), 1e4 - beta / 2)
    off_support = np.log([0.4, 0.2, 0.4])
    assert objective(off_support, ref, reward, beta) == -np.inf
    assert regret(off_support, ref, reward, beta) == np.inf


def test_a_large_common_reward_costs_no_digits():
    beta = 2.0**-10  # so that reward / beta is exact, and only its size could hurt
    logp = optimal_logp(np.log([0.25, 0.75]), [1e4, 1e4 - beta], beta)
    weights = np.array([0.25, 0.75 / np.e])
    close(logp, np.log(weights / weights.sum()), rtol=1e-14)


def test_both_limits_of_beta():
    ref, reward = np.log([0.5, 0.2, 0.3]), [1.0, 2.0, 2.0]
    close(np.exp(optimal_logp(ref, reward, 1e-3)), [0, 0.4, 0.6], atol=1e-300)
    close(optimal_logp(ref, reward, 1e12), ref)


@pytest.mark.parametrize(
    ("ref", "reward", "beta", "message"),
    [
        (REF, REWARD, 0.0, "beta must be"),
        (REF, REWARD, np.nan, "beta must be"),
        (REF, REWARD[:3], 1.0, "last axes differ"),
        (np.exp(REF), REWARD, 1.0, "pass np.log"),
        (REF, [1, 2, np.inf, 0], 1.0, "reward must be finite"),
    ],
)
def test_unusable_input_is_refused_in_one_line(ref, reward, beta, message):
    with pytest.raises(InputError, match=message) as error:
        optimal_logp(ref, reward, beta)
    assert "\n" not in str(error.value)


def test_inputs_are_unchanged():
    ref, reward = REF.copy(), REWARD.copy()
    optimal_logp(ref, reward, BETA)
    win_rate(ref, ref, reward)
    assert (ref == REF).all()
    assert (reward == REWARD).all()


# The derivation


@pytest.fixture(scope="module")
def steps():
    return {step.title: step for step in derive_optimal_policy()}


def numbers():
    """Values for the derivation's symbols, and the world they describe."""
    p, q, r = [0.2, 0.5, 0.3], [0.5, 0.3, 0.2], [1.0, -2.0, 0.5]
    names = [f"{letter}_{i}" for letter in "pqr" for i in (1, 2, 3)]
    return dict(zip([*names, "beta"], [*p, *q, *r, 0.7], strict=True)), (p, q, r, 0.7)


def at(expression, values):
    return float(expression.subs({s: values[s.name] for s in expression.free_symbols}))


def test_derivation_ends_where_numpy_does(steps):
    values, (p, q, r, beta) = numbers()
    world = np.log(q), np.array(r), beta
    close(at(steps["objective"].expression, values), objective(np.log(p), *world))
    close(at(steps["completed KL"].expression, values), objective(np.log(p), *world))
    optimum = np.exp(optimal_logp(*world))
    close(at(steps["optimum"].expression.rhs, values), optimum[0])
    close(at(steps["best value"].expression, values), beta * log_partition(*world))
    values["lambda"] = at(steps["multiplier"].expression.rhs, values)
    values |= dict(zip(["p_1", "p_2", "p_3"], optimum, strict=True))
    close(at(steps["stationarity"].expression.lhs, values), 0, atol=1e-15)
    close(at(steps["solved"].expression.rhs, values), optimum[0])


def test_completed_kl_is_the_objective_on_the_simplex(steps):
    gap = steps["the same J"].expression
    p = {symbol.name: symbol for symbol in gap.free_symbols if symbol.name[0] == "p"}
    assert gap != 0
    assert gap.subs(p["p_3"], 1 - p["p_1"] - p["p_2"]) == 0


def test_objective_is_concave(steps):
    assert steps["curvature"].expression.is_negative_definite


def test_each_step_says_why(steps):
    assert all(step.title and step.reason for step in steps.values())
    assert steps["Lagrangian"].expression != steps["objective"].expression

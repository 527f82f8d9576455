"""What DPO aims at when an assumption fails: golden rows, scipy, enumeration."""

import numpy as np
import pytest
from scipy import optimize, special

from dpo_edu.boltzmann import objective, optimal_logp
from dpo_edu.bradley_terry import flipped, pooled_preferences, preference_matrix
from dpo_edu.dpo_loss import population_loss, preference_entropy
from dpo_edu.failure_modes.misspecification import (
    averaged_optimum,
    dpo_tilt,
    line_logp,
    pooled_policy,
    population_policy,
    rlhf_tilt,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry

REF, REWARD = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
ONES = np.ones((3, 3))


def test_dpo_is_rlhf_on_the_reward_fitted_to_the_same_labels():
    row = entry("finite_data_equivalence")
    wins = np.array([[0, 3, 2], [1, 0, 2], [1, 1, 0.0]])
    found = population_policy(np.log(np.full(3, 1 / 3)), wins, ONES, beta=0.5)
    close(np.exp(found), row["value"]["pi_from_dpo"])
    close(np.exp(found), row["value"]["pi_from_reward_model"])


def test_where_bradley_terry_holds_weights_do_not_matter():
    weight = np.array([[0, 9, 1], [9, 0, 0.1], [1, 0.1, 0]])
    for often in (ONES, weight):
        found = population_policy(REF, preference_matrix(REWARD), often, beta=0.7)
        close(found, optimal_logp(REF, REWARD, 0.7), rtol=1e-10)


def test_only_temperature_over_beta_is_identified():
    row = entry("annotator_temperature_confounding")
    preference = preference_matrix(2 * REWARD)
    found = population_policy(REF, preference, ONES, beta=1.0)
    close(np.exp(found), row["value"]["pi"], rtol=1e-10)
    close(found, population_policy(REF, preference_matrix(REWARD), ONES, 0.5), 1e-9)
    # the golden loss weighs pairs by how often the reference draws them
    often = np.exp(REF[:, None] + REF)
    loss = population_loss(found, REF, preference, 1.0, often)
    close(float(loss), float(preference_entropy(preference, often)))


def test_flips_shrink_the_gap():
    row = entry("label_flip_bias")
    inputs, value = row["inputs"], row["value"]
    noisy = flipped(inputs["p"], inputs["epsilon"])
    close(noisy, value["noisy_p"])
    close(special.logit(noisy) / inputs["beta"], value["delta_noisy"])
    with pytest.raises(InputError, match="rate must be a number from 0 to 1"):
        flipped(0.8, rate=1.5)


def test_flipped_labels_of_three_responses_are_no_reward_and_weights_matter():
    preference = flipped(preference_matrix(REWARD * 2), 0.2)
    even = population_policy(REF, preference, ONES, 1.0)
    close(special.logsumexp(even), 0, atol=1e-12)
    weight = np.array([[0, 50, 1], [50, 0, 1], [1, 1, 0.0]])
    moved = population_policy(REF, preference, weight, 1.0)
    assert np.abs(moved - even).max() > 0.05

    # scipy minimizes the same loss over free logits
    def loss(scores):
        logp = special.log_softmax(scores)
        return float(population_loss(logp, REF, preference, 1.0, weight))

    best = optimize.minimize(loss, REF, tol=1e-14)
    close(special.softmax(best.x), np.exp(moved), atol=1e-5)


def test_pooled_annotators():
    row = entry("annotator_mixture_not_bt")
    rewards = np.array([row["inputs"]["r1"], row["inputs"]["r2"]])
    pooled = pooled_preferences(rewards, [0.5, 0.5])
    value = row["value"]
    close(
        [pooled[0, 1], pooled[1, 2], pooled[0, 2]],
        [value[n] for n in ("p_AB", "p_BC", "p_AC")],
    )
    found = pooled_policy(REF, rewards, [0.5, 0.5], beta=1.0)
    often = np.exp(REF[:, None] + REF)
    close(found, population_policy(REF, pooled, often, 1.0), rtol=1e-10)
    # and equal responses may be one item: split C into two halves
    split = np.array([0.5, 0.3, 0.08, 0.12])
    twice = pooled_policy(np.log(split), rewards[:, [0, 1, 2, 2]], [0.5, 0.5], 1.0)
    close(np.exp(twice[2:]).sum(), np.exp(found[2]), rtol=1e-10)


def test_a_pool_that_agrees_is_one_annotator():
    found = pooled_policy(REF, np.stack([REWARD, REWARD]), [0.3, 0.7], beta=2.0)
    close(found, optimal_logp(REF, REWARD, 2.0), rtol=1e-10)


def test_averaged_log_ratios_aim_at_another_policy():
    rng = np.random.default_rng(0)
    ref = special.log_softmax(rng.normal(size=(4, 6)), axis=-1)
    reward, length = rng.normal(size=(4, 6)), np.array([1, 2, 2, 3, 5, 8.0])
    found = averaged_optimum(ref, reward, length, beta=0.7)
    close(special.logsumexp(found, axis=-1), np.zeros(4), atol=1e-12)
    score = 0.7 * (found - ref) / length
    close(score - score[:, :1], reward - reward[:, :1], atol=1e-10)
    same = averaged_optimum(ref, reward, np.full(6, 3.0), beta=0.7)
    close(same, optimal_logp(ref, reward, 0.7 / 3), rtol=1e-9)
    with pytest.raises(InputError, match="length must be finite numbers above 0"):
        averaged_optimum(ref, reward, np.zeros(6), beta=1.0)


def test_a_line_of_policies_has_two_optima():
    row = entry("misspecified_dpo_vs_rlhf")
    feature, reward, value = (
        row["inputs"]["phi"],
        np.array(row["inputs"]["r"]),
        row["value"],
    )
    ref, preference = np.log(np.full(3, 1 / 3)), preference_matrix(reward)
    rlhf = rlhf_tilt(feature, ref, reward, beta=1.0)
    close(rlhf, value["theta_rlhf"])

    def score(tilt):
        return objective(line_logp(tilt, feature, ref), ref, reward, 1.0)

    close(score(rlhf), value["J_rlhf"])
    for (ab, bc, ac), tilt, worth in (
        ((1, 1, 1), "theta_dpo_uniform_pairs", "J_dpo"),
        ((1, 8, 1), "theta_dpo_weights_AB1_BC8_AC1", "J_dpo_BC8"),
        ((8, 1, 1), "theta_dpo_weights_AB8_BC1_AC1", "J_dpo_AB8"),
    ):
        weight = np.array([[0, ab, ac], [ab, 0, bc], [ac, bc, 0]])
        found = dpo_tilt(feature, preference, weight, beta=1.0)
        close(found, value[tilt])
        close(score(found), value[worth])


def test_tilts_against_scipy():
    rng = np.random.default_rng(1)
    ref, reward = special.log_softmax(rng.normal(size=8)), 2 * rng.normal(size=8)
    feature, beta = rng.normal(size=8), 0.6
    weight = rng.random((8, 8))
    weight, preference = weight + weight.T, preference_matrix(reward)

    def minus_j(tilt):
        return -objective(line_logp(tilt, feature, ref), ref, reward, beta)

    def loss(tilt):
        return float(
            population_loss(
                line_logp(tilt, feature, ref), ref, preference, beta, weight
            )
        )

    for function, found in (
        (minus_j, rlhf_tilt(feature, ref, reward, beta)),
        (loss, dpo_tilt(feature, preference, weight, beta)),
    ):
        best = optimize.minimize_scalar(function, bracket=(-1, 1), tol=1e-12)
        close(found, best.x, atol=1e-6)


def test_rlhf_on_a_reward_as_narrow_as_the_policies_is_dpo():
    rng = np.random.default_rng(2)
    ref, reward = special.log_softmax(rng.normal(size=5)), rng.normal(size=5)
    feature, preference = rng.normal(size=5), preference_matrix(reward)
    weight = rng.random((5, 5))
    weight = weight + weight.T

    def nll(w):  # of a reward model w * feature on the labels
        gap = w * (feature[:, None] - feature)
        return -(weight * preference * special.log_expit(gap)).sum()

    w = optimize.minimize_scalar(nll, bracket=(-1, 1), tol=1e-12).x
    for beta in (0.5, 2.0):
        narrow = rlhf_tilt(feature, ref, w * feature, beta)
        close(narrow, dpo_tilt(feature, preference, weight, beta), rtol=1e-6)
        close(narrow, w / beta, rtol=1e-6)


def test_a_line_that_contains_the_optimum_has_one():
    preference = preference_matrix(REWARD)
    close(rlhf_tilt(REWARD, REF, REWARD, beta=0.4), 1 / 0.4)
    close(dpo_tilt(REWARD, preference, ONES, beta=0.4), 1 / 0.4)


def test_sure_labels_have_no_tilt():
    sure = np.array([[0.5, 1.0], [0.0, 0.5]])
    with pytest.raises(InputError, match="no finite minimum"):
        dpo_tilt([1.0, 0.0], sure, np.ones((2, 2)), beta=1.0)

"""Chapter 01 against scipy, plain enumeration, simulation and the golden values."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from dpo_edu.bradley_terry import (
    all_rankings,
    compose_preferences,
    cycle_defect,
    elo_rating,
    elo_update,
    log_sigmoid,
    logit,
    pair_marginal,
    pair_product_nll,
    plackett_luce_nll,
    pooled_preferences,
    preference_matrix,
    preference_probability,
    random_utility_frequency,
    sigmoid,
    thurstone_probability,
)
from dpo_edu.validation import InputError

from .comparing import EXACT
from .golden import entry

rewards_of = st.lists(st.floats(-5, 5), min_size=2, max_size=5)
probability = st.floats(0.001, 0.999)


def test_sigmoid_golden():
    value = entry("sigmoid_basic")["value"]
    for x in entry("sigmoid_basic")["inputs"]["x"][:-1]:
        assert -log_sigmoid(x) == pytest.approx(value[f"neg_log_sigma({x:g})"], **EXACT)
    for x in (-1, 0.1, 1):
        assert sigmoid(x) == pytest.approx(value[f"sigma({x})"], **EXACT)
    curvature = sigmoid(1) * sigmoid(-1)
    assert curvature == pytest.approx(value["second_derivative_at_1"], **EXACT)
    # e^-800 is below the smallest float64, so 0 is the correctly rounded answer
    assert value["log10_neg_log_sigma(800)"] < math.log10(5e-324)
    assert log_sigmoid(800) == 0


def test_log_sigmoid_survives_where_the_naive_form_breaks():
    with np.errstate(over="ignore", divide="ignore"):
        assert np.log(1 / (1 + np.exp(800.0))) == -np.inf  # the naive form
    assert log_sigmoid([-800.0, -1e4]) == pytest.approx([-800.0, -1e4])


@given(st.floats(-700, 700))
def test_sigmoid_and_logit_against_scipy(x):
    assert sigmoid(x) == pytest.approx(special.expit(x), **EXACT)
    assert log_sigmoid(x) == pytest.approx(special.log_expit(x), **EXACT)
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1)
    if abs(x) < 15:
        assert logit(sigmoid(x)) == pytest.approx(x, abs=1e-9)


def test_logit_at_the_ends_and_beyond():
    assert logit([0.0, 0.5, 1.0]).tolist() == [-np.inf, 0.0, np.inf]
    with pytest.raises(InputError, match=r"\[0, 1\]"):
        logit(1.2)


def test_three_items_golden():
    a, b, c = entry("bt_three_items")["inputs"]["r"]
    value = entry("bt_three_items")["value"]
    assert preference_probability(a, b) == pytest.approx(value["p_AB"], **EXACT)
    assert preference_probability(b, c) == pytest.approx(value["p_BC"], **EXACT)
    assert preference_probability(a, c) == pytest.approx(value["p_AC"], **EXACT)
    share = math.exp(a) / (math.exp(a) + math.exp(c))
    assert preference_matrix([a, b, c])[0, 2] == pytest.approx(share, **EXACT)


def test_gauge_golden():
    inputs, value = entry("bt_gauge")["inputs"], entry("bt_gauge")["value"]
    rewards = np.array(inputs["r"])
    shifted = rewards + inputs["shift"]
    assert pair_product_nll(rewards) == pytest.approx(value["nll_before"], **EXACT)
    assert pair_product_nll(shifted) == pytest.approx(value["nll_after"], **EXACT)


@given(rewards_of, st.floats(-100, 100))
def test_only_differences_matter(rewards, shift):
    shifted = np.array(rewards) + shift
    assert preference_matrix(shifted) == pytest.approx(preference_matrix(rewards))
    assert plackett_luce_nll(shifted) == pytest.approx(
        plackett_luce_nll(rewards), abs=1e-9
    )


def test_scale_is_how_sure_the_comparisons_are():
    assert preference_probability(2.0, 0.0) > preference_probability(1.0, 0.0) > 0.5
    assert preference_probability(1e4, 0.0) == 1
    assert preference_probability(0.0, 0.0) == 0.5


def test_odds_multiply_golden():
    inputs = entry("bt_odds_composition")["inputs"]
    p_ac = compose_preferences(inputs["p_AB"], inputs["p_BC"])
    assert p_ac == pytest.approx(entry("bt_odds_composition")["value"]["p_AC"], **EXACT)
    assert p_ac == pytest.approx(7 / 9, **EXACT)


@given(probability, probability)
def test_composition_multiplies_odds(p_ab, p_bc):
    odds = p_ab / (1 - p_ab) * p_bc / (1 - p_bc)
    assert compose_preferences(p_ab, p_bc) == pytest.approx(odds / (1 + odds))
    assert compose_preferences(p_ab, 1 - p_ab) == pytest.approx(0.5)


def test_composition_at_the_ends():
    assert compose_preferences(1.0, 0.7) == 1
    with pytest.raises(InputError, match="0 and 1 do not compose"):
        compose_preferences([0.5, 1.0], [0.5, 0.0])


@given(rewards_of)
def test_bradley_terry_has_no_cycle_defect(rewards):
    assert cycle_defect(preference_matrix(rewards)) == pytest.approx(0, abs=1e-9)


def test_a_cycle_of_preferences_has_a_defect():
    cycle = np.array([[0.5, 0.9, 0.1], [0.1, 0.5, 0.9], [0.9, 0.1, 0.5]])
    assert cycle_defect(cycle) == pytest.approx(3 * math.log(9))


def test_cycle_defect_refuses_what_is_no_preference_table():
    with pytest.raises(InputError, match="must be 1"):
        cycle_defect([[0.5, 0.7], [0.7, 0.5]])
    with pytest.raises(InputError, match="sure"):
        cycle_defect([[0.5, 1.0], [0.0, 0.5]])


def test_pooled_annotators_golden():
    inputs = entry("annotator_mixture_not_bt")["inputs"]
    value = entry("annotator_mixture_not_bt")["value"]
    p = pooled_preferences([inputs["r1"], inputs["r2"]], weights=[0.5, 0.5])
    assert p[0, 1] == pytest.approx(value["p_AB"], **EXACT)
    assert p[1, 2] == pytest.approx(value["p_BC"], **EXACT)
    assert p[0, 2] == pytest.approx(value["p_AC"], **EXACT)
    gap = value["logit_AB_plus_BC"] - value["logit_AC"]
    assert cycle_defect(p) == pytest.approx(gap)
    assert cycle_defect(preference_matrix(inputs["r1"])) < 1e-12


def test_pooling_weighs_the_annotators():
    p = pooled_preferences([[1.0, 0.0], [0.0, 1.0]], weights=[3, 1])
    expected = 0.75 * special.expit(1) + 0.25 * special.expit(-1)
    assert p[0, 1] == pytest.approx(expected)


def test_random_utility_golden():
    gap = entry("random_utility_gumbel")["inputs"]["delta"]
    value = entry("random_utility_gumbel")["value"]
    logistic, probit = preference_probability(gap, 0), thurstone_probability(gap, 0)
    assert logistic == pytest.approx(value["sigmoid"], **EXACT)
    assert probit == pytest.approx(value["thurstone_unit_normals"], **EXACT)
    integral, _ = integrate.quad(lambda u: u ** math.exp(-gap), 0, 1)  # u = cdf(noise)
    assert integral == pytest.approx(logistic, rel=1e-8)
    assert value["gumbel_integral"] == pytest.approx(logistic, **EXACT)


def test_simulated_utilities_follow_their_noise():
    rng, draws, gap = np.random.default_rng(0), 200_000, 0.5
    gumbel = random_utility_frequency(gap, 0.0, rng.gumbel(size=(draws, 2)))
    normal = random_utility_frequency(gap, 0.0, rng.normal(size=(draws, 2)))
    four_sigma = 4 * math.sqrt(0.25 / draws)  # 0.0045; the two models differ by 0.0157
    assert gumbel == pytest.approx(preference_probability(gap, 0), abs=four_sigma)
    assert normal == pytest.approx(thurstone_probability(gap, 0), abs=four_sigma)


@given(st.floats(-12, 12))
def test_thurstone_against_scipy(gap):
    expected = stats.norm.cdf(gap / math.sqrt(2))
    assert thurstone_probability(gap, 0.0) == pytest.approx(expected, rel=1e-10)


def test_elo_is_the_same_model_on_another_scale():
    strong, weak = elo_rating([0.9, -0.3])
    elo_formula = 1 / (1 + 10 ** ((weak - strong) / 400))
    assert elo_formula == pytest.approx(preference_probability(0.9, -0.3))
    assert elo_rating(math.log(10)) == pytest.approx(1900)  # 400 points, odds 10 to 1


def test_elo_update_is_a_gradient_step():
    winner, loser, step, h = 1450.0, 1600.0, 24.0, 1e-4
    new_winner, new_loser = elo_update(winner, loser, step)

    def nll(rating):
        return math.log1p(10 ** ((loser - rating) / 400))

    slope = (nll(winner + h) - nll(winner - h)) / (2 * h)  # nats per Elo point
    points_per_nat = 400 / math.log(10)
    assert new_winner - winner == pytest.approx(-step * points_per_nat * slope)
    assert new_winner + new_loser == winner + loser


def test_plackett_luce_golden():
    rewards = np.array(entry("plackett_luce_vs_pairs")["inputs"]["r"])
    value = entry("plackett_luce_vs_pairs")["value"]
    orders, probabilities = all_rankings(rewards)
    pair_products = np.exp(-pair_product_nll(rewards[orders]))
    assert plackett_luce_nll(rewards) == pytest.approx(value["pl_nll"], **EXACT)
    assert pair_product_nll(rewards) == pytest.approx(value["pairwise_nll"], **EXACT)
    assert probabilities.sum() == pytest.approx(value["sum_pl_over_6"], **EXACT)
    assert pair_products.sum() == pytest.approx(value["sum_pairprod_over_6"], **EXACT)


def test_plackett_luce_marginal_golden():
    rewards = entry("plackett_luce_marginal")["inputs"]["r"]
    value = entry("plackett_luce_marginal")["value"]["p_A_before_C"]
    assert pair_marginal(rewards, 0, 2) == pytest.approx(value, **EXACT)


def ranking_probability(rewards):
    """Plackett-Luce as the slow obvious loop: choose the best of the rest, K times."""
    probability = 1.0
    for place in range(len(rewards)):
        rest = [math.exp(r) for r in rewards[place:]]
        probability *= rest[0] / sum(rest)
    return probability


@given(rewards_of)
def test_rankings_against_the_slow_loop(rewards):
    orders, probabilities = all_rankings(rewards)
    assert [tuple(o) for o in orders] == list(permutations(range(len(rewards))))
    slow = [ranking_probability([rewards[i] for i in order]) for order in orders]
    assert probabilities == pytest.approx(slow)
    assert probabilities.sum() == pytest.approx(1)


@given(rewards_of)
def test_every_pair_marginal_is_bradley_terry(rewards):
    expected = preference_probability(rewards[0], rewards[1])
    assert pair_marginal(rewards, 0, 1) == pytest.approx(expected)


def test_plackett_luce_of_two_is_bradley_terry_and_batches():
    batch = np.array([[1.0, 0.2], [-3.0, 2.0]])
    expected = -special.log_expit(batch[:, 0] - batch[:, 1])
    assert plackett_luce_nll(batch) == pytest.approx(expected)
    assert pair_product_nll(batch) == pytest.approx(expected)


def test_plackett_luce_is_stable():
    assert plackett_luce_nll([0.0, 1e4]) == pytest.approx(1e4)
    assert plackett_luce_nll([1e4, 0.0, -1e4]) == 0


def test_sorting_gumbel_utilities_draws_plackett_luce_rankings():
    rewards, draws = np.array([1.0, 0.0, -1.0]), 100_000
    noise = np.random.default_rng(1).gumbel(size=(draws, 3))
    ranked = np.argsort(-(rewards + noise), axis=-1)
    orders, probabilities = all_rankings(rewards)
    frequency = [(ranked == order).all(axis=-1).mean() for order in orders]
    assert frequency == pytest.approx(probabilities, abs=4 * math.sqrt(0.25 / draws))


def test_too_many_rankings_are_refused():
    with pytest.raises(InputError, match="9 items"):
        all_rankings(np.zeros(9))

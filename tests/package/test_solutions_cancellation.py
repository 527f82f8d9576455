"""The solutions of chapter 05 against the package: numbers, and the derived loss."""

import math
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from dpo_edu import boltzmann, cancellation
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "05_cancellation.py")
BETA, Z = sp.symbols("beta z", positive=True)
PAIR = sp.symbols("p_w p_l q_w q_l", positive=True)
VALUES = (0.3, 0.05, 0.1, 0.4)


def test_implicit_reward_equals_the_package():
    generator = np.random.default_rng(0)
    logp, ref_logp = generator.normal(size=(2, 3, 5)) * 20 - 60
    np.testing.assert_array_equal(
        solution.implicit_reward(logp, ref_logp, 0.3),
        cancellation.implicit_reward(logp, ref_logp, 0.3),
    )


@pytest.mark.parametrize(("size", "length"), [(32000, 100), (2, 0), (50257, 1024)])
def test_count_equals_the_package(size, length):
    ours = solution.log10_responses(size, length)
    assert ours == pytest.approx(cancellation.log10_responses(size, length), rel=1e-14)


def test_derived_reward_is_what_the_optimal_policy_was_tilted_by():
    """Numbers through the package's optimum, and back through the derived formula."""
    ref_logp, reward = np.log([0.5, 0.3, 0.2]), np.array([1.0, -2.0, 0.5])
    policy = np.exp(boltzmann.optimal_logp(ref_logp, reward, 0.7))
    z = math.exp(boltzmann.log_partition(ref_logp, reward, 0.7))
    p, q = PAIR[0], PAIR[2]
    derived = sp.lambdify((p, q), solution.derive_reward(p, q, 0.7, z))
    np.testing.assert_allclose(derived(policy, np.exp(ref_logp)), reward, rtol=1e-12)


def test_gap_is_symbolically_free_of_z():
    gap = solution.derive_reward_gap(*PAIR, BETA, Z)
    assert Z not in gap.free_symbols
    p_w, p_l, q_w, q_l = PAIR
    wanted = BETA * sp.log(p_w * q_l / (p_l * q_w))
    assert sp.simplify(sp.expand_log(gap - wanted)) == 0


@pytest.mark.parametrize("beta", [0.1, 2.0])
def test_derived_loss_equals_the_loss_that_trains(beta):
    derived = sp.lambdify(PAIR, solution.derive_loss(*PAIR, beta))
    loss = dpo_loss(*np.log(VALUES), beta=beta)
    assert derived(*VALUES) == pytest.approx(float(loss), rel=1e-12)


def test_derived_probability_and_loss_fit_together():
    p = solution.derive_preference(*PAIR, BETA)
    assert sp.simplify(sp.exp(-solution.derive_loss(*PAIR, BETA)) - p) == 0


def test_leftover_is_what_the_package_finds_across_prompts():
    ref_logp = np.log([[0.5, 0.5], [0.2, 0.8]])
    reward = np.array([[1.0, -1.0], [0.5, 2.0]])
    logp = boltzmann.optimal_logp(ref_logp, reward, 0.5)
    implicit = cancellation.implicit_reward(logp, ref_logp, 0.5)
    z = np.exp(boltzmann.log_partition(ref_logp, reward, 0.5))
    missing = (reward[0, 0] - reward[1, 1]) - (implicit[0, 0] - implicit[1, 1])
    left = float(solution.derive_leftover(sp.Rational(1, 2), *map(sp.Float, z)))
    assert left == pytest.approx(missing, rel=1e-12)


def test_mended_estimate_equals_the_package():
    reward = np.random.default_rng(1).normal(size=200) * 4
    ours = solution.find_the_bug_partition_estimate(np.zeros(200), reward, 0.6)
    wanted = cancellation.monte_carlo_partition(reward, 0.6)
    assert ours == pytest.approx(float(wanted), rel=1e-12)


def test_predicted_average_is_the_package_s():
    policy, ref = np.array([0.1, 0.2, 0.7]), np.array([0.5, 0.3, 0.2])
    reward = cancellation.implicit_reward(np.log(policy), np.log(ref), 0.1)
    average = solution.predict_the_average_multiplier()
    assert average == pytest.approx((ref * np.exp(reward / 0.1)).sum())


def test_predicted_level_is_the_package_s():
    """A world in which the response of reward 2 doubles: 0.2 becomes 0.4 at 0.5."""
    other = 2 - 0.5 * math.log((0.4 / 0.2) / (0.6 / 0.8))
    ref_logp, reward = np.log([0.2, 0.8]), np.array([2.0, other])
    assert np.exp(boltzmann.optimal_logp(ref_logp, reward, 0.5)[0]) == pytest.approx(
        0.4
    )
    level = 0.5 * boltzmann.log_partition(ref_logp, reward, 0.5)
    assert solution.predict_the_level() == pytest.approx(float(level))

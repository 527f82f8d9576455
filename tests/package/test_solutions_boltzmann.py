"""The solutions of chapter 04, on probabilities, against the package, on logs."""

from pathlib import Path

import numpy as np
import pytest

from dpo_edu import boltzmann
from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "04_boltzmann.py")


def world(seed, prompts=4, responses=7):
    """Policy, reference and reward; the reference and the policy have zeros."""
    generator = np.random.default_rng(seed)
    ref = generator.dirichlet(np.ones(responses), prompts)
    policy = generator.dirichlet(np.ones(responses), prompts)
    ref[:, 2], policy[:, 2], policy[:, 5] = 0.0, 0.0, 0.0
    ref /= ref.sum(-1, keepdims=True)
    policy /= policy.sum(-1, keepdims=True)
    return policy, ref, generator.normal(size=(prompts, responses)) * 3


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


@pytest.mark.parametrize("beta", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_solutions_equal_the_package(seed, beta):
    policy, ref, reward = world(seed)
    np.testing.assert_allclose(
        solution.log_partition(ref, reward, beta),
        boltzmann.log_partition(log(ref), reward, beta),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        solution.optimal_policy(ref, reward, beta),
        np.exp(boltzmann.optimal_logp(log(ref), reward, beta)),
        rtol=1e-11,
        atol=1e-15,
    )
    np.testing.assert_allclose(
        solution.objective(policy, ref, reward, beta),
        boltzmann.objective(log(policy), log(ref), reward, beta),
        rtol=1e-12,
    )


@pytest.mark.parametrize("beta", [0.2, 1.0])
def test_mended_regret_equals_the_package(beta):
    generator = np.random.default_rng(2)
    policy, ref = generator.dirichlet(np.ones(5), 2)
    reward = generator.normal(size=5)
    np.testing.assert_allclose(
        solution.find_the_bug_regret(policy, ref, reward, beta),
        boltzmann.regret(log(policy), log(ref), reward, beta),
        rtol=1e-12,
    )


def test_halving_beta_as_the_package_sees_it():
    """The number to predict, from rewards that make 0.2 into 0.6 at beta = 1."""
    ref_logp, reward = np.log([0.2, 0.8]), np.array([np.log(6), 0.0])
    at_one, at_half = (
        np.exp(boltzmann.optimal_logp(ref_logp, reward, beta))[0] for beta in (1.0, 0.5)
    )
    assert at_one == pytest.approx(0.6)
    assert solution.predict_half_the_beta() == pytest.approx(at_half)


def test_shift_as_the_package_sees_it():
    ref_logp, reward = np.log([0.2, 0.8]), np.array([1.0, -2.0])
    before, after = (
        boltzmann.log_partition(ref_logp, r, 0.5) for r in (reward, reward + 3)
    )
    assert solution.predict_the_shift() == pytest.approx(after - before)

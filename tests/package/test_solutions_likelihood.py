"""The slow solutions of chapter 02 and the package's functions agree."""

from pathlib import Path

import numpy as np
import pytest

from dpo_edu import likelihood
from dpo_edu.workbook.python_file import load_file

solutions = load_file(Path(__file__).parents[2] / "solutions" / "02_likelihood.py")

CLOSE = {"rel": 1e-9, "abs": 1e-12}


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def test_negative_log_likelihood(generator):
    for scale in (1.0, 30.0, 1000.0):
        rewards = generator.normal(scale=scale, size=6)
        votes = generator.integers(6, size=(2, 40))
        slow = solutions.negative_log_likelihood(rewards, *votes)
        assert slow == pytest.approx(
            likelihood.negative_log_likelihood(rewards, *votes), **CLOSE
        )


def test_fit_rewards(generator):
    tables = [likelihood.load_baseball().wins]
    for items in (2, 3, 5, 7):
        tables.append(generator.integers(1, 9, size=(items, items)))
        np.fill_diagonal(tables[-1], 0)
    for wins in tables:
        slow = solutions.fit_rewards(wins)
        assert slow == pytest.approx(likelihood.fit_rewards(wins), rel=1e-8, abs=1e-8)


def test_mle_exists(generator):
    seen = set()
    for trial in range(300):
        items = 2 + trial % 6
        wins = generator.poisson(1.5 / items, size=(items, items))
        np.fill_diagonal(wins, 0)
        exists = solutions.mle_exists(wins)
        assert exists == likelihood.mle_exists(wins)
        seen.add(exists)
    assert seen == {True, False}


def test_gradient_is_the_slope_of_the_package_loss(generator):
    rewards = generator.normal(size=5)
    votes = generator.integers(5, size=(2, 30))
    slope = [
        (
            likelihood.negative_log_likelihood(rewards + step, *votes)
            - likelihood.negative_log_likelihood(rewards - step, *votes)
        )
        / 2e-5
        for step in 1e-5 * np.eye(5)
    ]
    found = solutions.find_the_bug_gradient(rewards, *votes)
    assert found == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_predictions():
    assert solutions.predict_the_floor() == pytest.approx(likelihood.bayes_loss(0.9))
    information = likelihood.fisher_information([np.log(4), 0], [[0, 100], [100, 0]])
    errors = likelihood.standard_errors(information, base=1)
    assert solutions.predict_the_error_bar() == pytest.approx(errors[0])

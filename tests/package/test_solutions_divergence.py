"""The slow solutions of chapter 03 and the package's functions agree."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dpo_edu import divergence
from dpo_edu.workbook.python_file import load_file

solutions = load_file(Path(__file__).parents[2] / "solutions" / "03_divergence.py")

CLOSE = {"rel": 1e-12, "abs": 1e-14}


@pytest.fixture
def generator():
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_kl_divergence(generator, shape):
    p = generator.dirichlet(np.ones(shape[-1]), size=shape[:-1])
    q = generator.dirichlet(np.ones(shape[-1]), size=shape[:-1])
    slow = solutions.kl_divergence(p, q)
    assert np.shape(slow) == shape[:-1]
    assert slow == pytest.approx(divergence.kl_divergence(p, q), **CLOSE)


def test_kl_divergence_with_zeros():
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    q = np.array([[0.25, 0.75, 0.0], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5]])
    slow = solutions.kl_divergence(p, q)
    assert slow == pytest.approx(divergence.kl_divergence(p, q), **CLOSE)


def test_kl_estimates(generator):
    for scale in (0.5, 10.0, 50.0):
        logp, logq = -generator.exponential(scale, size=(2, 50))
        slow = solutions.kl_estimates(logp, logq)
        for one, other in zip(slow, divergence.kl_estimates(logp, logq), strict=True):
            assert one == pytest.approx(other, rel=1e-9, abs=1e-12)


def test_two_tokens_follow_the_chain_rule(generator):
    p_first, q_first = generator.dirichlet(np.ones(4), size=2)
    p_next, q_next = generator.dirichlet(np.ones(4), size=(2, 4))
    shares = divergence.kl_per_token([p_first, p_next], [q_first, q_next])
    found = solutions.find_the_bug_two_tokens(p_first, p_next, q_first, q_next)
    assert found == pytest.approx(shares.sum(), **CLOSE)


def test_predictions():
    policy, reference = np.repeat([0.1, 0.0], [10, 990]), np.full(1000, 1e-3)
    narrow = divergence.kl_divergence(policy, reference)
    assert solutions.predict_a_narrow_policy() == pytest.approx(narrow)
    policy = np.repeat([1 / 200, 0.0], [200, 800])
    means, _ = divergence.estimator_moments(policy, reference)
    assert solutions.predict_the_mean_of_k3() == pytest.approx(means[2])


def test_diagnosis_is_what_torch_does(generator):
    p, q = generator.dirichlet(np.ones(5), size=2)
    found = torch.nn.functional.kl_div(
        torch.tensor(p).log(), torch.tensor(q), reduction="sum"
    )
    assert solutions.diagnose_kl_div() == "KL(q || p)"
    assert found.item() == pytest.approx(divergence.kl_divergence(q, p))
    assert found.item() != pytest.approx(divergence.kl_divergence(p, q))

"""The solutions of chapter 07 against the package and against autograd on its loss."""

from pathlib import Path

import pytest
import torch

from dpo_edu import dpo_gradient
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "07_dpo_gradient.py")


def batch(seed, pairs=6):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(4, pairs, generator=generator, dtype=torch.float64) * 5 - 20


@pytest.mark.parametrize("beta", [0.1, 1.0, 5.0])
def test_solutions_equal_the_package(beta):
    logps = batch(0)
    gap = logps[0] - logps[1]
    weight = solution.gradient_weight(gap, beta)
    torch.testing.assert_close(weight, dpo_gradient.gradient_weight(gap, beta))
    torch.testing.assert_close(
        solution.dpo_gradient(*logps, beta), dpo_gradient.dpo_gradient(*logps, beta)
    )


@pytest.mark.parametrize("beta", [0.1, 1.0, 5.0])
def test_gradient_is_what_backward_computes(beta):
    logps = [logp.requires_grad_() for logp in batch(1).unbind()]
    dpo_loss(*logps, beta).backward()
    found = solution.dpo_gradient(*(logp.detach() for logp in logps), beta)
    torch.testing.assert_close(found, (logps[0].grad, logps[1].grad))


@pytest.mark.parametrize("beta", [0.3, 2.0])
def test_mended_table_step_equals_the_package(beta):
    """In a table the features are the identity, and theta counts from the reference."""
    theta = torch.tensor([0.5, -1.0, 2.0, 0.25], dtype=torch.float64)
    ref = torch.tensor([0.1, 0.75, -0.5, 0.0], dtype=torch.float64)
    features = torch.eye(4, dtype=torch.float64)
    wanted = dpo_gradient.descent_step(theta, features, (2, 1), beta, 0.8)
    gap_at_ref = float(ref[2] - ref[1])
    found = solution.find_the_bug_table_step(ref + theta, gap_at_ref, 2, 1, beta, 0.8)
    torch.testing.assert_close(found, ref + wanted)


def test_predicted_numbers_are_the_package_s():
    chosen, _ = dpo_gradient.dpo_gradient(-3.0, -5.0, -3.0, -5.0, beta=0.3)
    assert solution.predict_the_first_gradient() == pytest.approx(float(chosen))
    weights = dpo_gradient.gradient_weight([-10000.0, 0.0], beta=0.1)
    ratio = float(weights[0] / weights[1])
    assert solution.predict_the_strongest_pull() == pytest.approx(ratio)

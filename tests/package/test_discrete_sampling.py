"""Gradients through a random choice, against scipy's integrals, sums and simulation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.bradley_terry import sigmoid
from dpo_edu.policy_gradient import policy_gradient
from dpo_edu.policy_gradient.discrete_sampling import (
    corner_values,
    exact_gradient,
    gumbel_softmax,
    pair_loss_slopes,
    score_function,
    straight_through,
)
from dpo_edu.validation import InputError

from .comparing import near
from .golden import entry

THREE = torch.tensor([0.3, 0.0, -0.3], dtype=torch.float64)
TARGET = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)


def coin(p):
    """Logits of two choices, the first of probability ``p``."""
    return torch.tensor([math.log(p / (1 - p)), 0.0], dtype=torch.float64)


def squared(target):
    return lambda y: (y[..., 0] - target) ** 2


def to_target(y):
    return (y - TARGET).square().sum(-1)


def test_golden_estimators():
    golden = entry("discrete_gradient_estimators")
    p, t = golden["inputs"]["p"], golden["inputs"]["t"]
    logits, f, value = coin(p), squared(t), golden["value"]
    exact = float(exact_gradient(logits, f)[0])
    assert exact == near(value["true_grad"])
    plain = score_function(logits, f)
    assert float(plain.variance[0]) == near(value["sf_variance"])
    best = score_function(logits, f, value["sf_opt_baseline"])
    assert float(best.variance[0]) == near(value["sf_variance_opt_baseline"])
    through = straight_through(logits, f)
    assert float(through.mean[0]) == near(value["st_mean"])
    assert float(through.mean[0]) - exact == near(value["st_bias"])
    assert p * (1 - p) * (2 * p - 1) == near(value["st_bias_formula"])
    assert float(through.variance[0]) == near(value["st_variance"])
    for temperature, name in ((1.0, "1"), (0.5, "0_5"), (0.1, "0_1")):
        soft = gumbel_softmax(logits, f, temperature)
        assert float(soft.mean[0]) == near(value[f"gs_mean_temp{name}"], 1e-10)
        bias = float(soft.mean[0]) - exact
        assert bias == near(value[f"gs_bias_temp{name}"], 1e-10)
        assert float(soft.variance[0]) == near(value[f"gs_var_temp{name}"], 1e-10)


@given(st.floats(0.05, 0.95), st.floats(-1, 2))
def test_bias_of_straight_through_for_a_quadratic(p, t):
    logits, f = coin(p), squared(t)
    bias = straight_through(logits, f).mean - exact_gradient(logits, f)
    assert float(bias[0]) == near(p * (1 - p) * (2 * p - 1), 1e-9)


def test_straight_through_is_exact_for_a_linear_function():
    def linear(y):
        return y @ TARGET

    exact = exact_gradient(THREE, linear)
    through = straight_through(THREE, linear)
    assert through.mean == near(exact)
    assert through.trace < 1e-28


def test_exact_gradient_by_autograd():
    logits = THREE.clone().requires_grad_()
    (logits.softmax(-1) @ corner_values(THREE, to_target)).backward()
    assert exact_gradient(THREE, to_target) == near(logits.grad)


@given(st.floats(-2, 2))
def test_score_function_is_unbiased_at_every_baseline(baseline):
    ours = score_function(THREE, to_target, baseline)
    assert ours.mean == near(exact_gradient(THREE, to_target))


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.0])
def test_two_soft_choices_against_scipy_quadrature(temperature):
    logit = float(coin(0.3)[0])

    def moment(power):
        def integrand(d):
            z = sigmoid((logit + d) / temperature)
            slope = 2 * (z - 0.45) * z * (1 - z) / temperature
            return stats.logistic.pdf(d) * slope**power

        return integrate.quad(integrand, -40, 40, limit=400, points=[-logit])[0]

    ours = gumbel_softmax(coin(0.3), squared(0.45), temperature)
    assert float(ours.mean[0]) == near(moment(1), 1e-7)
    assert float(ours.variance[0]) == near(moment(2) - moment(1) ** 2, 1e-7)


def test_three_soft_choices_against_simulation():
    count = 200_000
    generator = np.random.default_rng(0)
    noise = torch.tensor(generator.gumbel(size=(count, 3)))
    logits = THREE.expand(count, -1).clone().requires_grad_()
    value = to_target(((logits + noise) / 0.7).softmax(-1)).sum()
    (drawn,) = torch.autograd.grad(value, logits)
    ours = gumbel_softmax(THREE, to_target, 0.7)
    errors = (ours.variance / count).sqrt()
    assert ((drawn.mean(0) - ours.mean).abs() < 4 * errors).all()
    assert drawn.var(0).numpy() == pytest.approx(ours.variance.numpy(), rel=0.03)


def test_colder_is_less_biased_and_noisier():
    exact = exact_gradient(THREE, to_target)
    soft = [gumbel_softmax(THREE, to_target, t) for t in (1.0, 0.5, 0.25)]
    assert (soft[2].mean - exact).norm() < (soft[0].mean - exact).norm() / 2
    assert soft[0].trace < soft[1].trace < soft[2].trace


# No choice inside the loss: DPO's own pairs


def test_pair_slopes_vanish_at_the_optimum():
    ref, reward, beta = THREE.log_softmax(-1), np.array([1.0, 0.0, 2.0]), 0.7
    best = torch.tensor(optimal_logp(ref.numpy(), reward, beta))
    ours = pair_loss_slopes(best, THREE, reward, beta)
    assert ours.mean == near(np.zeros(3))
    assert ours.trace < 1e-28


def test_pair_slopes_at_the_reference_by_hand():
    reward, beta = np.array([1.0, 0.0, 2.0]), 0.7
    pi = THREE.softmax(-1).numpy()
    mean, square = np.zeros(3), 0.0
    for i in range(3):
        for j in range(3):
            slope = np.eye(3)[i] - np.eye(3)[j]
            slope = beta * (sigmoid(reward[i] - reward[j]) - 0.5) * slope
            mean, square = (
                mean + pi[i] * pi[j] * slope,
                square + pi[i] * pi[j] * (slope @ slope),
            )
    ours = pair_loss_slopes(THREE, THREE, reward, beta)
    assert ours.mean == near(mean)
    assert ours.trace == near(square - mean @ mean)


def test_for_small_rewards_the_first_step_is_a_policy_gradient():
    reward, beta = 1e-4 * np.array([1.0, 0.0, 2.0]), 0.7
    ours = pair_loss_slopes(THREE, THREE, reward, beta).mean
    exact = policy_gradient(THREE.log_softmax(-1), reward)
    assert ours.numpy() == near(beta / 2 * exact.numpy(), 1e-9)


def test_refused():
    with pytest.raises(InputError, match="temperature"):
        gumbel_softmax(THREE, to_target, 0.0)
    with pytest.raises(InputError, match="two or three"):
        gumbel_softmax(torch.zeros(4), lambda y: y.sum(-1), 1.0)

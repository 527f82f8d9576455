"""The DPO gradient against autograd, finite differences, sympy and scipy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import lambertw
from torch.autograd.functional import hessian, jacobian

from dpo_edu.boltzmann import expected_reward, optimal_logp
from dpo_edu.divergence import kl_from_logs
from dpo_edu.dpo_gradient import (
    derive_gradient,
    descent_step,
    dpo_gradient,
    first_order_change,
    gradient_flow,
    gradient_weight,
    log_linear_logp,
    optimal_gap,
    score,
    train_pair,
)
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.validation import InputError

from .comparing import approx
from .golden import entry

PAIR = (-4.5, -4.5, -5.0, -4.0)
BATCH = [[-4.5, -3.0, -7.0], [-4.5, -6.0, -5.0], [-5.0, -3.5, -6.0], [-4.0, -5.0, -5.5]]
LOGP = st.lists(st.floats(-50, 0), min_size=4, max_size=4)


def sgd(table):
    return torch.optim.SGD(table, lr=1.0)


def adam(table):
    return torch.optim.Adam(table, lr=0.05)


# The weight


def test_golden_weight_of_the_worked_example():
    golden = entry("seed_example3")
    beta, value = golden["inputs"]["beta"], golden["value"]
    weight = float(gradient_weight(**golden["inputs"]))
    at_start = float(gradient_weight(0.0, beta))
    assert weight == approx(value["weight"])
    assert beta * weight == approx(value["coefficient"])
    assert at_start == value["weight_at_init"]
    assert beta * at_start == value["coefficient_at_init"]
    assert weight / at_start == approx(value["relative_to_init"])
    chosen, rejected = dpo_gradient(*PAIR, beta)
    assert float(-chosen) == float(rejected) == approx(value["coefficient"])


def test_pull_is_below_beta_however_wrong_the_pair():
    golden = entry("gradient_bounded")
    beta = golden["inputs"]["beta"]
    for margin in (-20, -2, 0, 2, 20):
        pull = beta * float(gradient_weight(margin / beta, beta))
        assert pull == approx(golden["value"][f"m={margin}"])
    assert gradient_weight([-1e4, 1e4], 1.0).tolist() == [1.0, 0.0]


def test_growing_beta_does_not_send_the_pull_to_zero_on_both_sides():
    golden = entry("seed_problem3_refutation")
    for gap in golden["inputs"]["d"]:
        for beta in golden["inputs"]["beta"]:
            pull = beta * float(gradient_weight(gap, beta))
            assert pull == approx(golden["value"][f"d={gap:g},beta={beta:g}"])


def test_loss_over_beta_tends_to_a_hinge_at_zero():
    golden = entry("scaled_loss_limit")
    beta = golden["inputs"]["beta"]
    for gap in (-0.5, -0.1, 0, 0.1, 0.5):
        scaled = float(dpo_loss(gap, 0, 0, 0, beta)) / beta
        assert scaled == approx(golden["value"][f"d={gap:g}"])
        further = float(dpo_loss(gap, 0, 0, 0, 1e6)) / 1e6
        assert further == pytest.approx(max(0.0, -gap), abs=1e-6)


# The gradient, by four roads


@pytest.mark.parametrize("beta", [0.1, 0.7, 5.0])
def test_gradient_equals_autograd_and_finite_differences(beta):
    four = torch.tensor(BATCH, dtype=torch.float64, requires_grad=True)
    by_autograd = torch.autograd.grad(dpo_loss(*four, beta), four)[0][:2]
    ours = torch.stack(dpo_gradient(*BATCH, beta))
    assert ours.tolist() == [approx(row) for row in by_autograd.tolist()]
    step = 1e-5
    for side in range(2):
        for pair in range(3):
            nudge = torch.zeros(4, 3).double()
            nudge[side, pair] = step
            up, down = (dpo_loss(*(four + s * nudge), beta) for s in (1, -1))
            slope = (up - down).item() / (2 * step)
            assert slope == pytest.approx(float(ours[side, pair]), rel=1e-6, abs=1e-10)


@given(LOGP, st.floats(0.01, 5))
def test_gradient_is_autograd_on_any_pair(four, beta):
    leaf = torch.tensor(four, dtype=torch.float64, requires_grad=True)
    chosen, rejected, *_ = torch.autograd.grad(dpo_loss(*leaf, beta), leaf)[0].tolist()
    ours = [float(g) for g in dpo_gradient(*four, beta)]
    assert ours == approx([chosen, rejected])


def test_golden_gradient_and_curvature_in_a_table():
    golden = entry("dpo_gradient_identity")
    inputs, value = golden["inputs"], golden["value"]
    logits = torch.tensor(inputs["z"], dtype=torch.float64)
    ref_logp = torch.tensor(inputs["pi_ref"], dtype=torch.float64).log()
    beta = inputs["beta"]

    def loss(z):
        logp = torch.log_softmax(z, dim=0)
        return dpo_loss(logp[0], logp[2], ref_logp[0], ref_logp[2], beta)

    assert float(loss(logits)) == approx(value["loss"])
    assert jacobian(loss, logits).tolist() == approx(value["grad"])
    curvature = hessian(loss, logits)
    assert float(curvature[0, 2]) == approx(value["hessian_chosen_rejected"])
    assert np.linalg.matrix_rank(curvature.numpy(), tol=1e-12) == 1

    gap = float((logits - ref_logp)[0] - (logits - ref_logp)[2])
    assert beta * gap == approx(value["margin"])
    pull = float(beta * gradient_weight(gap, beta))
    assert -pull == approx(value["minus_beta_weight"])
    logp = torch.log_softmax(logits, dim=0)
    by_score = -pull * (score(logp, 0) - score(logp, 2))
    assert by_score.tolist() == approx(value["grad"])


def test_derivation_ends_at_the_function_we_use():
    steps = {step.title: step.expression for step in derive_gradient()}
    assert steps["check"] == 0
    (m,) = steps["weight"].free_symbols
    for margin in (-3.0, 0.0, 0.1, 7.0):
        weight = float(gradient_weight(margin, 1.0))
        assert float(steps["weight"].subs(m, margin)) == approx(weight)
        loss = float(dpo_loss(margin, 0, 0, 0, 1.0))
        assert float(steps["loss"].subs(m, margin)) == approx(loss)
        assert float(steps["curvature"].subs(m, margin)) == approx(
            weight * (1 - weight)
        )
    reference = {symbol.name for symbol in steps["slope"].free_symbols}
    assert reference == {"beta", "theta"}  # u and v, the reference, are gone
    assert all(step.reason for step in derive_gradient())


def test_score_does_not_vanish_with_the_probability():
    golden = entry("score_norm_does_not_vanish")
    logp = torch.tensor(golden["inputs"]["pi"], dtype=torch.float64).log()
    ours = score(logp, 2)
    assert ours.tolist() == approx(golden["value"]["grad"])
    assert float(ours.norm()) == approx(golden["value"]["norm"])
    logits = logp.clone().requires_grad_()
    by_autograd = torch.autograd.grad(torch.log_softmax(logits, dim=0)[2], logits)[0]
    assert ours.tolist() == approx(by_autograd.tolist())
    assert float(gradient_weight(100.0, 1.0)) < 1e-40  # what does vanish


# One step


def test_golden_step_in_a_table():
    golden = entry("tabular_step")
    inputs, value = golden["inputs"], golden["value"]
    pi_ref = entry("dpo_gradient_identity")["inputs"]["pi_ref"]
    ref_logp = torch.tensor(pi_ref, dtype=torch.float64).log()
    table = torch.eye(3).double()
    before = torch.tensor(inputs["z"], dtype=torch.float64) - ref_logp
    after = descent_step(before, table, (0, 2), inputs["beta"], inputs["eta"])
    logp = log_linear_logp(before, table, ref_logp)
    change = log_linear_logp(after, table, ref_logp) - logp
    assert change.tolist() == approx(value["dlogp"])
    first_order = first_order_change(logp, table, after - before)
    assert first_order.tolist() == approx(value["first_order"])


def test_golden_displacement_both_fall_while_the_loss_falls():
    golden = entry("likelihood_displacement_min_example")
    inputs, value = golden["inputs"], golden["value"]
    features = np.array(inputs["phi"])[:, None]
    ref_logp = np.log(inputs["pi_ref"])
    assert features[:, 0] @ np.exp(ref_logp) == approx(value["E_phi"])
    theta = descent_step([0.0], features, (0, 1), inputs["beta"], inputs["eta"])
    assert theta.tolist() == approx([value["theta"]])
    logp = log_linear_logp(theta, features, ref_logp)
    assert logp.exp().tolist() == approx(value["pi_after"])
    assert (logp.numpy() - ref_logp).tolist() == approx(value["dlogp"])
    first_order = first_order_change(ref_logp, features, theta)
    assert first_order.tolist() == approx(value["first_order_dlogp"])
    for policy, name in ((ref_logp, "loss_before"), (logp.numpy(), "loss_after")):
        loss = dpo_loss(policy[0], policy[1], ref_logp[0], ref_logp[1], inputs["beta"])
        assert float(loss) == approx(value[name])


@pytest.mark.parametrize("seed", range(5))
def test_step_follows_the_gradient_that_autograd_finds(seed):
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(6, 4, generator=generator).double()
    theta = torch.randn(4, generator=generator).double()
    ref_logp = torch.log_softmax(torch.randn(6, generator=generator).double(), dim=0)

    def loss(theta):
        logp = torch.log_softmax(ref_logp + features @ theta, dim=0)
        return dpo_loss(logp[1], logp[4], ref_logp[1], ref_logp[4], 0.3)

    after = descent_step(theta, features, (1, 4), 0.3, learning_rate=2.0)
    expected = theta - 2.0 * jacobian(loss, theta)
    assert after.tolist() == approx(expected.tolist())
    tiny = 1e-6 * (after - theta)
    logp = log_linear_logp(theta, features, ref_logp)
    moved = log_linear_logp(theta + tiny, features, ref_logp) - logp
    first_order = first_order_change(logp, features, tiny)
    assert moved.tolist() == pytest.approx(first_order.tolist(), abs=1e-10)


# Many steps


def test_golden_gradient_flow():
    golden = entry("dpo_gradient_flow")
    for beta in golden["inputs"]["beta"]:
        gaps = gradient_flow(beta, golden["inputs"]["t"]).tolist()
        for time, gap in zip(golden["inputs"]["t"], gaps, strict=True):
            assert gap == approx(golden["value"][f"t={time:g},beta={beta:g}"])


@pytest.mark.parametrize("k", [1e-12, 1e-3, 1.0, 50.0, 600.0])
def test_gradient_flow_is_lambert_w(k):
    margin = 1 + k - lambertw(math.exp(1 + k)).real
    ours = float(gradient_flow(1.0, k / 2))
    assert ours == pytest.approx(margin, rel=1e-12, abs=1e-12)


def test_gradient_flow_solves_its_equation_at_any_time():
    time = torch.logspace(-300, 300, 601, dtype=torch.float64)
    gap = gradient_flow(1.0, time)
    assert torch.allclose(gap + torch.expm1(gap), 2 * time, rtol=1e-12, atol=0)


def test_small_steps_of_sgd_approach_the_flow():
    def small_sgd(table):
        return torch.optim.SGD(table, lr=0.025)

    gap = float(train_pair(0.5, 200, small_sgd)[-1])  # time = 200 * 0.025
    assert gap == pytest.approx(float(gradient_flow(0.5, 5.0)), rel=5e-3)


def test_beta_at_step_one_under_sgd_and_adam():
    for beta in (0.01, 0.5):
        first = float(train_pair(beta, 1, sgd)[1])
        assert first == approx(beta)  # two responses, each moved by beta / 2
    small, large = (float(train_pair(beta, 10, sgd)[-1]) for beta in (0.01, 0.5))
    assert (small, large) == pytest.approx((0.100, 3.10), abs=5e-3)
    small, large = (float(train_pair(beta, 10, adam)[-1]) for beta in (0.01, 0.5))
    assert (small, large) == pytest.approx((1.00, 0.99), abs=5e-3)


# Where it leads


def test_optimal_gap_is_the_minimum_of_the_soft_label_loss():
    golden = entry("soft_label_optimum")
    beta = golden["inputs"]["beta"]
    for p in golden["inputs"]["p"]:
        gap = float(optimal_gap(p, beta))
        assert gap == approx(golden["value"][f"dpo_delta_p={p:g}"])
        leaf = torch.tensor(gap, dtype=torch.float64, requires_grad=True)
        loss = dpo_loss(leaf, *torch.zeros(3).double(), beta, label=p)
        assert abs(float(torch.autograd.grad(loss, leaf)[0])) < 1e-15
    assert optimal_gap([0.0, 1.0], 0.1).tolist() == [-math.inf, math.inf]


def test_flipped_labels_shrink_the_gap():
    golden = entry("label_flip_bias")
    p, epsilon, beta = golden["inputs"].values()
    noisy = p * (1 - epsilon) + (1 - p) * epsilon
    assert noisy == approx(golden["value"]["noisy_p"])
    assert float(optimal_gap(noisy, beta)) == approx(golden["value"]["delta_noisy"])
    assert float(optimal_gap(p, beta)) == approx(golden["value"]["delta_clean"])


def test_curvature_gives_the_standard_error_of_the_gap():
    golden = entry("dpo_margin_standard_error")
    n, p = golden["inputs"]["n"], golden["inputs"]["p"]
    for beta in golden["inputs"]["beta"]:

        def loss(gap, beta=beta):
            return dpo_loss(gap, *torch.zeros(3).double(), beta, label=p)

        information = n * float(hessian(loss, optimal_gap(p, beta)))
        expected = golden["value"][f"sd_beta={beta:g}"]
        assert 1 / math.sqrt(information) == approx(expected)


def test_a_decided_pair_has_no_minimizer_at_any_beta():
    for beta in (0.01, 0.1, 1.0, 10.0):
        gaps = torch.linspace(0, 700 / beta, 50, dtype=torch.float64)
        zero = torch.zeros_like(gaps)
        losses = dpo_loss(gaps, zero, zero, zero, beta, reduction="none")
        assert (losses.diff() < 0).all()


def test_large_beta_returns_to_the_reference_when_labels_are_stochastic():
    ref_logp, reward = np.log([0.5, 0.25, 0.125, 0.125]), np.array([0.0, 1, 2, -1])
    for beta, tolerance in ((10.0, 0.03), (1000.0, 3e-4)):
        divergence = kl_from_logs(optimal_logp(ref_logp, reward, beta), ref_logp)
        mean = expected_reward(ref_logp, reward)
        limit = expected_reward(ref_logp, (reward - mean) ** 2) / (2 * beta**2)
        assert divergence == pytest.approx(limit, rel=tolerance)


def test_refuses_a_beta_of_zero_and_impossible_labels():
    for function in (gradient_weight, gradient_flow, optimal_gap):
        with pytest.raises(InputError, match="beta must be"):
            function(0.5, 0.0) if function is not gradient_flow else function(0.0, 0.5)
    with pytest.raises(InputError, match="label must be a probability"):
        optimal_gap(1.5, 0.1)

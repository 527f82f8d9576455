"""Chapter 03 against scipy, torch, enumeration, simulation and the golden values."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize, special, stats

from dpo_edu.divergence import (
    bell_family,
    bretagnolle_huber_bound,
    cross_entropy,
    entropy,
    estimator_moments,
    forward_projection,
    joint_probability,
    kl_divergence,
    kl_estimates,
    kl_from_logs,
    kl_per_token,
    likeliest_event,
    normalized,
    pinsker_bound,
    reverse_projection,
    total_variation,
)
from dpo_edu.validation import InputError

from .comparing import EXACT
from .golden import entry


def distributions(*shape, smallest=0.0):
    weights = arrays(float, shape, elements=st.floats(smallest, 1))
    positive = weights.filter(lambda w: (w.sum(axis=-1) > 0.1).all())
    return positive.map(lambda w: w / w.sum(axis=-1, keepdims=True))


def test_both_directions_golden():
    p, q = entry("kl_both_directions")["inputs"].values()
    value = entry("kl_both_directions")["value"]
    assert kl_divergence(p, q) == pytest.approx(value["kl_p_q"], **EXACT)
    assert kl_divergence(q, p) == pytest.approx(value["kl_q_p"], **EXACT)


@given(distributions(3, 5), distributions(5))
def test_against_scipy(p, q):
    assert entropy(p) == pytest.approx(stats.entropy(p, axis=-1))
    assert kl_divergence(p, q) == pytest.approx(special.rel_entr(p, q).sum(axis=-1))
    assert kl_divergence(p, q).shape == (3,)
    assert kl_divergence(p, p) == pytest.approx(np.zeros(3), abs=1e-15)


@given(distributions(4, smallest=0.01), distributions(4, smallest=0.01))
def test_cross_entropy_is_entropy_plus_kl(p, q):
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl_divergence(p, q))
    assert kl_divergence(p, q) >= -1e-15


def test_support():
    half, third = [0.5, 0.5, 0.0], [0.3, 0.3, 0.4]
    assert kl_divergence(half, third) == pytest.approx(np.log(5 / 3))
    assert kl_divergence(third, half) == np.inf
    assert cross_entropy(third, half) == np.inf
    assert kl_divergence(half, half) == 0
    assert entropy([0.0, 1.0]) == 0


def test_log_space_reaches_where_probabilities_underflow():
    logp, logq = np.array([0.0, -800.0]), np.array([0.0, -np.inf])
    assert kl_from_logs(logp, logq) == np.inf  # e^-800 is rare, not impossible
    assert kl_from_logs(logq, logp) == 0
    far = np.array([-1e4, 0.0])
    assert kl_from_logs(far[::-1], far) == pytest.approx(1e4)


@pytest.mark.parametrize("shift", [-2_000.0, 0.0, 2_000.0])
def test_normalizing_is_the_log_softmax(shift):
    logits = shift + np.random.default_rng(0).normal(size=(2, 3, 5))
    logits[0, 1, 2] = -np.inf
    ours = normalized(logits)
    assert ours == pytest.approx(special.log_softmax(logits, axis=-1), abs=1e-12)
    assert ours[0, 1, 2] == -np.inf
    assert np.exp(ours).sum(axis=-1) == pytest.approx(1)
    assert normalized(logits.tolist()).tolist() == ours.tolist()


def test_a_row_without_any_mass_cannot_be_normalized():
    with pytest.raises(InputError, match="above -inf in every row"):
        normalized([[0.0, 1.0], [-np.inf, -np.inf]])


def test_torch_takes_the_arguments_the_other_way_round():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.3, 0.3, 0.4])
    logp, logq = torch.tensor(np.log(p)), torch.tensor(np.log(q))
    options = {"log_target": True, "reduction": "sum"}
    as_written = torch.nn.functional.kl_div(logp, logq, **options).item()
    assert as_written == pytest.approx(kl_divergence(q, p))
    assert as_written != pytest.approx(kl_divergence(p, q), abs=0.01)


def test_torch_takes_logarithms_of_the_target_unless_told():
    logp = torch.tensor(np.log([0.7, 0.2, 0.1]))
    logq = torch.tensor(np.log([0.4, 0.4, 0.2]))
    kl_div = torch.nn.functional.kl_div
    assert kl_div(logq, logp, reduction="batchmean").isnan()
    one, three = logq[None], logq[:, None]  # batchmean divides by the first length
    options = {"log_target": True, "reduction": "batchmean"}
    whole = kl_div(one, logp[None], **options).item()
    assert whole == pytest.approx(kl_divergence(logp.exp(), logq.exp()))
    assert kl_div(three, logp[:, None], **options).item() == pytest.approx(whole / 3)


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.6], [0.5, 0.5], "sum to 1"),
        ([0.5, 0.5], [1.5, -0.5], ">= 0"),
        ([0.5, 0.5], [1.0], "last axes differ"),
        ([np.nan, 0.5], [0.5, 0.5], "sum to 1"),
    ],
)
def test_what_is_no_pair_of_distributions_is_refused(p, q, message):
    for divergence in (kl_divergence, cross_entropy):
        with pytest.raises(InputError, match=message):
            divergence(p, q)


def test_total_variation_needs_the_same_outcomes():
    with pytest.raises(InputError, match="last axes differ"):
        total_variation([0.5, 0.5], [1.0])


# Estimators


def test_estimators_golden():
    p, q = entry("kl_estimators_k1_k2_k3")["inputs"].values()
    value = entry("kl_estimators_k1_k2_k3")["value"]
    means, variances = estimator_moments(p, q)
    assert means == pytest.approx([value[f"E_k{i}"] for i in (1, 2, 3)], **EXACT)
    assert variances == pytest.approx([value[f"var_k{i}"] for i in (1, 2, 3)], **EXACT)
    assert means[[0, 2]] == pytest.approx(value["kl"], **EXACT)
    k1, _, k3 = kl_estimates(np.log(p), np.log(q))
    assert k1.min() == pytest.approx(value["min_k1"], **EXACT)
    assert k3.min() == pytest.approx(value["min_k3"], **EXACT)


def test_moments_are_those_of_samples():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.4, 0.4, 0.2])
    samples = np.random.default_rng(0).choice(3, size=200_000, p=p)
    estimates = np.stack(kl_estimates(np.log(p)[samples], np.log(q)[samples]))
    means, variances = estimator_moments(p, q)
    error = 4 * np.sqrt(variances / len(samples))
    assert (np.abs(estimates.mean(axis=1) - means) < error).all()
    assert estimates.var(axis=1) == pytest.approx(variances, rel=0.03)


@given(st.floats(-50, 50))
def test_each_estimate_is_its_formula(log_ratio):
    k1, k2, k3 = kl_estimates(log_ratio, 0.0)
    assert (k1, k2) == (log_ratio, log_ratio**2 / 2)
    assert k3 == pytest.approx(np.exp(-log_ratio) - 1 + log_ratio, rel=1e-9, abs=1e-12)
    assert k3 >= 0


def test_k3_loses_the_mass_that_p_cannot_reach():
    p, q = [0.5, 0.5, 0.0], [0.4, 0.4, 0.2]
    means, _ = estimator_moments(p, q)
    assert means[0] == pytest.approx(kl_divergence(p, q))
    assert means[2] == pytest.approx(kl_divergence(p, q) - 0.2)


def test_estimates_at_extreme_ratios_do_not_warn():
    k1, _, k3 = kl_estimates([-1e4, 1e4, -np.inf], [0.0, 0.0, 0.0])
    assert k1.tolist() == [-1e4, 1e4, -np.inf]
    assert k3[:2].tolist() == [np.inf, 1e4 - 1]


def test_an_infinite_divergence_has_no_moments():
    with pytest.raises(InputError, match="infinite"):
        estimator_moments([0.5, 0.5], [1.0, 0.0])


# Bounds


def test_bounds_golden():
    p, q = entry("pinsker_bh")["inputs"].values()
    value = entry("pinsker_bh")["value"]
    kl = kl_divergence(p, q)
    assert total_variation(p, q) == pytest.approx(value["tv"], **EXACT)
    assert pinsker_bound(kl) == pytest.approx(value["pinsker"], **EXACT)
    assert bretagnolle_huber_bound(kl) == pytest.approx(
        value["bretagnolle_huber"], **EXACT
    )


@given(distributions(4), distributions(4))
def test_bounds_hold(p, q):
    distance, kl = total_variation(p, q), kl_divergence(p, q)
    assert distance <= pinsker_bound(kl) + 1e-9
    assert distance <= bretagnolle_huber_bound(kl) + 1e-9
    assert bretagnolle_huber_bound(kl) <= 1
    events = np.array(list(np.ndindex(2, 2, 2, 2)))  # every set of the 4 outcomes
    assert distance == pytest.approx((events @ (p - q)).max(), abs=1e-12)


@given(distributions(4, smallest=0.01), distributions(4, smallest=0.01))
def test_no_event_goes_beyond_the_sharp_bound(p, q):
    events = np.array(list(np.ndindex(2, 2, 2, 2)))
    before, kl = (events @ q).clip(0, 1), kl_divergence(p, q)
    most = likeliest_event(before, kl)
    assert (events @ p <= most + 1e-7).all()  # a KL of 1e-16 is a shift of 1e-8
    assert (most <= before + pinsker_bound(kl) + 1e-7).all()


@pytest.mark.parametrize(("before", "kl"), [(0.01, 0.02), (0.01, 0.1), (0.4, 0.3)])
def test_the_sharp_bound_is_reached(before, kl):
    def excess(p):
        return special.rel_entr(p, before) + special.rel_entr(1 - p, 1 - before) - kl

    after = optimize.brentq(excess, before, 1.0, xtol=1e-14)
    assert likeliest_event(before, kl) == pytest.approx(after, rel=1e-9)


def test_the_sharp_bound_at_its_ends():
    assert likeliest_event([0.0, 0.3, 1.0], 0.5)[[0, 2]] == pytest.approx([0, 1])
    assert likeliest_event(0.3, 0.0) == pytest.approx(0.3)
    assert likeliest_event(0.3, 10.0) == 1  # certainty costs log(1 / 0.3)


# The chain rule


def test_chain_rule_golden():
    inputs = entry("kl_chain_rule")["inputs"]
    value = entry("kl_chain_rule")["value"]
    p = [np.array(inputs["p_first"]), [inputs["p_after_a"], inputs["p_after_b"]]]
    q = [np.full(2, 0.5), np.full((2, 2), 0.5)]
    whole = kl_divergence(joint_probability(p).ravel(), joint_probability(q).ravel())
    shares = kl_per_token(p, q)
    assert shares[0] == pytest.approx(value["kl_first"], **EXACT)
    afterwards = kl_divergence(p[1], q[1])
    assert afterwards == pytest.approx([value["kl_after_a"], value["kl_after_b"]])
    assert shares.sum() == pytest.approx(value["sum"], **EXACT)
    assert whole == pytest.approx(value["kl_sequence"], **EXACT)
    log_aa = np.log(joint_probability(p)[0, 0])
    assert log_aa == pytest.approx(value["logp_of_aa"], **EXACT)


def tables_of_three_tokens(smallest):
    shapes = (3,), (3, 3), (3, 3, 3)
    return st.tuples(*(distributions(*shape, smallest=smallest) for shape in shapes))


@given(tables_of_three_tokens(0.0), tables_of_three_tokens(0.01))
def test_token_shares_sum_to_the_sequence_kl(p, q):
    joint_p, joint_q = joint_probability(p), joint_probability(q)
    assert joint_p.shape == (3, 3, 3)
    assert joint_p.sum() == pytest.approx(1)
    whole = kl_divergence(joint_p.ravel(), joint_q.ravel())
    assert kl_per_token(p, q).sum() == pytest.approx(whole, abs=1e-12)


def test_a_prefix_that_never_comes_costs_nothing():
    p = [[1.0, 0.0], [[0.5, 0.5], [1.0, 0.0]]]
    q = [[0.5, 0.5], [[0.5, 0.5], [0.0, 1.0]]]  # infinitely far, after token b only
    assert kl_per_token(p, q) == pytest.approx([np.log(2), 0])


# Projections


def test_mode_seeking_golden():
    inputs = entry("mode_seeking_demo")["inputs"]
    value = entry("mode_seeking_demo")["value"]
    weights = np.array(inputs["pi_ref"]) * np.exp(
        np.array(inputs["r"]) / inputs["beta"]
    )
    target = weights / weights.sum()
    assert target == pytest.approx(value["pi_star"], **EXACT)

    def two_point(t):
        return np.array([t, 0.0, 1 - t])

    best = optimize.minimize_scalar(
        lambda t: kl_divergence(two_point(t), target), bounds=(0.01, 0.99)
    )
    exact = value["best_t_reverse_kl"]
    assert best.x == pytest.approx(exact, abs=1e-4)
    gap = kl_divergence(two_point(exact), target)
    assert gap == pytest.approx(value["reverse_kl_gap"], **EXACT)
    grid = np.linspace(0, 1, 1001)
    family = np.stack([two_point(t) for t in grid])
    assert grid[reverse_projection(target, family)] == pytest.approx(exact, abs=5e-4)
    with pytest.raises(InputError, match="infinitely far"):
        forward_projection(target, family)


def test_two_modes_and_one_bell():
    points = np.arange(-10, 11)
    target = bell_family(points, [-4, 6], width=1.0).T @ [0.4, 0.6]
    family = bell_family(points, points, width=1.0)
    mean = target @ points  # 2, between the modes, where the target has hardly any mass
    assert points[forward_projection(target, family)] == round(mean) == 2
    assert points[reverse_projection(target, family)] == 6


def test_without_restriction_both_projections_return_the_target():
    rng = np.random.default_rng(0)
    family = rng.dirichlet(np.ones(4), size=50)
    for projection in (forward_projection, reverse_projection):
        assert projection(family[17], family) == 17


def test_bells_are_discretized_normal_curves():
    points, width = np.arange(5), 0.7
    density = stats.norm.pdf(points, loc=1.5, scale=width)
    bell = bell_family(points, [1.5], width)
    assert bell[0] == pytest.approx(density / density.sum())


def test_maximum_likelihood_is_a_forward_projection():
    rng = np.random.default_rng(0)
    family = rng.dirichlet(np.ones(3), size=200)
    data = rng.choice(3, size=60, p=[0.6, 0.3, 0.1])
    nll = -np.log(family)[:, data].mean(axis=1)
    empirical = np.bincount(data, minlength=3) / len(data)
    assert forward_projection(empirical, family) == nll.argmin()

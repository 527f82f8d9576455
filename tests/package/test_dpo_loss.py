"""The DPO loss against published values, TRL, and optimizers that know no formula."""

import math

import numpy as np
import pytest
import torch
from torch.autograd.functional import hessian, jacobian

from dpo_edu.boltzmann import expected_reward, objective, optimal_logp
from dpo_edu.bradley_terry import sigmoid
from dpo_edu.cancellation import log10_responses
from dpo_edu.divergence import kl_from_logs
from dpo_edu.dpo_loss import (
    dpo_loss,
    implicit_reward_accuracy,
    log_ratio_gap,
    population_loss,
    preference_entropy,
)
from dpo_edu.likelihood import fit_rewards
from dpo_edu.validation import InputError

from .comparing import approx
from .golden import entry, trl_reference, world

TRL = trl_reference()
SIDES = ("chosen", "rejected")
PAIR = (-4.5, -4.5, -5.0, -4.0)
BATCH = [[-4.5, -3.0, -7.0], [-4.5, -6.0, -5.0], [-5.0, -3.5, -6.0], [-4.0, -5.0, -5.5]]


def loss_at(gap, beta, **options):
    """The loss of a pair whose whole log-ratio gap sits in the chosen response."""
    zero = torch.zeros_like(torch.as_tensor(gap))
    return dpo_loss(gap, zero, zero, zero, beta, **options)


def judged_world(golden):
    """Reference, reward and beta of a golden world, and who beats whom how often."""
    ref_logp, reward, beta = world(golden)
    scale = golden["inputs"].get("kappa", 1.0)
    return ref_logp, reward, beta, sigmoid(scale * (reward[:, None] - reward))


def minimize(loss_of, start):
    """Newton's method with derivatives from autograd, to the last digit."""
    point = torch.tensor(start, dtype=torch.float64)
    for _ in range(30):
        slope, curvature = jacobian(loss_of, point), hessian(loss_of, point)
        point = point - torch.linalg.solve(curvature, slope)
    return point


# One pair, the numbers that every write-up prints


def test_golden_example_one():
    golden = entry("seed_example1")
    *four, beta = golden["inputs"].values()
    value = golden["value"]
    assert float(log_ratio_gap(*four)) == approx(value["log_ratio_gap"])
    assert float(beta * log_ratio_gap(*four)) == approx(value["margin"])
    assert float(dpo_loss(*four, beta)) == approx(value["loss"])
    assert math.exp(-dpo_loss(*four, beta)) == approx(value["sigma"])


@pytest.mark.parametrize(
    "golden", [entry("seed_problem2_case1"), entry("seed_problem2_case2")]
)
def test_golden_problem_two(golden):
    *probabilities, beta = golden["inputs"].values()
    four, value = [math.log(p) for p in probabilities], golden["value"]
    assert four[0] - four[2] == approx(value["log_ratio_chosen"])
    assert four[1] - four[3] == approx(value["log_ratio_rejected"])
    assert float(log_ratio_gap(*four)) == approx(value["log_ratio_gap"])
    assert beta * float(log_ratio_gap(*four)) == approx(value["margin"])
    assert float(dpo_loss(*four, beta)) == approx(value["loss"])
    assert math.exp(-dpo_loss(*four, beta)) == approx(value["sigma"])
    ranking = float(log_ratio_gap(*four[:2], 0.0, 0.0))  # without the reference
    assert ranking == approx(value["likelihood_ranking_margin"])


@pytest.mark.parametrize("beta", [0.01, 0.1, 1.0, 50.0])
def test_loss_of_the_untrained_policy_is_log_2_for_every_pair(beta):
    losses = dpo_loss(*BATCH[:2], *BATCH[:2], beta, reduction="none")
    assert losses.tolist() == approx([entry("log2_at_init")["value"]["loss"]] * 3)


def test_loss_reaches_zero_while_the_chosen_probability_falls():
    golden = entry("loss_to_zero_without_p_chosen_to_one")
    *probabilities, beta = golden["inputs"].values()
    four, value = [math.log(p) for p in probabilities], golden["value"]
    assert four[0] < four[2]
    assert beta * float(log_ratio_gap(*four)) == approx(value["margin"])
    assert float(dpo_loss(*four, beta)) == approx(value["loss"])


def test_ranking_flips_where_the_two_log_probabilities_are_equal():
    golden = entry("ranking_flip_threshold")
    for c in golden["inputs"]["c"]:
        threshold = dpo_loss(0.0, 0.0, -c, 0.0, golden["inputs"]["beta"])
        assert float(threshold) == approx(golden["value"][f"loss_threshold_c={c:g}"])


def test_lengths_enter_with_the_sign_of_the_log_ratio_per_token():
    golden = entry("length_coupling")
    *lengths, beta, delta = golden["inputs"].values()
    lengths, value = np.array(lengths), golden["value"]
    for per_token, name in ((delta, "plus"), (-delta, "minus")):
        loss = dpo_loss(*(per_token * lengths), 0.0, 0.0, beta)
        assert float(loss) == approx(value[f"loss_{name}"])
    gap = float(log_ratio_gap(*(delta * lengths), 0.0, 0.0))
    assert beta * gap == approx(value["margin_plus"])
    averaged = log_ratio_gap(delta, delta, 0.0, 0.0)
    assert float(averaged) == value["margin_if_averaged"]


def test_response_space_is_too_large_to_sum():
    golden = entry("response_space_size")
    size, length = (golden["inputs"][name] for name in "VL")
    digits = float(log10_responses(int(size), int(length)))
    assert digits == approx(golden["value"]["log10_V_pow_L"])
    exact = int(size) ** int(length)  # Python's integers have no largest value
    assert exact / 10**450 == approx(golden["value"]["mantissa"])
    at_power_of_two = float(log10_responses(2**15, int(length)))
    assert at_power_of_two == approx(golden["value"]["log10_for_32768"])
    every_length = sum(int(size) ** n for n in range(1, int(length) + 1))
    assert every_length / exact == approx(golden["value"]["ratio_all_lengths_upto_L"])


# TRL, and what the function accepts


@pytest.mark.parametrize("beta", [0.1, 0.5])
def test_losses_and_gradients_equal_those_of_trl(beta):
    (group,) = [
        group
        for group in TRL["dpo"]
        if (group["loss_type"], group["beta"]) == ("sigmoid", beta)
        and group["f_divergence"] == "reverse_kl"
        and "ld_alpha" not in group  # a variant that discounts the longer response
    ]

    def column(side, name):
        values = [pair[side][name] for pair in TRL["inputs"]]
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)

    policy = column("chosen", "policy_logp"), column("rejected", "policy_logp")
    reference = column("chosen", "ref_logp"), column("rejected", "ref_logp")
    losses = dpo_loss(*policy, *reference, beta, reduction="none")
    assert losses.tolist() == pytest.approx(group["loss"], rel=1e-10)
    for ours, side in zip(
        torch.autograd.grad(losses.sum(), policy), SIDES, strict=True
    ):
        theirs = group[f"grad_{side}_logp"]
        assert ours.tolist() == pytest.approx(theirs, rel=1e-10)


@pytest.mark.parametrize(
    "convert",
    [list, np.array, torch.tensor, lambda x: torch.tensor(x, dtype=torch.float64)],
)
def test_accepts_lists_arrays_and_tensors(convert):
    loss = dpo_loss(*map(convert, BATCH), 0.7)
    assert float(loss) == pytest.approx(0.684434, abs=1e-6)


def test_python_numbers_are_float64_and_tensors_keep_their_precision():
    assert dpo_loss(*PAIR, 0.1).dtype == torch.float64
    assert dpo_loss(-4, -4, -5, -4, 0.1).dtype == torch.float64
    for dtype in (torch.float32, torch.bfloat16):
        loss = dpo_loss(*torch.tensor(PAIR, dtype=dtype), 0.1, label=0.9)
        assert loss.dtype == dtype


def test_reductions_are_those_of_numpy():
    each = dpo_loss(*BATCH, 0.7, reduction="none")
    assert each.shape == (3,)
    assert float(dpo_loss(*BATCH, 0.7)) == approx(np.mean(each.tolist()))
    total = dpo_loss(*BATCH, 0.7, reduction="sum")
    assert float(total) == approx(np.sum(each.tolist()))


def test_label_is_the_probability_in_a_cross_entropy():
    for label in (0.0, 0.3, 1.0):
        q = 1 / (1 + math.exp(-0.1))
        expected = -label * math.log(q) - (1 - label) * math.log(1 - q)
        assert float(dpo_loss(*PAIR, 0.1, label=label)) == approx(expected)
    one_by_one = [float(loss_at(1.0, 0.7, label=label)) for label in (0.2, 0.5, 1.0)]
    together = loss_at(torch.ones(3).double(), 0.7, label=[0.2, 0.5, 1.0])
    assert float(together) == approx(np.mean(one_by_one))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"beta": 0.0}, "beta must be a finite number above 0"),
        ({"beta": float("nan")}, "beta must be a finite number above 0"),
        ({"label": 1.5}, "label must be a probability"),
        ({"label": float("nan")}, "label must be real numbers, got nan"),
        ({"label": [0.5, 1.0]}, r"one per pair, got \(2,\) for \(3,\)"),
        ({"reduction": "batchmean"}, "reduction must be one of"),
        ({"ref_logp_rejected": -4.0}, r"shapes differ: .* ref_logp_rejected \(\)"),
        ({"logp_chosen": [[-4.5], [-3.0], [-7.0]]}, r"logp_chosen \(3, 1\)"),
    ],
)
def test_refuses_what_it_cannot_use(change, message):
    names = ("logp_chosen", "logp_rejected", "ref_logp_chosen", "ref_logp_rejected")
    arguments = dict(zip(names, BATCH, strict=True)) | {"beta": 0.1} | change
    with pytest.raises(InputError, match=message):
        dpo_loss(**arguments)


def test_refuses_an_empty_batch():
    with pytest.raises(InputError, match="no pairs"):
        dpo_loss([], [], [], [], 0.1)


def test_accuracy_counts_the_reference_and_halves_ties():
    chosen, rejected = [-1.0, -9.0, -3.0, -2.0], [-2.0, -1.0, -3.0, -1.0]
    ref_chosen, ref_rejected = [-1.0, -9.5, -3.0, -1.0], [-1.0, -1.0, -3.0, -1.0]
    accuracy = implicit_reward_accuracy(chosen, rejected, ref_chosen, ref_rejected)
    assert float(accuracy) == (1 + 1 + 0.5 + 0) / 4
    assert np.mean(np.greater(chosen, rejected)) == 0.25  # the policy's own ranking


# Floating point


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("margin", [-1e4, -800.0, 800.0, 1e4])
def test_extreme_margins_give_exact_losses_and_gradients(margin, dtype):
    gap = torch.tensor(margin, dtype=dtype, requires_grad=True)
    loss = loss_at(gap, 1.0)
    loss.backward()
    assert loss.item() == max(0.0, -gap.item())
    assert gap.grad.item() == (-1.0 if margin < 0 else 0.0)


def test_the_naive_form_breaks_where_the_loss_does_not():
    def naive(gap):
        return -torch.log(torch.sigmoid(gap))

    gap = torch.tensor(-800.0, dtype=torch.float64, requires_grad=True)
    assert naive(gap).item() == math.inf
    assert math.isnan(torch.autograd.grad(naive(gap), gap)[0])
    assert loss_at(gap, 1.0).item() == 800.0
    assert naive(torch.tensor(17.0)).item() == 0.0  # float32 rounds sigmoid to 1
    assert loss_at(torch.tensor(17.0), 1.0).item() == pytest.approx(4.14e-8, rel=1e-3)


def test_loss_is_exactly_zero_only_past_the_smallest_float():
    value = entry("float_underflow_of_loss")["value"]
    float32 = torch.tensor([100.0, value["float32_threshold"] + 0.01])
    float64 = torch.tensor([740.0, value["float64_threshold"] + 0.01]).double()
    for margins in (float32, float64):
        before, after = loss_at(margins, 1.0, reduction="none").tolist()
        assert before > 0
        assert after == 0


def test_bfloat16_cannot_hold_the_log_ratio_of_a_long_response():
    value = entry("bf16_logprob_resolution")["value"]

    def spacing(x, dtype):
        x = torch.tensor(x, dtype=dtype)
        return float(torch.nextafter(x, torch.full_like(x, math.inf)) - x)

    assert spacing(300.0, torch.bfloat16) == value["spacing_256_512"]
    assert spacing(600.0, torch.bfloat16) == value["spacing_512_1024"]
    assert spacing(300.0, torch.float32) == value["float32_spacing_256_512"]
    summed = torch.tensor([-500.0, -500.0, -501.0, -500.0])
    assert float(log_ratio_gap(*summed)) == 1.0
    assert float(log_ratio_gap(*summed.bfloat16())) == 0.0


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-15), (torch.float32, 2e-7), (torch.bfloat16, 1e-2)],
)
def test_accuracy_of_each_precision_at_the_worked_example(dtype, tolerance):
    loss = dpo_loss(*torch.tensor(PAIR, dtype=dtype), 0.1)
    exact = entry("seed_example1")["value"]["loss"]
    assert float(loss) == pytest.approx(exact, rel=tolerance)


def test_a_response_of_probability_zero_costs_nothing_or_everything():
    gap = torch.tensor([-1.0, -math.inf], dtype=torch.float64, requires_grad=True)
    loss = dpo_loss(gap[0], gap[1], -1.0, -1.0, 0.1)
    assert loss.item() == 0.0
    assert torch.autograd.grad(loss, gap)[0].tolist() == [0.0, 0.0]
    assert float(dpo_loss(-math.inf, -1.0, -1.0, -1.0, 0.1)) == math.inf
    not_searched = torch.tensor(math.nan)  # to look would make a GPU wait
    assert math.isnan(dpo_loss(not_searched, -1.0, -1.0, -1.0, 0.1))
    with pytest.raises(InputError, match="logp_chosen must be real numbers, got nan"):
        dpo_loss(math.nan, -1.0, -1.0, -1.0, 0.1)


# Populations: what infinitely many labels would teach


def test_population_loss_is_entropy_plus_divergence_and_least_at_pi_star():
    golden = entry("w3_dpo_population_minimiser")
    ref_logp, reward, beta, preference = judged_world(golden)
    value, best = golden["value"], optimal_logp(ref_logp, reward, beta)
    uniform = np.log(np.full(3, 1 / 3))

    def loss(logp):
        return float(population_loss(logp, ref_logp, preference, beta))

    floor = float(preference_entropy(preference))
    assert floor == approx(value["mean_entropy"])
    assert loss(best) == approx(value["L_at_pi_star"])
    assert loss(ref_logp) == approx(value["L_at_ref"])
    assert loss(uniform) == approx(value["L_at_uniform"])
    assert loss(uniform) - floor == approx(value["excess_uniform"])
    i, j = np.triu_indices(3, 1)
    margin = beta * (uniform - ref_logp)
    p, q = preference[i, j], sigmoid(margin[i] - margin[j])
    divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    assert divergence.mean() == approx(value["excess_uniform"])


def test_population_loss_is_the_mean_over_every_prompt_alike():
    ref_logp, reward, beta, preference = judged_world(entry("w3_partial_coverage"))
    one = population_loss(ref_logp + reward, ref_logp, preference, beta)
    two = population_loss(
        np.stack([ref_logp + reward] * 2), np.stack([ref_logp] * 2),
        np.stack([preference] * 2), beta,
    )  # fmt: skip
    assert two.tolist() == approx([float(one)] * 2)


def test_responses_never_compared_are_free_to_take_any_mass():
    golden = entry("w3_partial_coverage")
    ref_logp, reward, beta, preference = judged_world(golden)
    only_ab = np.zeros((3, 3))
    only_ab[0, 1] = 1
    best = np.exp(optimal_logp(ref_logp, reward, beta))
    for mass in ("0.001", "0.2", "0.9", "0.999999"):
        others = best[:2] / best[:2].sum() * (1 - float(mass))
        logp = np.log([*others, float(mass)])
        loss = population_loss(logp, ref_logp, preference, beta, weight=only_ab)
        value = golden["value"]
        assert float(loss) == approx(value[f"loss_piC={mass}"])
        divergence = kl_from_logs(logp, ref_logp)
        assert float(divergence) == approx(value[f"kl_pi_ref_piC={mass}"])
        score = float(objective(logp, ref_logp, reward, beta))
        assert score == approx(value[f"J_piC={mass}"])


def test_dpo_on_a_finite_table_equals_rlhf_on_the_fitted_reward():
    golden = entry("finite_data_equivalence")
    wins = np.array([[0, 3, 2], [1, 0, 2], [1, 1, 0]], dtype=float)
    beta, ref_logp = golden["inputs"]["beta"], np.log(np.full(3, 1 / 3))
    fitted = optimal_logp(ref_logp, fit_rewards(wins), beta)
    expected = golden["value"]["pi_from_reward_model"]
    assert np.exp(fitted).tolist() == approx(expected)

    def loss(free):  # the third logit is pinned: only differences matter
        logp = torch.log_softmax(torch.cat([free, free.new_zeros(1)]), dim=0)
        compared = wins + wins.T
        share = wins / np.where(compared == 0, 1, compared)
        return population_loss(logp, ref_logp, share, beta, weight=compared)

    logits = torch.cat([minimize(loss, [0.0, 0.0]), torch.zeros(1).double()])
    policy = torch.softmax(logits, dim=0)
    assert policy.tolist() == approx(golden["value"]["pi_from_dpo"])


def test_dpo_and_rlhf_differ_where_pi_star_is_out_of_reach():
    golden = entry("misspecified_dpo_vs_rlhf")
    inputs, value = golden["inputs"], golden["value"]
    phi, reward = torch.tensor(inputs["phi"]).double(), np.array(inputs["r"])
    beta, ref_logp = inputs["beta"], np.log(np.full(3, 1 / 3))
    preference = sigmoid(reward[:, None] - reward[None, :])

    def logp(theta):
        return torch.log_softmax(torch.tensor(ref_logp) + theta * phi, dim=0)

    def score(theta):
        return float(objective(logp(theta).numpy(), ref_logp, reward, beta))

    def minus_objective(theta):
        p = logp(theta).exp()
        divergence = (p * (logp(theta) - torch.tensor(ref_logp))).sum()
        return beta * divergence - (p * torch.tensor(reward)).sum()

    rlhf = minimize(minus_objective, [0.0])
    assert float(rlhf) == approx(value["theta_rlhf"])
    assert score(rlhf) == approx(value["J_rlhf"])
    for ab, bc, theta_name, score_name in (
        (1, 1, "theta_dpo_uniform_pairs", "J_dpo"),
        (1, 8, "theta_dpo_weights_AB1_BC8_AC1", "J_dpo_BC8"),
        (8, 1, "theta_dpo_weights_AB8_BC1_AC1", "J_dpo_AB8"),
    ):
        weight = np.array([[0, ab, 1], [0, 0, bc], [0, 0, 0]], dtype=float)

        def loss(theta, weight=weight):
            return population_loss(logp(theta), ref_logp, preference, beta, weight)

        dpo = minimize(loss, [0.0])
        assert float(dpo) == approx(value[theta_name])
        assert score(dpo) == approx(value[score_name])


def test_only_reward_scale_over_beta_is_identified():
    golden = entry("annotator_temperature_confounding")
    ref_logp, reward, beta, preference = judged_world(golden)
    logp = optimal_logp(ref_logp, golden["inputs"]["kappa"] * reward, beta)
    assert np.exp(logp).tolist() == approx(golden["value"]["pi"])
    loss = float(population_loss(logp, ref_logp, preference, beta))
    assert loss == approx(golden["value"]["loss_at_pi"])
    assert float(preference_entropy(preference)) == approx(loss)
    assert loss == approx(golden["value"]["entropy_floor"])


def test_average_log_ratio_on_reference_data_is_minus_a_divergence():
    golden = entry("expected_logratio_under_ref_is_negative")
    ref_logp, reward, beta, preference = judged_world(golden)
    value, ref = golden["value"], np.exp(ref_logp)
    logp = optimal_logp(ref_logp, reward, beta)
    ratio = logp - ref_logp
    pairs = 2 * ref[:, None] * ref[None, :] * preference  # P(chosen = i, rejected = j)
    chosen, rejected = pairs.sum(1) @ ratio, pairs.sum(0) @ ratio
    assert pairs.sum() == approx(1.0)
    assert float(kl_from_logs(logp, ref_logp)) == approx(value["kl_pi_star_ref"])
    assert chosen == approx(value["E_chosen"])
    assert rejected == approx(value["E_rejected"])
    assert (chosen + rejected) / 2 == approx(value["avg_at_pi_star"])
    assert -float(kl_from_logs(ref_logp, logp)) == approx(value["minus_kl_ref_pi"])
    assert float(expected_reward(ref_logp, ratio)) == approx(value["avg_at_pi_star"])


def test_any_link_will_do_probit_labels_recover_the_same_policy():
    golden = entry("probit_dpo")
    ref_logp, reward, beta = world(golden)
    value = golden["value"]
    margin = torch.tensor(golden["inputs"]["margin"], dtype=torch.float64)
    assert float(-torch.special.log_ndtr(margin)) == approx(
        value["probit_loss_at_margin_0_1"]
    )
    assert float(loss_at(margin, 1.0)) == approx(value["logistic_loss_at_margin_0_1"])
    i, j = np.triu_indices(3, 1)
    p = torch.special.ndtr(torch.tensor(reward[i] - reward[j]))

    def loss(logp):
        margin = beta * log_ratio_gap(logp[i], logp[j], ref_logp[i], ref_logp[j])
        right, wrong = torch.special.log_ndtr(margin), torch.special.log_ndtr(-margin)
        return -(p * right + (1 - p) * wrong).mean()

    best = torch.tensor(optimal_logp(ref_logp, reward, beta), requires_grad=True)
    assert loss(best).item() == approx(value["population_loss_at_pi_star"])
    assert torch.autograd.grad(loss(best), best)[0].abs().max() < 1e-14
    table = torch.zeros(3, 3).double()
    table[i, j] = p
    assert float(preference_entropy(table)) == approx(value["mean_entropy"])


# Whole responses


def test_leaving_out_eos_leaves_no_probability_distribution():
    golden = entry("eos_needed_for_normalisation")
    p_a, p_b, p_eos = (golden["inputs"][name] for name in ("p_a", "p_b", "p_eos"))
    without = sum((p_a + p_b) ** length for length in range(200))  # every string
    assert without == approx(golden["value"]["sum_without_eos"])
    assert without * p_eos == approx(golden["value"]["sum_with_eos"])
    logp = math.log(p_a) + math.log(p_b) + math.log(p_eos)
    assert logp == approx(golden["value"]["logp_ab_with_eos"])


@pytest.mark.parametrize("prefix", [(0.0, 0.0), (-3.2, -7.1), (-40.0, -2.0)])
def test_a_shared_prefix_cancels_from_margin_and_gradient(prefix):
    golden = entry("shared_prefix_cancels")
    prefix = torch.tensor(prefix, dtype=torch.float64, requires_grad=True)
    policy, reference = prefix
    words = torch.tensor([0.6, 0.1, 0.5, 0.2], dtype=torch.float64).log()
    four = words + torch.stack([policy, policy, reference, reference])
    beta = golden["inputs"]["beta"]
    loss = dpo_loss(*four, beta)
    assert (beta * log_ratio_gap(*four)).item() == approx(golden["value"]["margin"])
    assert loss.item() == approx(golden["value"]["loss"])
    assert torch.autograd.grad(loss, prefix)[0].tolist() == [0.0, 0.0]


def test_aliased_reference_learns_nothing_and_a_detached_one_never_settles():
    value = entry("aliased_reference")["value"]
    beta = entry("aliased_reference")["inputs"]["beta"]
    logp = torch.tensor([-3.0, -1.0], dtype=torch.float64, requires_grad=True)
    aliased = dpo_loss(*logp, *logp, beta)
    assert aliased.item() == approx(value["loss"])
    gradient = torch.autograd.grad(aliased, logp)[0]
    assert gradient.tolist() == [value["grad_with_grad_ref"]] * 2
    detached = dpo_loss(*logp, *logp.detach(), beta)
    gradient = torch.autograd.grad(detached, logp)[0].tolist()
    pull = value["coefficient_detached_ref"]
    assert gradient == approx([-pull, pull])

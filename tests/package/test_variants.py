"""The variants against TRL, golden values, finite differences and two searches."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from scipy import optimize, stats

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.bradley_terry import pair_product_nll, plackett_luce_nll, sigmoid
from dpo_edu.cancellation.other_divergences import (
    FORWARD_KL,
    JENSEN_SHANNON,
    alpha_divergence,
    recovered_reward,
)
from dpo_edu.divergence import kl_from_logs, normalized
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.experiments.shared_start import shared_start
from dpo_edu.experiments.variants import measures, plan
from dpo_edu.experiments.variants.data import exchanged
from dpo_edu.experiments.variants.measures import at_kl
from dpo_edu.figures import variants, variants_world
from dpo_edu.figures.intervals import STUDENT, paired_difference
from dpo_edu.validation import InputError
from dpo_edu.variants import (
    cdpo_loss,
    dpop_loss,
    hinge_loss,
    ipo_loss,
    kto_loss,
    length_normalized_loss,
    orpo_loss,
    plackett_luce_loss,
    rdpo_loss,
    rpo_loss,
    simpo_loss,
)
from dpo_edu.variants.optima import (
    Compared,
    cdpo_gap,
    dpo_gap,
    expected_loss,
    hinge_gap,
    ipo_gap,
    rdpo_gap,
    searched_logit,
    simpo_gap,
)
from dpo_edu.variants.population import (
    best_log_ratios,
    best_log_ratios_from_thumbs,
    simpo_logp,
)
from dpo_edu.variants.table import (
    DPO,
    PAIR_LOSSES,
    PIECES,
    VARIANTS,
    changed,
    in_words,
    overview,
)

from .comparing import approx
from .golden import entry, trl_reference

TRL = trl_reference()
SIDES = ("chosen", "rejected")
LENGTHS = [[pair[side]["length"] for pair in TRL["inputs"]] for side in SIDES]
ZOO = entry("all_losses_same_numbers")["value"]
PAIR = (-4.5, -4.5, -5.0, -4.0)  # the zoo's pair; its gap is 1


def tensor(values, **options):
    return torch.tensor(values, dtype=torch.float64, **options)


# TRL: values and gradients


def trl_group(family, **wanted):
    """The stored run of TRL with these settings, all else at its default."""
    plain = {"f_divergence": "reverse_kl", "label_smoothing": 0.0, "alpha": 0.0}
    rows = [
        row
        for row in TRL[family]
        if "ld_alpha" not in row
        and all(row.get(k, v) == v for k, v in (plain | wanted).items())
    ]
    assert len(rows) == 1
    return rows[0]


def columns(*names):
    """Chosen and rejected of every name, float64 leaves of shape (pairs,)."""
    return [
        tensor([pair[side][name] for pair in TRL["inputs"]], requires_grad=True)
        for name in names
        for side in SIDES
    ]


def assert_as_trl(loss_of, inputs, theirs, rel=1e-9):
    """Pair by pair, because the functions here return the mean of a batch."""
    for pair, expected in enumerate(theirs["loss"]):
        assert loss_of(pair).item() == pytest.approx(expected, rel=rel)
    total = sum(loss_of(pair) for pair in range(len(theirs["loss"])))
    for ours, side in zip(torch.autograd.grad(total, inputs), SIDES, strict=True):
        assert ours.tolist() == pytest.approx(theirs[f"grad_{side}_logp"], rel=rel)


def gaps(policy, reference, lengths=(1, 1)):
    sides = zip(policy, reference, lengths, strict=True)
    chosen, rejected = ((logp - ref) / length for logp, ref, length in sides)
    return chosen - rejected


BETAS = pytest.mark.parametrize("beta", [0.1, 0.5])


@BETAS
def test_hinge_equals_trl(beta):
    *policy, w, l = columns("policy_logp", "ref_logp")  # noqa: E741
    theirs = trl_group("dpo", loss_type="hinge", beta=beta)
    gap = gaps(policy, (w, l))
    assert_as_trl(lambda pair: hinge_loss(gap[pair], beta), policy, theirs)


@BETAS
@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.3])
def test_rdpo_equals_trls_robust(beta, epsilon):
    *policy, w, l = columns("policy_logp", "ref_logp")  # noqa: E741
    theirs = trl_group("dpo", loss_type="robust", beta=beta, label_smoothing=epsilon)
    gap = gaps(policy, (w, l))
    assert_as_trl(lambda pair: rdpo_loss(gap[pair], beta, epsilon), policy, theirs)


@BETAS
def test_ipo_equals_trls_once_each_side_is_divided_by_its_tokens(beta):
    *policy, w, l = columns("policy_logp", "ref_logp")  # noqa: E741
    theirs = trl_group("dpo", loss_type="ipo", beta=beta)
    averaged = gaps(policy, (w, l), lengths=tensor(LENGTHS))
    assert_as_trl(lambda pair: ipo_loss(averaged[pair], beta), policy, theirs)
    summed = ipo_loss(gaps(policy, (w, l)), beta).item()
    assert abs(summed - np.mean(theirs["loss"])) > 1


@BETAS
def test_cdpo_equals_trls_cpo_where_the_reference_is_uniform(beta):
    policy = columns("policy_logp")  # CPO drops the reference; DPO's sigmoid in TRL
    theirs = trl_group(  # ignores the smoothing
        "cpo_simpo", loss_type="sigmoid", beta=beta, label_smoothing=0.1
    )
    gap = policy[0] - policy[1]
    assert_as_trl(lambda pair: cdpo_loss(gap[pair], beta, 0.1), policy, theirs)


def per_token():
    """Log-probabilities per token as leaves, for TRL's gradients are taken in them."""
    policy, lengths = columns("policy_logp"), tensor(LENGTHS)
    sides = zip(policy, lengths, strict=True)
    leaves = [(x / length).detach().requires_grad_(True) for x, length in sides]
    return leaves, lengths


@BETAS
@pytest.mark.parametrize("gamma", [0.5, 1.4])
def test_simpo_equals_trl(beta, gamma):
    mean, lengths = per_token()
    theirs = trl_group("cpo_simpo", loss_type="simpo", beta=beta, simpo_gamma=gamma)

    def loss_of(i):
        logp = mean[0][i] * lengths[0][i], mean[1][i] * lengths[1][i]
        return simpo_loss(*logp, lengths[0][i], lengths[1][i], beta, gamma)

    assert_as_trl(loss_of, mean, theirs)


@BETAS
def test_length_normalized_dpo_equals_trls_sigmoid_norm(beta):
    policy, ref = columns("policy_logp"), columns("ref_logp")
    theirs = trl_group("dpo", loss_type="sigmoid_norm", beta=beta)

    def loss_of(i):
        logps = [column[i] for column in (*policy, *ref)]
        return length_normalized_loss(*logps, *(n[i] for n in tensor(LENGTHS)), beta)

    assert_as_trl(loss_of, policy, theirs)


@BETAS
@pytest.mark.parametrize("weight", [0.2, 1.0])
def test_rpo_equals_trls_sigmoid_plus_sft_pair_by_pair(beta, weight):
    policy, ref = columns("policy_logp"), columns("ref_logp")
    theirs = trl_group("rpo", beta=beta, weight=weight)
    four, long = (*policy, *ref), tensor(LENGTHS[0])

    def loss_of(i):
        return rpo_loss(*(column[i] for column in four), long[i], beta, weight)

    assert_as_trl(loss_of, policy, theirs)
    # In a batch TRL's likelihood term is a mean over tokens, the paper's over responses
    ours = rpo_loss(*four, long, beta, weight)
    per_response = (policy[0] / long).mean() - policy[0].sum() / long.sum()
    theirs_by_hand = (ours + weight * per_response).item()
    assert theirs_by_hand == pytest.approx(theirs["loss_of_the_four_as_one_batch"])
    assert abs(theirs_by_hand - ours.item()) > 0.1 * weight


@pytest.mark.parametrize("weight", [0.05, 0.1])
def test_orpo_equals_trl_to_the_digits_of_its_float32(weight):
    mean, lengths = per_token()
    theirs = trl_group("orpo", beta=weight)

    def odds_term(i):  # TRL returns weight * log sigmoid(log odds ratio), without SFT
        logp = mean[0][i] * lengths[0][i], mean[1][i] * lengths[1][i]
        return -mean[0][i] - orpo_loss(*logp, lengths[0][i], lengths[1][i], weight)

    renamed = theirs | {"loss": theirs["beta_log_sigmoid_log_odds"]}
    assert_as_trl(odds_term, mean, renamed, rel=1e-6)


# Golden values: one pair under every loss


def test_one_pair_under_every_loss():
    def close(loss, name):
        assert loss.item() == approx(ZOO[name])

    close(ipo_loss(1.0, 0.1), "ipo_sum")
    close(ipo_loss(0.5 / 10 - -0.5 / 8, 0.1), "ipo_len_avg")
    close(hinge_loss(1.0, 0.1), "hinge_slic")
    close(cdpo_loss(1.0, 0.1, 0.1), "cdpo_eps0_1")
    close(rdpo_loss(1.0, 0.1, 0.1), "rdpo_eps0_1")
    close(simpo_loss(-4.5, -4.5, 10, 8, 2.0, 1.0), "simpo_beta2_gamma1")
    close(orpo_loss(-4.5, -4.5, 10, 8, 0.1), "orpo_total_lambda0_1")
    close(orpo_loss(-4.5, -4.5, 10, 8, 1.0) - 0.45, "orpo_or_term")
    close(kto_loss(0.5, True, 0.2, 0.1), "kto_desirable_z0_0_2")
    close(kto_loss(-0.5, False, 0.2, 0.1), "kto_undesirable_z0_0_2")
    close(kto_loss(0.5, True, 0.0, 0.1), "kto_desirable_z0_0")
    close(kto_loss(-0.5, False, -3.0, 0.1), "kto_undesirable_z0_0")
    close(dpop_loss(0.5, -0.5, 0.1, 5.0), "dpop_lambda5")
    close(plackett_luce_loss([0.5, -0.5], 0.1), "dpo")
    close(cdpo_loss(1.0, 0.1, 0.0), "dpo")
    close(cdpo_loss(0.0, 0.1, 0.0), "cpo_sigmoid_beta0_1")
    close(length_normalized_loss(*PAIR, 10, 8, 0.1), "dpo_sigmoid_norm")
    close(rpo_loss(*PAIR, 10, 0.1, 0.0), "dpo")
    close(rpo_loss(*PAIR, 10, 0.1, 1.0) - 0.45, "dpo")


@pytest.mark.parametrize(
    ("name", "divergence"),
    [
        ("fdpo_forward_kl", FORWARD_KL),
        ("fdpo_js", JENSEN_SHANNON),
        ("fdpo_alpha0_5", alpha_divergence(0.5)),
    ],
)
def test_other_divergences_change_the_score_alone(name, divergence):
    scores = [recovered_reward(x, 0.0, 1.0, divergence) for x in (0.5, -0.5)]
    assert cdpo_loss(scores[0] - scores[1], 0.1, 0.0).item() == approx(ZOO[name])


def test_dpop_fines_a_chosen_response_that_fell():
    golden = entry("dpop_active")
    given, value = golden["inputs"], golden["value"]
    assert dpop_loss(**given).item() == approx(value["dpop"])
    assert dpop_loss(**given | {"penalty": 0.0}).item() == approx(value["dpo"])


def test_simpo_scores_forget_the_reference_and_lead_by_gamma():
    golden = entry("simpo_not_dpo")
    pair, value = golden["inputs"], golden["value"]
    for side in SIDES:
        score = 2 * pair[f"logp_{side}"] / pair[f"length_{side}"]
        assert score == approx(value[f"score_{side}"])
    arguments = {f"{what}_{side}" for what in ("logp", "length") for side in SIDES}
    loss = simpo_loss(**{name: pair[name] for name in arguments}, beta=2.0, gamma=1.0)
    assert -math.log(math.expm1(loss.item())) == approx(value["logit_gamma1"])


def test_kto_gives_up_on_both_ends_where_dpo_gives_up_on_one():
    golden = entry("kto_gradient_saturation")
    beta = golden["inputs"]["beta"]
    for margin in (-5, 0, 5):
        ratio = tensor(margin / beta, requires_grad=True)
        for loss, name in (
            (kto_loss(ratio, True, 0.0, beta), "kto"),
            (cdpo_loss(ratio, beta, 0.0), "dpo"),
        ):
            (slope,) = torch.autograd.grad(loss, ratio)
            assert -slope.item() == approx(golden["value"][f"{name}_m={margin}"])


def test_rdpo_averages_to_the_clean_loss_and_dpo_does_not():
    golden = entry("rdpo_unbiased")
    p, epsilon, margin = golden["inputs"].values()
    noisy = p * (1 - epsilon) + (1 - p) * epsilon

    def mean(loss, rate):
        return (rate * loss(margin) + (1 - rate) * loss(-margin)).item()

    def dpo(m):
        return cdpo_loss(m, 1.0, 0.0)

    value = golden["value"]
    assert mean(dpo, p) == approx(value["clean_loss"])
    assert mean(dpo, noisy) == approx(value["E_noisy_dpo"])
    robust = mean(lambda m: rdpo_loss(m, 1.0, epsilon), noisy)
    assert robust == approx(value["E_noisy_rdpo"])


# Gradients, extremes, batches

BATCH = tensor([-3.0, -0.2, 0.4, 2.5])
TOKENS = tensor([3.0, 5.0, 1.0, 2.0])
ON_ONE = {
    "IPO": lambda x: ipo_loss(x, 0.3),
    "cDPO": lambda x: cdpo_loss(x, 0.7, 0.2),
    "rDPO": lambda x: rdpo_loss(x, 0.7, 0.2),
    "hinge": lambda x: hinge_loss(x, 0.7),
    "SimPO, chosen": lambda x: simpo_loss(x, x * 0 - 2, TOKENS, TOKENS + 1, 2.0, 0.5),
    "SimPO, rejected": lambda x: simpo_loss(x * 0 - 2, x, TOKENS, TOKENS + 1, 2.0, 0.5),
    "ORPO, chosen": lambda x: orpo_loss(x - 4, x * 0 - 2, TOKENS, TOKENS + 1, 0.4),
    "ORPO, rejected": lambda x: orpo_loss(x * 0 - 2, x - 4, TOKENS, TOKENS + 1, 0.4),
    "KTO": lambda x: kto_loss(x, [True, False, True, False], 0.3, 0.7, (1.0, 1.3)),
    "DPOP, chosen": lambda x: dpop_loss(x, 0.5 * x + 1, 0.7, 2.0),
    "DPOP, rejected": lambda x: dpop_loss(x * 0 - 0.5, x, 0.7, 2.0),
    "LN-DPO, chosen": lambda x: length_normalized_loss(
        x, x * 0 - 2, x * 0 - 1, x * 0 - 3, TOKENS, TOKENS + 1, 2.0
    ),
    "LN-DPO, rejected": lambda x: length_normalized_loss(
        x * 0 - 2, x, x * 0 - 1, x * 0 - 3, TOKENS, TOKENS + 1, 2.0
    ),
    "RPO, chosen": lambda x: rpo_loss(
        x, x * 0 - 2, x * 0 - 1, x * 0 - 3, TOKENS, 0.7, 0.4
    ),
    "RPO, rejected": lambda x: rpo_loss(
        x * 0 - 2, x, x * 0 - 1, x * 0 - 3, TOKENS, 0.7, 0.4
    ),
    "Plackett-Luce": lambda x: plackett_luce_loss(torch.stack([x, x**2, -x], -1), 0.7),
}


def gradient_is_right(loss):
    at = BATCH.clone().requires_grad_(True)
    return torch.autograd.gradcheck(loss, at, raise_exception=False)


def is_finite_scalar_far_out(loss):
    far = tensor([-1e4, -1e4, -1e4, -1e4], requires_grad=True)
    value = loss(far)
    (slope,) = torch.autograd.grad(value, far)
    return value.shape == () and value.isfinite() and slope.isfinite().all()


def test_gradients_are_those_of_finite_differences():
    assert [name for name, loss in ON_ONE.items() if not gradient_is_right(loss)] == []


def test_losses_are_scalars_and_finite_far_out():
    found = {
        name: bool(is_finite_scalar_far_out(loss)) for name, loss in ON_ONE.items()
    }
    assert found == dict.fromkeys(ON_ONE, True)


@pytest.mark.parametrize("margin", [1e4, -1e4])
def test_extreme_margins_cost_what_algebra_says(margin):
    toward, against = max(-margin, 0.0), max(margin, 0.0)
    assert cdpo_loss(margin, 1.0, 0.2).item() == approx(0.8 * toward + 0.2 * against)
    robust = (0.8 * toward - 0.2 * against) / 0.6
    assert rdpo_loss(margin, 1.0, 0.2).item() == approx(robust)
    assert hinge_loss(margin, 1.0).item() == approx(max(1 - margin, 0.0))
    assert simpo_loss(margin, 0.0, 1, 1, 1.0, 2.0).item() == approx(
        max(2 - margin, 0.0)
    )
    assert kto_loss(margin, True, 0.0, 1.0).item() == approx(float(margin < 0))
    assert dpop_loss(margin, 0.0, 1.0, 5.0).item() == approx(6 * toward)
    assert plackett_luce_loss([margin, 0.0], 1.0).item() == approx(toward)
    normalized = length_normalized_loss(2 * margin, 0.0, 0.0, 0.0, 2, 1, 1.0)
    assert normalized.item() == approx(toward)
    with_likelihood = rpo_loss(-1e4, 0.0, -1e4, margin, 4, 1.0, 0.5)
    assert with_likelihood.item() == approx(max(-margin, 0.0) + 0.5 * 2500)
    assert orpo_loss(-1e4, -1e-4, 1, 1, 1.0).item() == approx(
        2e4 - math.log(-math.expm1(-1e-4)) - 1e-4 + math.log1p(0)
    )


def test_a_batch_costs_the_mean_of_its_pairs():
    for loss in (ON_ONE["IPO"], ON_ONE["cDPO"], ON_ONE["rDPO"], ON_ONE["hinge"]):
        single = [loss(x).item() for x in BATCH]
        assert loss(BATCH).item() == approx(np.mean(single))


def test_no_gradient_reaches_ktos_reference_point():
    kl = tensor(0.4, requires_grad=True)
    assert not kto_loss(BATCH, [True] * 4, kl, 1.0).requires_grad


def test_rankings_are_chapter_ones_and_not_a_product_of_pairs():
    scores = tensor([1.0, 0.0, -1.0])
    ours = plackett_luce_loss(scores / 0.5, beta=0.5).item()
    assert ours == approx(plackett_luce_nll(scores.numpy()))
    assert abs(ours - pair_product_nll(scores.numpy())) > 0.03
    two = plackett_luce_loss([[0.3, -0.4], [1.0, 2.0]], beta=0.5)
    assert two.item() == approx(cdpo_loss([0.7, -1.0], 0.5, 0.0).item())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ipo_loss(1.0, 0.0), "beta must be a finite number above 0"),
        (lambda: cdpo_loss(1.0, 1.0, 0.6), r"epsilon must be a number from 0 to 0\.5"),
        (lambda: rdpo_loss(1.0, 1.0, 0.5), "epsilon must be below 1/2"),
        (lambda: kto_loss(1.0, True, 0.0, -1.0), "beta must be"),
        (lambda: simpo_loss(-1, -1, 1, 1, 1.0, -0.1), "gamma must be 0 or more"),
        (lambda: orpo_loss(-1, -1, 1, 1, math.nan), "weight must be 0 or more"),
        (lambda: kto_loss(1.0, True, 0.0, 1.0, (1, -1)), r"weights\[1\] must be"),
        (lambda: dpop_loss(1.0, 1.0, 1.0, -5.0), "penalty must be 0 or more"),
        (lambda: simpo_loss(-1, -1, 1, 0, 1.0, 0.5), "at least 1 token"),
        (lambda: orpo_loss(-1, -1, 0, 1, 0.1), "at least 1 token"),
        (lambda: kto_loss([1.0], [0.3], 0.0, 1.0), "True or False"),
        (lambda: length_normalized_loss(*PAIR, 1, 0, 1.0), "at least 1 token"),
        (lambda: length_normalized_loss(*PAIR, 1, 1, 0.0), "beta must be"),
        (lambda: rpo_loss(*PAIR, 0, 1.0, 1.0), "at least 1 token"),
        (lambda: rpo_loss(*PAIR, 1, 1.0, -1.0), "weight must be 0 or more"),
    ],
)
def test_refuses_settings_that_mean_nothing(call, message):
    with pytest.raises(InputError, match=message):
        call()


COLUMN = BATCH[:, None]  # (4, 1): with (4,) it would make sixteen pairs of four


@pytest.mark.parametrize(
    "call",
    [
        lambda: dpop_loss(BATCH, COLUMN, 1.0, 1.0),
        lambda: simpo_loss(BATCH, COLUMN, TOKENS, TOKENS, 1.0, 0.5),
        lambda: orpo_loss(BATCH - 4, BATCH - 5, TOKENS, TOKENS[:, None], 1.0),
        lambda: kto_loss(COLUMN, [True] * 4, 0.0, 1.0),
        lambda: length_normalized_loss(*[BATCH] * 4, TOKENS, TOKENS[:, None], 1.0),
        lambda: rpo_loss(*[BATCH] * 4, TOKENS[:, None], 1.0, 1.0),
    ],
)
def test_refuses_shapes_that_would_pair_everything_with_everything(call):
    with pytest.raises(InputError, match="shapes differ"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda none: ipo_loss(none, 1.0),
        lambda none: cdpo_loss(none, 1.0, 0.1),
        lambda none: rdpo_loss(none, 1.0, 0.1),
        lambda none: hinge_loss(none, 1.0),
        lambda none: simpo_loss(none, none, none, none, 1.0, 0.5),
        lambda none: orpo_loss(none, none, none, none, 1.0),
        lambda none: kto_loss(none, none.bool(), 0.0, 1.0),
        lambda none: dpop_loss(none, none, 1.0, 1.0),
        lambda none: plackett_luce_loss(none[:, None], 1.0),
        lambda none: length_normalized_loss(*[none] * 6, 1.0),
    ],
)
def test_refuses_an_empty_batch(call):
    with pytest.raises(InputError, match="empty batch"):
        call(BATCH[:0])


def test_orpo_shows_a_nan_where_both_odds_are_infinite():
    assert orpo_loss(0.0, 0.0, 1, 1, 1.0).isnan()
    assert orpo_loss(0.0, -1.0, 1, 1, 1.0).item() == 0.0


# One pair: formula against search

FORMULAS = {row.name: row for row in (DPO, *VARIANTS) if row.gap}
STRENGTH = {"IPO": 0.3, "SimPO": 2.0}  # all others 0.8


def best_gaps(name, p, ref_logit=0.0):
    """The gap of least expected loss by search, and by the table's formula."""
    row, strength = FORMULAS[name], STRENGTH.get(name, 0.8)
    ref_logit = 0.0 if row.reference == "none" else ref_logit
    found = searched_logit(lambda x: row.loss(x, strength), p, ref_logit) - ref_logit
    return found, float(row.gap(p, strength))


@pytest.mark.parametrize("p", [0.2, 0.55, 0.7, 0.78, 1.0])
@pytest.mark.parametrize("name", FORMULAS)
def test_best_gaps_on_one_pair_by_formula_and_by_search(name, p):
    found, formula = best_gaps(name, p, ref_logit=0.0 if p == 1 else -0.8)
    assert found == pytest.approx(formula, abs=1e-6)


def test_formulas_take_their_settings_from_the_table():
    assert FORMULAS["cDPO"].gap(0.7, 0.8) == cdpo_gap(0.7, 0.8, 0.2)
    assert FORMULAS["rDPO"].gap(0.7, 0.8) == rdpo_gap(0.7, 0.8, 0.2)
    assert FORMULAS["SimPO"].gap(0.7, 2.0) == simpo_gap(0.7, 2.0, 0.5)
    assert FORMULAS["hinge"].gap(0.7, 0.8) == hinge_gap(0.7, 0.8)


def test_cdpo_stops_where_dpo_runs_away():
    golden = entry("cdpo_optimum")
    epsilon, beta = golden["inputs"].values()
    gap = float(cdpo_gap(1.0, beta, epsilon))
    assert gap == approx(golden["value"]["delta"])
    assert beta * gap == approx(golden["value"]["margin"])
    least = cdpo_loss(gap, beta, epsilon).item()
    assert least == approx(golden["value"]["loss_at_optimum"])
    assert dpo_gap(1.0, beta) == math.inf


def test_ipo_stops_on_a_sure_pair_at_every_tau():
    golden = entry("ipo_vs_dpo_deterministic")
    for tau in golden["inputs"]["tau"]:
        share = sigmoid(ipo_gap(1.0, tau))
        assert share == approx(golden["value"][f"ipo_pi_A_tau={tau:g}"])


def test_soft_label_table_of_chapter_06_holds_for_ipo_too():
    golden = entry("soft_label_optimum")
    for name, gap in golden["value"].items():
        p = float(name.split("=")[1])
        formula = ipo_gap if name.startswith("ipo") else dpo_gap
        assert float(formula(p, 0.1)) == approx(gap)


def test_length_normalized_dpo_multiplies_the_gap_by_the_length():
    """On two responses of n tokens the best gap is n times DPO's."""
    n = tensor(3.0)

    def loss(pair):
        return length_normalized_loss(*pair[:4], n, n, 0.8)

    found = searched_logit(loss, 0.7, ref_logit=-0.8) + 0.8
    assert found == pytest.approx(3 * float(dpo_gap(0.7, 0.8)), abs=1e-6)


@pytest.mark.parametrize(("beta", "weight"), [(1.0, 0.5), (0.3, 2.0), (4.0, 0.1)])
def test_rpo_comes_to_rest_between_dpos_optimum_and_the_rate_itself(beta, weight):
    p, ref_logit = 0.8, -1.0
    found = searched_logit(
        lambda x: rpo_loss(*x[:5], beta, weight), p, ref_logit=ref_logit
    )

    def balance(x):
        return beta * (sigmoid(beta * (x - ref_logit)) - p) + weight * (sigmoid(x) - p)

    rest = optimize.brentq(balance, -20, 20)
    assert found == pytest.approx(rest, abs=1e-5)
    ends = sorted((ref_logit + float(dpo_gap(p, beta)), math.log(p / (1 - p))))
    assert ends[0] < found < ends[1]


def test_rpo_stops_on_no_sure_pair_either():
    found = searched_logit(lambda x: rpo_loss(*x[:5], 1.0, 1.0), 1.0)
    assert found == math.inf


@pytest.mark.parametrize("weight", [0.3, 1.0])
def test_orpo_search_agrees_with_scipy(weight):
    def loss(x):
        pair = PAIR_LOSSES["ORPO"]
        return expected_loss(lambda c: pair(c, weight), x, 0.8).item()

    best = optimize.minimize_scalar(loss, bounds=(-5, 5), options={"xatol": 1e-9})
    found = searched_logit(lambda c: PAIR_LOSSES["ORPO"](c, weight), 0.8)
    assert found == pytest.approx(best.x, abs=1e-5)


def test_rdpo_pays_without_bound_for_certainty_beyond_the_flips():
    def cost(margin, p):
        loss = PAIR_LOSSES["rDPO"]
        return expected_loss(lambda c: loss(c, 1.0), margin, p).item()

    assert cost(1e4, 0.9) < -100
    assert cost(1e4, 0.7) > 100
    assert rdpo_gap(0.8, 1.0, 0.2) == math.inf


# Infinitely many labels in a table

IPO_WORLD = entry("ipo_closed_form")
REF = np.array([IPO_WORLD["inputs"]["pi_ref"]])
REWARD = np.array(IPO_WORLD["inputs"]["r"])
BEATS = sigmoid(REWARD[:, None] - REWARD)


@cache
def learned(name, setting):
    loss = PAIR_LOSSES[name]
    return REF * np.exp(best_log_ratios(lambda pair: loss(pair, setting), REF, BEATS))


def test_ipo_tilts_the_reference_by_its_win_rate():
    against = (BEATS * REF).sum(-1)
    assert against == approx(IPO_WORLD["value"]["p_vs_mu"])
    found = learned("IPO", IPO_WORLD["inputs"]["tau"])[0]
    assert found == pytest.approx(IPO_WORLD["value"]["pi_ipo"], abs=1e-6)


def test_dpo_learns_the_optimum_and_flips_leave_rdpo_there():
    best = np.exp(optimal_logp(np.log(REF), REWARD, beta=1.0))[0]
    assert learned("DPO", 1.0)[0] == pytest.approx(best, abs=1e-5)
    flipped = 0.8 * BEATS + 0.2 * BEATS.T
    loss = PAIR_LOSSES["rDPO"]
    ratios = best_log_ratios(lambda pair: loss(pair, 1.0), REF, flipped)
    assert (REF * np.exp(ratios))[0] == pytest.approx(best, abs=1e-5)


def test_a_group_the_prompt_does_not_have_changes_nothing():
    share = np.concatenate([REF, [[0.0]]], axis=1)
    reward = np.append(REWARD, 5.0)
    beats = sigmoid(reward[:, None] - reward)
    ratios = best_log_ratios(lambda x: PAIR_LOSSES["IPO"](x, 0.5), share, beats)
    assert (REF * np.exp(ratios[:, :3]))[0] == pytest.approx(
        learned("IPO", 0.5)[0], abs=1e-6
    )


def test_length_normalized_dpos_optimum_multiplies_every_log_ratio_by_its_length():
    """log-ratio = tokens (r / beta + c): no tilt of the reference by the reward."""
    beta, tokens = 2.0, np.array([1.0, 2.0, 3.0])
    loss = PAIR_LOSSES["LN-DPO"]
    ratios = best_log_ratios(lambda pair: loss(pair, beta), REF, BEATS, tokens)[0]
    per_token = ratios / tokens - REWARD / beta
    assert np.ptp(per_token) < 1e-5
    assert (REF[0] * np.exp(ratios)).sum() == approx(1.0)


def test_rpos_optimum_in_a_table_of_two_is_that_of_one_pair():
    share, beats = np.array([[0.9, 0.1]]), np.array([[0.5, 0.8], [0.2, 0.5]])
    loss = PAIR_LOSSES["RPO"]
    ratios = best_log_ratios(lambda pair: loss(pair, 0.5, 0.7), share, beats)[0]
    # Unlike one pair, half of the compared answers meet their like, and are imitated.
    logit = math.log(0.9 / 0.1) + ratios[0] - ratios[1]

    def expected(x):
        meets = expected_loss(lambda c: loss(c, 0.5, 0.7), x, 0.8, math.log(9))
        alike = 0.82 * (math.log(2) - 0.7 * (0.81 * _log(x) + 0.01 * _log(-x)) / 0.82)
        return 0.18 * meets.item() + alike

    best = optimize.minimize_scalar(expected, bounds=(-5, 5), method="bounded")
    assert logit == pytest.approx(best.x, abs=1e-3)


def _log(x):
    return math.log(sigmoid(x))


def test_a_larger_weight_of_ups_keeps_what_is_approved_less_often():
    approval = REF @ BEATS.T
    kept = [
        (REF * np.exp(best_log_ratios_from_thumbs(REF, approval, 1.0, ups)))[0].max()
        for ups in (0.5, 1.0, 4.0)
    ]
    assert kept[0] > kept[1] > kept[2]


def test_kto_empties_what_loses_more_often_than_it_wins():
    approval = REF @ BEATS.T
    kept = approval[0] > 0.5
    policy = (REF * np.exp(best_log_ratios_from_thumbs(REF, approval, 1.0)))[0]
    assert policy.sum() == pytest.approx(1)
    assert policy[~kept].max() < 1e-2
    assert list(kept) == [True, False, True]


def test_simpos_optimum_has_its_gap_and_forgets_the_reference():
    beats = np.array([[0.5, 0.7], [0.3, 0.5]])
    length, count = np.array([3, 2]), np.array([[4.0, 5.0]])
    tables = [
        simpo_logp(share, beats, 2.0, 0.5, length, count)
        for share in (np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]]))
    ]
    np.testing.assert_allclose(*tables, atol=1e-6)
    score = tables[0][0] / length
    assert score[0] - score[1] == pytest.approx(
        float(simpo_gap(0.7, 2.0, 0.5)), abs=1e-6
    )
    assert (count * np.exp(tables[0])).sum() == approx(1.0)


# The table of changes


def test_only_losses_without_a_reference_have_no_divergence():
    for row in VARIANTS:
        assert (row.reference == "none") == (row.divergence == "none")
    assert set(changed(DPO)) == set(PIECES)


def test_several_variants_change_more_than_one_piece():
    several = [row.name for row in VARIANTS if len(changed(row)) > 1]
    assert several == ["SimPO", "ORPO", "KTO", "Plackett-Luce", "f-DPO"]
    assert overview().count("\n") == len(VARIANTS)
    assert in_words("IPO").startswith("IPO    preference model: none")


def test_the_register_names_every_loss_that_is_drawn_and_compared():
    compared = {*PAIR_LOSSES, "KTO"}
    rest = {row.name for row in (DPO, *VARIANTS)} - compared
    assert rest == set(plan.NOT_RUN)
    assert compared == set(variants.LOOK)
    drawn = {*variants.STOPS, *variants.RUNS}
    assert drawn == set(variants.NAMED) == compared - {"LN-DPO", "RPO"}
    assert compared == plan.starts()["clean"].keys()


def test_a_knob_is_the_third_argument_of_its_loss_and_begins_at_its_default():
    pair = Compared(*map(tensor, (-5.5, -6.5, -5.0, -4.0, 10.0, 8.0)))
    for row in (row for row in VARIANTS if row.knob and row.loss):
        assert row.loss(pair, 0.7) == row.loss(pair, 0.7, row.knob_start)
        assert row.loss(pair, 0.7) != row.loss(pair, 0.7, 0.9 * row.knob_start)
        assert row.knob_start < row.knob_below


def test_the_pair_of_every_example_has_gap_one():
    assert dpo_loss(*PAIR, 0.1).item() == approx(cdpo_loss(1.0, 0.1, 0.0).item())


# Intervals over seeds


def test_interval_of_a_paired_difference_is_scipys():
    one = [{"share": x} for x in (0.70, 0.75, 0.72, 0.69, 0.74)]
    other = [{"share": x} for x in (0.68, 0.74, 0.73, 0.66, 0.70)]
    mean, half = paired_difference(one, other, "share")
    columns = [[row["share"] for row in rows] for rows in (one, other)]
    interval = stats.ttest_rel(*columns).confidence_interval()
    assert (mean - half, mean + half) == pytest.approx(tuple(interval), abs=1e-5)
    with pytest.raises(InputError, match="no interval for 4"):
        paired_difference(one[:4], other[:4], "share")


def test_quantiles_of_student_are_scipys():
    for (seeds, comparisons), quantile in STUDENT.items():
        exact = stats.t.ppf(1 - 0.025 / comparisons, seeds - 1)
        assert quantile == pytest.approx(exact, abs=5e-4)
    assert (len(plan.SEEDS), plan.COMPARISONS) in STUDENT


# The plan, with runs that are formulas


@pytest.fixture
def hill(monkeypatch):
    """Runs of known quality: best at a rate of 0.008, strength 1.6, knob ``top``."""
    calls = []

    def lay(top=0.2):
        def kept(_stem, _run, source, name, values, seed):
            calls.append((tuple(values), seed))
            ends = zip(values, (0.008, 1.6, top), strict=True)
            steps = sum(abs(math.log2(x / y)) for x, y in ends if x)
            return {"share": -steps, "missing": steps, "seed": seed}

        monkeypatch.setattr(plan, "kept", kept)
        monkeypatch.setattr(measures, "optimum", lambda *_: None)
        return calls

    return lay


@pytest.mark.parametrize("arm", ["clean", "equal KL"])
def test_a_loss_is_tuned_on_a_seed_of_its_own_and_judged_on_ten_others(hill, arm):
    calls = hill()
    found = plan.tuned_and_run(arm, "cDPO", plan.starts()[arm]["cDPO"])
    assert found["setting"] == {"learning rate": 0.008, "strength": 1.6, "knob": 0.2}
    assert found["unsettled"] == []
    assert [row["seed"] for row in found["runs"]] == list(plan.SEEDS)
    assert {seed for _, seed in calls} == {plan.TUNING, *plan.SEEDS}
    assert len(found["tried"]) <= plan.BUDGET


def test_every_search_looks_at_the_same_strengths_before_it_walks(hill):
    hill()
    for name, start in plan.starts()["clean"].items():
        looked = plan.tuned_and_run("clean", name, start)["tried"][:5]
        assert sorted(row["strength"] for row in looked) == approx(
            [0.025, 0.1, 0.4, 1.6, 6.4]
        )
        assert {row["learning rate"] for row in looked} == {0.004}


def test_all_comparisons_of_the_plan_are_counted():
    others = {arm: len({*losses} - {"DPO"}) for arm, losses in plan.starts().items()}
    assert others.keys() == plan.ARMS.keys()
    assert sum(others.values()) == plan.COMPARISONS


def test_a_knob_stays_where_its_loss_is_defined(hill):
    calls = hill(top=0.8)
    found = plan.tuned_and_run("flips", "rDPO", plan.starts()["flips"]["rDPO"])
    assert found["setting"]["knob"] == 0.4
    assert found["unsettled"] == []
    assert max(values[2] for values, _ in calls) < 0.5


def test_where_the_budget_ends_the_setting_is_marked(hill):
    hill(top=2.0**40)
    found = plan.tuned_and_run("clean", "SimPO", plan.starts()["clean"]["SimPO"])
    assert "knob" in found["unsettled"]
    assert len(found["tried"]) == plan.BUDGET


def test_what_has_no_knob_and_no_strength_has_a_learning_rate_only(hill):
    hill()
    found = plan.tuned_and_run("thumbs", "SFT", plan.starts()["thumbs"]["SFT"])
    assert found["setting"] == {"learning rate": 0.008}


def test_parts_stand_by_source_and_loss():
    found = {("clean", "DPO"): {"runs": [1]}, ("clean", "IPO"): {"runs": [2]}}
    assert plan.by_part(found) == {"runs": {"clean": {"DPO": [1], "IPO": [2]}}}


# At equal KL


def test_a_policy_is_brought_to_a_kl_by_one_factor_on_its_log_ratios():
    ref = np.log([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    policy = optimal_logp(ref, np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 3.0]]), 1.0)
    moved = at_kl(policy, ref, 0.1)
    assert kl_from_logs(moved, ref).mean() == pytest.approx(0.1, abs=1e-9)
    factor = optimize.brentq(
        lambda t: kl_from_logs(normalized(ref + t * (policy - ref)), ref).mean() - 0.1,
        0.0,
        10.0,
    )
    np.testing.assert_allclose(moved, normalized(ref + factor * (policy - ref)))
    farther = normalized(ref + 3.0 * (policy - ref))
    np.testing.assert_allclose(at_kl(farther, ref, 0.1), moved, atol=1e-8)


def test_at_equal_kl_all_tilted_references_are_one_and_lack_nothing():
    data, reference, _ = shared_start()
    best = optimal_logp(reference.logp, data.world.reward, 2.0)
    assert measures.missing(best) == pytest.approx(0, abs=1e-3)
    contrary = optimal_logp(reference.logp, -data.world.reward, 2.0)
    assert measures.missing(contrary) > 1


def test_verdicts_are_exchanged_at_the_rate_that_flips_have():
    assert exchanged(np.array([0.9, 0.5]), "flips") == approx([0.74, 0.5])
    assert exchanged(0.9, "sure") == approx(0.9)


# The look of losses


def test_no_two_losses_share_color_and_mark_nor_color_and_dash():
    marks, lines = [], []
    for name, line in variants.LOOK.items():
        look = variants_world._look(name)
        marks.append((look["color"], look["marker"], look["markerfacecolor"]))
        lines.append((line["color"], str(line["linestyle"])))
    assert len(set(marks)) == len(set(lines)) == len(variants.LOOK)


def test_what_is_better_lies_right_of_zero_by_both_measures():
    rows = [{"share": 0.7 + n / 100, "missing": 0.2 + n / 50} for n in range(10)]
    better = [{"share": 0.8 + n / 99, "missing": 0.1 + n / 51} for n in range(10)]
    for measure in ("share", "missing"):
        mean, half = variants_world.gained(better, rows, measure, 28)
        assert mean > half > 0
        assert variants_world.gained(rows, better, measure, 28)[0] == approx(-mean)

"""Failures measured: golden rows, torch's optimizers, brute force over pairs."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special

from dpo_edu.boltzmann import expected_reward, optimal_logp, reward_covariance
from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.divergence import kl_from_logs
from dpo_edu.dpo_loss import population_loss
from dpo_edu.failure_modes import (
    ROLES,
    correlation,
    displacement,
    mass_ledger,
    mass_moved,
    mean_log_ratios,
    role_in_pairs,
    table_limit,
)
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

REF, REWARD, _ = world(entry("w3_partial_coverage"))


def some_policies(seed, *shape):
    return special.log_softmax(np.random.default_rng(seed).normal(size=shape), axis=-1)


# --- displacement ---------------------------------------------------------------------


def test_shared_features_displace_a_single_pair():
    row = entry("likelihood_displacement_min_example")
    before, after = (
        np.log(p) for p in (row["inputs"]["pi_ref"], row["value"]["pi_after"])
    )
    found = displacement([before[:2]], [after[:2]])  # A chosen, B rejected
    close(found.change, row["value"]["dlogp"][:1])
    assert found.share == 1.0
    moved = mass_moved(before, after)
    close(moved.sum(), 0, atol=1e-15)
    assert moved[2] > 0.2, "the response that nobody compared takes the mass"


def test_only_pairs_whose_margin_grew_while_the_chosen_fell_count():
    before = np.zeros((5, 2))
    after = [[-1, -2], [-1, -1], [-2, -1], [1, 0], [-1, -np.inf]]
    found = displacement(before, after)
    close(found.change, [-1, -1, -2, 1, -1])
    assert found.share == 2 / 5  # the first and the last


@pytest.mark.parametrize("seed", range(20))
def test_a_tie_that_rounding_widens_is_not_displaced(seed):
    """At the optimum both answers of a tie move alike: here down, as the third wins."""
    ref = some_policies(seed, 3)
    star = optimal_logp(ref, np.array([0.1, 0.1, 3.0]), 0.7)
    tie = displacement([ref[[0, 1]], ref[[1, 0]]], [star[[0, 1]], star[[1, 0]]])
    assert (tie.change < 0).all()
    assert tie.share == 0.0


def test_what_grows_by_more_than_rounding_counts():
    before = np.log([[0.4, 0.3]])
    for growth, share in ((1e-8, 1.0), (1e-12, 0.0)):
        after = before + np.array([[-1e-3, -1e-3 - growth]])
        assert displacement(before, after).share == share


@pytest.mark.parametrize("shape", [(2,), (0, 2), (3, 3)])
def test_displacement_wants_one_row_a_pair(shape):
    with pytest.raises(InputError, match="row"):
        displacement(np.zeros(shape), np.zeros(shape))


@given(arrays(float, 5, elements=st.floats(-8, 8)), st.floats(1e-3, 20))
def test_one_pair_in_a_table_never_lowers_its_chosen_response(logits, step):
    moved = logits + step * np.array([1, -1, 0, 0, 0])
    before, after = special.log_softmax([logits, moved], axis=-1)
    change = after - before
    assert change[0] >= 0 >= change[1]
    close(change[2:], change[2], atol=1e-12)  # all others move together


def test_several_pairs_on_one_prompt_can_lower_a_chosen_response():
    best = optimal_logp(REF, REWARD, beta=1.0)  # the exact optimum: nothing is wrong
    a_over_b, c_over_a = [best[[0, 1]], best[[2, 0]]]
    assert displacement([REF[[0, 1]]], [a_over_b]).share == 1.0
    assert displacement([REF[[2, 0]]], [c_over_a]).share == 0.0


# --- the ledger -----------------------------------------------------------------------


def test_small_movements_keep_their_digits():
    change = 1e-14
    close(mass_moved(np.log(0.5), np.log(0.5) + change), 0.5 * change, rtol=0.01)
    close(mass_moved(-800.0, -801.0), 0.0)


def test_ledger_is_the_sum_over_each_group():
    before, after = some_policies(1, 3, 6), some_policies(2, 3, 6)
    group = np.array([[0, 1, 1, 2, 0, 3], [3, 3, 3, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
    ledger = mass_ledger(before, after, group)
    for name, logp in (("before", before), ("after", after)):
        slow = [np.exp(logp)[group == g].sum() / 3 for g in range(4)]
        close(getattr(ledger, name), slow)
        close(getattr(ledger, name).sum(), 1)
    close(ledger.after - ledger.before, ledger.moved, atol=1e-15)
    close(ledger.moved.sum(), 0, atol=1e-15)


def test_ledger_takes_one_prompt():
    ledger = mass_ledger(REF, optimal_logp(REF, REWARD, 1.0), [0, 0, 1], groups=4)
    close(ledger.before, [0.8, 0.2, 0, 0])


def test_every_response_has_one_role():
    roles = role_in_pairs([0, 0, 1], [1, 2, 0], [2, 3, 1], (2, 4))
    words = [[ROLES[r] for r in row] for row in roles]
    assert words == [
        ["unseen", "chosen", "both", "rejected"],
        ["chosen", "rejected", "unseen", "unseen"],
    ]


# --- the forced average ---------------------------------------------------------------


def test_log_ratios_of_reference_pairs():
    value = entry("expected_logratio_under_ref_is_negative")["value"]
    best = optimal_logp(REF, REWARD, beta=1.0)
    chosen, rejected = mean_log_ratios(best, REF, REWARD)
    close(chosen, value["E_chosen"])
    close(rejected, value["E_rejected"])
    close((chosen + rejected) / 2, value["minus_kl_ref_pi"])


def test_log_ratios_over_prompts_by_listing_all_pairs():
    ref, logp = some_policies(3, 2, 5), some_policies(4, 2, 5)
    reward = np.array([[0, 1, 1, -2, 3], [3, 0, 0, 0, 1.0]])
    chosen, total = 0.0, 0.0
    for x, i, j in product(range(2), range(5), range(5)):
        often = np.exp(ref[x, i] + ref[x, j]) / 2  # two prompts
        i_wins = special.expit(reward[x, i] - reward[x, j])
        ratio = (logp - ref)[x]
        chosen += often * (i_wins * ratio[i] + (1 - i_wins) * ratio[j])
        total += often * (ratio[i] + ratio[j])
    found = mean_log_ratios(logp, ref, reward)
    close(found, (chosen, total - chosen))
    close(sum(found) / 2, -kl_from_logs(ref, logp).mean())


# --- length ---------------------------------------------------------------------------


def test_correlation_is_numpys_on_a_long_sample():
    generator = np.random.default_rng(5)
    logp, length = some_policies(6, 7), np.array([0, 1, 1, 2, 2, 3, 3.0])
    reward = generator.normal(size=7)
    drawn = generator.choice(7, size=200_000, p=np.exp(logp))
    sampled = np.corrcoef(length[drawn], reward[drawn])[0, 1]
    close(correlation(logp, length, reward), sampled, atol=0.01)
    close(correlation(logp, reward, -2 * reward + 1), -1)


def test_length_moves_by_its_covariance_with_the_reward():
    logp, length = some_policies(7, 6), np.array([0, 1, 1, 2, 2, 3.0])
    reward, t, h = np.array([1, 0, 2, 2, 3, 1.0]), 0.7, 1e-5
    up, down = (
        expected_reward(optimal_logp(logp, reward, 1 / s), length)
        for s in (t + h, t - h)
    )
    star = optimal_logp(logp, reward, 1 / t)
    close((up - down) / (2 * h), reward_covariance(star, reward, length), rtol=1e-7)


# --- coverage -------------------------------------------------------------------------


def test_what_nobody_compares_does_not_enter_the_loss():
    value = entry("w3_partial_coverage")["value"]
    weight = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0.0]])
    ratio = np.exp(REF[0] + REWARD[0] - REF[1] - REWARD[1])
    for label in ("0.001", "0.2", "0.9", "0.999999"):
        c = float(label)
        a = (1 - c) * ratio / (1 + ratio)
        logp = np.log([a, 1 - c - a, c])
        loss = population_loss(logp, REF, preference_matrix(REWARD), 1.0, weight)
        close(float(loss), value[f"loss_piC={label}"])
        close(kl_from_logs(logp, REF), value[f"kl_pi_ref_piC={label}"], rtol=1e-9)


@pytest.mark.parametrize("component", [[0, 0, 1], [0, 0, 0], [0, 1, 2], [5, 2, 5]])
def test_table_limit_is_where_gradient_descent_goes(component):
    component = np.array(component)
    weight = (component[:, None] == component).astype(float)
    np.fill_diagonal(weight, 0)
    if not weight.any():
        close(table_limit(REF, REWARD, component, 0.5), REF)
        return
    table, preference = torch.tensor(REF, requires_grad=True), preference_matrix(REWARD)
    # every move of L-BFGS is a sum of gradients, like those of small steps
    optimizer = torch.optim.LBFGS(
        [table],
        max_iter=200,
        tolerance_grad=1e-13,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        logp = table.log_softmax(-1)
        loss = population_loss(logp, REF, preference, 0.5, weight)
        loss.backward()
        return loss

    optimizer.step(closure)
    wanted = table.detach().log_softmax(-1).numpy()
    close(table_limit(REF, REWARD, component, 0.5), wanted, rtol=1e-6)


def test_table_limit_with_all_compared_is_the_optimum():
    ref, reward = some_policies(8, 4, 6), np.random.default_rng(9).normal(size=(4, 6))
    limit = table_limit(ref, reward, np.zeros(6, dtype=int), 0.3)
    close(limit, optimal_logp(ref, reward, 0.3), rtol=1e-11)

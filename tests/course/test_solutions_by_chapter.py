"""Solutions without a twin in the package: bugs mended, formulas derived, whole models.

The witnesses are the package with other arguments, autograd, sympy, sums over
everything there is, known values and another library.
"""

import itertools
import math
from copy import deepcopy

import numpy as np
import pytest
import sympy as sp
import torch

from dpo_edu import (
    boltzmann,
    cancellation,
    divergence,
    dpo_gradient,
    likelihood,
    online,
    policy_gradient,
    training,
    variants,
)
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.preference_world import Pairs, hard_labels, soft_labels
from dpo_edu.preference_world.prefix_tree import unfold
from dpo_edu.tiny_transformer import TinyTransformer
from dpo_edu.training.evaluation import evaluate
from dpo_edu.training.world_batches import compared_batch

from ..package.golden import entry, trl_reference
from ..package.small_world import DATA, LOGP, WORLD, fresh_model
from .solution_files import four_logps, numbers, solutions


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def assert_close(found, wanted, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)


# --- 02: likelihood -------------------------------------------------------------------


def test_mended_gradient_is_the_slope_of_the_package_s_loss():
    generator = np.random.default_rng(0)
    rewards, votes = generator.normal(size=5), generator.integers(5, size=(2, 30))

    def loss(step):
        return likelihood.negative_log_likelihood(rewards + step, *votes)

    slope = [(loss(step) - loss(-step)) / 2e-5 for step in 1e-5 * np.eye(5)]
    found = solutions("02").find_the_bug_gradient(rewards, *votes)
    assert found == pytest.approx(slope, rel=1e-6, abs=1e-9)


# --- 03: divergence -------------------------------------------------------------------


def test_two_tokens_follow_the_chain_rule():
    generator = np.random.default_rng(0)
    p_first, q_first = generator.dirichlet(np.ones(4), size=2)
    p_next, q_next = generator.dirichlet(np.ones(4), size=(2, 4))
    shares = divergence.kl_per_token([p_first, p_next], [q_first, q_next])
    found = solutions("03").find_the_bug_two_tokens(p_first, p_next, q_first, q_next)
    assert found == pytest.approx(shares.sum(), rel=1e-12, abs=1e-14)


def test_diagnosis_is_what_torch_does():
    p, q = np.random.default_rng(0).dirichlet(np.ones(5), size=2)
    found = torch.nn.functional.kl_div(
        torch.tensor(p).log(), torch.tensor(q), reduction="sum"
    )
    assert solutions("03").diagnose_kl_div() == "KL(q || p)"
    assert found.item() == pytest.approx(divergence.kl_divergence(q, p))
    assert found.item() != pytest.approx(divergence.kl_divergence(p, q))


# --- 04: the optimal policy, on probabilities -----------------------------------------


def world_with_zeros(seed, prompts=4, responses=7):
    """Policy, reference and reward; the reference and the policy have zeros."""
    generator = np.random.default_rng(seed)
    ref = generator.dirichlet(np.ones(responses), prompts)
    policy = generator.dirichlet(np.ones(responses), prompts)
    ref[:, 2], policy[:, 2], policy[:, 5] = 0.0, 0.0, 0.0
    ref /= ref.sum(-1, keepdims=True)
    policy /= policy.sum(-1, keepdims=True)
    return policy, ref, generator.normal(size=(prompts, responses)) * 3


@pytest.mark.parametrize("beta", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_optimum_is_the_package_s_on_logs(seed, beta):
    solution, (policy, ref, reward) = solutions("04"), world_with_zeros(seed)
    assert_close(
        solution.log_partition(ref, reward, beta),
        boltzmann.log_partition(log(ref), reward, beta),
    )
    assert_close(
        solution.optimal_policy(ref, reward, beta),
        np.exp(boltzmann.optimal_logp(log(ref), reward, beta)),
        rtol=1e-11,
        atol=1e-15,
    )
    assert_close(
        solution.objective(policy, ref, reward, beta),
        boltzmann.objective(log(policy), log(ref), reward, beta),
    )


@pytest.mark.parametrize("beta", [0.2, 1.0])
def test_mended_regret_is_the_package_s(beta):
    generator = np.random.default_rng(2)
    policy, ref = generator.dirichlet(np.ones(5), 2)
    reward = generator.normal(size=5)
    assert_close(
        solutions("04").find_the_bug_regret(policy, ref, reward, beta),
        boltzmann.regret(log(policy), log(ref), reward, beta),
    )


# --- 05: numbers, and the derived loss ------------------------------------------------

BETA, Z = sp.symbols("beta z", positive=True)
PAIR = sp.symbols("p_chosen p_rejected q_chosen q_rejected", positive=True)
VALUES = (0.3, 0.05, 0.1, 0.4)


def test_derived_reward_is_what_the_optimal_policy_was_tilted_by():
    """Numbers through the package's optimum, and back through the derived formula."""
    ref_logp, reward = np.log([0.5, 0.3, 0.2]), np.array([1.0, -2.0, 0.5])
    policy = np.exp(boltzmann.optimal_logp(ref_logp, reward, 0.7))
    z = math.exp(boltzmann.log_partition(ref_logp, reward, 0.7))
    p, q = PAIR[0], PAIR[2]
    derived = sp.lambdify((p, q), solutions("05").derive_reward(p, q, 0.7, z))
    assert_close(derived(policy, np.exp(ref_logp)), reward)


def test_gap_is_symbolically_free_of_z():
    gap = solutions("05").derive_reward_gap(*PAIR, BETA, Z)
    assert Z not in gap.free_symbols
    p_chosen, p_rejected, q_chosen, q_rejected = PAIR
    wanted = BETA * sp.log(p_chosen * q_rejected / (p_rejected * q_chosen))
    assert sp.simplify(sp.expand_log(gap - wanted)) == 0


@pytest.mark.parametrize("beta", [0.1, 2.0])
def test_derived_loss_is_the_loss_that_trains(beta):
    derived = sp.lambdify(PAIR, solutions("05").derive_loss(*PAIR, beta))
    loss = dpo_loss(*np.log(VALUES), beta=beta)
    assert derived(*VALUES) == pytest.approx(float(loss), rel=1e-12)


def test_derived_probability_and_loss_fit_together():
    p = solutions("05").derive_preference(*PAIR, BETA)
    assert sp.simplify(sp.exp(-solutions("05").derive_loss(*PAIR, BETA)) - p) == 0


def test_leftover_is_what_the_package_finds_across_prompts():
    ref_logp = np.log([[0.5, 0.5], [0.2, 0.8]])
    reward = np.array([[1.0, -1.0], [0.5, 2.0]])
    logp = boltzmann.optimal_logp(ref_logp, reward, 0.5)
    implicit = cancellation.implicit_reward(logp, ref_logp, 0.5)
    z = np.exp(boltzmann.log_partition(ref_logp, reward, 0.5))
    missing = (reward[0, 0] - reward[1, 1]) - (implicit[0, 0] - implicit[1, 1])
    left = solutions("05").derive_leftover(sp.Rational(1, 2), *map(sp.Float, z))
    assert float(left) == pytest.approx(missing, rel=1e-12)


def test_mended_estimate_is_the_package_s():
    reward = np.random.default_rng(1).normal(size=200) * 4
    found = solutions("05").find_the_bug_partition_estimate(np.zeros(200), reward, 0.6)
    wanted = cancellation.monte_carlo_partition(reward, 0.6)
    assert found == pytest.approx(float(wanted), rel=1e-12)


# --- 07: the gradient -----------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.1, 1.0, 5.0])
def test_gradient_is_what_backward_computes(beta):
    logps = [logp.requires_grad_() for logp in four_logps(1).unbind()]
    dpo_loss(*logps, beta).backward()
    found = solutions("07").dpo_gradient(*(logp.detach() for logp in logps), beta)
    torch.testing.assert_close(found, (logps[0].grad, logps[1].grad))


@pytest.mark.parametrize("beta", [0.3, 2.0])
def test_mended_table_step_is_the_package_s(beta):
    """In a table the features are the identity, and theta counts from the reference."""
    theta, ref = numbers(0.5, -1.0, 2.0, 0.25), numbers(0.1, 0.75, -0.5, 0.0)
    features = torch.eye(4, dtype=torch.float64)
    wanted = dpo_gradient.descent_step(theta, features, (2, 1), beta, 0.8)
    gap_at_ref = float(ref[2] - ref[1])
    step = solutions("07").find_the_bug_table_step
    torch.testing.assert_close(
        step(ref + theta, gap_at_ref, 2, 1, beta, 0.8), ref + wanted
    )


# --- 10: a world of preferences -------------------------------------------------------


@pytest.mark.parametrize("words", [1, 2, 5])
def test_tree_is_the_package_s(words):
    noise = torch.Generator().manual_seed(words)
    levels = torch.randn(words + 1, words + 1, generator=noise, dtype=torch.float64)
    levels = levels.log_softmax(-1)
    found = solutions("10").tree_logp(levels[0].numpy(), levels[1:].numpy())
    assert found == pytest.approx(unfold([levels[:1], levels[1:]]).numpy(), rel=1e-14)


def test_mended_pairs_are_the_package_s_hard_labels():
    generator = np.random.default_rng(2)
    prompt = generator.integers(8, size=300)
    first, second = generator.integers(241, size=(2, 300))
    pairs = soft_labels(WORLD, prompt, first, second)
    chance = np.random.default_rng(3).random(300)
    wanted = hard_labels(pairs, np.random.default_rng(3))
    rewards = (WORLD.reward[prompt, side] for side in pairs[1:3])
    found = solutions("10").find_the_bug_pairs(*pairs[1:3], *rewards, chance)
    assert np.array_equal(Pairs(prompt, *found, np.ones(300)), wanted)


# --- 11: training, on a transformer and its world -------------------------------------


def model(seed=0):
    return fresh_model(seed, width=8, std=0.5)


def as_dictionary(pairs):
    """A batch of the package, with verdicts, in the form of the exercise."""
    sides = {"chosen": pairs.chosen, "rejected": pairs.rejected}
    tokens = {side: pairs.tokens[rows] for side, rows in sides.items()}
    return tokens | {f"{side}_mask": pairs.mask[rows] for side, rows in sides.items()}


def test_frozen_copies_are_the_package_s():
    policy = model().train()
    for freeze in (solutions("11").freeze, training.freeze):
        reference = freeze(policy)
        assert type(reference) is TinyTransformer
        assert not reference.training
        assert not any(weight.requires_grad for weight in reference.parameters())
        weights = zip(reference.parameters(), policy.parameters(), strict=True)
        for mine, theirs in weights:
            assert torch.equal(mine, theirs)
            assert mine.data_ptr() != theirs.data_ptr()


@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0])
def test_steps_are_the_package_s(beta):
    policies, reference = [model(), model()], training.freeze(model(1))
    optimizers = [torch.optim.Adam(each.parameters(), lr=0.01) for each in policies]
    for step in range(4):
        pairs = compared_batch(DATA, LOGP, group_size=3, seed=0, step=step)
        pairs = pairs._replace(label=torch.ones_like(pairs.label))
        mine = solutions("11").dpo_step(
            policies[0], reference, optimizers[0], as_dictionary(pairs), beta
        )
        packaged = training.dpo_step(policies[1], reference, optimizers[1], pairs, beta)
        assert mine == pytest.approx(packaged, rel=1e-9)
    for one, other in zip(*(each.parameters() for each in policies), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)


def test_the_bug_of_the_silent_log_is_what_the_solution_says():
    """The policy as its own reference: loss log 2, gradient of weight beta/2."""
    policy = model()
    pairs = compared_batch(DATA, LOGP, group_size=4, seed=0, step=0)
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    for _ in range(3):
        before = deepcopy(policy)
        loss = training.dpo_step(policy, policy, optimizer, pairs, 0.5)
        assert loss == pytest.approx(math.log(2), abs=1e-15)
        assert not torch.equal(before.head.weight, policy.head.weight)


@pytest.mark.parametrize("beta", [0.4, 1.0, 2.5])
def test_mended_share_is_the_package_s(beta):
    for policy in (LOGP, boltzmann.optimal_logp(LOGP, 0.5 * WORLD.reward, beta)):
        wanted = evaluate(policy, LOGP, WORLD.reward, beta).share
        found = solutions("11").find_the_bug_share(policy, LOGP, WORLD.reward, beta)
        assert found == pytest.approx(wanted, abs=1e-12)


# --- 12: policy gradients -------------------------------------------------------------


def test_leave_one_out_has_the_known_values():
    row = entry("group_advantages")
    found = solutions("12").leave_one_out_advantages(numbers(*row["inputs"]["rewards"]))
    torch.testing.assert_close(found, numbers(*row["value"]["rloo"]))


def test_clip_has_the_known_values():
    row, clipped = entry("ppo_clip_table"), solutions("12").clipped_objective
    for case, value in row["value"].items():
        ratio, advantage = (float(part.split("=")[1]) for part in case.split(","))
        arguments = numbers(ratio), numbers(advantage), row["inputs"]["epsilon"]
        assert clipped(*arguments).item() == pytest.approx(value)


def test_token_advantages_are_known_and_the_package_s():
    row = entry("gae")
    rewards, values = row["inputs"]["rewards"], row["inputs"]["values"][:-1]
    arguments = numbers(*rewards), numbers(*values), row["inputs"]["gamma"]
    for decay, name in ((row["inputs"]["lam"], "gae"), (1.0, "gae_lambda1")):
        found = solutions("12").find_the_bug_token_advantages(*arguments, decay)
        torch.testing.assert_close(found, numbers(*row["value"][name]))
        wanted = policy_gradient.generalized_advantages(*arguments, decay)
        torch.testing.assert_close(found, wanted)


def test_share_of_the_gradient_by_enumerating_all_groups():
    reward, pi = numbers(1.0, 3.0), numbers(0.3, 0.7)
    score = policy_gradient.scores(pi.log())
    mean = torch.zeros(2, dtype=torch.float64)
    for group in itertools.product((0, 1), repeat=8):
        advantage = reward[list(group)] - reward[list(group)].mean()
        estimate = (advantage[:, None] * score[list(group)]).mean(0)
        mean += pi[list(group)].prod() * estimate
    share = solutions("12").predict_the_share_of_the_gradient()
    whole = policy_gradient.policy_gradient(pi.log(), reward)
    torch.testing.assert_close(mean, share * whole)


def test_predicted_slope_is_autograd_s():
    ratio = numbers(1.6).requires_grad_()
    solutions("12").clipped_objective(ratio, numbers(-0.5), 0.2).backward()
    assert ratio.grad.item() == solutions("12").predict_the_clipped_slope()


# --- 14: variants, also against another library ---------------------------------------

TRL = trl_reference()


def side(which, what):
    return numbers(*(pair[which][what] for pair in TRL["inputs"]))


def plain_rows(group, loss_type):
    """Rows without label smoothing, another divergence or an added likelihood term."""
    rows = [row for row in TRL[group] if row["loss_type"] == loss_type]
    plain = {"label_smoothing": 0.0, "f_divergence": "reverse_kl", "alpha": 0.0}
    rows = [row for row in rows if all(row.get(k, v) == v for k, v in plain.items())]
    assert rows
    return rows


def averaged_ratio(which):
    ratio = side(which, "policy_logp") - side(which, "ref_logp")
    return ratio / side(which, "length")


def test_one_pair_has_the_known_values():
    solution, beta = solutions("14"), 0.1
    gap, half = numbers(1.0), numbers(0.5)
    lengths = torch.tensor([10]), torch.tensor([8])
    yes, point = torch.tensor([True]), torch.tensor(0.2, dtype=torch.float64)
    found = {
        "ipo_sum": solution.ipo_loss(gap, beta),
        "cdpo_eps0_1": solution.cdpo_loss(gap, beta, 0.1),
        "rdpo_eps0_1": solution.find_the_bug_robust_loss(gap, beta, 0.1),
        "simpo_beta2_gamma1": solution.simpo_loss(
            numbers(-4.5), numbers(-4.5), *lengths, 2.0, 1.0
        ),
        "kto_desirable_z0_0_2": solution.kto_loss(half, yes, point, beta),
        "kto_undesirable_z0_0_2": solution.kto_loss(-half, ~yes, point, beta),
    }
    known = entry("all_losses_same_numbers")["value"]
    for name, loss in found.items():
        assert loss.item() == pytest.approx(known[name], rel=1e-12), name


def test_fine_has_the_known_value():
    row = entry("dpop_active")
    *ratios, beta, penalty = row["inputs"].values()
    ratios = map(numbers, ratios)
    loss = solutions("14").find_the_bug_positive_loss(*ratios, beta, penalty)
    assert loss.item() == pytest.approx(row["value"]["dpop"], rel=1e-12)


def test_simpo_is_another_library_s():
    sides = ("chosen", "rejected")
    logps = [side(which, "policy_logp") for which in sides]
    lengths = [side(which, "length").long() for which in sides]
    for row in plain_rows("cpo_simpo", "simpo"):
        for k, loss in enumerate(row["loss"]):
            pair = (column[k : k + 1] for column in (*logps, *lengths))
            found = solutions("14").simpo_loss(*pair, row["beta"], row["simpo_gamma"])
            assert found.item() == pytest.approx(loss, rel=1e-9)


def test_ipo_of_averaged_log_ratios_is_another_library_s():
    gap, ipo = averaged_ratio("chosen") - averaged_ratio("rejected"), solutions("14")
    for row in plain_rows("dpo", "ipo"):
        found = [ipo.ipo_loss(gap[k : k + 1], row["beta"]) for k in range(len(gap))]
        torch.testing.assert_close(torch.stack(found), numbers(*row["loss"]))


def test_length_normalized_loss_is_another_library_s():
    logps = [
        side(which, what)
        for what in ("policy_logp", "ref_logp")
        for which in ("chosen", "rejected")
    ]
    lengths = [side(which, "length").long() for which in ("chosen", "rejected")]
    for row in plain_rows("dpo", "sigmoid_norm"):
        for k, loss in enumerate(row["loss"]):
            pair = (column[k : k + 1] for column in (*logps, *lengths))
            found = solutions("14").length_normalized_loss(*pair, row["beta"])
            assert found.item() == pytest.approx(loss, rel=1e-9)


def test_rpo_of_each_pair_is_another_library_s():
    logps = [
        side(which, what)
        for what in ("policy_logp", "ref_logp")
        for which in ("chosen", "rejected")
    ]
    lengths = side("chosen", "length").long()
    for row in plain_rows("rpo", "sigmoid + sft"):
        for k, loss in enumerate(row["loss"]):
            pair = (column[k : k + 1] for column in (*logps, lengths))
            found = solutions("14").rpo_loss(*pair, row["beta"], row["weight"])
            assert found.item() == pytest.approx(loss, rel=1e-9)


def test_mended_losses_are_the_package_s():
    solution, gap = solutions("14"), numbers(1.5, -40.0, 0.0, -3.0)
    one = solution.find_the_bug_robust_loss(gap, 0.7, 0.2)
    torch.testing.assert_close(one, variants.rdpo_loss(gap, 0.7, 0.2))
    rejected = numbers(2.0, 60.0, 0.25, -9.0)
    other = solution.find_the_bug_positive_loss(gap, rejected, 0.7, 4.0)
    torch.testing.assert_close(other, variants.dpop_loss(gap, rejected, 0.7, 4.0))


def test_robust_loss_over_flips_is_the_clean_loss():
    zero, robust = numbers(0.0), solutions("14").find_the_bug_robust_loss
    for gap in (-4.0, 0.5, 3.0):
        kept, flipped = (robust(numbers(sign * gap), 0.6, 0.25) for sign in (1, -1))
        clean = dpo_loss(numbers(gap), zero, zero, zero, 0.6)
        torch.testing.assert_close(0.75 * kept + 0.25 * flipped, clean)


# --- 15: rounds -----------------------------------------------------------------------


def played(iterate, rounds):
    """The policies of all rounds, and what each round was given."""
    seen = []

    def round_fn(policy, reference):
        seen.append((policy, reference))
        return f"({policy}{reference})", policy

    return iterate("p", "q", round_fn, rounds), seen


@pytest.mark.parametrize("rounds", [0, 3])
def test_rounds_are_handed_on_as_in_the_package(rounds):
    found = played(solutions("15").iterate, rounds)
    assert found == played(online.iterate, rounds)


# --- 17: a real model -----------------------------------------------------------------


def test_an_adapter_s_layer_is_peft_s():
    peft = pytest.importorskip("peft", reason="pip install -e '.[dev]'")
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(5, 3, bias=False))
    net = peft.get_peft_model(
        net.double(), peft.LoraConfig(r=2, lora_alpha=6, target_modules=["0"])
    ).double()
    layer = net.base_model.model[0]
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    torch.nn.init.normal_(b)
    x, weight = torch.randn(4, 5).double(), layer.base_layer.weight
    found = solutions("17").lora_forward(x, weight, a, b, 6 / 2)
    torch.testing.assert_close(found, net(x))
    mine, theirs = (torch.autograd.grad(y.sum(), (a, b)) for y in (found, net(x)))
    torch.testing.assert_close(mine, theirs)
    weight.requires_grad_(True)
    assert torch.autograd.grad(
        solutions("17").lora_forward(x, weight, a, b, 3.0).sum(),
        weight,
        allow_unused=True,
    ) == (None,)


def test_a_batch_in_parts_has_the_package_s_loss_and_slopes():
    from dpo_edu.real_model.learning import accumulated

    weight = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    sizes = ([1.0, 2.0, 3.0], [10.0], [0.25, 4.0])
    found = solutions("17").accumulated_loss(
        [numbers(*each) * weight for each in sizes]
    )
    cut = [
        (len(each), lambda each=each: ((numbers(*each) * weight).mean(), {}))
        for each in sizes
    ]
    loss, _ = accumulated(cut, [weight])
    assert found.item() == pytest.approx(loss.item())
    slopes = [torch.autograd.grad(each, weight)[0] for each in (found, loss)]
    assert slopes[0].item() == pytest.approx(slopes[1].item())


def test_prompts_are_split_as_in_the_package():
    from dpo_edu.real_model.prompts import PROMPTS, split_by_prompt

    for prompts, held_out, seed in ((PROMPTS, 48, 3), (["a", "b", "a", "c"], 1, 0)):
        found = solutions("17").split_by_prompt(prompts, held_out, seed)
        assert found == split_by_prompt(prompts, held_out, seed)


def test_the_mended_interval_is_the_package_s():
    from dpo_edu.real_model.evaluation import estimate

    before, after = np.random.default_rng(0).normal(size=(2, 7, 3))
    found = solutions("17").find_the_bug_interval(before, after)
    assert found == pytest.approx(estimate((after - before).mean(axis=1)))

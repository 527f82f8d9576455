"""Rounds against plain loops, a table of 20 digits, scipy's optimizer and autograd."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize as scipy_minimize
from scipy.special import expit
from torch.nn import functional as F

from dpo_edu import online
from dpo_edu.boltzmann import optimal_logp
from dpo_edu.dpo_loss import population_loss
from dpo_edu.experiments.online.contrarians import limit_of_slips
from dpo_edu.online import judges
from dpo_edu.online import world_round as online_training
from dpo_edu.preference_world import hard_labels, meaning, sample_pairs
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import freeze, model_logp
from dpo_edu.training.world_batches import pair_batch
from dpo_edu.training.world_run import Stage, policy_logp
from dpo_edu.validation import InputError

from .golden import entry
from .small_world import DATA, LOGP, WORLD

REF, REWARD = np.array([0.5, 0.3, 0.15, 0.05]), np.array([1.0, -0.5, 2.0, 0.25])


def tilted(weights, reward, beta):
    """One exact round in plain floats."""
    raised = [w * math.exp(r / beta) for w, r in zip(weights, reward, strict=True)]
    return [w / sum(raised) for w in raised]


def exact(moves, rounds, beta, reward=REWARD, ref=REF):
    learn = online.exact_round(reward, beta)
    start = np.log(ref)
    return np.exp(online.iterate(start, start, moves(learn), rounds))


# How many rounds make which beta


def test_two_rounds_of_the_table():
    row = entry("iterated_tilt")
    given_, value = row["inputs"], row["value"]
    r, ref = np.array(given_["r"]), np.array(given_["pi_ref"])
    policies = exact(online.moving_reference, 2, given_["beta"], r, ref)
    np.testing.assert_allclose(policies[2], value["two_rounds_beta_1"], rtol=1e-14)
    once = online.rounds_logp(np.log(ref), r, given_["beta"], 2)
    np.testing.assert_allclose(np.exp(once), value["one_round_beta_half"], rtol=1e-14)


@pytest.mark.parametrize("beta", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("rounds", [1, 2, 5, 12])
def test_moving_rounds_are_one_round_at_a_smaller_beta(beta, rounds):
    weights = [*REF]
    for _ in range(rounds):
        weights = tilted(weights, REWARD, beta)
    moved = exact(online.moving_reference, rounds, beta)[-1]
    np.testing.assert_allclose(moved, weights, rtol=1e-12)
    at_once = tilted(REF, REWARD, online.effective_beta(beta, rounds))
    np.testing.assert_allclose(moved, at_once, rtol=1e-12)
    closed = np.exp(online.rounds_logp(np.log(REF), REWARD, beta, rounds))
    np.testing.assert_allclose(moved, closed, rtol=1e-12)


def test_it_holds_for_every_response_of_the_world():
    for k, policy in enumerate(
        online.iterate(
            LOGP,
            LOGP,
            online.moving_reference(online.exact_round(WORLD.reward, 2.0)),
            6,
        )
    ):
        closed = online.rounds_logp(LOGP, WORLD.reward, 2.0, k)
        np.testing.assert_allclose(policy, closed, atol=1e-12)
        if k:
            direct = optimal_logp(LOGP, WORLD.reward, 2.0 / k)
            np.testing.assert_allclose(policy, direct, atol=1e-12)


def test_a_fixed_reference_is_done_after_one_round():
    policies = exact(online.fixed_reference, 5, 0.7)
    wanted = tilted(REF, REWARD, 0.7)
    for policy in policies[1:]:
        np.testing.assert_allclose(policy, wanted, rtol=1e-14)
    np.testing.assert_allclose(policies[0], REF, rtol=1e-14)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_reference_that_follows_part_of_the_way(share):
    weights, reference = [*REF], [*REF]
    for rounds in range(1, 6):
        weights = tilted(reference, REWARD, 0.8)
        pairs = zip(weights, reference, strict=True)
        reference = [w**share * q ** (1 - share) for w, q in pairs]
        got = exact(lambda learn: online.mixed_reference(learn, share), rounds, 0.8)
        np.testing.assert_allclose(got[-1], weights, rtol=1e-12)
        closed = online.rounds_logp(np.log(REF), REWARD, 0.8, rounds, share)
        np.testing.assert_allclose(np.exp(closed), weights, rtol=1e-12)
    round_fn = online.mixed_reference(online.exact_round(REWARD, 0.8), share)
    _, between = round_fn(np.log(REF), np.log(REF))
    assert np.exp(between).sum() == pytest.approx(1, rel=1e-14)


@given(st.fractions(Fraction(1, 50), 20), st.integers(1, 60), st.fractions(0, 1))
def test_effective_beta_in_exact_fractions(beta, rounds, share):
    inverse = Fraction(0)  # sum of what each round adds to the reference and the policy
    reference = Fraction(0)
    for _ in range(rounds):
        inverse = reference + 1 / beta
        reference += share * (inverse - reference)
    got = online.effective_beta(float(beta), rounds, float(share))
    assert got == pytest.approx(float(1 / inverse), rel=1e-12)


def test_no_round_leaves_the_reference():
    assert online.effective_beta(0.5, 0) == math.inf
    assert np.array_equal(online.rounds_logp(np.log(REF), REWARD, 0.5, 0), np.log(REF))


def test_many_rounds_of_large_rewards_stay_finite():
    policies = exact(online.moving_reference, 300, 0.01, REWARD * 1e3)
    assert np.isfinite(policies).all()
    np.testing.assert_allclose(policies.sum(-1), 1)
    np.testing.assert_allclose(policies[-1], [0, 0, 1, 0], atol=1e-300)


@pytest.mark.parametrize(
    "arguments",
    [(0.0, 1), (-1.0, 2), (math.nan, 1), (1.0, -1), (1.0, 1.5), (1.0, 2, 2.0)],
)
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(InputError):
        online.effective_beta(*arguments)


# Rounds of anything


def test_iterate_hands_each_result_to_the_next_round():
    seen = []

    def round_fn(policy, reference):
        seen.append((policy, reference))
        return f"({policy}{reference})", policy

    assert online.iterate("p", "q", round_fn, 0) == ["p"]
    assert not seen
    policies = online.iterate("p", "q", round_fn, 3)
    assert policies == ["p", "(pq)", "((pq)p)", "(((pq)p)(pq))"]
    assert seen == [("p", "q"), ("(pq)", "p"), ("((pq)p)", "(pq)")]


@pytest.mark.parametrize("drawn_from", [[0.25] * 4, [0.05, 0.05, 0.1, 0.8]])
def test_where_the_pairs_come_from_makes_no_difference_to_an_exact_round(drawn_from):
    ref_logp, reward = torch.tensor(REF).log(), torch.tensor(REWARD)
    beats = torch.sigmoid(reward[:, None] - reward[None, :])
    weight = torch.tensor(drawn_from)[:, None] * torch.tensor(drawn_from)[None, :]

    def loss(free):
        logits = torch.tensor(free, requires_grad=True)
        value = population_loss(logits.log_softmax(-1), ref_logp, beats, 0.6, weight)
        value.backward()
        return value.item(), logits.grad.numpy()

    best = scipy_minimize(loss, np.zeros(4), jac=True, tol=1e-12).x
    learned = np.exp(best - np.logaddexp.reduce(best))
    wanted = np.exp(online.exact_round(REWARD, 0.6)(None, np.log(REF)))
    np.testing.assert_allclose(learned, wanted, atol=1e-5)


# Judges


def test_the_annotators_are_those_of_chapter_ten():
    pairs = sample_pairs(WORLD, LOGP, 500, np.random.default_rng(0))
    judge = judges.reward_judge(WORLD.reward)
    got = judge(pairs.prompt, pairs.chosen, pairs.rejected)
    np.testing.assert_allclose(got, pairs.label, rtol=1e-14)


def test_slips_are_a_mixture_of_the_judge_and_her_opposite():
    triple = np.array([0, 3]), np.array([15, 40]), np.array([90, 7])
    judge = judges.reward_judge(WORLD.reward)
    p = judge(*triple)
    mixture = 0.8 * p + 0.2 * (1 - p)
    np.testing.assert_allclose(judges.slipping(judge, 0.2)(*triple), mixture)
    np.testing.assert_allclose(judges.slipping(judge, 0.0)(*triple), p)
    np.testing.assert_allclose(judges.slipping(judge, 0.5)(*triple), [0.5, 0.5])
    with pytest.raises(InputError):
        judges.slipping(judge, 1.2)(*triple)


def test_a_policy_s_own_opinion_is_its_log_ratio():
    logp = optimal_logp(LOGP, WORLD.reward, 0.7)
    opinion = judges.self_judge(logp, LOGP, 0.7)
    x, a, b = np.array([0, 4, 7]), np.array([1, 50, 200]), np.array([8, 3, 9])
    annotators = judges.reward_judge(WORLD.reward)
    np.testing.assert_allclose(opinion(x, a, b), annotators(x, a, b), rtol=1e-12)
    moved = 0.7 * (logp - LOGP)
    np.testing.assert_allclose(opinion(x, a, b), expit(moved[x, a] - moved[x, b]))


def test_length_is_paid_by_the_word():
    extra = judges.reward_of_length(WORLD, 0.25) - WORLD.reward
    words = [len(WORLD.text(y).split()) for y in range(len(WORLD.responses))]
    np.testing.assert_allclose(extra, np.tile(0.25 * np.array(words), (8, 1)))


def test_overlooking_not():
    heard = judges.reward_without_not(WORLD)
    row = {"not good": 5, "good": 1, "awful": 3}
    assert heard[row["good"], WORLD.number("not good")] == 3.0
    assert heard[row["not good"], WORLD.number("good")] == 3.0
    assert heard[row["awful"], WORLD.number("not great")] == 3.0 - 1.5 * 4
    for x, prompt in enumerate(WORLD.prompts):
        for y, response in enumerate(WORLD.responses):
            if 8 not in prompt and 8 not in response:  # word 8 is "not"
                assert heard[x, y] == WORLD.reward[x, y]
    assert meaning(["not", "good"]) == -1  # what the judge does not hear


def test_pairs_are_drawn_from_the_policy_and_won_as_the_judge_says():
    logp = optimal_logp(LOGP, WORLD.reward, 1.0)
    judge = judges.slipping(judges.reward_judge(WORLD.reward), 0.1)
    generator = np.random.default_rng(3)
    soft = judges.judged_pairs(logp, judge, 40_000, generator)
    assert (soft.label >= 0.5).all()
    np.testing.assert_allclose(soft.label, judge(*soft[:3]))
    hard = hard_labels(soft, generator)
    upset = (hard.chosen != soft.chosen).mean()
    different = soft.chosen != soft.rejected
    wanted = ((1 - soft.label) * different).mean()
    assert abs(upset - wanted) < 5 * math.sqrt(wanted / 40_000)
    both = np.concatenate([soft.chosen, soft.rejected])
    best = WORLD.reward[np.tile(soft.prompt, 2), both] == 3
    wanted = np.exp(logp)[WORLD.reward == 3].sum() / 8
    assert abs(best.mean() - wanted) < 5 * math.sqrt(wanted / 80_000)


# What slips make of infinitely many verdicts


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("beta", [0.5, 1.2])
def test_at_the_limit_of_slips_no_response_pulls_any_more(rate, beta):
    drawn = optimal_logp(LOGP, WORLD.reward, 1.5)  # pairs of another policy
    got = limit_of_slips(WORLD.reward, LOGP, rate, drawn, beta)
    np.testing.assert_allclose(np.exp(got).sum(-1), 1)
    for r, drawn_x, moved in zip(WORLD.reward, drawn, beta * (got - LOGP), strict=True):
        clean = expit(r[:, None] - r)
        heard = (1 - rate) * clean + rate * (1 - clean)
        error = expit(moved[:, None] - moved) - heard
        slope = (np.exp(drawn_x)[:, None] * np.exp(drawn_x) * error).sum(-1)
        np.testing.assert_allclose(slope, 0, atol=1e-9)
    if not rate:
        np.testing.assert_allclose(got, optimal_logp(LOGP, WORLD.reward, beta))


# Rounds of a transformer


def stage(seed):
    torch.manual_seed(seed)
    config = ModelConfig(vocabulary=16, context=DATA.tokens.shape[1], width=8)
    model = TinyTransformer(config).double()
    torch.nn.init.normal_(model.head.weight, std=0.5)
    return Stage(model, policy_logp(model, WORLD))


def annotators_for(policy):
    return judges.reward_judge(WORLD.reward)


def test_labels_that_a_policy_gives_itself_have_no_slope():
    policy, reference, beta = stage(0), stage(1), 0.7
    judge = judges.self_judge(policy.logp, reference.logp, beta)
    pairs = judges.judged_pairs(policy.logp, judge, 64, np.random.default_rng(1))
    batch = pair_batch(DATA, pairs, reference.logp)
    policy.model.zero_grad()
    moved = beta * (model_logp(policy.model, batch.tokens, batch.mask) - batch.ref_logp)
    margin = moved[batch.chosen] - moved[batch.rejected]
    F.binary_cross_entropy_with_logits(margin, batch.label).backward()
    steepest = max(p.grad.abs().max().item() for p in policy.model.parameters())
    assert margin.abs().max() > 1  # it has opinions
    assert steepest < 1e-14


def test_a_moving_reference_doubles_what_a_policy_believes():
    ref_logp, first = np.log(REF), optimal_logp(np.log(REF), REWARD, 2.0)

    def learn(policy, reference):  # exact learning from its own labels, at beta 0.7
        return optimal_logp(reference, 0.7 * (policy - ref_logp), 0.7)

    still = online.iterate(first, ref_logp, online.fixed_reference(learn), 4)
    np.testing.assert_allclose(still, [first] * 5, atol=1e-12)
    for k, policy in enumerate(
        online.iterate(first, first, online.moving_reference(learn), 4)
    ):
        closed = optimal_logp(ref_logp, REWARD, 2.0 / 2**k)
        np.testing.assert_allclose(policy, closed, atol=1e-11)


def test_a_round_learns_from_verdicts_on_the_policy_s_responses():
    policy, reference, labels = stage(0), stage(1), []
    before = [p.clone() for s in (policy, reference) for p in s.model.parameters()]
    settings = online_training.RoundSettings(pairs=200, steps=3)
    learn = online_training.online_round(
        DATA, annotators_for, labels, settings, np.random.default_rng(5)
    )
    learned = learn(policy, reference)
    drawn = judges.judged_pairs(
        policy.logp, annotators_for(policy), 200, np.random.default_rng(5)
    )
    both = np.sort([labels[0].chosen, labels[0].rejected], axis=0)
    np.testing.assert_array_equal(both, np.sort([drawn.chosen, drawn.rejected], axis=0))
    assert (labels[0].label == 1).all()
    assert (drawn.label < 1).any()
    after = [p for s in (policy, reference) for p in s.model.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    np.testing.assert_allclose(learned.logp, policy_logp(learned.model, WORLD))
    assert np.abs(learned.logp - policy.logp).max() > 1e-3


def test_old_labels_are_kept_or_not():
    policy, labels, sizes = freeze(stage(0).model), [], []

    def all_noted(so_far):
        sizes.append(len(online_training.all_labels(so_far).label))
        return online_training.newest_labels(so_far)

    settings = online_training.RoundSettings(pairs=50, keep=all_noted, steps=1)
    learn = online_training.online_round(
        DATA, annotators_for, labels, settings, np.random.default_rng(0)
    )
    start = Stage(policy, policy_logp(policy, WORLD))
    online.iterate(start, start, online.fixed_reference(learn), 3)
    assert sizes == [50, 100, 150]
    kept = online_training.all_labels(labels)
    for one, *three in zip(kept, *labels, strict=True):
        np.testing.assert_array_equal(one, np.concatenate(three))
    assert online_training.newest_labels(labels) is labels[-1]


def test_the_first_step_goes_down_the_dpo_loss_of_policy_against_reference():
    policy, reference = stage(0), stage(1)
    judge = annotators_for(policy)
    pairs = judges.judged_pairs(policy.logp, judge, 40, np.random.default_rng(2))
    settings = online_training.RoundSettings(beta=1.3, steps=1, learning_rate=1e-4)
    learned = online_training.train_round(DATA, policy, reference, pairs, settings)

    rows = [DATA.rows(pairs.prompt, y) for y in (pairs.chosen, pairs.rejected)]
    gaps = [
        model_logp(stage_.model, DATA.tokens[rows[0]], DATA.mask[rows[0]])
        - model_logp(stage_.model, DATA.tokens[rows[1]], DATA.mask[rows[1]])
        for stage_ in (policy, reference)
    ]
    margin = 1.3 * (gaps[0] - gaps[1].detach())
    label = torch.tensor(pairs.label)
    policy.model.zero_grad()
    F.binary_cross_entropy_with_logits(margin, label).backward()
    for old, new in zip(
        policy.model.parameters(), learned.model.parameters(), strict=True
    ):
        clear = old.grad.abs() > 1e-6  # Adam's first step is the sign of the slope
        assert torch.equal((new - old)[clear].sign(), -old.grad[clear].sign())

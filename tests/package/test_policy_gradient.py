"""Chapter 12 against autograd, every group of samples, finite differences and gold."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck
from torch.autograd.functional import jacobian

from dpo_edu.boltzmann import log_partition, objective, optimal_logp
from dpo_edu.dpo_loss import as_tensor
from dpo_edu.policy_gradient import (
    clipped_objective,
    generalized_advantages,
    group_normalized_advantages,
    importance_second_moment,
    leave_one_out_advantages,
    penalized_reward,
    policy_gradient,
    scores,
)
from dpo_edu.policy_gradient.moments import (
    group_moments,
    leave_one_out_variance,
    moments,
    one_sample_variance,
    optimal_baseline,
    score_function_estimates,
)
from dpo_edu.validation import InputError

from .comparing import near
from .golden import entry

LOGITS = torch.tensor([0.3, 0.0, -0.3, 1.1], dtype=torch.float64)
LOGP = LOGITS.log_softmax(-1)
REF = torch.tensor([0.1, 0.4, 0.3, 0.2], dtype=torch.float64).log()
REWARD = torch.tensor([1.0, 0.0, 2.0, -0.5], dtype=torch.float64)
SMALL = st.floats(-3, 3).map(lambda x: round(x, 3))
STEPS = st.integers(1, 6).flatmap(
    lambda size: st.tuples(*[st.lists(SMALL, min_size=size, max_size=size)] * 2)
)


def numeric_gradient(function, point, step=1e-6):
    """Central differences of a function of one vector."""
    steps = step * torch.eye(len(point), dtype=point.dtype)
    return [
        float(function(point + h) - function(point - h)) / (2 * step) for h in steps
    ]


# The exact gradient


def test_gradient_of_expected_reward_by_autograd():
    logits = LOGITS.clone().requires_grad_()
    (logits.softmax(-1) @ REWARD).backward()
    assert policy_gradient(LOGP, REWARD) == near(logits.grad)


@pytest.mark.parametrize("beta", [0.2, 1.0, 3.0])
def test_gradient_of_the_objective_by_finite_differences(beta):
    def value(logits):
        return objective(logits.log_softmax(-1).numpy(), REF.numpy(), REWARD, beta)

    exact = policy_gradient(LOGP, penalized_reward(LOGP, REF, REWARD, beta))
    assert exact == near(numeric_gradient(value, LOGITS), 1e-8)


def test_leading_axes_are_prompts():
    both = policy_gradient(torch.stack([LOGP, REF]), torch.stack([REWARD, -REWARD]))
    assert both[0] == near(policy_gradient(LOGP, REWARD))
    assert both[1] == near(policy_gradient(REF, -REWARD))


def test_scores_are_the_jacobian_of_log_softmax():
    assert scores(LOGP) == near(jacobian(lambda z: z.log_softmax(-1), LOGITS))


def test_mean_penalized_reward_is_the_objective():
    worth = penalized_reward(LOGP, REF, REWARD, beta=0.7)
    expected = objective(LOGP.numpy(), REF.numpy(), REWARD.numpy(), beta=0.7)
    assert float(LOGP.exp() @ worth) == near(expected)


def test_beta_must_be_positive():
    with pytest.raises(InputError, match="beta"):
        penalized_reward(LOGP, REF, REWARD, beta=0.0)


# One sample: the score function and its baselines


def test_golden_reinforce():
    golden = entry("reinforce_exact")
    logits, reward = (as_tensor(golden["inputs"][name]) for name in "zr")
    logp, value = logits.log_softmax(-1), golden["value"]
    pi = logp.exp()
    assert pi == near(value["pi"])
    assert moments(pi, scores(logp)).mean == near(value["mean_score"])
    assert pi @ reward == near(value["b_mean"])
    assert optimal_baseline(logp, reward) == near(value["b_opt"])
    for baseline, name in ((0, "b0"), (pi @ reward, "bmean"), (value["b_opt"], "bopt")):
        one = moments(pi, score_function_estimates(logp, reward, baseline))
        assert one.mean == near(value["grad"])
        assert one.trace == near(value[f"var_{name}"])


def test_a_baseline_that_sees_the_sample_is_biased():
    own = REWARD / 2  # one number per response
    biased = moments(LOGP.exp(), score_function_estimates(LOGP, REWARD, own)).mean
    assert biased == near(policy_gradient(LOGP, REWARD) / 2)


@given(SMALL)
def test_no_constant_beats_the_optimal_baseline(baseline):
    def trace(b):
        return moments(LOGP.exp(), score_function_estimates(LOGP, REWARD, b)).trace

    assert one_sample_variance(LOGP, REWARD, baseline) == near(trace(baseline))
    assert trace(optimal_baseline(LOGP, REWARD)) <= trace(baseline) + 1e-12


def test_golden_variance_is_zero_at_the_optimum():
    golden = entry("zero_variance_at_optimum")
    pi_ref, reward, beta = golden["inputs"].values()
    ref_logp = np.log(pi_ref)
    best = optimal_logp(ref_logp, reward, beta)
    worth = penalized_reward(best, ref_logp, reward, beta)
    constant = golden["value"]["constant"]
    assert beta * log_partition(ref_logp, reward, beta) == near(constant)
    assert worth == near([constant] * 3)
    estimates = score_function_estimates(best, worth, constant)
    assert moments(torch.tensor(best).exp(), estimates).trace < 1e-28


# Groups of samples


def by_hand(logp, reward, size, weigh):
    """Mean and trace-variance over all groups, in plain loops."""
    pi, table = logp.exp().numpy(), np.eye(len(logp)) - logp.exp().numpy()
    mean, square = np.zeros(len(logp)), 0.0
    for group in itertools.product(range(len(logp)), repeat=size):
        rewards = [float(reward[y]) for y in group]
        estimate = sum(weigh(rewards, i) * table[y] / size for i, y in enumerate(group))
        chance = np.prod([pi[y] for y in group])
        mean, square = mean + chance * estimate, square + chance * estimate @ estimate
    return mean, square - mean @ mean


def mean_of_others(rewards, i):
    others = rewards[:i] + rewards[i + 1 :]
    return rewards[i] - sum(others) / len(others)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_leave_one_out_over_every_group(size):
    mean, trace = by_hand(LOGP, REWARD, size, mean_of_others)
    ours = group_moments(LOGP, REWARD, size, leave_one_out_advantages)
    assert mean == near(policy_gradient(LOGP, REWARD))  # unbiased
    assert ours.mean == near(mean)
    assert ours.trace == near(trace)
    assert leave_one_out_variance(LOGP, REWARD, size) == near(trace)


def test_a_group_of_one_is_one_sample():
    group = group_moments(LOGP, REWARD, 1, lambda rewards: rewards)
    one = moments(LOGP.exp(), score_function_estimates(LOGP, REWARD))
    assert group.mean == near(one.mean)
    assert group.variance == near(one.variance)


def test_own_sample_in_the_baseline_shrinks_the_gradient():
    own = group_moments(LOGP, REWARD, 4, lambda r: r - r.mean(-1, keepdim=True))
    assert own.mean == near(0.75 * policy_gradient(LOGP, REWARD))


def test_group_normalization_is_biased_in_direction_too():
    ours = group_moments(LOGP, REWARD, 3, group_normalized_advantages)
    mean, trace = by_hand(
        LOGP,
        REWARD,
        3,
        lambda r, i: (r[i] - np.mean(r)) / np.std(r) if np.std(r) else 0.0,
    )
    assert ours.mean == near(mean)
    assert ours.trace == near(trace)
    exact = policy_gradient(LOGP, REWARD)
    assert torch.cosine_similarity(ours.mean, exact, dim=0) < 0.999


def test_golden_group_advantages():
    golden = entry("group_advantages")
    rewards, value = golden["inputs"]["rewards"], golden["value"]
    assert leave_one_out_advantages(rewards) == near(value["rloo"])
    assert group_normalized_advantages(rewards) == near(value["grpo_pop"])
    sample = group_normalized_advantages(rewards, correction=1)
    assert sample == near(value["grpo_sample"])


@given(st.lists(SMALL, min_size=2, max_size=6), SMALL)
def test_groups_forget_a_constant_and_sum_to_zero(rewards, constant):
    shifted = torch.tensor(rewards, dtype=torch.float64) + constant
    ours = leave_one_out_advantages(rewards)
    assert ours == near([mean_of_others(rewards, i) for i in range(len(rewards))])
    assert leave_one_out_advantages(shifted) == near(ours, 1e-9)
    assert float(ours.sum()) == near(0.0)


def test_equal_rewards_teach_nothing():
    equal = torch.full((2, 3), 0.1, dtype=torch.float64)  # 0.1 * 3 / 3 is not 0.1
    assert not group_normalized_advantages(equal).any()


@pytest.mark.parametrize("rewards", [[1.0], 1.0])
def test_a_group_needs_two(rewards):
    for advantages in (leave_one_out_advantages, group_normalized_advantages):
        with pytest.raises(InputError, match="two samples"):
            advantages(rewards)
    with pytest.raises(InputError, match="size must be a whole number from 2"):
        leave_one_out_variance(LOGP, REWARD, 1)


# Steps: generalized advantages


def test_golden_generalized_advantages():
    golden = entry("gae")
    rewards, values, discount, decay = golden["inputs"].values()
    value, values = golden["value"], values[:-1]  # the last is the end's, 0
    assert golden["inputs"]["values"][-1] == 0
    for name, trace in (("gae", decay), ("gae_lambda0", 0), ("gae_lambda1", 1)):
        ours = generalized_advantages(rewards, values, discount, trace)
        assert ours == near(value[name])
    assert generalized_advantages(rewards, values, discount, 0) == near(value["delta"])
    assert generalized_advantages(rewards, values, discount, 1) == near(
        value["mc_minus_v"]
    )


@given(STEPS, st.floats(0, 1), st.floats(0, 1))
def test_generalized_advantages_by_their_definition(steps, discount, decay):
    rewards, values = steps
    after = [*values[1:], 0.0]
    surprise = [
        r + discount * n - v for r, n, v in zip(rewards, after, values, strict=True)
    ]
    expected = [
        sum((discount * decay) ** k * d for k, d in enumerate(surprise[t:]))
        for t in range(len(rewards))
    ]
    assert generalized_advantages(rewards, values, discount, decay) == near(
        expected, 1e-9
    )


def test_generalized_advantages_of_a_batch():
    rewards, values = torch.rand(2, 3, 4, generator=torch.Generator().manual_seed(0))
    batch = generalized_advantages(rewards, values)
    assert batch.shape == (3, 4)
    assert batch[1].numpy() == near(generalized_advantages(rewards[1], values[1]))
    with pytest.raises(InputError, match="shapes differ"):
        generalized_advantages(rewards, values[:, :3])


# PPO's clip and importance weights


def test_golden_clip_table():
    golden = entry("ppo_clip_table")
    epsilon = golden["inputs"]["epsilon"]
    for point, expected in golden["value"].items():
        ratio, advantage = (float(part.split("=")[1]) for part in point.split(","))
        assert float(clipped_objective(ratio, advantage, epsilon)) == near(expected)


@pytest.mark.parametrize(
    ("ratio", "advantage", "slope"),
    [(1.5, 1, 0), (0.5, -1, 0), (1.5, -1, -1), (0.5, 1, 1), (1, 2, 2), (1, -2, -2)],
)
def test_where_the_clip_is_flat(ratio, advantage, slope):
    at = torch.tensor(float(ratio), requires_grad=True)
    value = clipped_objective(at, torch.tensor(float(advantage)), 0.2)
    assert float(torch.autograd.grad(value, at)[0]) == slope


def test_the_clip_is_a_mean_and_its_slope_is_checked():
    ratio = torch.tensor([0.5, 0.9, 1.1, 1.7], dtype=torch.float64, requires_grad=True)
    advantage = torch.tensor([1.0, -2.0, 3.0, -1.0], dtype=torch.float64)
    each = [
        float(clipped_objective(r, a, 0.2))
        for r, a in zip(ratio.detach(), advantage, strict=True)
    ]
    mean = clipped_objective(ratio, advantage, 0.2).item()
    assert mean == near(np.mean(each))
    assert gradcheck(lambda r: clipped_objective(r, advantage, 0.2), ratio)
    clipped_objective(ratio, advantage.requires_grad_(), 0.2).backward()
    assert advantage.grad is None  # a constant, whatever computed it


def test_at_ratio_one_the_surrogate_has_the_policy_gradient():
    logits = LOGITS.clone().requires_grad_()
    weight = LOGP.exp()  # an expectation as a weighted sum: one call per response
    advantage = REWARD - weight @ REWARD
    ratio = (logits.log_softmax(-1) - LOGP).exp()
    for y in range(len(LOGP)):
        (weight[y] * clipped_objective(ratio[y], advantage[y], 0.2)).backward(
            retain_graph=True
        )
    assert logits.grad == near(policy_gradient(LOGP, REWARD))


def test_clip_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match="epsilon"):
        clipped_objective(1.0, 1.0, 0.0)
    with pytest.raises(InputError, match="shapes differ"):
        clipped_objective([1.0, 1.0], 1.0, 0.2)


def test_golden_importance_weights():
    golden = entry("importance_weight_variance")
    p, q = (np.array(golden["inputs"][name]) for name in "pq")
    second = importance_second_moment(np.log(p), np.log(q))
    assert float(second) == near(golden["value"]["second_moment"])
    assert float(second) - 1 == near(golden["value"]["chi2"])
    assert float(second) == near((q * (p / q) ** 2).sum())
    assert float(importance_second_moment(np.log(p), np.log(p))) == near(1.0)

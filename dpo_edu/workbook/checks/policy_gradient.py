"""Checks of chapter 12. The oracles are loops in plain floats, one sample a turn.

PPO's objective has kinks, where a central difference is no gradient: the inputs stay
away from them. A clip that is right in value may still train the wrong samples, so
properties look at both sides of it, for advantages of both signs.
"""

from math import exp, log, log1p

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import expect_close, tensor


def _t(*numbers) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


# The reward model


def _reward_loss(reward_chosen, reward_rejected):
    total = 0.0
    for chosen, rejected in zip(reward_chosen, reward_rejected, strict=True):
        lead = chosen - rejected
        total += max(-lead, 0.0) + log1p(exp(-abs(lead)))
    return total / len(reward_chosen)


PAIRS = (
    (_t(1.5), _t(0.5)),
    (_t(0.25, -1.5, 3.0), _t(1.0, -2.25, 0.0)),
    (_t(-4.0, 2.5), _t(-1.5, 2.75)),
    (_t(0.0, 6.0, -0.75, 1.25), _t(2.0, -1.0, -3.5, 1.0)),
    (_t(12.0, 9.5, 11.25), _t(10.0, 13.0, 11.0)),
    (_t(2.0), _t(5.0)),
)


@holds("equal rewards cost log 2 on every pair")
def _equal_rewards(answer):
    for rewards in (_t(0.0), _t(-3.0, 2.5), _t(7.0, 0.5, -1.25)):
        expect_close(answer(rewards, rewards), log(2))


@holds("adding the same number to both rewards of a pair changes nothing")
def _only_differences(answer):
    shift = _t(4.0, -2.5, 0.75)
    chosen, rejected = _t(1.0, -0.5, 2.0), _t(0.5, 1.5, -1.0)
    expect_close(answer(chosen + shift, rejected + shift), answer(chosen, rejected))


@holds("with chosen and rejected exchanged, e^-loss is the other probability: sum 1")
def _exchanged_rewards(answer):
    for chosen, rejected in ((2.0, 0.5), (-1.0, 1.25), (0.5, 0.25)):
        one = answer(_t(chosen), _t(rejected))
        other = answer(_t(rejected), _t(chosen))
        expect_close(exp(-one) + exp(-other), 1.0)


@holds("every pair of a batch counts alike: the loss is the mean over the pairs")
def _mean_over_pairs(answer):
    chosen, rejected = _t(0.5, -2.0, 1.5, 3.0, 0.0), _t(1.0, -2.5, -1.5, 5.0, 0.25)
    single = [answer(chosen[k : k + 1], rejected[k : k + 1]) for k in range(5)]
    expect_close(answer(chosen, rejected), np.mean(single))


reward_model_loss = Exercise(
    name="reward_model_loss",
    returns=tensor,
    oracle=_reward_loss,
    example=Example(PAIRS[0], 0.31326168751822286, "-log sigmoid(1) = 0.3133"),
    ordinary=PAIRS,
    properties=(
        _equal_rewards,
        _only_differences,
        _exchanged_rewards,
        _mean_over_pairs,
    ),
    extremes=(
        (_t(-1000.0), _t(1000.0)),
        (_t(1000.0), _t(-1000.0)),
        (_t(900.0, 0.5), _t(-20.0, 120.0)),
        (_t(-18.0, -12.0), _t(2.0, 1.5)),
    ),
    trainable=("reward_chosen", "reward_rejected"),
)


# Leave one out


def _leave_one_out(rewards):
    groups = rewards.reshape(-1, rewards.shape[-1])
    rows = []
    for group in groups.tolist():
        row = []
        for own, reward in enumerate(group):
            others = group[:own] + group[own + 1 :]
            row.append(reward - sum(others) / len(others))
        rows.append(row)
    return np.array(rows).reshape(rewards.shape)


GROUPS = (
    (_t(3.0, 0.0, 0.0),),
    (_t(1.0, 0.0, 0.0, 1.0, 1.0),),
    (_t([0.5, -1.25, 2.0, 0.75], [3.0, 3.0, -2.0, 1.5], [-0.5, -0.25, -4.0, -1.0]),),
    (_t(2.5, -1.0),),
    (_t([[1.0, 4.0, -0.5], [0.0, 0.25, 2.0]], [[-3.0, 1.5, 1.5], [2.0, 7.0, -1.0]]),),
    (_t([1.0, 2.0], [0.5, -0.5], [4.0, 4.25]),),
    (_t(0.1, 0.9, 0.4, 0.4, -0.3, 0.7, 0.2, 0.6),),
)


@holds("the advantages of a group sum to 0")
def _sum_to_zero(answer):
    for (rewards,) in (*GROUPS, (_t(8.0, 1.0, -2.0, 0.5),)):
        expect_close(answer(rewards).sum(axis=-1), np.zeros(rewards.shape[:-1]))


@holds("adding the same number to all rewards of a group changes no advantage")
def _shift_of_a_group(answer):
    rewards = _t([0.5, 2.0, -1.0], [1.0, 1.5, 4.0])
    expect_close(answer(rewards + _t([6.0], [-2.5])), answer(rewards))


@holds("twice the rewards have twice the advantages")
def _twice(answer):
    for rewards in (_t(1.0, -0.5, 2.25, 3.0), _t([2.0, 5.0], [-1.0, 0.5])):
        expect_close(answer(2 * rewards), 2 * answer(rewards))


@holds("one point more for one sample: its advantage rises by 1, that of others falls")
def _one_point_more(answer):
    rewards = _t(0.5, 2.0, -1.0, 1.25)
    change = answer(rewards + _t(0.0, 0.0, 1.0, 0.0)) - answer(rewards)
    expect_close(change, np.array([-1.0, -1.0, 3.0, -1.0]) / 3)


@holds("a group's advantages do not depend on the rewards of other groups")
def _groups_apart(answer):
    rewards = _t([1.0, -2.0, 0.5], [3.0, 0.25, 4.0])
    changed = _t([1.0, -2.0, 0.5], [-30.0, 8.0, 0.0])
    expect_close(answer(changed)[0], answer(rewards)[0])


@holds("equal rewards have advantages 0")
def _equal_in_a_group(answer):
    expect_close(answer(_t([2.0, 2.0, 2.0], [-1.5, -1.5, -1.5])), np.zeros((2, 3)))


leave_one_out_advantages = Exercise(
    name="leave_one_out_advantages",
    returns=tensor,
    oracle=_leave_one_out,
    example=Example(
        GROUPS[0], np.array([3.0, -1.5, -1.5]), "3 - 0, then 0 - (3 + 0) / 2 twice"
    ),
    ordinary=GROUPS[1:],
    properties=(
        _sum_to_zero,
        _shift_of_a_group,
        _twice,
        _one_point_more,
        _groups_apart,
        _equal_in_a_group,
    ),
    extremes=(
        (_t([2.0, 2.0, 2.0], [-1.0, -1.0, -1.0]),),
        (_t(1000.5, 1000.25, 1003.0, 999.0),),
        (_t(-2000.0, 0.0, 1.0),),
        (_t([5.0, -5.0]),),
    ),
)


# PPO's clip


def _clipped(ratio, advantage, epsilon):
    total = 0.0
    for moved, good in zip(ratio, advantage, strict=True):
        if good >= 0:  # credit stops growing above 1 + epsilon
            total += good * min(moved, 1 + epsilon)
        else:  # blame stops shrinking below 1 - epsilon
            total += good * max(moved, 1 - epsilon)
    return total / len(ratio)


SAMPLES = (
    (_t(1.5, 1.5), _t(2.0, -2.0), 0.2),
    (_t(0.5, 0.5), _t(1.5, -1.0), 0.2),
    (_t(1.1, 0.75, 1.75, 0.1), _t(0.5, 2.0, -1.25, -0.75), 0.2),
    (_t(1.0, 1.0, 1.0), _t(0.5, -2.0, 3.0), 0.1),
    (_t(2.5, 0.6, 1.25), _t(1.0, 0.0, -1.5), 0.5),
    (_t(0.95, 1.3, 0.7, 1.02, 3.0), _t(-0.5, 0.75, -2.5, 1.0, 0.25), 0.1),
    (_t(1.4), _t(-3.0), 0.3),
    (_t(0.2, 1.9), _t(4.0, 4.0), 0.7),
)


@holds("before the first update, all ratios 1, it is the mean advantage")
def _mean_advantage(answer):
    for epsilon in (0.05, 0.2, 0.6):
        expect_close(answer(_t(1.0, 1.0), _t(2.0, -0.5), epsilon), 0.75)


@holds(
    "advantage above 0: once the ratio is above 1 + epsilon, more of it pays nothing"
)
def _no_more_credit(answer):
    for epsilon in (0.1, 0.4):
        for ratio in (1.5, 2.25, 8.0):
            expect_close(answer(_t(ratio), _t(0.5), epsilon), 0.5 * (1 + epsilon))


@holds(
    "advantage below 0: once the ratio is below 1 - epsilon, less of it pays nothing"
)
def _no_less_blame(answer):
    for epsilon in (0.1, 0.4):
        for ratio in (0.5, 0.25, 0.0):
            expect_close(answer(_t(ratio), _t(-2.0), epsilon), -2 * (1 - epsilon))


@holds("a ratio that moved the wrong way counts in full: the clip protects no mistake")
def _wrong_way(answer):
    for epsilon in (0.1, 0.4):
        for ratio, advantage in ((0.5, 2.0), (0.05, 0.5), (1.75, -1.0), (9.0, -0.5)):
            expect_close(answer(_t(ratio), _t(advantage), epsilon), ratio * advantage)


@holds("inside 1 - epsilon to 1 + epsilon nothing is clipped")
def _inside(answer):
    for ratio, advantage in ((1.25, 2.0), (0.75, -1.5), (1.1, -0.5), (0.9, 3.0)):
        expect_close(answer(_t(ratio), _t(advantage), 0.3), ratio * advantage)


@holds("each sample is clipped by itself, and the mean is over all of them")
def _mean_over_samples(answer):
    ratio, advantage = _t(2.0, 0.5, 0.5, 1.5, 1.05), _t(1.0, 3.0, -1.0, -2.0, 0.5)
    single = [answer(ratio[k : k + 1], advantage[k : k + 1], 0.2) for k in range(5)]
    expect_close(answer(ratio, advantage, 0.2), np.mean(single))


@holds("a hundred times the advantages have a hundred times the objective")
def _scales_with_advantages(answer):
    ratio, advantage = _t(1.6, 0.4, 1.1, 0.3), _t(2.0, 1.0, -3.0, -0.5)
    for times in (2, 100):
        expected = times * answer(ratio, advantage, 0.25)
        expect_close(answer(ratio, times * advantage, 0.25), expected)


clipped_objective = Exercise(
    name="clipped_objective",
    returns=tensor,
    oracle=_clipped,
    example=Example(SAMPLES[0], -0.3, "(2.4 - 3) / 2"),
    ordinary=SAMPLES[1:],
    properties=(
        _mean_advantage,
        _no_more_credit,
        _no_less_blame,
        _wrong_way,
        _inside,
        _mean_over_samples,
        _scales_with_advantages,
    ),
    extremes=(
        (_t(0.0, 0.001), _t(1.0, -1.0), 0.2),
        (_t(1000.0), _t(-2.0), 0.2),
        (_t(1000.0, 1.0), _t(3.0, -0.5), 0.2),
        (_t(0.05, 1.95, 2.5), _t(-1.0, 1.0, 1.0), 0.9),
        (_t(1.5, 0.5), _t(0.0, 0.0), 0.2),
    ),
    trainable=("ratio",),
    constant=("advantage",),
)


# Advantages over tokens


def _token_advantages(rewards, values, discount, decay):
    tokens = len(rewards)
    ahead = [*values[1:], 0.0]
    surprises = [rewards[t] + discount * ahead[t] - values[t] for t in range(tokens)]
    weights = [(discount * decay) ** k for k in range(tokens)]
    sums = [
        sum(w * s for w, s in zip(weights, surprises[t:], strict=False))
        for t in range(tokens)
    ]
    return np.array(sums)


RESPONSES = (
    (_t(0.0, 1.0), _t(0.5, 0.8), 1.0, 0.5),
    (_t(0.0, 0.0, 1.0), _t(0.2, 0.5, 0.7), 0.9, 0.95),
    (_t(-0.5, 0.25, 0.0, 2.0), _t(1.0, -0.5, 0.75, 1.5), 0.8, 0.6),
    (_t(1.5), _t(0.25), 0.7, 0.9),
    (_t(0.5, -1.0, 0.75), _t(-0.25, 1.25, 0.5), 1.0, 1.0),
    (_t(0.25, 0.5, -0.75), _t(0.5, -1.0, 2.0), 0.5, 0.0),
    (_t(0.0, -0.1, -0.2, 0.0, 1.0), _t(0.4, 0.3, 0.6, 0.5, 0.0), 0.95, 0.9),
)


@holds("with discount and decay 1: the sum of all rewards to come minus the value")
def _rewards_to_come(answer):
    rewards, values = _t(0.5, -1.0, 0.25, 2.0), _t(1.0, 0.5, -0.75, 1.5)
    to_come = np.array([1.75, 1.25, 2.25, 2.0])
    expect_close(answer(rewards, values, 1.0, 1.0), to_come - values.numpy())


@holds("with decay 0 an advantage is the surprise of its own token alone")
def _own_surprise(answer):
    rewards, values = _t(0.5, -1.0, 0.25), _t(1.0, 0.5, 2.0)
    wanted = [0.5 + 0.8 * 0.5 - 1.0, -1.0 + 0.8 * 2.0 - 0.5, 0.25 - 2.0]
    expect_close(answer(rewards, values, 0.8, 0.0), wanted)


@holds("values that forecast every reward leave no surprise: all advantages are 0")
def _no_surprise(answer):
    rewards, values = _t(0.5, -1.0, 2.0), _t(0.5, 0.0, 2.0)
    expect_close(answer(rewards, values, 0.5, 0.75), np.zeros(3))


@holds("a surprise k tokens later counts (discount * decay)^k")
def _later_counts_less(answer):
    rewards, values = _t(0.0, 0.0, 0.0, 1.0), _t(0.0, 0.0, 0.0, 0.0)
    wanted = np.array([0.3**3, 0.3**2, 0.3, 1.0])
    expect_close(answer(rewards, values, 0.5, 0.6), wanted)


find_the_bug_token_advantages = Exercise(
    name="find_the_bug_token_advantages",
    returns=tensor,
    oracle=_token_advantages,
    example=Example(RESPONSES[0], np.array([0.4, 0.2]), "0.3 + 0.5 * 0.2, and 0.2"),
    ordinary=RESPONSES[1:],
    properties=(_rewards_to_come, _own_surprise, _no_surprise, _later_counts_less),
    extremes=(
        (_t(*[0.0] * 39, 1.0), _t(*[0.5] * 40), 1.0, 0.95),
        (_t(-3.0), _t(400.0), 0.9, 0.9),
        (_t(1.0, 2.0, 3.0), _t(0.5, 1.5, -2.5), 0.0, 1.0),
    ),
)


predict_the_share_of_the_gradient = predict("predict_the_share_of_the_gradient", 7 / 8)

predict_the_clipped_slope = predict("predict_the_clipped_slope", -0.5)

predict_the_gradient_through_a_sample = predict(
    "predict_the_gradient_through_a_sample", 0.064
)

EXERCISES = (
    reward_model_loss,
    leave_one_out_advantages,
    clipped_objective,
    find_the_bug_token_advantages,
    predict_the_share_of_the_gradient,
    predict_the_clipped_slope,
    predict_the_gradient_through_a_sample,
)

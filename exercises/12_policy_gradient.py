"""Chapter 12, exercises: a reward model, and the gradient through a sample.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 12`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/12_policy_gradient.ipynb.
"""

import math

import torch
import torch.nn.functional as F


def reward_model_loss(reward_chosen, reward_rejected):
    """The loss that a reward model is trained with, on a batch of preference pairs.

    Bradley-Terry gives the label the probability sigmoid(reward of the chosen response
    - reward of the rejected one). The loss of a pair is minus its logarithm, in nats;
    the loss of a batch is the mean over its pairs.

    reward_chosen, reward_rejected: float64 tensors of shape (pairs,), the reward
    model's outputs.
    Returns a tensor of shape (), accurate for differences of rewards from -2000 to
    2000. Its gradient reaches both arguments.

    By hand: rewards 1.5 and 0.5 differ by 1, and -log sigmoid(1) = log(1 + e^-1) =
    0.3133.
    """
    raise NotImplementedError("reward_model_loss: the mean loss of a batch of pairs")


def leave_one_out_advantages(rewards):
    """Advantages: each reward against the mean of the other ones of its group.

    A prompt is answered several times; these samples are a group. The baseline of a
    sample is the mean reward of the *other* samples of its group, and its advantage is
    its reward minus its baseline. The baseline does not depend on the sample, so the
    policy gradient stays unbiased.

    rewards: a float64 tensor of shape (..., samples) with at least 2 samples; the last
    axis runs through a group, and no group knows of another.
    Returns a float64 tensor of the same shape. Equal rewards have advantages 0.

    By hand: rewards [3, 0, 0]. The others of the first have mean 0, those of the second
    (3 + 0) / 2 = 1.5. The advantages are [3, -1.5, -1.5].
    """
    raise NotImplementedError("leave_one_out_advantages: reward minus the others' mean")


def clipped_objective(ratio, advantage, epsilon):
    """PPO's clipped objective, to be maximized.

    ratio is pi(y) / pi_old(y): how much more likely a sample has become under the
    policy since it was drawn. For one sample the objective is the smaller one of
    ratio * advantage and clipped * advantage, where clipped is the ratio kept between
    1 - epsilon and 1 + epsilon. The objective of a batch is the mean over its samples.

    ratio, advantage: float64 tensors of shape (samples,), ratios from 0 to 1000,
    advantages of both signs; epsilon: a float above 0 and below 1.
    Returns a tensor of shape (). Its gradient reaches ratio. Advantages are constants:
    detach them, so that no gradient reaches whatever computed them.

    By hand: ratios 1.5 and 1.5, advantages 2 and -2, epsilon 0.2. The first sample has
    min(3, 1.2 * 2) = 2.4, the second min(-3, -2.4) = -3, and the mean is -0.3.
    """
    raise NotImplementedError("clipped_objective: the mean of the smaller one of two")


def find_the_bug_token_advantages(rewards, values, discount, decay):
    """Find the bug: advantages over the tokens of a response (GAE).

    values[t] forecasts, before token t is written, the sum of all rewards to come.
    The surprise of token t is rewards[t] + discount * values[t + 1] - values[t]; after
    the last token nothing is to come, so the value there is 0. The advantage of token t
    is the sum of its own surprise and all later ones, where the surprise k tokens later
    counts (discount * decay)^k.

    The code below runs, and it is right about every response whose last value is 0; yet
    one thing is wrong. Delete the line that raises, find the bug and mend it.

    rewards, values: float64 tensors of shape (tokens,), at least one token; discount,
    decay: floats from 0 to 1, which papers call gamma and lambda.
    Returns a float64 tensor of shape (tokens,).

    By hand: rewards [0, 1], values [0.5, 0.8], discount 1, decay 0.5. The surprises are
    0 + 0.8 - 0.5 = 0.3 and 1 + 0 - 0.8 = 0.2, so the advantages are 0.3 + 0.5 * 0.2 =
    0.4 and 0.2.
    """
    raise NotImplementedError("find_the_bug_token_advantages: delete this and mend")
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        following = values[min(t + 1, len(values) - 1)]
        surprise = rewards[t] + discount * following - values[t]
        later = surprise + discount * decay * later
        advantages[t] = later
    return advantages


def predict_the_share_of_the_gradient():
    """Predict the number: what is left of the gradient?

    Each prompt is answered 8 times, independently. The baseline of every sample is the
    mean reward of all 8, its own reward included. On average over many groups, what
    share of the true policy gradient does the mean of (reward - baseline) * gradient of
    log pi give?

    Work it out on paper first. Returns that share, right to three digits.
    """
    raise NotImplementedError("predict_the_share_of_the_gradient: return the share")


def predict_the_clipped_slope():
    """Predict the number: does the clip hold this sample?

    One sample: its ratio is 1.6, its advantage -0.5, and epsilon is 0.2. What is the
    derivative of PPO's clipped objective, the smaller one of ratio * advantage and
    clipped * advantage, in the ratio?

    Work it out on paper first. Returns that derivative, with its sign, right to three
    digits.
    """
    raise NotImplementedError("predict_the_clipped_slope: return the derivative")


def predict_the_gradient_through_a_sample():
    """Predict the number: the gradient of an average over samples.

    A coin shows b = 1 with probability p = sigmoid(z) = 0.2 and b = 0 otherwise. It
    costs (b - 0.3)^2. What is the derivative of the expected cost in z?

    Work it out on paper first. Returns that derivative, with its sign, right to three
    digits.
    """
    raise NotImplementedError("predict_the_gradient_through_a_sample: return it")

"""Chapter 05, exercises: read the optimal policy backwards, and Z cancels.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 05`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/05_cancellation.ipynb. The five derive_ functions are the derivation of the
DPO loss, one step each; they compute with sympy's symbols: `sp.log(x) + y**2`.
"""

import math

import numpy as np
import sympy as sp


def implicit_reward(logp, ref_logp, beta):
    """The reward for which a policy is optimal: beta * log(policy / reference).

    logp, ref_logp: the log-probabilities of the same responses under the policy and
    under the reference, in nats: two floats, or two float64 arrays of the same shape.
    beta: a float above 0.
    Returns the implicit reward of each response: one number, or an array of that
    shape. log-probabilities may be as low as -10000; where the policy never gives a
    response (logp = -inf), its reward is -inf.

    By hand: logp -4.5 and ref_logp -5 with beta 0.1: the policy gives the response
    e^0.5 times as often as the reference, and the reward is 0.1 * 0.5 = 0.05.
    """
    raise NotImplementedError("implicit_reward: beta times the log-ratio")


def log10_responses(vocabulary_size, length):
    """How many responses are there? The base-10 logarithm of the number.

    A response is a sequence of exactly `length` tokens, and each of them may be any of
    the `vocabulary_size` tokens.

    vocabulary_size: an int, at least 1; length: an int, at least 0. The number itself
    may have thousands of digits.
    Returns one number, log10 of how many different responses there are.

    By hand: 10 tokens make 10 * 10 * 10 = 1000 responses of length 3, and
    log10 1000 = 3.
    """
    raise NotImplementedError("log10_responses: log10 of the number of sequences")


def derive_reward(policy, ref, beta, z):
    """Derivation, step 1: read the optimal policy backwards.

    For one response of one prompt, the optimal policy is

        policy = ref * e^(reward / beta) / z.

    Solve it for the reward.

    policy, ref, beta, z: sympy symbols, all positive; z is the partition function.
    Returns the reward, a sympy expression in these four symbols.

    By hand: policy 1/2, ref 1/4, beta 2 and z 3 have e^(reward / 2) = 6, so the reward
    is 2 log 6 = 3.5835.
    """
    raise NotImplementedError("derive_reward: solve the optimal policy for the reward")


def derive_reward_gap(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Derivation, step 2: subtract, and z cancels.

    Two responses of the same prompt have the rewards of step 1, with the same z.

    All arguments: positive sympy symbols.
    Returns reward(chosen) - reward(rejected), a sympy expression in which z does not
    occur any more.

    By hand: policy 1/2 and 1/4, ref 1/4 and 1/2, beta 2: the gap is
    2 log 2 - 2 log(1/2) = 4 log 2 = 2.7726, whatever z.
    """
    raise NotImplementedError("derive_reward_gap: the difference, free of z")


def derive_preference(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Derivation, step 3: what Bradley-Terry says about these rewards.

    The chosen response beats the rejected one with odds
    e^reward(chosen) : e^reward(rejected).

    All arguments: positive sympy symbols.
    Returns the probability that chosen beats rejected, a sympy expression in them.

    By hand: policy 1/2 and 1/4, ref 1/4 and 1/2, beta 2: the gap 4 log 2 makes the
    odds 16 : 1 and the probability 16/17 = 0.9412.
    """
    raise NotImplementedError("derive_preference: P(chosen beats rejected)")


def derive_loss(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Derivation, step 4: the loss is the negative log-likelihood of the label.

    All arguments: positive sympy symbols.
    Returns the DPO loss of one pair in which chosen won, a sympy expression in them.

    By hand: policy 1/2 and 1/4, ref 1/4 and 1/2, beta 2: the probability 16/17 makes
    the loss log(17/16) = 0.0606.
    """
    raise NotImplementedError("derive_loss: -log of the probability of step 3")


def derive_leftover(beta, z_chosen, z_rejected):
    """Derivation, step 5: where the cancellation stops.

    Now the two responses belong to different prompts, with the partition functions
    z_chosen and z_rejected. Their reward gap is the difference of the implicit rewards
    beta * log(policy / ref), plus something that is left over.

    beta, z_chosen, z_rejected: positive sympy symbols.
    Returns what is left over, a sympy expression in them.

    By hand: beta 2, z_chosen 3, z_rejected 1: 2 log 3 = 2.1972 is left over.
    """
    raise NotImplementedError("derive_leftover: what does not cancel across prompts")


def find_the_bug_partition_estimate(ref_logp, reward, beta):
    """Find the bug: estimate log Z from responses that the reference wrote.

    N responses were drawn at random from the reference, and each was scored; the same
    response may have come up more than once. Z is the reference's average of
    e^(reward / beta), so its estimate is an average over the draws. The code below
    runs, and its numbers look plausible; yet one thing is wrong. Delete the line that
    raises, find the bug and mend it.

    ref_logp, reward: two float64 arrays of shape (draws,): the log-probability of each
    draw under the reference, and its reward. beta: a float above 0.
    Returns one number, the log of the estimate of Z.

    By hand: three draws with rewards [0, 0, log 7] and beta 1. The multipliers 1, 1, 7
    average to 3, so the value is log 3 = 1.0986, however probable the draws were.
    """
    raise NotImplementedError("find_the_bug_partition_estimate: delete this and mend")
    weight = np.exp(ref_logp)
    weight = weight / weight.sum()
    best = reward.max()
    return best / beta + np.log(np.sum(weight * np.exp((reward - best) / beta)))


def predict_the_average_multiplier():
    """Predict the number: what is the average of e^(implicit reward / beta)?

    The reference gives three responses with probabilities 0.5, 0.3 and 0.2, a trained
    policy with 0.1, 0.2 and 0.7; beta is 0.1. Take the implicit reward of each
    response, divide it by beta, exponentiate, and average over the reference. What
    comes out?

    Work it out on paper first. Returns that average, right to three digits.
    """
    raise NotImplementedError("predict_the_average_multiplier: return the average")


def predict_the_level():
    """Predict the number: the constant that the implicit reward lacks.

    At beta = 0.5 the optimal policy gives a certain response twice as often as the
    reference does. The true reward of the response is 2. What is beta * log Z?

    Work it out on paper first. Returns beta * log Z, right to three digits.
    """
    raise NotImplementedError("predict_the_level: return beta * log Z")

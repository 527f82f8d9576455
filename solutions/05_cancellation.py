"""Chapter 05, solutions: the slow, obvious version of each exercise, and why."""

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
    # A difference of logarithms is the logarithm of the ratio, and never underflows.
    return beta * (logp - ref_logp)


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
    # log10(V * V * ... * V) = L log10 V. The product itself would be too long a number.
    return length * math.log10(vocabulary_size)


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
    # Times z, over ref, log, times beta: each undoes one operation of the formula.
    return beta * sp.log(policy / ref) + beta * sp.log(z)


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
    # beta log z occurs in both rewards, once with each sign: sympy's sum drops it.
    reward_chosen = derive_reward(policy_chosen, ref_chosen, beta, z)
    reward_rejected = derive_reward(policy_rejected, ref_rejected, beta, z)
    return reward_chosen - reward_rejected


def derive_preference(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Derivation, step 3: what Bradley-Terry says about these rewards.

    The chosen response beats the rejected one with odds
    e^reward(chosen) : e^reward(rejected).

    All arguments: positive sympy symbols.
    Returns the probability that chosen beats rejected, a sympy expression in them.

    By hand: policy 1/2 and 1/4, ref 1/4 and 1/2, beta 2: the gap 4 log 2 makes the
    odds 16 : 1 and the probability 16/17 = 0.9412.
    """
    # Odds e^gap : 1. Nothing but policy and reference is left to know.
    gap = beta * sp.log(policy_chosen / ref_chosen)
    gap -= beta * sp.log(policy_rejected / ref_rejected)
    return 1 / (1 + sp.exp(-gap))


def derive_loss(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Derivation, step 4: the loss is the negative log-likelihood of the label.

    All arguments: positive sympy symbols.
    Returns the DPO loss of one pair in which chosen won, a sympy expression in them.

    By hand: policy 1/2 and 1/4, ref 1/4 and 1/2, beta 2: the probability 16/17 makes
    the loss log(17/16) = 0.0606.
    """
    # What maximum likelihood minimizes: here for one label, later the mean over many.
    return -sp.log(
        derive_preference(
            policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
        )
    )


def derive_leftover(beta, z_chosen, z_rejected):
    """Derivation, step 5: where the cancellation stops.

    Now the two responses belong to different prompts, with the partition functions
    z_chosen and z_rejected. Their reward gap is the difference of the implicit rewards
    beta * log(policy / ref), plus something that is left over.

    beta, z_chosen, z_rejected: positive sympy symbols.
    Returns what is left over, a sympy expression in them.

    By hand: beta 2, z_chosen 3, z_rejected 1: 2 log 3 = 2.1972 is left over.
    """
    # Each reward has its own beta log z, and these two are different symbols.
    return beta * sp.log(z_chosen) - beta * sp.log(z_rejected)


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
    # The bug was to weigh the draws by their probability. A probable response comes up
    # more often among the draws: it has been counted already, and each draw counts 1/N.
    best = reward.max()
    return best / beta + np.log(np.mean(np.exp((reward - best) / beta)))


def predict_the_average_multiplier():
    """Predict the number: what is the average of e^(implicit reward / beta)?

    The reference gives three responses with probabilities 0.5, 0.3 and 0.2, a trained
    policy with 0.1, 0.2 and 0.7; beta is 0.1. Take the implicit reward of each
    response, divide it by beta, exponentiate, and average over the reference. What
    comes out?

    Work it out on paper first. Returns that average, right to three digits.
    """
    # e^(implicit reward / beta) is policy / reference. Averaged over the reference,
    # the reference cancels: what remains is the sum of the policy's probabilities.
    return 0.5 * (0.1 / 0.5) + 0.3 * (0.2 / 0.3) + 0.2 * (0.7 / 0.2)


def predict_the_level():
    """Predict the number: the constant that the implicit reward lacks.

    At beta = 0.5 the optimal policy gives a certain response twice as often as the
    reference does. The true reward of the response is 2. What is beta * log Z?

    Work it out on paper first. Returns beta * log Z, right to three digits.
    """
    # reward = beta log(policy / ref) + beta log Z, so beta log Z = 2 - 0.5 log 2.
    return 2 - 0.5 * math.log(2)

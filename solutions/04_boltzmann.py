"""Chapter 04, solutions: the slow, obvious version of each exercise, and why."""

import numpy as np


def log_partition(ref, reward, beta):
    """The log of the partition function Z, for each prompt.

    Z is the average multiplier of the reference's responses: the sum of
    ref * e^(reward / beta) over all responses of the prompt.

    ref, reward: two float64 arrays of the same shape, (responses,) or (prompts,
    responses): the probabilities of the responses under the reference, some of which
    may be 0, and their rewards, between -1000 and 1000. beta: a float above 0.
    Returns log Z: one number, or an array of shape (prompts,).

    By hand: ref [1/4, 3/4], reward [log 3, 0] and beta 1/2 make the multipliers 9 and
    1, so Z = 9/4 + 3/4 = 3 and log Z = log 3 = 1.0986.
    """
    # Multiplier times probability, summed. The best reward that the reference can reach
    # is taken out of the sum first: all powers left are at most 1, one of them is 1.
    possible = np.where(ref > 0, reward, -np.inf)
    best = possible.max(axis=-1)
    multiplier = np.exp((possible - best[..., None]) / beta)
    return best / beta + np.log(np.sum(ref * multiplier, axis=-1))


def optimal_policy(ref, reward, beta):
    """The policy that maximizes expected reward - beta * KL(policy || ref).

    It is the reference, tilted: ref * e^(reward / beta) / Z, where Z makes the
    probabilities of each prompt's responses sum to 1.

    ref, reward: two float64 arrays of the same shape, (responses,) or (prompts,
    responses): the probabilities of the responses under the reference, some of which
    may be 0, and their rewards, between -1000 and 1000. beta: a float above 0.
    Returns an array of the same shape: the optimal probabilities.

    By hand: ref [1/4, 3/4], reward [log 3, 0] and beta 1/2 make the multipliers 9 and
    1, the products 9/4 and 3/4, and the optimal policy [3/4, 1/4].
    """
    # A constant added to all rewards of a prompt multiplies Z and every product alike,
    # so the best reward may count as 0, and no power overflows.
    possible = np.where(ref > 0, reward, -np.inf)
    best = possible.max(axis=-1, keepdims=True)
    product = ref * np.exp((possible - best) / beta)
    return product / product.sum(axis=-1, keepdims=True)


def objective(policy, ref, reward, beta):
    """What a policy is worth: J = expected reward - beta * KL(policy || ref).

    The KL is the sum of policy * log(policy / ref) over the responses, in nats. A
    response that the policy never gives contributes nothing to either sum. If the
    policy gives a response that the reference never gives, J is -inf.

    policy, ref, reward: three float64 arrays of the same shape, (responses,) or
    (prompts, responses); policy and ref are probabilities. beta: a float above 0.
    Returns J: one number, or an array of shape (prompts,).

    By hand: policy [1/2, 1/2], ref [1/4, 3/4], reward [log 3, 0], beta 1/2. The
    expected reward is 1/2 log 3 = 0.5493, the KL 1/2 log 2 + 1/2 log(2/3) = 0.1438, so
    J = 0.5493 - 0.0719 = 0.4774.
    """
    # Both sums run over the responses that the policy gives: 0 log 0 counts as 0. Where
    # the reference is 0 and the policy is not, the logarithm is infinite, as it should.
    given = policy > 0
    with np.errstate(divide="ignore"):
        ratio = np.where(given, policy, 1.0) / np.where(given, ref, 1.0)
    expected_reward = np.sum(policy * reward, axis=-1)
    return expected_reward - beta * np.sum(policy * np.log(ratio), axis=-1)


def find_the_bug_regret(policy, ref, reward, beta):
    """Find the bug: how much does a policy leave on the table?

    Its regret is J(optimal policy) - J(policy), in units of reward, where
    J = expected reward - beta * KL(policy || ref). The code below computes it as a
    KL divergence, as the Gibbs variational principle allows. It runs, its result is
    never negative, and 0 for the optimal policy; yet one thing is wrong. Delete the
    line that raises, find the bug and mend it.

    policy, ref, reward: three float64 arrays of shape (responses,); all probabilities
    are above 0. beta: a float above 0.
    Returns one number.

    By hand: for ref [1/4, 3/4], reward [log 3, 0] and beta 1/2 the optimal policy
    [3/4, 1/4] has J = 1/2 log 3 = 0.5493. The policy [1/2, 1/2] has J = 0.4774, so its
    regret is 0.0719.
    """
    # The bug was the direction of the KL: the judged policy takes the average.
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum(policy * np.log(policy / optimal))


def predict_half_the_beta():
    """Predict the number: what does half the beta do to the optimal policy?

    There are two responses. The reference gives the better one with probability 0.2,
    and at beta = 1 the optimal policy gives it with probability 0.6. With which
    probability does the optimal policy give it at beta = 0.5?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    # Odds 1 : 4 became 3 : 2, so e^(reward gap / beta) is 6 at beta = 1.
    # Half the beta squares it: 36 times 1 : 4 are 9 : 1.
    return 9 / 10


def predict_the_shift():
    """Predict the number: what does a constant do to log Z?

    A new reward model agrees with the old one, except that it adds 3 points to every
    response of the prompt. beta is 0.5. By how much is log Z larger than before?

    Work it out on paper first. Returns that difference, right to three digits.
    """
    # Every multiplier e^(r / beta) becomes e^(3 / 0.5) times as large, and so does Z.
    return 3 / 0.5

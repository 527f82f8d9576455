"""Chapter 04, exercises: the best policy, and what it is worth.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 04`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/04_boltzmann.ipynb.
"""

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
    raise NotImplementedError("log_partition: log of the average multiplier, Z")


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
    raise NotImplementedError("optimal_policy: the tilted reference, as probabilities")


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
    raise NotImplementedError("objective: expected reward minus beta times the KL")


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
    raise NotImplementedError("find_the_bug_regret: delete this line and mend")
    product = ref * np.exp((reward - reward.max()) / beta)
    optimal = product / product.sum()
    return beta * np.sum(optimal * np.log(optimal / policy))


def predict_half_the_beta():
    """Predict the number: what does half the beta do to the optimal policy?

    There are two responses. The reference gives the better one with probability 0.2,
    and at beta = 1 the optimal policy gives it with probability 0.6. With which
    probability does the optimal policy give it at beta = 0.5?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    raise NotImplementedError("predict_half_the_beta: return the new probability")


def predict_the_shift():
    """Predict the number: what does a constant do to log Z?

    A new reward model agrees with the old one, except that it adds 3 points to every
    response of the prompt. beta is 0.5. By how much is log Z larger than before?

    Work it out on paper first. Returns that difference, right to three digits.
    """
    raise NotImplementedError("predict_the_shift: return by how much log Z grows")

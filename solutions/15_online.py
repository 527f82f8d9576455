"""Chapter 15, solutions: the slow, obvious version of each exercise, and why."""

import math

import numpy as np


def effective_beta(beta, rounds):
    """The beta of the one round that does what several rounds do.

    An exact round turns a reference into the policy
    reference * e^(reward / beta), normalized. With a moving reference this policy is
    the reference of the next round. The reward and beta are the same in every round.

    beta: a float above 0. rounds: a whole number from 0 on.
    Returns a number: the beta at which one exact round, from the first reference,
    arrives where all the rounds together arrive. No round at all leaves the first
    reference as it is; so would one round at an infinite beta: return math.inf then.

    By hand: reference 1/2 and 1/2, rewards log 3 and 0, beta 1. One round makes it
    3/4 and 1/4, a second one 9/10 and 1/10. The odds are 9 = e^(log 3 / 0.5): two
    rounds at beta 1 do what one does at 0.5.
    """
    if rounds == 0:
        return math.inf
    # Tilts multiply, so their exponents add: rounds * reward / beta = reward / answer.
    inverse = 0.0
    for _ in range(rounds):
        inverse += 1 / beta
    return 1 / inverse


def iterate(policy, reference, round_fn, rounds):
    """Run rounds: each one goes on from what the last one left.

    policy, reference: what the first round gets; numbers or arrays, it does not matter.
    round_fn: a function that does one round. round_fn(policy, reference) returns a
    tuple of two: the policy that was learned, and the reference for the next round.
    A round with a fixed reference hands back the reference that it was given, a round
    with a moving reference hands back the policy that it has learned; others mix them.
    It is for round_fn to decide, not for you. rounds: a whole number from 0 on.
    Calls round_fn once a round, and never if rounds is 0.
    Returns a list of rounds + 1 policies: the first one as given, then the policy after
    each round.

    By hand: round_fn(policy, reference) returns (policy + reference, policy). From
    policy 1 and reference 1, three rounds give [1, 2, 3, 5].
    """
    policies = [policy]
    for _ in range(rounds):
        # One call, both results: a round is training and may not be done twice.
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return policies


def find_the_bug_slips(reward_a, reward_b, rate):
    """Find the bug: how often does a judge who slips prefer a?

    A judge who follows Bradley-Terry prefers a with probability
    sigmoid(reward_a - reward_b). This one is careless: with probability rate, whatever
    the case, her verdict is turned around.

    The code below is right without slips and right where the rewards are equal, and it
    lets P fall toward 1/2 as the rate grows; yet one thing is wrong. Delete the line
    that raises, find the bug and mend it.

    reward_a, reward_b: float64 arrays of shape (pairs,); rate: a float from 0 to 1.
    Returns an array of shape (pairs,), the probability that she says "a". Differences
    of rewards up to 2000 must work.

    By hand: rewards log 4 and 0, rate 0.25. She thinks "a" with probability 0.8, so she
    says it with probability 0.75 * 0.8 + 0.25 * 0.2 = 0.65.
    """
    gap = np.clip(reward_a - reward_b, -700, 700)
    p = 1 / (1 + np.exp(-gap))
    # The slip comes after the judgment, so it multiplies P, not the difference: even a
    # clear case is lost with probability rate.
    return (1 - rate) * p + rate * (1 - p)


def predict_three_betas():
    """Predict the number: three rounds at three betas.

    Three exact rounds with a moving reference and the same reward, the first at beta
    0.5, the second at beta 1, the third at beta 4. Which beta would one round need to
    arrive at the same policy?

    Work it out on paper first. Returns that beta, right to three digits.
    """
    # The exponents add: reward / 0.5 + reward / 1 + reward / 4 = 3.25 * reward.
    return 1 / (1 / 0.5 + 1 / 1 + 1 / 4)


def diagnose_the_happy_judge():
    """Diagnose the run: the judge is happy.

    A real log: four rounds from the reference of chapter 15, which stays fixed, 1,000
    new verdicts per round by one and the same judge, all verdicts kept. Columns: how
    often the judge prefers the policy's answer to the reference's; how often people do,
    who were asked about some answers; accuracy of the implicit reward on the judge's
    next verdicts; share of the next pairs that hold the same answer twice.

        round  judge prefers it  people prefer it  accuracy  twice the same
            0              0.50              0.50      0.50            0.01
            1              0.84              0.59      0.52            0.11
            2              0.86              0.52      0.58            0.09
            3              0.87              0.53      0.54            0.09
            4              0.88              0.51

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the judge turns many verdicts around by chance"
        "the judge means something else than people do"
        "the policy labels itself"
        "too many rounds with a moving reference"
        "the policy says one thing only"
    """
    # The judge prefers the policy ever more, people do not. Chance errors would show in
    # the judge's own column, a policy that says one thing only in the last one.
    return "the judge means something else than people do"

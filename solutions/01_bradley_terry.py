"""Chapter 01, solutions: the slow, obvious version of each exercise, and why."""

import math

import numpy as np


def preference_probability(reward_i, reward_j):
    """The probability that i beats j, under the Bradley-Terry model.

    The odds that i beats j are e^reward_i to e^reward_j.

    reward_i, reward_j: two floats, in nats, anywhere between -1000 and 1000.
    Returns one number from 0 to 1.

    By hand: rewards 2 and 1 give odds e^2 : e^1 = e : 1, so the probability is
    e / (e + 1) = 0.7311.
    """
    # Dividing e^i / (e^i + e^j) by the larger power leaves only the gap, and no power
    # that is left can overflow.
    gap = reward_i - reward_j
    if gap >= 0:
        return 1 / (1 + math.exp(-gap))
    return math.exp(gap) / (math.exp(gap) + 1)


def compose_preferences(p_ab, p_bc):
    """The probability that a beats c, from those of a over b and of b over c.

    Bradley-Terry holds among the three, so their rewards exist, but you do not know
    them. What you can use: the odds p / (1 - p) multiply along the chain a, b, c.

    p_ab: P(a beats b); p_bc: P(b beats c). Two floats strictly between 0 and 1.
    Returns one number between 0 and 1, P(a beats c).

    By hand: 0.7 and 0.6 are odds 7 : 3 and 3 : 2, together 7 : 2, so P(a beats c) is
    7 / 9 = 0.7778.
    """
    # Log-odds are reward gaps, and gaps add along a chain: so odds multiply.
    odds = p_ab / (1 - p_ab) * p_bc / (1 - p_bc)
    return odds / (1 + odds)


def plackett_luce_nll(rewards):
    """The negative log-likelihood of one ranking, under the Plackett-Luce model.

    A ranking is a sequence of choices: first the best of all items, then the best of
    those that are left, and so on. Each choice takes item k with probability
    e^reward_k divided by the sum of e^reward over the items still left, k included.

    rewards: a 1-D float64 array in ranked order, best first, between -1000 and 1000.
    Returns one number, in nats: -log P(this ranking).

    By hand: three equal rewards make all 3! = 6 rankings equally likely, so the value
    is log 6 = 1.7918.
    """
    # One choice a round: the log-sum over the items left, minus the reward of the one
    # that was chosen. Taking the largest of *those left* out keeps every sum above 0.
    total = 0.0
    for place, chosen in enumerate(rewards):
        left = rewards[place:]
        largest = max(left)
        total += largest + math.log(sum(math.exp(r - largest) for r in left)) - chosen
    return total


def find_the_bug_expected_wins(rewards):
    """Find the bug: how many games does each team win in a round robin, on average?

    Every team plays every other team once, and P(i beats j) is Bradley-Terry. The
    code below runs, and its numbers look plausible; yet one thing is wrong. Delete
    the line that raises, find the bug and mend it.

    rewards: a 1-D float64 array of K rewards.
    Returns a 1-D float64 array: the expected number of wins of each team.

    By hand: three equal teams play two games each and win one each, on average.
    """
    # The bug was a team playing itself, which gave everybody half a win too many.
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            if i != j:
                wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def predict_the_cycle():
    """Predict the number: can a beat b, b beat c, and c beat a?

    Annotators prefer a to b with probability 0.9, and b to c with probability 0.8.
    If Bradley-Terry holds, with which probability do they prefer c to a?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    # Odds 9 : 1 and 4 : 1 make 36 : 1 for a over c, so c beats a once in 37.
    return 1 / 37

"""Chapter 01, exercises: a comparison becomes a probability.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 01`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/01_bradley_terry.ipynb.
"""

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
    raise NotImplementedError("preference_probability: P(i beats j) from two rewards")


def compose_preferences(p_ab, p_bc):
    """The probability that a beats c, from those of a over b and of b over c.

    Bradley-Terry holds among the three, so their rewards exist, but you do not know
    them. What you can use: the odds p / (1 - p) multiply along the chain a, b, c.

    p_ab: P(a beats b); p_bc: P(b beats c). Two floats strictly between 0 and 1.
    Returns one number between 0 and 1, P(a beats c).

    By hand: 0.7 and 0.6 are odds 7 : 3 and 3 : 2, together 7 : 2, so P(a beats c) is
    7 / 9 = 0.7778.
    """
    raise NotImplementedError("compose_preferences: P(a beats c) from two probabilities")


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
    raise NotImplementedError("plackett_luce_nll: -log P(ranking), best item first")


def find_the_bug_expected_wins(rewards):
    """Find the bug: how many games does each team win in a round robin, on average?

    Every team plays every other team once, and P(i beats j) is Bradley-Terry. The
    code below runs, and its numbers look plausible; yet one thing is wrong. Delete
    the line that raises, find the bug and mend it.

    rewards: a 1-D float64 array of K rewards.
    Returns a 1-D float64 array: the expected number of wins of each team.

    By hand: three equal teams play two games each and win one each, on average.
    """
    raise NotImplementedError("find_the_bug_expected_wins: delete this line and mend")
    wins = np.zeros(len(rewards))
    for i in range(len(rewards)):
        for j in range(len(rewards)):
            wins[i] += 1 / (1 + np.exp(rewards[j] - rewards[i]))
    return wins


def predict_the_cycle():
    """Predict the number: can a beat b, b beat c, and c beat a?

    Annotators prefer a to b with probability 0.9, and b to c with probability 0.8.
    If Bradley-Terry holds, with which probability do they prefer c to a?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    raise NotImplementedError("predict_the_cycle: return P(c beats a)")

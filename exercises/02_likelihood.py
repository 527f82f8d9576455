"""Chapter 02, exercises: from votes to rewards.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 02`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/02_likelihood.ipynb.
"""

import math

import numpy as np


def negative_log_likelihood(rewards, winners, losers):
    """The negative log-likelihood of a set of comparisons, per comparison.

    Comparison n was won by item winners[n] and lost by item losers[n]. Under the
    Bradley-Terry model it costs -log sigmoid(reward of winner - reward of loser); the
    result is the mean over the comparisons.

    rewards: a 1-D float64 array, one reward per item, between -1000 and 1000.
    winners, losers: two 1-D integer arrays of the same length, item numbers from 0; a
    pair may come several times, and some items may never come.
    Returns one number, in nats.

    By hand: rewards 1, 0.2, -0.5; item 0 beat 1, item 2 beat 0. The gaps are 0.8 and
    -1.5, they cost 0.3711 and 1.7014, and the mean is 1.0363.
    """
    raise NotImplementedError("negative_log_likelihood: mean -log sigmoid(gap)")


def fit_rewards(wins):
    """The rewards under which the observed wins are most probable.

    These are the maximum-likelihood rewards of the Bradley-Terry model. A constant
    added to all of them changes no probability: make their mean 0.

    wins: a 2-D integer array (K, K); wins[i, j] = how often item i beat item j, 0 on
    the diagonal. A finite best fit exists for every table that you will be given.
    Returns a 1-D float64 array of K rewards, in nats, right to at least 7 digits: an
    iteration stops when the rewards no longer change, not after a fixed number of
    steps.

    By hand: item 0 beat item 1 three times and lost once. The best gap is
    logit(3/4) = log 3 = 1.0986, so the rewards are 0.5493 and -0.5493.
    """
    raise NotImplementedError("fit_rewards: the most likely rewards, with mean 0")


def mle_exists(wins):
    """Is there a finite best-fitting reward, unique up to a constant?

    Draw an arrow from i to j if i beat j at least once. A maximum-likelihood estimate
    (MLE) exists, finite and unique up to a constant, exactly when one can walk along
    arrows from every item to every other.

    wins: a 2-D integer array (K, K), K at least 2; wins[i, j] = how often item i beat
    item j, from 0 to 10^5; 0 on the diagonal.
    Returns True or False.

    By hand: 0 beat 1, 1 beat 2, 2 beat 0. Following the ring you get from everyone to
    everyone: True. Without the last game nobody reaches 0: False.
    """
    raise NotImplementedError("mle_exists: is the graph of wins strongly connected?")


def find_the_bug_gradient(rewards, winners, losers):
    """Find the bug: in which direction do the votes pull the rewards?

    This should be the gradient of `negative_log_likelihood`: entry k is the derivative
    of the mean loss with respect to rewards[k]. The code below runs, and its signs are
    right; yet one thing is wrong. Delete the line that raises, find the bug and mend
    it.

    rewards: a 1-D float64 array, between -5 and 5. winners, losers: as above.
    Returns a 1-D float64 array with the shape of rewards, in nats per nat.

    By hand: rewards log 3 and 0, and item 0 beat item 1 once, which the model expected
    with probability 3/4. Only the missing quarter pulls: the gradient is -1/4, 1/4.
    """
    raise NotImplementedError("find_the_bug_gradient: delete this line and mend")
    gradient = np.zeros(len(rewards))
    for winner, loser in zip(winners, losers):
        pull = 1 / (1 + np.exp(rewards[loser] - rewards[winner]))
        gradient[winner] -= pull
        gradient[loser] += pull
    return gradient / len(winners)


def predict_the_floor():
    """Predict the number: what does a perfect model lose?

    Readers prefer answer A to answer B with probability 0.75, and no model can know
    how the next reader votes. A model is scored by -log of the probability that it gave
    to each vote. What is the lowest loss per vote, averaged over endlessly many new
    votes on this pair, that any model can reach?

    Work it out on paper first. Returns that loss in nats, right to three digits.
    """
    raise NotImplementedError("predict_the_floor: return the lowest mean loss")


def predict_the_error_bar():
    """Predict the number: how well do a hundred votes fix a reward gap?

    80 of 100 readers preferred A to B. The maximum-likelihood gap is log 4 = 1.3863.
    What is its standard error, by the Fisher information of the votes at this gap?

    Work it out on paper first. Returns that standard error in nats, right to three
    digits.
    """
    raise NotImplementedError("predict_the_error_bar: return the standard error")

"""Chapter 10, exercises: a world small enough to list.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 10`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/10_preference_world.ipynb.
"""

import math

import numpy as np


def label_pair(reward_a, reward_b, uniform):
    """Which of two responses does an annotator prefer?

    Annotators follow Bradley-Terry: they prefer a with probability
    P = sigmoid(reward_a - reward_b). `uniform` is the chance that decides, one number
    for each pair, drawn evenly from [0, 1): a is preferred where it is below P. Draw
    nothing yourself.

    reward_a, reward_b, uniform: float64 arrays of shape (N,).
    Returns a boolean array of shape (N,), True where a is preferred.
    Rewards are anywhere from -1000 to 1000.

    By hand: rewards 3 and 1.5 make P = sigmoid(1.5) = 0.8176. With uniform 0.5 the
    annotator prefers a; with uniform 0.9 she prefers b, though a is better.
    """
    raise NotImplementedError("label_pair: True where the annotator prefers a")


def exact_kl(logp, ref_logp):
    """KL(policy || reference) for every prompt, summed over all responses.

    For one prompt: the sum over responses of pi(y) * (log pi(y) - log ref(y)), in
    nats. Nothing is sampled, because all responses are listed.

    logp, ref_logp: float64 arrays of shape (prompts, responses), log-probabilities;
    in each row the probabilities sum to 1.
    Returns a float64 array of shape (prompts,).
    A response that the policy never gives, logp = -inf, adds 0, whatever the
    reference says. One that it gives, however rarely, and the reference never does
    makes the KL inf. Log-probabilities may be as low as -1000 on either side.

    By hand: the policy gives three responses with 1/2, 1/2 and 0, the reference with
    1/4, 1/2 and 1/4. The KL is 1/2 log 2 + 0 + 0 = 0.3466.
    """
    raise NotImplementedError("exact_kl: the divergence of every prompt, in nats")


def tree_logp(first, second):
    """Log-probabilities of all responses of up to two words, from the prefix tree.

    A language has V words, numbered from 0, and `<eos>`, number V. A response is
    empty, one word, or two words. It ends with `<eos>`, except after two words: there
    the end is forced, so it has probability 1 and costs nothing.

    first: shape (V + 1,), log-probabilities of the first token. second: shape
    (V, V + 1), row v holds the log-probabilities of the token after the word v. Both
    are float64 arrays; -inf is allowed.
    Returns a float64 array of shape (1 + V + V * V,): the empty response, then 0, 1,
    ..., V - 1, then (0, 0), (0, 1), ..., (V - 1, V - 1), in nats.

    By hand: first [0.5, 0.3, 0.2], second [0.1, 0.2, 0.7] and [0.4, 0.4, 0.2], all as
    logs, make log [0.2, 0.35, 0.06, 0.05, 0.1, 0.12, 0.12]; for instance the response
    (0) has probability 0.5 * 0.7 = 0.35. They sum to 1.
    """
    raise NotImplementedError("tree_logp: log-probabilities of all responses")


def find_the_bug_pairs(first, second, reward_first, reward_second, uniform):
    """Find the bug: turn two responses and a verdict into a preference pair.

    Of each pair the annotator prefers the first response where `uniform` is below
    sigmoid(reward_first - reward_second). What she prefers is `chosen`, the other
    response is `rejected`. The code below runs, and most of its pairs are right; yet
    one thing is wrong. Delete the line that raises, find the bug and mend it.

    first, second: int64 arrays of shape (N,), response numbers; reward_first,
    reward_second, uniform: float64 arrays of shape (N,).
    Returns (chosen, rejected), two int64 arrays of shape (N,) of response numbers.

    By hand: responses 7 and 4 with rewards 3 and 1.5, so sigmoid(1.5) = 0.8176.
    Uniform 0.5 makes the pair (7, 4), uniform 0.9 the pair (4, 7).
    """
    raise NotImplementedError("find_the_bug_pairs: delete this line and mend")
    probability = 1 / (1 + np.exp(reward_second - reward_first))
    first_wins = uniform < probability
    chosen = np.where(first_wins, first, second)
    rejected = np.where(reward_first > reward_second, second, first)
    return chosen, rejected


def predict_the_number_of_responses():
    """Predict the number: how many responses are there?

    A language has 4 words and `<eos>`. A response has at most 3 words; the empty one
    counts too.

    Work it out on paper first. Returns how many different responses there are.
    """
    raise NotImplementedError("predict_the_number_of_responses: return how many there are")


def predict_the_contrary_labels():
    """Predict the number: how often does the label contradict the reward?

    Two responses to one prompt have rewards 3 and 1.5. Many annotators, who follow
    Bradley-Terry, compare them. What share of them prefers the one with reward 1.5?

    Work it out on paper first. Returns that share, right to three digits.
    """
    raise NotImplementedError("predict_the_contrary_labels: return the share")


def predict_the_unseen_response():
    """Predict the number: will the data show this response at all?

    The reference gives a response to a prompt with probability 0.001. For this prompt
    500 pairs are collected: both responses of each pair are drawn independently from
    the reference. What is the probability that the response is in none of the pairs?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    raise NotImplementedError("predict_the_unseen_response: return the probability")

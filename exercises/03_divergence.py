"""Chapter 03, exercises: how far one distribution is from another.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 03`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/03_divergence.ipynb.
"""

import math

import numpy as np


def kl_divergence(p, q):
    """The Kullback-Leibler divergence KL(p || q), for one or many pairs at once.

    KL(p || q) is the sum over outcomes y of p(y) * log(p(y) / q(y)). An outcome with
    p(y) = 0 adds 0, whatever q(y) is; an outcome with p(y) > 0 and q(y) = 0 makes the
    divergence infinite.

    p, q: two float64 arrays of the same shape (..., outcomes); along the last axis the
    probabilities add up to 1. Positive ones may be as small as 1e-310.
    Returns an array of shape (...), one divergence in nats for each pair of
    distributions; one number for 1-D arrays.

    By hand: p = (1/2, 1/2) and q = (1/4, 3/4) give
    1/2 log 2 + 1/2 log(2/3) = 1/2 log(4/3) = 0.1438.
    """
    raise NotImplementedError("kl_divergence: KL(p || q) over the last axis")


def kl_estimates(logp, logq):
    """Three estimates of KL(p || q) from each of some samples of p.

    You know of each sample its log-probability under p and under q, and nothing else.
    The estimates are k1 = log p - log q, k2 = k1^2 / 2 and k3 = e^(-k1) - 1 + k1.

    logp, logq: two 1-D float64 arrays (samples,), in nats, from -5000 to 0; they differ
    by 600 at most.
    Returns a tuple (k1, k2, k3) of three arrays (samples,), in nats; do not average.

    By hand: log p = log(1/2), log q = log(1/4) give k1 = log 2 = 0.6931,
    k2 = 0.2402, k3 = 1/2 - 1 + log 2 = 0.1931.
    """
    raise NotImplementedError("kl_estimates: (k1, k2, k3) for each sample")


def find_the_bug_two_tokens(p_first, p_next, q_first, q_next):
    """Find the bug: the divergence between two models of two-token responses.

    A model gives the first token's probabilities and, for every first token, those of
    the second. By the chain rule, KL(p || q) of whole responses is the KL of the first
    token plus a mean of the KLs of the second. The code below runs, and its numbers
    look plausible; yet one thing is wrong. Delete the line that raises, find the bug
    and mend it.

    p_first, q_first: float64 arrays (V,). p_next, q_next: float64 arrays (V, V), row i
    holds the probabilities of the second token after first token i. All are above 0.
    Returns one number, KL(p || q) over the V * V responses, in nats.

    By hand: first tokens p = (3/4, 1/4), q = (1/4, 3/4), KL = 1/2 log 3. Second tokens
    only differ after token 0, by 1/2 log(4/3), and p goes there 3 times of 4. Together
    0.5493 + 3/4 * 0.1438 = 0.6572.
    """
    raise NotImplementedError("find_the_bug_two_tokens: delete this line and mend")
    first = (p_first * np.log(p_first / q_first)).sum()
    second = (p_next * np.log(p_next / q_next)).sum(axis=-1)
    return first + (q_first * second).sum()


def predict_a_narrow_policy():
    """Predict the number: a policy that only ever says ten things.

    The reference gives 1000 responses the same probability each. Training left a policy
    that gives 10 of them the same probability each, and never says anything else. What
    is KL(policy || reference)?

    Work it out on paper first. Returns that divergence in nats, right to three digits.
    """
    raise NotImplementedError("predict_a_narrow_policy: return KL(policy || reference)")


def predict_the_mean_of_k3():
    """Predict the number: what does k3 report when the policy has gone silent?

    The reference gives 1000 responses the same probability each. The policy gives 200
    of them the same probability each, and never says anything else. You sample
    responses from the policy and average k3 = e^(-k1) - 1 + k1, where k1 is log policy
    - log reference of the sample. Which value does the average approach?

    Work it out on paper first. Returns that value in nats, right to three digits.
    """
    raise NotImplementedError("predict_the_mean_of_k3: return the mean of k3")


def diagnose_kl_div():
    """Diagnose a line of code: what does it compute?

    p and q are two tensors of probabilities. PyTorch's documentation says that
    F.kl_div(input, target) takes log-probabilities as `input`, probabilities as
    `target`, and adds up target * (log target - input). A colleague wants KL(p || q)
    and writes

        F.kl_div(p.log(), q, reduction="sum")

    What is the result? Return one of these texts:

    - "KL(p || q)"
    - "KL(q || p)"
    - "minus KL(p || q)"
    - "H(p) + KL(p || q)"
    - "the mean of KL(p || q) and KL(q || p)"
    """
    raise NotImplementedError("diagnose_kl_div: return one of the five texts")

"""Right answers to chapter 04 in unusual styles."""

import functools
import math

import numpy as np
from scipy import special


def log_partition__logsumexp_b(ref, reward, beta):
    """Unusual: scipy's logsumexp on log ref + reward / beta."""
    with np.errstate(divide="ignore"):
        return special.logsumexp(np.log(ref) + reward / beta, axis=-1)


def log_partition__loop(ref, reward, beta):
    """Unusual: pure Python, one prompt after the other, only over possible responses."""

    def one(weights, rewards):
        pairs = [(w, r / beta) for w, r in zip(weights, rewards) if w > 0]
        best = max(math.log(w) + x for w, x in pairs)
        return best + math.log(math.fsum(math.exp(math.log(w) + x - best) for w, x in pairs))

    if ref.ndim == 1:
        return one(ref.tolist(), reward.tolist())
    return np.array([one(a, b) for a, b in zip(ref.tolist(), reward.tolist())])


def log_partition__logaddexp_reduce(ref, reward, beta, *, quiet=True):
    """Unusual: logaddexp.reduce, an extra keyword, and a 0-d array for one prompt."""
    lowest = np.full(ref.shape, -np.inf)
    logs = np.log(ref, where=ref > 0, out=lowest)
    value = np.logaddexp.reduce(logs + reward / beta, axis=-1)
    if not quiet:
        print(value)
    return np.asarray(value)


def optimal_policy__softmax(ref, reward, beta):
    """Unusual: scipy's softmax of log ref + reward / beta."""
    with np.errstate(divide="ignore"):
        return special.softmax(np.log(ref) + reward / beta, axis=-1)


def _row_by_row(f):
    @functools.wraps(f)
    def inner(ref, reward, beta):
        if ref.ndim == 1:
            return f(ref, reward, beta)
        return np.stack([f(a, b, beta) for a, b in zip(ref, reward)])

    return inner


@_row_by_row
def optimal_policy__odds_against_all(ref, reward, beta):
    """Unusual: decorated; each probability is 1 over the sum of all odds against it."""
    out = np.zeros(len(ref))
    for y in range(len(ref)):
        if ref[y] > 0:
            with np.errstate(divide="ignore", over="ignore"):
                odds = np.exp(np.log(ref) - np.log(ref[y]) + (reward - reward[y]) / beta)
            out[y] = 1 / odds.sum()
    return out


class _Tilt:
    """Unusual: a callable object that tilts only the possible responses, in einsum."""

    def __call__(self, ref, reward, beta):
        x = np.where(ref > 0, reward / beta + np.log(np.where(ref > 0, ref, 1)), -np.inf)
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return np.einsum("...y,...->...y", e, 1 / np.einsum("...y->...", e))


optimal_policy__callable_class = _Tilt()


def objective__loop(policy, ref, reward, beta):
    """Unusual: every prompt by a plain loop that leaves early at an impossible response."""

    def one(p, q, r):
        total = 0.0
        for a, b, c in zip(p, q, r):
            if a == 0:
                continue
            if b == 0:
                return -math.inf
            total += a * (c - beta * (math.log(a) - math.log(b)))
        return total

    rows = zip(*(np.atleast_2d(x).tolist() for x in (policy, ref, reward)))
    values = np.array([one(*row) for row in rows])
    return values if policy.ndim > 1 else values[0]


def objective__rel_entr(policy, ref, reward, beta):
    """Unusual: scipy's xlogy terms for the KL, and einsum over the given responses."""
    kl = (special.xlogy(policy, policy) - special.xlogy(policy, ref)).sum(axis=-1)
    gain = np.einsum("...y,...y->...", policy, np.where(policy > 0, reward, 0.0))
    return gain - beta * kl


def objective__as_partition(policy, ref, reward, beta):
    """Unusual: the expectation of reward - beta * log ratio, masked with np.ma."""
    never = policy == 0
    with np.errstate(divide="ignore"):
        lp = np.log(np.where(never, 1.0, policy))
        lr = np.log(np.where(never, 1.0, ref))
    worth = np.ma.array(reward - beta * (lp - lr), mask=never)
    return np.asarray((np.where(never, 0.0, policy) * worth.filled(0.0)).sum(axis=-1))


def find_the_bug_regret__difference(policy, ref, reward, beta):
    """Unusual: beta * log Z is J of the optimum; J of the policy is taken off."""
    best = beta * special.logsumexp(np.log(ref) + reward / beta)
    return best - policy @ (reward - beta * (np.log(policy) - np.log(ref)))


def find_the_bug_regret__logs(policy, ref, reward, beta):
    """Unusual: KL(policy || optimal) with the optimal policy kept in logarithms."""
    log_optimal = special.log_softmax(np.log(ref) + reward / beta)
    return float(beta * math.fsum(policy * (np.log(policy) - log_optimal)))


def predict_half_the_beta__squares():
    """Unusual: the policy at half the beta is policy squared over reference, normalised."""
    tilted = np.array([0.6, 0.4]) ** 2 / np.array([0.2, 0.8])
    return tilted[0] / tilted.sum()


predict_half_the_beta__lambda = lambda: 9 / (1 + 9)  # noqa: E731
predict_half_the_beta__lambda.__doc__ = "Unusual: a lambda."


def predict_the_shift__numeric():
    """Unusual: measures it on a made-up prompt; an int comes out of rounding."""
    reward = np.array([0.3, -1.0, 2.0])
    old, new = (special.logsumexp(r / 0.5) for r in (reward, reward + 3))
    return round(new - old)


def predict_the_shift__int():
    """Unusual: a plain int."""
    return 6

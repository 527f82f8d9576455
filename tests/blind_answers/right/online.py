"""Chapter 15: right answers in unusual styles."""

import functools
import itertools
import math

import numpy as np


def effective_beta__numpy_infinity(beta, rounds):
    """Divides in numpy, where 1 / 0 is inf."""
    with np.errstate(divide="ignore"):
        return np.divide(np.float64(beta), np.float64(rounds))


def effective_beta__conditional(beta, rounds, *, none=float("inf")):
    """A conditional expression with an extra keyword for the infinite beta."""
    return beta / rounds if rounds else none


def effective_beta__try(beta, rounds):
    """Asks for forgiveness instead of permission."""
    try:
        return beta * (1 / rounds)
    except ZeroDivisionError:
        return math.inf


@functools.lru_cache(maxsize=None)
def effective_beta__cached(beta, rounds):
    """Cached by functools.lru_cache; adds up 1 / beta round by round."""
    inverse = sum([1 / beta] * rounds)
    return 1 / inverse if inverse else math.inf


def iterate__accumulate(policy, reference, round_fn, rounds):
    """itertools.accumulate over pairs (policy, reference)."""
    pairs = itertools.accumulate(
        range(rounds), lambda pair, _: round_fn(*pair), initial=(policy, reference)
    )
    return [pair[0] for pair in pairs]


def _iterate(policy, reference, round_fn, rounds):
    """The recursion."""
    if not rounds:
        return [policy]
    return [policy] + _iterate(*round_fn(policy, reference), round_fn, rounds - 1)


def iterate__recursion(policy, reference, round_fn, rounds):
    """Recursion on the number of rounds."""
    return _iterate(policy, reference, round_fn, rounds)


def iterate__generator_inside(policy, reference, round_fn, rounds):
    """A generator inside, exhausted into a list."""

    def walk(p, r):
        yield p
        for _ in itertools.repeat(None, rounds):
            p, r = round_fn(p, r)
            yield p

    return [*walk(policy, reference)]


def find_the_bug_slips__expit(reward_a, reward_b, rate):
    """scipy's expit and a mixture of p and 1 - p."""
    from scipy.special import expit

    gap = reward_a - reward_b
    return (1 - rate) * expit(gap) + rate * expit(-gap)


def find_the_bug_slips__tanh(reward_a, reward_b, rate):
    """1/2 + (1 - 2 rate) tanh(gap / 2) / 2: the slips shrink the distance from 1/2."""
    return 0.5 + (0.5 - rate) * np.tanh((reward_a - reward_b) / 2)


def find_the_bug_slips__loop(reward_a, reward_b, rate):
    """A loop in plain Python with the two branches of a stable sigmoid."""
    out = []
    for a, b in zip(reward_a.tolist(), reward_b.tolist()):
        e = math.exp(-abs(a - b))
        p = 1 / (1 + e) if a >= b else e / (1 + e)
        out.append(p - rate * (2 * p - 1))
    return np.array(out)


def predict_three_betas__generator():
    """The harmonic sum of a generator."""
    return 1 / sum(1 / b for b in (0.5, 1, 4))


def diagnose_the_happy_judge__string_parts():
    """Builds the text with an f-string."""
    who, others = "the judge", "people"
    return f"{who} means something else than {others} do"

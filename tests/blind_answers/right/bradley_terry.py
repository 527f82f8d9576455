"""Right answers to chapter 01 in unusual styles."""

import functools
import itertools
import math
from fractions import Fraction

import numpy as np
from scipy import special


def preference_probability__tanh(reward_i, reward_j):
    """Unusual: through the hyperbolic tangent, which never overflows."""
    return 0.5 + 0.5 * math.tanh((reward_i - reward_j) / 2)


class _Preference:
    """Unusual: a callable class with a keyword that nobody needs."""

    def __call__(self, reward_i, reward_j, temperature=1.0):
        return special.softmax(np.array([reward_i, reward_j]) / temperature)[0]


preference_probability__callable_class = _Preference()


@functools.lru_cache(maxsize=None)
def preference_probability__recursive(reward_i, reward_j):
    """Unusual: cached and recursive, the second branch asks for the opposite event."""
    if reward_i <= reward_j:
        e = math.exp(reward_i - reward_j)
        return e / (1 + e)
    return 1 - preference_probability__recursive(reward_j, reward_i)


def preference_probability__zero_dim(reward_i, reward_j):
    """Unusual: returns a 0-d array, from a log-sigmoid by logaddexp."""
    return np.asarray(np.exp(reward_i - np.logaddexp(reward_i, reward_j)))


def compose_preferences__fractions(p_ab, p_bc):
    """Unusual: exact fractions, rounded once at the end."""
    p, q = Fraction(p_ab), Fraction(p_bc)
    return float(p * q / (p * q + (1 - p) * (1 - q)))


compose_preferences__lambda = lambda p_ab, p_bc: special.expit(  # noqa: E731
    special.logit(p_ab) + special.logit(p_bc)
)
compose_preferences__lambda.__doc__ = "Unusual: a lambda that adds logits with scipy."


def compose_preferences__star_args(*p):
    """Unusual: takes any number of links as *args and folds them."""

    def link(p, q):
        return p * q / (p * q + (1 - p) * (1 - q))

    return functools.reduce(link, p)


def _printing(f):
    def inner(*args):
        value = f(*args)
        print("nll:", value)
        return value

    return inner


@_printing
def plackett_luce_nll__decorated(rewards):
    """Unusual: a decorator without functools.wraps that prints; logaddexp.accumulate."""
    return np.sum(np.logaddexp.accumulate(rewards[::-1])[::-1] - rewards)


plackett_luce_nll__decorated.__doc__ = (
    "Unusual: a decorator without functools.wraps that prints; logaddexp.accumulate."
)


def plackett_luce_nll__recursive(rewards):
    """Unusual: recursion over the ranking, each step by scipy's logsumexp."""
    if len(rewards) < 2:
        return 0.0
    first = special.logsumexp(rewards) - rewards[0]
    return first + plackett_luce_nll__recursive(rewards[1:])


def plackett_luce_nll__fsum(rewards):
    """Unusual: pure Python with an own running log-sum-exp, from the last item up."""
    costs, left = [], -math.inf
    for r in reversed([float(x) for x in rewards]):
        hi, lo = max(left, r), min(left, r)
        left = hi + math.log1p(math.exp(lo - hi))
        costs.append(left - r)
    return math.fsum(costs)


def find_the_bug_expected_wins__fill_diagonal(rewards):
    """Unusual: the whole table at once, by scipy's expit, diagonal set to 0."""
    p = special.expit(np.subtract.outer(rewards, rewards))
    np.fill_diagonal(p, 0.0)
    return np.einsum("ij->i", p)


def find_the_bug_expected_wins__combinations(rewards):
    """Unusual: each pairing once, what one does not win the other does."""
    wins = np.zeros(len(rewards))
    for i, j in itertools.combinations(range(len(rewards)), 2):
        p = 0.5 * (1 + np.tanh((rewards[i] - rewards[j]) / 2))
        wins[i] += p
        wins[j] += 1 - p
    return wins


def find_the_bug_expected_wins__minus_half(rewards):
    """Unusual: keeps the game against oneself and takes its half win off again."""
    return np.fromiter(
        (sum(0.5 + 0.5 * math.tanh((a - b) / 2) for b in rewards) - 0.5 for a in rewards),
        dtype=float,
    )


def predict_the_cycle__computed():
    """Unusual: computed through the rewards rather than typed, 1/37."""
    gap = math.log(9) + math.log(4)
    return np.float64(1 / (1 + math.exp(gap)))


predict_the_cycle__partial = functools.partial(round, 1 / 37, 5)
predict_the_cycle__partial.__doc__ = "Unusual: a partial object, rounded to five places."


def preference_probability__longdouble(reward_i, reward_j):
    """Unusual: extended precision, returned as a np.longdouble."""
    gap = np.longdouble(reward_i) - np.longdouble(reward_j)
    return 1 / (1 + np.exp(-gap))

"""Right answers in unusual styles to the exercises of chapter 10."""

import functools
import itertools
import math
from fractions import Fraction

import numpy as np
import torch


def label_pair__logit_of_uniform(reward_a, reward_b, uniform):
    """Unusual: compares the logit of the chance with the difference instead of computing the sigmoid."""
    with np.errstate(divide="ignore"):
        logit = np.log(uniform) - np.log1p(-uniform)
    return logit < reward_a - reward_b


def label_pair__tanh(reward_a, reward_b, uniform):
    """Unusual: the sigmoid as (1 + tanh(d / 2)) / 2."""
    return np.less(uniform, 0.5 * (1 + np.tanh((reward_a - reward_b) / 2)))


def label_pair__vectorized_math(reward_a, reward_b, uniform):
    """Unusual: np.vectorize of a Python function with two branches."""
    def one(a, b, u):
        d = a - b
        p = 1 / (1 + math.exp(-d)) if d >= 0 else math.exp(d) / (1 + math.exp(d))
        return u < p

    return np.vectorize(one, otypes=[bool])(reward_a, reward_b, uniform)


def label_pair__logaddexp(reward_a, reward_b, uniform):
    """Unusual: P = exp(a - logaddexp(a, b))."""
    return uniform < np.exp(reward_a - np.logaddexp(reward_a, reward_b))


def exact_kl__python_lists(logp, ref_logp):
    """Unusual: plain Python lists and math.fsum over the responses that are given."""
    out = []
    for a, b in zip(logp.tolist(), ref_logp.tolist()):
        paare = [(x, y) for x, y in zip(a, b) if x != -math.inf]
        if any(y == -math.inf for _, y in paare):
            out.append(math.inf)
        else:
            out.append(math.fsum(math.exp(x) * (x - y) for x, y in paare))
    return np.array(out)


def exact_kl__where_argument(logp, ref_logp):
    """Unusual: the where= argument of numpy's ufuncs and an explicit inf."""
    gives = ~np.isneginf(logp)
    diff = np.subtract(logp, ref_logp, out=np.zeros_like(logp), where=gives)
    never = np.isposinf(diff)
    terms = np.exp(logp) * np.where(never, 0.0, diff)
    kl = np.add.reduce(terms, axis=1)
    kl[never.any(1)] = np.inf
    return kl


def exact_kl__entropy_and_cross_entropy(logp, ref_logp):
    """Unusual: einsum for cross-entropy minus entropy, with the infinite case apart."""
    p = np.exp(logp)
    a = np.where(np.isneginf(logp), 0.0, logp)
    b = np.where(np.isneginf(ref_logp), 0.0, ref_logp)
    kl = np.einsum("ij,ij->i", p, a) - np.einsum("ij,ij->i", p, b)
    outside = np.any((logp > -np.inf) & (ref_logp == -np.inf), axis=1)
    return np.where(outside, np.inf, kl)


def exact_kl__torch_where(logp, ref_logp):
    """Unusual: torch does it, and the result goes back to numpy."""
    a, b = torch.from_numpy(logp.copy()), torch.from_numpy(ref_logp.copy())
    given = a > -math.inf
    terms = torch.where(given, a.exp() * (a - b), torch.zeros_like(a))
    terms = torch.where(given & (b == -math.inf), torch.full_like(a, math.inf), terms)
    return terms.sum(1).numpy()


def tree_logp__recursion(first, second):
    """Unusual: a recursive walk through the tree, then sorted by length and words."""
    V = len(second)
    found = {}

    def walk(words, logp):
        if len(words) == 2:
            found[words] = logp
            return
        step = first if not words else second[words[-1]]
        found[words] = logp + step[V]
        for w in range(V):
            walk(words + (w,), logp + step[w])

    walk((), 0.0)
    return np.array([found[key] for key in sorted(found, key=lambda key: (len(key), key))])


def tree_logp__itertools(first, second):
    """Unusual: itertools.product in a generator with np.fromiter."""
    V = first.size - 1

    def score(words):
        if not words:
            return first[-1]
        return first[words[0]] + second[words[0]][words[1] if len(words) == 2 else -1]

    every = itertools.chain.from_iterable(itertools.product(range(V), repeat=n) for n in range(3))
    return np.fromiter(map(score, every), dtype=np.float64)


def tree_logp__one_outer_sum(first, second):
    """Unusual: one broadcast sum, whose last column is <eos>, and np.r_."""
    *_, eos = first
    table = first[:-1].reshape(-1, 1) + second
    return np.r_[eos, table[:, -1], table[:, :-1].flatten()]


def tree_logp__gather(first, second):
    """Unusual: index arrays from divmod pick both summands."""
    V = second.shape[0]
    n = np.arange(V * V)
    u, w = np.divmod(n, V)
    result = np.empty(1 + V + V * V)
    result[0] = first[V]
    result[1 : 1 + V] = first[:V] + second[np.arange(V), V]
    result[1 + V :] = first[u] + second[u, w]
    return result


def find_the_bug_pairs__sum_minus_chosen(first, second, reward_first, reward_second, uniform):
    """Unusual: the rejected response is the sum of both less the chosen one."""
    with np.errstate(over="ignore"):
        chosen = np.where(uniform < 1 / (1 + np.exp(reward_second - reward_first)), first, second)
    return chosen, first + second - chosen


def find_the_bug_pairs__list_of_tuples(first, second, reward_first, reward_second, uniform):
    """Unusual: sorts each pair by a conditional expression and unzips them again."""
    pairs = []
    for a, b, ra, rb, u in zip(first, second, reward_first, reward_second, uniform):
        wins = u < np.exp(-np.logaddexp(0.0, rb - ra))
        pairs.append((a, b) if wins else (b, a))
    chosen, rejected = zip(*pairs) if pairs else ((), ())
    return np.array(chosen, dtype=first.dtype), np.array(rejected, dtype=first.dtype)


def find_the_bug_pairs__take_along_axis(first, second, reward_first, reward_second, uniform):
    """Unusual: stacks both and picks by an index 0 or 1."""
    with np.errstate(over="ignore"):
        loses = (uniform >= 1 / (1 + np.exp(reward_second - reward_first))).astype(int)
    both = np.stack([first, second])
    columns = np.arange(len(first))
    return both[loses, columns], both[1 - loses, columns]


predict_the_number_of_responses__reduce = lambda: functools.reduce(lambda n, _: 4 * n + 1, range(3), 1)  # noqa: E731
predict_the_number_of_responses__reduce.__doc__ = """Unusual: Horner's rule by functools.reduce in a lambda."""


def predict_the_number_of_responses__listed():
    """Unusual: lists them all and counts."""
    return len({w for n in range(4) for w in itertools.product("abcd", repeat=n)})


def predict_the_contrary_labels__softmax():
    """Unusual: second entry of a torch softmax, a 0-d tensor."""
    return torch.softmax(torch.tensor([3.0, 1.5], dtype=torch.float64), 0)[1]


def predict_the_contrary_labels__tanh():
    """Unusual: (1 - tanh(3/4)) / 2."""
    return (1 - math.tanh(0.75)) / 2


def predict_the_unseen_response__fraction():
    """Unusual: exact fraction to the thousandth power, then float."""
    return float(Fraction(999, 1000) ** 1000)


def predict_the_unseen_response__log1p():
    """Unusual: exp of 1000 log1p(-0.001), as a numpy scalar."""
    return np.exp(2 * 500 * np.log1p(-0.001))

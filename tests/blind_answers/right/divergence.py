"""Right answers to chapter 03 in unusual styles."""

import functools
import math

import numpy as np
from scipy import special


def kl_divergence__loop(p, q):
    """Unusual: explicit loops over every pair, outcome by outcome, with math.log."""
    shape = p.shape[:-1]
    out = np.empty(shape)
    for index in np.ndindex(*shape):
        total = 0.0
        for a, b in zip(p[index].tolist(), q[index].tolist()):
            if a == 0:
                continue
            if b == 0:
                total = math.inf
                break
            total += a * (math.log(a) - math.log(b))
        out[index] = total
    return out if shape else float(out)


def kl_divergence__xlogy(p, q):
    """Unusual: entropy and cross-entropy by scipy's xlogy, where 0 log 0 is 0."""
    return (special.xlogy(p, p) - special.xlogy(p, q)).sum(-1)


def kl_divergence__recursive(p, q):
    """Unusual: recursion over the leading axes, a 0-d array for one pair."""
    if p.ndim > 1:
        rows = [kl_divergence__recursive(a, b) for a, b in zip(p, q)]
        return np.array(rows, dtype=float).reshape(p.shape[:-1])
    seen = p > 0
    if (q[seen] == 0).any():
        return np.array(np.inf)
    return np.array(np.dot(p[seen], np.log(p[seen]) - np.log(q[seen])))


def kl_divergence__where_keyword(p, q):
    """Unusual: ufuncs with where= and out=, and einsum for the sum."""
    seen = p > 0
    with np.errstate(divide="ignore"):
        lp = np.log(p, where=seen, out=np.zeros(p.shape))
        lq = np.log(q, where=seen, out=np.zeros(q.shape))
    return np.einsum("...y->...", p * (lp - lq))


def kl_estimates__expm1(logp, logq):
    """Unusual: expm1 for k3, square written as a product."""
    k1 = np.subtract(logp, logq)
    return k1, k1 * k1 * 0.5, np.expm1(-k1) + k1


def kl_estimates__generator(logp, logq):
    """Unusual: sample by sample in pure Python, transposed with zip."""

    def one(a, b):
        d = a - b
        yield d
        yield d**2 / 2
        yield math.expm1(-d) + d

    rows = [tuple(one(float(a), float(b))) for a, b in zip(logp, logq)]
    return tuple(np.array(column) for column in zip(*rows))


def kl_estimates__stacked(logp, logq):
    """Unusual: a callable pipeline of lambdas over k1, unpacked into a tuple."""
    makers = (lambda x: x, lambda x: np.square(x) / 2, lambda x: np.exp(-x) - 1 + x)
    return tuple(f(logp - logq) for f in makers)


def find_the_bug_two_tokens__joint(p_first, p_next, q_first, q_next):
    """Unusual: builds all V * V responses and takes one plain divergence."""
    p = p_first[:, None] * p_next
    log_p = np.log(p_first)[:, None] + np.log(p_next)
    log_q = np.log(q_first)[:, None] + np.log(q_next)
    return np.vdot(p, log_p - log_q)


def find_the_bug_two_tokens__einsum(p_first, p_next, q_first, q_next):
    """Unusual: the chain rule as two einsums of log differences."""
    first = np.log(p_first) - np.log(q_first)
    second = np.log(p_next) - np.log(q_next)
    return np.einsum("i,i", p_first, first) + np.einsum("i,ij,ij", p_first, p_next, second)


def find_the_bug_two_tokens__fsum(*args, **kwargs):
    """Unusual: *args and **kwargs, and an exact sum over nested loops."""
    names = ("p_first", "p_next", "q_first", "q_next")
    a, b, c, d = (*args, *(kwargs[n] for n in names[len(args):]))
    v = range(len(a))
    return math.fsum(
        float(a[i] * b[i, j])
        * (math.log(a[i]) - math.log(c[i]) + math.log(b[i, j]) - math.log(d[i, j]))
        for i in v
        for j in v
    )


def predict_a_narrow_policy__summed():
    """Unusual: adds up the ten terms."""
    return sum(0.1 * math.log(0.1 / 0.001) for _ in range(10))


predict_a_narrow_policy__partial = functools.partial(math.log, 100)
predict_a_narrow_policy__partial.__doc__ = "Unusual: a partial of math.log."


def predict_the_mean_of_k3__arrays():
    """Unusual: averages k3 over the 200 responses with arrays."""
    k1 = np.log(np.full(200, 1 / 200)) - np.log(np.full(200, 1 / 1000))
    return np.mean(np.exp(-k1) - 1 + k1)


def predict_the_mean_of_k3__missing_mass():
    """Unusual: KL minus the reference's mass that the policy never visits."""
    return math.log(5) - 800 / 1000


def diagnose_kl_div__by_number():
    """Unusual: decides by an example with numbers which of the texts fits."""
    p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    kl = lambda a, b: float((a * np.log(a / b)).sum())  # noqa: E731
    value = float((q * (np.log(q) - np.log(p))).sum())
    texts = {
        "KL(p || q)": kl(p, q),
        "KL(q || p)": kl(q, p),
        "minus KL(p || q)": -kl(p, q),
        "H(p) + KL(p || q)": -float((p * np.log(p)).sum()) + kl(p, q),
        "the mean of KL(p || q) and KL(q || p)": (kl(p, q) + kl(q, p)) / 2,
    }
    return min(texts, key=lambda t: abs(texts[t] - value))

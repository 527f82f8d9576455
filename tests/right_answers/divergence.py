"""Right answers of chapter 03 that are written in unusual ways."""

import math

import numpy as np

from dpo_edu.workbook.known_wrong.divergence import (
    ESTIMATES,
    KL,
    KL_DIV,
    MEAN_OF_K3,
    NARROW,
    TOKENS,
    kl,
    parts,
)

from . import right


@right(KL)
def with_where(p, q):
    return kl(p, q)


@right(KL)
def with_masked_logarithms(p, q):
    logs = np.zeros_like(p)
    np.log(p, out=logs, where=p > 0)
    other = np.zeros_like(q)
    np.log(q, out=other, where=q > 0)
    excluded = ((p > 0) & (q == 0)).any(axis=-1)
    return np.where(excluded, np.inf, np.einsum("...k,...k->...", p, logs - other))


@right(KL)
def row_by_row(p, q):
    def one(p, q):
        total = 0.0
        for here, there in zip(p.tolist(), q.tolist(), strict=True):
            if here:
                total += math.inf if not there else here * math.log(here)
                total -= here * math.log(there) if there else 0.0
        return total

    if p.ndim == 1:
        return one(p, q)
    return np.array([row_by_row(*row) for row in zip(p, q, strict=True)])


@right(ESTIMATES)
def with_expm1(logp, logq):
    log_ratio = logq - logp
    return -log_ratio, 0.5 * log_ratio * log_ratio, np.expm1(log_ratio) - log_ratio


@right(ESTIMATES)
def sample_by_sample(logp, logq):
    rows = []
    for one, other in zip(logp.tolist(), logq.tolist(), strict=True):
        k1 = one - other
        rows.append((k1, k1 * k1 / 2, math.exp(-k1) - 1 + k1))
    k1, k2, k3 = zip(*rows, strict=True)
    return np.array(k1), np.array(k2), np.array(k3)


@right(TOKENS)
def over_whole_responses(p_first, p_next, q_first, q_next):
    p, q = p_first[:, None] * p_next, q_first[:, None] * q_next
    return (p * np.log(p / q)).sum()


@right(TOKENS)
def with_a_dot_product(p_first, p_next, q_first, q_next):
    first, second = parts(p_first, p_next, q_first, q_next)
    return float(first + p_first @ second)


@right(NARROW)
def sum_of_ten_terms():
    return float(kl(np.repeat([0.1, 0.0], [10, 990]), np.full(1000, 1e-3)))


@right(NARROW)
def three_digits():
    return 4.61


@right(MEAN_OF_K3)
def mean_over_nine_samples():
    _, _, k3 = with_expm1(np.full(9, math.log(1 / 200)), np.full(9, math.log(1e-3)))
    return k3.mean()


@right(MEAN_OF_K3)
def k3_to_three_digits():
    return 0.809


@right(KL_DIV)
def target_comes_first():
    target, source = "q", "p"
    return f"KL({target} || {source})"


@right(KL_DIV)
def numpy_text():
    return str(np.array("KL(q || p)"))

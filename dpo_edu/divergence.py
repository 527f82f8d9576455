"""Chapter 03: how far one distribution is from another, in nats.

    KL(p || q) = sum_y p(y) log( p(y) / q(y) ) = E_p[log p - log q]           (3.1)

Kullback & Leibler (1951); the estimators k1, k2, k3 are John Schulman's (2020).
Distributions live on the last axis and other axes broadcast. An outcome with p = 0
adds nothing (0 log 0 = 0); one with p > 0 = q makes KL(p || q) infinite. Beware:
torch's ``F.kl_div(a, b, log_target=True)`` is KL(b || a), the arguments swapped.
This module does not know policies, prompts or rewards.
"""

import numpy as np

from .validation import require

TINY = np.finfo(float).tiny  # an outcome of probability e^-800 is rare, not impossible


def entropy(p):
    """H(p) = -sum p log p, (..., K) to (...): log K when uniform, 0 when certain."""
    return cross_entropy(p, p)


def cross_entropy(p, q):
    """-sum p log q = H(p) + KL(p || q): the NLL of model q on data from p."""
    _require_same_outcomes(p, q)
    return -_expectation(_log(p), _log(q))


def kl_divergence(p, q):
    """KL(p || q) of probabilities, (..., K) to (...); inf where q = 0 < p.

    >>> round(float(kl_divergence([0.5, 0.5], [0.25, 0.75])), 4)
    0.1438
    """
    return kl_from_logs(_log(p), _log(q))


def kl_from_logs(logp, logq):
    """KL(p || q) from log-probabilities; right even where p itself underflows."""
    _require_same_outcomes(logp, logq)
    with np.errstate(invalid="ignore"):  # -inf - -inf: an outcome that never comes
        return _expectation(logp, np.subtract(logp, logq))  # (3.1)


def kl_estimates(logp, logq):
    """What one sample y of p says about KL(p || q): the tuple (k1, k2, k3).

    k1 = log p - log q is unbiased but takes both signs; k2 = k1^2/2 is biased;
    k3 = q/p - 1 + k1 is never negative, and unbiased if p > 0 wherever q > 0.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # e^-k1 may exceed 1e308
        k1 = np.subtract(logp, logq)
        return k1, k1**2 / 2, np.expm1(-k1) + k1


def estimator_moments(p, q):
    """Exact means (3,) and variances (3,) of k1, k2, k3 for one sample of p (K,)."""
    logp = _log(p)
    values = np.stack(kl_estimates(logp, _log(q)))  # (3, K)
    means = _expectation(logp, values)
    require(np.isfinite(means).all(), "KL(p || q) is infinite: its estimates too")
    return means, _expectation(logp, (values - means[:, None]) ** 2)


def total_variation(p, q):
    """Half the sum of |p - q|: the largest difference in any event's probability."""
    _require_same_outcomes(p, q)
    return np.abs(np.subtract(p, q)).sum(axis=-1) / 2


def pinsker_bound(kl):
    """Total variation is at most sqrt(KL / 2); says nothing once KL > 2 nats."""
    return np.sqrt(np.maximum(kl, 0) / 2)  # rounding may leave a zero KL at -1e-17


def bretagnolle_huber_bound(kl):
    """Total variation is at most sqrt(1 - e^-KL): below 1 for every finite KL."""
    return np.sqrt(-np.expm1(-np.maximum(kl, 0)))


def joint_probability(tables):
    """P of every token sequence, (V, ..., V), from its next-token tables.

    ``tables[t][y_0, ..., y_t]`` = P(y_t | y_0 ... y_{t-1}): shapes (V,), (V, V), ...
    """
    joint = np.ones(())
    for table in tables:
        joint = joint[..., None] * np.asarray(table, dtype=float)  # (V, ..., V)
    return joint


def kl_per_token(p_tables, q_tables):
    """Each token's share of the sequence KL, (T,): the chain rule, as a sum.

    Share t is the mean of KL(p(. | prefix) || q(. | prefix)) over prefixes drawn from
    p, not q. Tables as in ``joint_probability``.
    """
    shares = []
    for t, (p, q) in enumerate(zip(p_tables, q_tables, strict=True)):
        log_prefix = _log(joint_probability(p_tables[:t]).ravel())
        shares.append(_expectation(log_prefix, kl_divergence(p, q).ravel()))
    return np.array(shares)


def bell_family(points, centers, width):
    """Discretized normal curves on ``points`` (K,), one row per center, (N, K)."""
    distance = np.subtract.outer(np.asarray(centers), np.asarray(points)) / width
    bells = np.exp(-(distance**2) / 2)
    return bells / bells.sum(axis=-1, keepdims=True)


def forward_projection(target, family):
    """Row of ``family`` (N, K) with least KL(target || row): it covers all the target.

    Maximum likelihood does this: it must put mass wherever the target has some.
    """
    return _closest(kl_divergence(target, family))


def reverse_projection(target, family):
    """Row of ``family`` (N, K) with least KL(row || target): it avoids target = 0.

    It may settle on one mode, but only because the family is restricted: when the
    target itself is a row, both projections return it.
    """
    return _closest(kl_divergence(family, target))


def _closest(kl):
    require(np.isfinite(kl).any(), "every row of the family is infinitely far away")
    return int(kl.argmin())


def _log(p):
    """log p, -inf at 0; raises unless every last axis is a distribution."""
    p = np.asarray(p, dtype=float)
    sums_to_one = (p >= 0).all() and np.allclose(p.sum(axis=-1), 1, rtol=0, atol=1e-6)
    require(sums_to_one, "probabilities must be >= 0 and sum to 1 over the last axis")
    with np.errstate(divide="ignore"):
        return np.log(p)


def _expectation(logp, values):
    """sum_y p(y) values(y); outcomes with p = 0 do not count, whatever their value."""
    p = np.maximum(np.exp(logp), TINY)
    return np.where(np.isneginf(logp), 0, p * values).sum(axis=-1)


def _require_same_outcomes(p, q):
    sizes = np.shape(p)[-1:], np.shape(q)[-1:]
    require(sizes[0] == sizes[1], f"last axes differ: p has {sizes[0]}, q {sizes[1]}")

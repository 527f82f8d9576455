"""Chapter 03: how far one distribution is from another, in nats.

    KL(p || q) = sum_y p(y) log( p(y) / q(y) ) = E_p[log p - log q]           (3.1)

Kullback & Leibler (1951); the estimators k1, k2, k3 are John Schulman's (2020).
Distributions live on the last axis and other axes broadcast. An outcome with p = 0
adds nothing (0 log 0 = 0); one with p > 0 = q makes KL(p || q) infinite. Beware:
torch's ``F.kl_div(a, b, log_target=True)`` is KL(b || a), the arguments swapped.
This module does not know policies, prompts or rewards.
"""

import numpy as np

from .root_finding import bisect
from .validation import (
    listed,
    require,
    require_broadcastable,
    require_positive,
    require_same_shape,
    require_shape,
)
from .validation.arrays import (
    distributions,
    finite,
    log_distributions,
    log_numbers,
    not_negative,
    probabilities,
    reals,
)

TINY = np.finfo(float).tiny  # an outcome of probability e^-800 is rare, not impossible


def entropy(p):
    """H(p) = -sum p log p, (..., K) to (...): log K when uniform, 0 when certain."""
    return cross_entropy(distributions(p=p), p)


def cross_entropy(p, q):
    """-sum p log q = H(p) + KL(p || q): the NLL of model q on data from p."""
    p, q = distributions(p=p, q=q)
    return -_expectation(_log(p), _log(q))


def kl_divergence(p, q):
    """KL(p || q) of probabilities, (..., K) to (...); inf where q = 0 < p.

    >>> round(float(kl_divergence([0.5, 0.5], [0.25, 0.75])), 4)
    0.1438
    """
    p, q = distributions(p=p, q=q)
    return kl_from_logs(_log(p), _log(q))


def kl_from_logs(logp, logq):
    """KL(p || q) from log-probabilities; right even where p itself underflows."""
    logp, logq = log_distributions(logp=logp, logq=logq)
    with np.errstate(invalid="ignore"):  # -inf - -inf: an outcome that never comes
        return _expectation(logp, logp - logq)  # (3.1)


def normalized(logits):
    """The log-probabilities proportional to exp(logits), any shape; -inf stays -inf.

    >>> np.exp(normalized(np.log([3.0, 1.0]))).tolist()
    [0.75, 0.25]
    """
    logits = log_numbers(1, logits=logits)
    some = (logits > -np.inf).any(axis=-1).all()
    require(some, "logits must have an entry above -inf in every row")
    return logits - np.logaddexp.reduce(logits, axis=-1)[..., None]


def kl_estimates(logp, logq):
    """What one sample y of p says about KL(p || q): the tuple (k1, k2, k3).

    k1 = log p - log q is unbiased but takes both signs; k2 = k1^2/2 is biased;
    k3 = q/p - 1 + k1 is never negative, and unbiased if p > 0 wherever q > 0.
    """
    logp, logq = log_numbers(logp=logp, logq=logq)
    require(
        not (np.maximum(logp, logq) == -np.inf).any(),
        "logp and logq are both -inf: no sample is such an outcome",
    )
    return _estimates(logp - logq)


def _estimates(k1):
    """The estimates (k1, k2, k3) at samples whose log-ratio log p - log q is k1."""
    with np.errstate(invalid="ignore", over="ignore"):  # e^-k1 may exceed 1e308
        k3 = np.where(np.isneginf(k1), np.inf, np.expm1(-k1) + k1)
        return k1, k1**2 / 2, k3


def estimator_moments(p, q):
    """Exact means (3,) and variances (3,) of k1, k2, k3 for one sample of p (K,)."""
    p, q = distributions(p=p, q=q)
    require_shape((None,), p=p, q=q)
    logp = _log(p)
    with np.errstate(invalid="ignore"):  # an outcome that never comes
        values = np.stack(_estimates(logp - _log(q)))  # (3, K)
    means = _expectation(logp, values)
    require(np.isfinite(means).all(), "KL(p || q) is infinite: its estimates too")
    return means, _expectation(logp, (values - means[:, None]) ** 2)


def total_variation(p, q):
    """Half the sum of |p - q|: the largest difference in any event's probability."""
    p, q = distributions(p=p, q=q)
    return np.abs(p - q).sum(axis=-1) / 2


def pinsker_bound(kl):
    """Total variation is at most sqrt(KL / 2); says nothing once KL > 2 nats."""
    return np.sqrt(_not_below_0(kl) / 2)


def bretagnolle_huber_bound(kl):
    """Total variation is at most sqrt(1 - e^-KL): below 1 for every finite KL."""
    return np.sqrt(-np.expm1(-_not_below_0(kl)))


def likeliest_event(probability, kl):
    """How probable can an event of this ``probability`` under q be under p?

    The largest P with KL((P, 1 - P) || (probability, 1 - probability)) <= ``kl`` nats,
    elementwise. It is sharp: "it happens" and "it does not" are two groups of outcomes,
    grouping never raises a KL, and a model of two outcomes may use all of it.

    >>> round(float(likeliest_event(0.01, 0.02)), 4)
    0.0356
    """
    probability, kl = probabilities(probability=probability), not_negative(kl=kl)
    require_broadcastable(probability=probability, kl=kl)
    q = np.stack([probability, 1 - probability], axis=-1)
    return bisect(
        lambda p: kl_divergence(np.stack([p, 1 - p], axis=-1), q) - kl,
        low=probability,
        high=1.0,
    )


def _not_below_0(kl):
    kl = reals(kl=kl)
    require((kl > -1e-6).all(), f"kl must be 0 or more, got {kl.min(initial=0)}")
    return np.maximum(kl, 0)  # rounding may leave a zero KL at -1e-17


def joint_probability(tables):
    """P of every token sequence, (V, ..., V), from its next-token tables.

    ``tables[t][y_0, ..., y_t]`` = P(y_t | y_0 ... y_{t-1}): shapes (V,), (V, V), ...
    """
    joint = np.ones(())
    for table in _token_tables(tables=tables):
        joint = joint[..., None] * table  # (V, ..., V)
    return joint


def _token_tables(**named):
    """The named list of next-token tables, each with one axis more than the last."""
    (name,), found = named, []
    for t, table in enumerate(listed(**named)):
        found.append(distributions(**{f"{name}[{t}]": table}))
        before = found[t - 1].shape if t else ()
        require_shape((*before, found[0].shape[-1]), **{f"{name}[{t}]": found[t]})
    return found


def kl_per_token(p_tables, q_tables):
    """Each token's share of the sequence KL, (T,): the chain rule, as a sum.

    Share t is the mean of KL(p(. | prefix) || q(. | prefix)) over prefixes drawn from
    p, not q. Tables as in ``joint_probability``.
    """
    p_tables, q_tables = (
        _token_tables(p_tables=p_tables),
        _token_tables(q_tables=q_tables),
    )
    require(len(p_tables) == len(q_tables), "p_tables and q_tables differ in length")
    require_same_shape(p_tables=p_tables[0], q_tables=q_tables[0])
    prefix, shares = np.ones(()), []
    for p, q in zip(p_tables, q_tables, strict=True):
        log_prefix = _log(prefix.ravel())
        prefix = prefix[..., None] * p
        shares.append(_expectation(log_prefix, kl_divergence(p, q).ravel()))
    return np.array(shares)


def bell_family(points, centers, width):
    """Discretized normal curves on ``points`` (K,), one row per center, (N, K)."""
    points, centers = finite(axes=1, points=points), finite(axes=1, centers=centers)
    require_shape((None,), points=points, centers=centers)
    require_positive("width", width)
    distance = np.subtract.outer(centers, points) / width
    require(np.isfinite(distance**2).all(), "points, centers, width: widen the curves")
    nearest = np.abs(distance).min(axis=-1, keepdims=True)  # its bell is 1, none is 0
    bells = np.exp((nearest**2 - distance**2) / 2)
    return bells / bells.sum(axis=-1, keepdims=True)


def forward_projection(target, family):
    """Row of ``family`` (N, K) with least KL(target || row): it covers all the target.

    Maximum likelihood does this: it must put mass wherever the target has some.
    """
    target, family = _checked_family(target, family)
    return _closest(kl_divergence(target, family))


def reverse_projection(target, family):
    """Row of ``family`` (N, K) with least KL(row || target): it avoids target = 0.

    It may settle on one mode, but only because the family is restricted: when the
    target itself is a row, both projections return it.
    """
    target, family = _checked_family(target, family)
    return _closest(kl_divergence(family, target))


def _checked_family(target, family):
    target, family = distributions(target=target, family=family)
    require_shape((None,), target=target)
    require_shape((None, None), family=family)
    return target, family


def _closest(kl):
    require(np.isfinite(kl).any(), "every row of family is infinitely far from target")
    return int(kl.argmin())


def _log(p):
    """log p, -inf at 0."""
    with np.errstate(divide="ignore"):
        return np.log(p)


def _expectation(logp, values):
    """sum_y p(y) values(y); outcomes with p = 0 do not count, whatever their value."""
    p = np.maximum(np.exp(logp), TINY)
    return np.where(np.isneginf(logp), 0, p * values).sum(axis=-1)

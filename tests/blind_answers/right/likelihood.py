"""Right answers to chapter 02 in unusual styles."""

import functools
import math
from collections import Counter

import numpy as np
from scipy import optimize, special
from scipy.sparse.csgraph import connected_components


def negative_log_likelihood__einsum(rewards, winners, losers):
    """Unusual: one-hot matrices and einsum for the gaps, then scipy's log_expit."""
    eye = np.eye(len(rewards))
    gap = np.einsum("nk,k->n", eye[winners] - eye[losers], rewards)
    return -special.log_expit(gap).mean()


def negative_log_likelihood__counter(rewards, winners, losers):
    """Unusual: counts equal pairs first, then a weighted sum with fsum."""
    pairs = Counter(zip(map(int, winners), map(int, losers)))

    def cost(gap):
        return max(-gap, 0.0) + math.log1p(math.exp(-abs(gap)))

    total = math.fsum(
        n * cost(float(rewards[w]) - float(rewards[l])) for (w, l), n in pairs.items()
    )
    return total / sum(pairs.values())


def negative_log_likelihood__generator(rewards, winners, losers, *, base=math.e):
    """Unusual: a generator with numpy scalars, an extra keyword, and a 0-d array out."""
    costs = (np.logaddexp(0.0, rewards[l] - rewards[w]) for w, l in zip(winners, losers))
    return np.array(np.mean(list(costs)) / math.log(base))


def _likelihood_parts(w, r):
    d = r[:, None] - r[None, :]
    p, q = special.expit(d), special.expit(-d)
    gradient = (w * q - w.T * p).sum(axis=1)
    h = (w + w.T) * p * q
    return (w * np.logaddexp(0, -d)).sum(), gradient, np.diag(h.sum(axis=1)) - h


def fit_rewards__newton_halving(wins):
    """Unusual: Newton's method with step halving, the constant fixed by a rank-one term."""
    w = np.array(wins, dtype=float)
    np.fill_diagonal(w, 0)
    k = len(w)
    r = np.zeros(k)
    loss, gradient, hessian = _likelihood_parts(w, r)
    for _ in range(10000):
        scale = max(np.trace(hessian) / k, 1e-300)
        step = np.linalg.solve(hessian + scale * np.ones((k, k)) / k, gradient)
        t = 1.0
        while t > 1e-12:
            new = r + t * step
            new -= new.mean()
            new_loss, new_gradient, new_hessian = _likelihood_parts(w, new)
            if new_loss <= loss + 1e-13 * abs(loss):
                break
            t /= 2
        change = np.abs(new - r).max()
        r, loss, gradient, hessian = new, new_loss, new_gradient, new_hessian
        if change < 1e-13 * max(1, np.abs(r).max()):
            break
    return r - r.mean()


def fit_rewards__scipy_trust_exact(wins):
    """Unusual: scipy's trust-region minimizer on the K - 1 free gaps, then Newton polish."""
    w = np.array(wins, dtype=float)
    k = len(w)
    if k == 1:
        return np.zeros(1)

    def full(x):
        return np.append(x, 0.0)

    res = optimize.minimize(
        lambda x: _likelihood_parts(w, full(x))[0],
        np.zeros(k - 1),
        jac=lambda x: -_likelihood_parts(w, full(x))[1][:-1],
        hess=lambda x: _likelihood_parts(w, full(x))[2][:-1, :-1],
        method="trust-exact",
        options={"gtol": 1e-6, "maxiter": 5000},
    )
    x = res.x
    for _ in range(50):
        _, g, h = _likelihood_parts(w, full(x))
        step = np.linalg.solve(h[:-1, :-1], g[:-1])
        x = x + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-13:
            break
    r = full(x)
    return r - r.mean()


def fit_rewards__iterated_least_squares(wins):
    """Unusual: damped, iteratively reweighted least squares over all pairs that met."""
    w = np.array(wins, dtype=float)
    k = len(w)
    i, j = np.nonzero(np.triu(w + w.T, 1))
    a, b = w[i, j], w[j, i]
    design = np.zeros((len(i), k))
    design[np.arange(len(i)), i] = 1
    design[np.arange(len(i)), j] = -1
    r = np.zeros(k)

    def loss(r):
        gap = r[i] - r[j]
        return (a * np.logaddexp(0, -gap) + b * np.logaddexp(0, gap)).sum()

    for _ in range(10000):
        gap = r[i] - r[j]
        p, q = special.expit(gap), special.expit(-gap)
        weight = np.sqrt((a + b) * p * q)
        residual = (a * q - b * p) / weight
        step = np.linalg.lstsq(design * weight[:, None], residual, rcond=1e-14)[0]
        while np.abs(step).max(initial=0) > 1e-14 and loss(r + step) > loss(r) * (1 + 1e-13):
            step = step / 2
        r = r + step
        if np.abs(step).max(initial=0) < 1e-13 * max(1, np.abs(r).max()):
            break
    return r - r.mean()


def mle_exists__scipy_components(wins):
    """Unusual: scipy counts the strong components."""
    return connected_components(wins > 0, directed=True, connection="strong")[0] == 1


def mle_exists__warshall_bits(wins):
    """Unusual: Warshall's closure with Python integers as bit rows."""
    k = len(wins)
    rows = [sum(1 << j for j in range(k) if wins[i, j] > 0) | 1 << i for i in range(k)]
    for m in range(k):
        for i in range(k):
            if rows[i] >> m & 1:
                rows[i] |= rows[m]
    return all(row == (1 << k) - 1 for row in rows)


def mle_exists__both_ways_sets(wins):
    """Unusual: von 0 zu allen, und auf dem umgedrehten Graphen noch einmal; numpy bool."""

    def alle(graph):
        erreicht = np.zeros(len(graph), dtype=bool)
        erreicht[0] = True
        while True:
            neu = erreicht | graph[erreicht].any(axis=0)
            if (neu == erreicht).all():
                return erreicht.all()
            erreicht = neu

    return alle(wins > 0) & alle(wins.T > 0)


def find_the_bug_gradient__add_at(rewards, winners, losers):
    """Unusual: np.add.at and expit of the opposite gap."""
    pull = special.expit(rewards[losers] - rewards[winners]) / len(winners)
    gradient = np.zeros_like(rewards)
    np.subtract.at(gradient, winners, pull)
    np.add.at(gradient, losers, pull)
    return gradient


def find_the_bug_gradient__complex_step(rewards, winners, losers):
    """Unusual: complex-step differentiation, exact to rounding."""
    out = []
    for k in range(len(rewards)):
        r = rewards.astype(complex)
        r[k] += 1e-30j
        out.append(np.log1p(np.exp(r[losers] - r[winners])).mean().imag / 1e-30)
    return np.array(out)


def find_the_bug_gradient__bincount(rewards, winners, losers):
    """Unusual: two weighted bincounts with tanh for the missing probability."""
    miss = 0.5 - 0.5 * np.tanh((rewards[winners] - rewards[losers]) / 2)
    count = functools.partial(np.bincount, weights=miss, minlength=len(rewards))
    return (count(losers) - count(winners)) / miss.size


def predict_the_floor__scipy_entropy():
    """Unusual: scipy.special.entr summed over both answers."""
    return special.entr([0.75, 0.25]).sum()


def predict_the_floor__minimised():
    """Unusual: searches the lowest mean loss over all probabilities numerically."""
    loss = lambda p: -0.75 * math.log(p) - 0.25 * math.log(1 - p)  # noqa: E731
    return optimize.minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded").fun


def predict_the_error_bar__counts():
    """Unusual: sqrt(1/80 + 1/20), the delta method on the log-odds."""
    return np.array(math.sqrt(1 / 80 + 1 / 20))


def predict_the_error_bar__information_matrix():
    """Unusual: sums the hundred votes' information p (1 - p) one by one."""
    information = sum(0.8 * (1 - 0.8) for _ in range(100))
    return np.float64(information) ** -0.5


def mle_exists__matrix_power(wins):
    """Unusual: (I + A)^K with clipping to 0 and 1 after each product, np.bool_ out."""
    walk = np.eye(len(wins)) + (wins > 0)
    reach = functools.reduce(lambda a, _: np.minimum(a @ walk, 1.0), range(len(wins)), walk)
    return np.all(reach > 0)

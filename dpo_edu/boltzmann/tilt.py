"""The RLHF objective and its exact solution, the reference tilted by the reward.

    J(pi) = E_pi[r] - beta KL(pi || pi_ref) = beta log Z - beta KL(pi || pi*)  (4.3)
    pi*(y) = pi_ref(y) exp(r(y) / beta) / Z,       Z = E_ref[exp(r / beta)]   (4.2)

Physics' Boltzmann distribution, energy -r, temperature beta (Rafailov et al. 2023, eq.
3 and 4). Last axis = responses, leading axes broadcast; logs in nats. This module does
not know how a policy is trained, nor what a response is made of.
"""

from typing import Any, NamedTuple

import numpy as np

from ..bradley_terry import preference_matrix
from ..divergence import kl_from_logs
from ..validation import require, require_positive
from ..validation.arrays import log_distributions, log_probabilities, on_outcomes_of


class Step(NamedTuple):
    """One line of an executed derivation: what it is, in sympy, and why it holds."""

    title: str
    expression: Any  # a sympy expression or equation; a notebook shows it as LaTeX
    reason: str


def rlhf_inputs(ref_logp, reward, beta=1.0) -> tuple[np.ndarray, np.ndarray]:
    """The reference and the reward as arrays of floats (..., responses).

    Raises InputError, as all of this chapter do, unless the reference sums to 1 (-inf
    where it never goes), each response has a finite reward, and beta > 0.
    """
    ref_logp = log_distributions(ref_logp=ref_logp)
    return listed_part(ref_logp, reward, beta)


def listed_part(ref_logp, reward, beta) -> tuple[np.ndarray, np.ndarray]:
    """The same where not all responses are listed: the reference may sum to less."""
    ref_logp = log_probabilities(axes=1, ref_logp=ref_logp)
    require_positive("beta", beta)
    return ref_logp, on_outcomes_of(ref_logp, reward=reward)


def log_partition(ref_logp, reward, beta) -> np.ndarray:
    """Log of Z = E_ref[exp(reward / beta)], one number per prompt, in nats.

    ref_logp, reward: (..., responses). Of a world that is listed in part, it is the
    log of that part of Z. Raises what ``rlhf_inputs`` does, but for the sum.

    >>> round(float(log_partition(np.log([0.5, 0.3, 0.2]), [1, 2, 0], beta=0.5)), 4)
    3.0093
    """
    ref_logp, reward = listed_part(ref_logp, reward, beta)
    return np.logaddexp.reduce(ref_logp + reward / beta, axis=-1)  # (...)


def optimal_logp(ref_logp, reward, beta) -> np.ndarray:
    """Log-probabilities of pi*, the policy that maximizes ``objective``.

    ref_logp, reward: (..., responses). Raises what ``rlhf_inputs`` does.

    >>> np.exp(optimal_logp(np.log([0.5, 0.3, 0.2]), [1, 2, 0], beta=0.5)).round(3)
    array([0.182, 0.808, 0.01 ])
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    # A constant added to the reward changes Z, not pi*: best = 0 keeps the digits.
    reward = reward - reward.max(axis=-1, keepdims=True)
    log_z = log_partition(ref_logp, reward, beta)[..., None]  # (..., 1)
    return ref_logp + reward / beta - log_z  # (4.2), Rafailov eq. 4


def expected_reward(logp, reward) -> np.ndarray:
    """E_pi[r], in units of reward; logp, reward: (..., responses)."""
    logp = log_distributions(logp=logp)
    reward = on_outcomes_of(logp, reward=reward)
    return (np.exp(logp) * reward).sum(axis=-1)  # (...)


def reward_covariance(logp, first, second) -> np.ndarray:
    """Cov_pi of two rewards; logp, first, second: (..., responses).

    With one reward twice it is the variance: the second derivative of log Z.
    """
    logp = log_distributions(logp=logp)
    first, second = on_outcomes_of(logp, first=first, second=second)
    centered = first - expected_reward(logp, first)[..., None]
    product = centered * second
    require(np.isfinite(product).all(), "first and second are too large to multiply")
    return expected_reward(logp, product)


def objective(logp, ref_logp, reward, beta) -> np.ndarray:
    """J(pi) = E_pi[r] - beta KL(pi || pi_ref); -inf off the reference's support."""
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    return expected_reward(logp, reward) - beta * kl_from_logs(logp, ref_logp)  # (4.1)


def regret(logp, ref_logp, reward, beta) -> np.ndarray:
    """J(pi*) - J(pi) = beta KL(pi || pi*) >= 0: the Gibbs variational principle.

    Computed as the KL: subtracting two objectives would lose a small regret's digits.
    """
    return beta * kl_from_logs(logp, optimal_logp(ref_logp, reward, beta))  # (4.4)


def win_rate(logp, other_logp, reward) -> np.ndarray:
    """Probability that a draw from ``logp`` beats one from ``other_logp``.

    The judge is Bradley-Terry with this reward, so two equal policies score 1/2.
    Memory is responses squared: with thousands of them pass one prompt at a time.
    """
    logp, other_logp = log_distributions(logp=logp, other_logp=other_logp)
    reward = on_outcomes_of(logp, reward=reward)
    beats = preference_matrix(reward)  # (..., responses, responses)
    wins = expected_reward(np.expand_dims(other_logp, -2), beats)  # (..., responses)
    return expected_reward(logp, wins)


def derive_optimal_policy() -> list[Step]:
    """Derive pi* and J = beta log Z - beta KL(pi || pi*) on a world of 3 responses.

    p, q, r: pi, pi_ref, reward. Sympy computes each expression from earlier ones.
    """
    import sympy as sp  # here and not above: loading it takes half a second

    beta, p = sp.Symbol("beta", positive=True), sp.symbols("p_1:4", positive=True)
    q, r = sp.symbols("q_1:4", positive=True), sp.symbols("r_1:4", real=True)
    value = sum(p[i] * r[i] - beta * p[i] * sp.log(p[i] / q[i]) for i in range(3))
    log_z = sp.log(sum(q[i] * sp.exp(r[i] / beta) for i in range(3)))
    steps, optimum = _stationary_point(value, p)
    return steps + _complete_the_kl(value, p, optimum, beta, log_z)


def _stationary_point(value, p):
    """The steps from the objective to its one maximum, and that maximum."""
    import sympy as sp

    lam = sp.Symbol("lambda", real=True)
    lagrangian = value + lam * (1 - sum(p))
    slopes = [sp.diff(lagrangian, p_i) for p_i in p]
    solved = [sp.solve(slopes[i], p[i])[0] for i in range(3)]
    multiplier = sp.solve(sp.Eq(sp.factor(sum(solved)), 1), lam)[0]
    optimum = [sp.simplify(p_i.subs(lam, multiplier)) for p_i in solved]
    return [
        Step("objective", value, "expected reward minus beta times the KL"),
        Step("Lagrangian", lagrangian, "the probabilities sum to 1"),
        Step("stationarity", sp.Eq(slopes[0], 0), "no slope in p_1; likewise p_2, p_3"),
        Step("solved", sp.Eq(p[0], solved[0]), "one response at a time, given lambda"),
        Step("multiplier", sp.Eq(lam, multiplier), "the three solutions sum to 1"),
        Step("optimum", sp.Eq(p[0], optimum[0]), "lambda put back: the sum is Z"),
        Step("curvature", sp.hessian(value, p), "negative: it is the one maximum"),
    ], optimum


def _complete_the_kl(value, p, optimum, beta, log_z):
    """The steps that read J as beta log Z minus a KL, with no calculus."""
    import sympy as sp

    kl = sum(p[i] * sp.log(p[i] / optimum[i]) for i in range(3))
    completed = beta * log_z - beta * kl
    gap = sp.factor(sp.expand(sp.expand_log(value - completed, force=True)))
    best = sp.expand_log(value.subs(dict(zip(p, optimum, strict=True))), force=True)
    return [
        Step("completed KL", completed, "beta log Z - beta KL(pi || pi*); KL >= 0"),
        Step("the same J", gap, "J minus that line: 0 once the p_i sum to 1"),
        Step("best value", sp.factor(best), "J(pi*) = beta log Z: the KL is 0 there"),
    ]

"""Right answers to chapter 05 in unusual styles."""

import functools
import math
from fractions import Fraction

import numpy as np
import sympy as sp
from scipy import special


def implicit_reward__where(logp, ref_logp, beta):
    """Unusual: -inf is written in explicitly, 0-d arrays for plain numbers."""
    a, b = np.asarray(logp, dtype=float), np.asarray(ref_logp, dtype=float)
    never = np.isneginf(a)
    return np.where(never, -np.inf, beta * (np.where(never, 0.0, a) - np.where(never, 0.0, b)))


def implicit_reward__vectorize(logp, ref_logp, beta):
    """Unusual: np.vectorize of a scalar function, any shape."""

    def one(a, b):
        return -math.inf if a == -math.inf else beta * (a - b)

    return np.vectorize(one, otypes=[float])(logp, ref_logp)[()]


def log10_responses__exact_integer(vocabulary_size, length):
    """Unusual: math.log10 of the exact Python integer, however long."""
    return math.log10(vocabulary_size**length)


def log10_responses__sum(vocabulary_size, length):
    """Unusual: adds one log10 per position; numpy scalar."""
    return np.float64(math.fsum([math.log10(vocabulary_size)] * length))


def log10_responses__change_of_base(vocabulary_size, length, *, base=10):
    """Unusual: another base through log2, and a keyword."""
    return length * math.log2(vocabulary_size) / math.log2(base)


def derive_reward__solved(policy, ref, beta, z):
    """Unusual: sympy solves the equation."""
    reward = sp.Dummy("reward", real=True)
    (solution,) = sp.solve(sp.Eq(policy, ref * sp.exp(reward / beta) / z), reward)
    return solution


def derive_reward__expanded(policy, ref, beta, z):
    """Unusual: three separate logarithms."""
    return beta * sp.log(policy) - beta * sp.log(ref) + beta * sp.log(z)


def derive_reward__power_inside(policy, ref, beta, z):
    """Unusual: beta goes into the logarithm as a power."""
    return -sp.log((ref / policy / z) ** beta, evaluate=False)


def derive_reward_gap__expand_log(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z
):
    """Unusual: both rewards written out, sympy cancels z by expand_log."""

    def reward(policy, ref):
        return beta * sp.log(policy * z / ref)

    gap = reward(policy_chosen, ref_chosen) - reward(policy_rejected, ref_rejected)
    return sp.expand(sp.expand_log(gap, force=True))


def derive_reward_gap__one_log(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta, z=None
):
    """Unusual: one logarithm of a product, z has a default."""
    return sp.log(
        policy_chosen**beta
        * policy_rejected ** (-beta)
        * ref_chosen ** (-beta)
        * ref_rejected**beta
    )


def derive_preference__powers(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Unusual: shares out the powers, without any exp or log."""
    chosen = (policy_chosen / ref_chosen) ** beta
    rejected = (policy_rejected / ref_rejected) ** beta
    return sp.together(chosen / (chosen + rejected))


def derive_preference__tanh(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Unusual: through the hyperbolic tangent of half the gap."""
    gap = beta * sp.log(policy_chosen * ref_rejected / policy_rejected / ref_chosen)
    return sp.Rational(1, 2) + sp.tanh(gap / 2) / 2


def derive_loss__power(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta):
    """Unusual: log of 1 + inverse odds as a power."""
    return sp.log(1 + (policy_rejected * ref_chosen / (policy_chosen * ref_rejected)) ** beta)


def derive_loss__substitution(
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta
):
    """Unusual: -log sigmoid(x) with a dummy that is substituted at the end."""
    x = sp.Dummy("x", real=True)
    gap = beta * (
        sp.log(policy_chosen)
        - sp.log(policy_rejected)
        - sp.log(ref_chosen)
        + sp.log(ref_rejected)
    )
    return (-sp.log(1 / (1 + sp.exp(-x)))).subs(x, gap)


def derive_leftover__difference(beta, z_chosen, z_rejected):
    """Unusual: two logarithms, beta factored out."""
    return sp.Mul(beta, sp.Add(sp.log(z_chosen), -sp.log(z_rejected)))


def derive_leftover__from_step_one(beta, z_chosen, z_rejected):
    """Unusual: derived from step 1 with dummies whose implicit rewards cancel."""
    p, q, r, s = sp.symbols("p q r s", positive=True, cls=sp.Dummy)
    gap = beta * sp.log(p * z_chosen / q) - beta * sp.log(r * z_rejected / s)
    implicit = beta * sp.log(p / q) - beta * sp.log(r / s)
    return sp.simplify(sp.expand(sp.expand_log(gap - implicit, force=True)))


def find_the_bug_partition_estimate__logsumexp(ref_logp, reward, beta):
    """Unusual: scipy's logsumexp with b = 1/N."""
    return special.logsumexp(reward / beta, b=1 / len(reward))


def find_the_bug_partition_estimate__running(ref_logp, reward, beta):
    """Unusual: functools.reduce with logaddexp, then minus log N."""
    total = functools.reduce(np.logaddexp, (r / beta for r in reward))
    return total - math.log(reward.size)


def find_the_bug_partition_estimate__counted(ref_logp, reward, beta):
    """Unusual: counts equal rewards first and weighs by their frequency."""
    values, counts = np.unique(reward, return_counts=True)
    x = np.log(counts / counts.sum()) + values / beta
    return np.array(x.max() + np.log(np.exp(x - x.max()).sum()))


def predict_the_average_multiplier__fractions():
    """Unusual: exact fractions; the result is Fraction(1) made a float."""
    ref = [Fraction(5, 10), Fraction(3, 10), Fraction(2, 10)]
    policy = [Fraction(1, 10), Fraction(2, 10), Fraction(7, 10)]
    return float(sum(r * (p / r) for p, r in zip(policy, ref)))


def predict_the_average_multiplier__int():
    """Unusual: the int 1."""
    return 1


def predict_the_level__numpy():
    """Unusual: a numpy scalar, written as log of e^2 / sqrt 2."""
    return np.log(np.exp(2) / np.sqrt(2))


predict_the_level__lambda = lambda: 1.6534  # noqa: E731
predict_the_level__lambda.__doc__ = "Unusual: a lambda with the number from paper."


def derive_leftover__changed_base(beta, z_chosen, z_rejected):
    """Unusual: log2 times log 2, and beta as the last factor."""
    return sp.log(z_chosen / z_rejected, 2) * sp.log(2) * beta


def implicit_reward__subtract_where(logp, ref_logp, beta):
    """Unusual: np.subtract with where= into an array that starts at -inf."""
    a, b = np.broadcast_arrays(np.float64(logp), np.float64(ref_logp))
    out = np.full(a.shape, -np.inf)
    np.subtract(a, b, out=out, where=a > -np.inf)
    return out * beta

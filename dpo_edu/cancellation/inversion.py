"""Invert pi*: the reward is a log-ratio plus a constant of the prompt, which cancels.

    r(y) = beta log(pi*(y) / pi_ref(y)) + beta log Z               (5.1)
    r(y_w) - r(y_l) = implicit_reward(y_w) - implicit_reward(y_l)           (5.2)

Rafailov et al. 2023, eq. 5. Cancelling spares us Z; it is not that Z cannot be had:
here are a recursion over tokens and a Monte Carlo estimate. Labels are not known here.
"""

from typing import NamedTuple

import numpy as np

from ..boltzmann import Step, log_partition, optimal_logp
from ..boltzmann.tilt import rlhf_inputs
from ..validation import (
    listed,
    require_broadcastable,
    require_callable,
    require_positive,
    require_same_shape,
    require_shape,
    require_whole,
)
from ..validation.arrays import finite, log_distributions, log_numbers


def implicit_reward(logp, ref_logp, beta):
    """beta log(pi / pi_ref), elementwise: the reward for which pi is optimal.

    Floats, arrays or tensors, broadcast. Any pi has E_ref[exp(implicit_reward / beta)]
    = 1, so level and sign mean nothing across prompts. 0 where both logs are -inf: of
    a response that nobody gives any reward is right.

    >>> round(float(implicit_reward(-4.5, -5.0, beta=0.1)), 4)
    0.05
    """
    require_positive("beta", beta)
    learns = hasattr(logp, "detach") or hasattr(ref_logp, "detach")  # a tensor
    ratio = _tensor_log_ratio if learns else log_ratio
    return beta * ratio(logp, ref_logp)  # (5.1) without its constant


def log_ratio(logp, ref_logp) -> np.ndarray:
    """log(pi / pi_ref), elementwise, in nats; 0 where both logs are -inf."""
    logp, ref_logp = log_numbers(logp=logp, ref_logp=ref_logp)
    with np.errstate(invalid="ignore"):  # -inf - -inf is the 0 of equal logs
        return np.where(logp == ref_logp, 0.0, logp - ref_logp)


def _tensor_log_ratio(logp, ref_logp):
    """The same in torch, where equal logs have a gradient."""
    from ..validation.tensors import tensors  # torch is there when a tensor comes

    logp, ref_logp = tensors(logp=logp, ref_logp=ref_logp)
    return (logp - ref_logp).masked_fill((logp == ref_logp) & logp.isinf(), 0.0)


def normalized_reward(ref_logp, reward, beta) -> np.ndarray:
    """reward - beta log Z: the one reward in its class with Z = 1 on each prompt.

    It prefers what ``reward`` prefers, has the same pi*, and equals the implicit
    reward of that pi* (Rafailov et al. 2023, theorem 1). reward: (..., responses).
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    return reward - beta * log_partition(ref_logp, reward, beta)[..., None]


def effect_of_prompt_constant(rule, reward, constant):
    """rule(reward + constant) - rule(reward): 0 exactly where Z cancels from ``rule``.

    reward: (..., responses), constant: (...) one number per prompt, added to all its
    responses; ``rule`` maps rewards to any score, say a loss.

    >>> float(effect_of_prompt_constant(lambda r: r[0] - r[1], np.array([2, 1]), 7))
    0.0
    """
    require_callable(rule=rule)
    reward, constant = finite(axes=1, reward=reward), finite(constant=constant)
    require_broadcastable(reward=reward, constant=constant[..., None])
    shifted = reward + constant[..., None]
    return rule(shifted) - rule(reward)


def log10_responses(vocabulary_size: int, length: int) -> float:
    """log10 of V^L, the number of responses of exactly ``length`` tokens.

    >>> round(log10_responses(32000, 100), 2)
    450.51
    """
    require_whole(1, vocabulary_size=vocabulary_size)
    require_whole(0, length=length)
    return float(length * np.log10(vocabulary_size))


class SoftBellman(NamedTuple):
    """The optimal policy token by token; entry t of a list is depth t of the tree."""

    values: list[np.ndarray]  # V*(s) of each prefix of t tokens, in units of reward
    token_logp: list[np.ndarray]  # log pi*(token | prefix), last axis = tokens


def soft_bellman(ref_token_logp, reward, beta) -> SoftBellman:
    """Z and pi* from the leaves to the root: the same tilt, one token at a time.

    ref_token_logp[t]: (..., V, ..., V) with t + 1 token axes, log pi_ref(token |
    prefix); reward: one number per leaf. ``values[0]`` is beta log Z. A sequence that
    ends early is padded by a forced token: log-probability 0, all others -inf.
    Rafailov et al. 2024, From r to Q*.
    """
    ref_token_logp = _token_levels(ref_token_logp=ref_token_logp)
    value, values, token_logp = finite(reward=reward), [], []
    require_same_shape(reward=value, last_ref_token_logp=ref_token_logp[-1])
    for ref_logp in reversed(ref_token_logp):
        token_logp.insert(0, optimal_logp(ref_logp, value, beta))
        # V* = beta log sum_a pi_ref(a | s) exp(V*(s, a) / beta), one axis fewer (5.4)
        value = beta * log_partition(ref_logp, value, beta)
        values.insert(0, value)
    return SoftBellman(values, token_logp)


def chain_logp(token_logp) -> np.ndarray:
    """Log-probability of every leaf: the sum of its tokens' log-probabilities."""
    total, *later = _token_levels(token_logp=token_logp)
    for conditional in later:
        total = total[..., None] + conditional
    return total


def _token_levels(**named) -> list[np.ndarray]:
    """The named list of log-probabilities, each with one axis more than the last."""
    (name,), found = named, []
    for t, level in enumerate(listed(**named)):
        found.append(log_distributions(**{f"{name}[{t}]": level}))
        if t:
            require_shape((*found[t - 1].shape, None), **{f"{name}[{t}]": found[t]})
    return found


def monte_carlo_partition(sampled_reward, beta) -> np.ndarray:
    """Log of Z-hat, the mean of exp(r(y) / beta) over responses y drawn from pi_ref.

    sampled_reward: (..., samples). Z-hat is unbiased, so its log is low on average;
    ``partition_estimates`` has both errors exactly.
    """
    sampled_reward = finite(axes=1, sampled_reward=sampled_reward)
    samples = sampled_reward.shape[-1]
    empirical_logp = np.full(samples, -np.log(samples))  # each draw counts 1/N
    return log_partition(empirical_logp, sampled_reward, beta)


def derive_cancellation() -> list[Step]:
    """From pi* to a preference without Z, each expression computed by sympy.

    Three responses w, l, m of one prompt; ell is log pi*, ell^ref is log pi_ref. log Z
    is one symbol because it is the same number for every response of the prompt.
    """
    import sympy as sp  # here and not above: loading it takes half a second

    beta, log_z = sp.Symbol("beta", positive=True), sp.Symbol(r"\log Z", real=True)
    rewards = sp.symbols("r_w r_l r_m", real=True)
    logp = sp.symbols("ell_w ell_l ell_m", real=True)
    ref_logp = sp.symbols("ell^ref_w ell^ref_l ell^ref_m", real=True)
    tilted = [sp.Eq(logp[i], ref_logp[i] + rewards[i] / beta - log_z) for i in range(3)]
    inverted = [sp.solve(tilted[i], rewards[i])[0] for i in range(3)]
    gap = inverted[0] - inverted[1]
    margin = sp.factor(sp.expand(gap))
    return [
        Step("optimal policy", tilted[0], "log of pi_ref exp(r / beta) / Z"),
        Step("inverted", sp.Eq(rewards[0], inverted[0]), "solved for the reward"),
        Step("substituted", gap, "r_w - r_l, all that Bradley-Terry asks for"),
        Step("cancelled", margin, "one prompt, one Z: it leaves the difference"),
        Step("loss", sp.log(1 + sp.exp(-margin)), "-log sigmoid(margin): DPO"),
        *_what_else_cancels(inverted, log_z),
    ]


def _what_else_cancels(inverted, log_z):
    """The same substitution in a ranking, across prompts and in a scalar target."""
    import sympy as sp

    chosen, rejected, third = inverted
    first = chosen - sp.log(sum(sp.exp(r) for r in inverted))  # Plackett-Luce: w first
    second = rejected - sp.log(sp.exp(rejected) + sp.exp(third))  # then l before m
    ranking_slope = sp.simplify(sp.diff(first + second, log_z))
    elsewhere = rejected.subs(log_z, sp.Symbol(r"\log Z'", real=True))
    squared_error = (chosen - sp.Symbol("t", real=True)) ** 2
    return [
        Step("a ranking", ranking_slope, "slope of log P(w, l, m) in log Z: none"),
        Step("two prompts", sp.factor(sp.expand(chosen - elsewhere)), "both Z remain"),
        Step("a scalar target", squared_error, "a score t for one response: Z remains"),
    ]

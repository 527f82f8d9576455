"""Online DPO: compare what the policy says now, train, and do it again.

With the same reward and beta each time, k exact rounds lead from pi_ref to

    fixed reference:    pi_ref exp(r / beta) / Z       however many rounds
    moving reference:   pi_ref exp(k r / beta) / Z     one round at beta / k      (15.1)

because every round tilts its reference by exp(r / beta), and tilts multiply. A round is
a function of (policy, reference). This module does not know models, judges or labels;
``world_round`` does.
"""

from collections.abc import Callable
from math import inf

import numpy as np

from ..boltzmann import optimal_logp
from ..boltzmann.tilt import rlhf_inputs
from ..divergence import normalized
from ..validation import (
    require_between,
    require_callable,
    require_positive,
    require_whole,
)
from ..validation.arrays import finite


def effective_beta(beta, rounds, share=1.0):
    """The beta at which one exact round does what ``rounds`` of them do at ``beta``.

    After each round the reference goes the share ``share`` of the way, in log
    probability, to the policy: 1 moves it there (beta / rounds), 0 leaves it (beta).
    No round at all leaves the reference itself, whose beta is inf.

    >>> effective_beta(0.5, 4), effective_beta(0.5, 4, share=0.0)
    (0.125, 0.5)
    """
    require_positive("beta", beta)
    require_whole(0, rounds=rounds)
    require_between(0, 1, share=share)
    return beta / (1 + share * (rounds - 1)) if rounds else inf  # (15.2)


def rounds_logp(ref_logp, reward, beta, rounds, share=1.0) -> np.ndarray:
    """The policy after ``rounds`` exact rounds, in closed form: (..., responses).

    Arguments as in ``effective_beta`` and ``boltzmann.optimal_logp``.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    beta = effective_beta(beta, rounds, share)
    return optimal_logp(ref_logp, reward, beta) if rounds else ref_logp  # (15.1)


def iterate(policy, reference, round_fn, rounds) -> list:
    """All policies from the first on: ``rounds`` + 1 of them.

    ``round_fn(policy, reference)`` returns the next policy and the reference that the
    next round gets: whoever writes a round decides whether the reference moves.
    """
    require_callable(round_fn=round_fn)
    require_whole(0, rounds=rounds)
    policies = [policy]
    for _ in range(rounds):
        policy, reference = round_fn(policy, reference)
        policies.append(policy)
    return policies


def fixed_reference(learn: Callable) -> Callable:
    """The round that keeps its reference; learn(policy, reference) -> policy."""
    require_callable(learn=learn)
    return lambda policy, reference: (learn(policy, reference), reference)


def moving_reference(learn: Callable) -> Callable:
    """The round whose result is the next reference; learn as above."""
    require_callable(learn=learn)

    def round_fn(policy, reference):
        learned = learn(policy, reference)
        return learned, learned

    return round_fn


def mixed_reference(learn: Callable, share: float) -> Callable:
    """The round whose reference goes ``share`` of the way to the policy.

    For policies given as log-probabilities (..., responses): a geometric mean,
    normalized. Mixing two models' weights, as Gorbatovski et al. 2024 do, is not quite
    that.
    """
    require_callable(learn=learn)
    require_between(0, 1, share=share)

    def round_fn(policy, reference):
        learned = learn(policy, reference)
        parts = (share, learned), (1 - share, reference)
        mean = sum(part * logp for part, logp in parts if part)  # 0 * -inf is 0
        return learned, normalized(mean)

    return round_fn


def exact_round(reward, beta) -> Callable:
    """Learning with all labels and any policy in reach: chapter 04's optimum.

    Where it starts, and from which policy pairs are drawn, makes no difference to it.
    """
    reward = finite(axes=1, reward=reward)
    require_positive("beta", beta)
    return lambda policy, reference: optimal_logp(reference, reward, beta)

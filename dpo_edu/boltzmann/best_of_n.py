"""Best-of-N: draw N responses from the reference, keep the one with the best reward.

    pi_N(y) = F(y)^N - F(y-)^N,      KL(pi_N || pi_ref) <= log N - (N - 1) / N

F(y) is the chance that one draw scores at most r(y), F(y-) strictly less. The bound is
often quoted as the KL; it is the KL only where no two draws can tie (Beirami et al.
2024). No beta, no training. This module does not know what N draws cost.
"""

import numpy as np

from ..validation import require_whole
from .tilt import rlhf_inputs


def best_of_n_logp(ref_logp, reward, n: int) -> np.ndarray:
    """Exact log-probabilities of the best of ``n`` draws; ties go to the first drawn.

    ref_logp, reward: (..., responses). Builds (..., responses, responses) tables: with
    thousands of responses pass one prompt at a time. Raises InputError for n < 1.

    >>> np.exp(best_of_n_logp(np.log([0.5, 0.5]), [0, 1], n=3))
    array([0.125, 0.875])
    """
    require_whole(1, n=n)
    ref_logp, reward = rlhf_inputs(ref_logp, reward)
    ref, mine, other = (
        ref_logp[..., None, :],
        reward[..., :, None],
        reward[..., None, :],
    )
    log_f = np.logaddexp.reduce(np.where(other <= mine, ref, -np.inf), axis=-1)
    log_tied = np.logaddexp.reduce(np.where(other == mine, ref, -np.inf), axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):  # log 0 = -inf is meant
        # F^N - F_^N = F^N (1 - (1 - tied / F)^N): no digits lost on rare responses
        log_miss = n * np.log1p(-np.exp(np.minimum(log_tied - log_f, 0)))
        log_group = n * log_f + np.log(-np.expm1(log_miss))
        logp = log_group + ref_logp - log_tied  # tied responses share as in pi_ref
    return np.where(ref_logp > -np.inf, logp, -np.inf)


def best_of_n_kl_bound(n: int) -> float:
    """log N - (N - 1) / N nats: an upper bound, reached where draws never tie."""
    require_whole(1, n=n)
    return float(np.log(n) - (n - 1) / n)


def best_of_n_win_rate(n: int) -> float:
    """N / (N + 1): chance that the best of N scores above one more draw, no ties.

    All N + 1 draws are alike, so each is the highest with chance 1 / (N + 1).
    """
    require_whole(1, n=n)
    return n / (n + 1)

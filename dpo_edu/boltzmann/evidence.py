"""log Z read as the evidence of a Bayesian model, and a world where Z is infinite.

    log Z = ELBO(pi) + KL(pi || pi*),     ELBO(pi) = E_pi[r / beta] - KL(pi || pi_ref)

Prior pi_ref, unnormalized likelihood exp(r / beta), posterior pi*, evidence Z. With a
free pi the E-step of EM is the exact posterior; a restricted family leaves a gap.
Fitting a policy to labels is not this E-step: that is maximum likelihood (chapter 06).
"""

import numpy as np

from ..validation import (
    require_positive,
    require_whole,
)
from .tilt import log_partition, objective, rlhf_inputs


def elbo(logp, ref_logp, reward, beta) -> np.ndarray:
    """Evidence lower bound J(pi) / beta in nats; logp, ref_logp, reward (..., N)."""
    return objective(logp, ref_logp, reward, beta) / beta


def evidence_probability(ref_logp, reward, beta) -> np.ndarray:
    """P(O = 1) when a draw y of pi_ref succeeds with chance exp((r(y) - r_max) / beta).

    Dividing by exp(r_max / beta) makes the likelihood at most 1, as a probability is;
    control as inference calls the event optimality, and pi* is the reference given it.
    Equals Z exp(-r_max / beta), with r_max over all listed responses.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    best = reward.max(axis=-1, keepdims=True)
    return np.exp(log_partition(ref_logp, reward - best, beta))


def runaway_world(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The first ``size`` responses n = 1, 2, ... of a world without end.

    Returns (ref_logp, reward) with pi_ref(n) = 2^-n and r(n) = n: longer responses are
    rarer and better, and beta decides which of the two wins.
    """
    require_whole(1, 10**6, size=size)
    lengths = np.arange(1.0, size + 1)
    return -lengths * np.log(2), lengths


def runaway_log_partition(beta) -> float:
    """log Z of all of ``runaway_world``: infinite unless beta > 1 / log 2 = 1.4427.

    Z = sum over n of q^n with q = exp(1 / beta) / 2. Where it diverges, J has no
    upper bound and pi* does not exist; each finite part of the world hides that.

    >>> runaway_log_partition(beta=1.4)
    inf
    """
    require_positive("beta", beta)
    log_q = 1 / beta - np.log(2)
    return float(log_q - np.log(-np.expm1(log_q))) if log_q < 0 else np.inf

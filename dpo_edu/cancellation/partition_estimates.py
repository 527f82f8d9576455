"""How good is an estimate of Z from N samples, exactly; and a Z in closed form.

    Var(Z-hat / Z) = chi^2(pi* || pi_ref) / N,    chi^2 + 1 = Z(beta / 2) / Z(beta)^2

with Z(b) = E_ref[exp(r / b)]. Summing over all responses of a language model is out of
reach; estimating Z is not. ``cancellation.monte_carlo_partition`` is the estimate.
"""

import numpy as np

from ..boltzmann import log_partition
from ..boltzmann.tilt import rlhf_inputs
from ..validation import require, require_positive, require_shape, require_whole


def relative_variance(ref_logp, reward, beta, samples: int) -> np.ndarray:
    """Var(Z-hat) / Z^2 = chi^2(pi* || pi_ref) / samples, exactly; no unit.

    chi^2 is at most 1 / pi_ref(best) - 1 in a finite world; before that bound bites it
    can grow exponentially with the reward's range over beta. Arrays (..., responses).
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    require_whole(1, samples=samples)
    reward = reward - reward.max(axis=-1, keepdims=True)  # a constant drops out
    second_moment = log_partition(ref_logp, reward, beta / 2)  # log E[exp(r / beta)^2]
    return np.expm1(second_moment - 2 * log_partition(ref_logp, reward, beta)) / samples


def mean_log_estimate(ref_logp, reward, beta, samples: int) -> float:
    """E[log Z-hat] for one prompt, by listing every ordered sample; below log Z.

    ref_logp, reward: (responses,). Raises InputError beyond a million samples to list.
    """
    ref_logp, reward = rlhf_inputs(ref_logp, reward, beta)
    require_whole(1, 1_000, samples=samples)
    require_shape((None,), ref_logp=ref_logp, reward=reward)
    scores = reward / beta
    few = ref_logp.size**samples <= 1_000_000
    require(few, f"{ref_logp.size}^{samples} samples are too many to list: take fewer")
    log_sum, logp = scores, ref_logp
    for _ in range(samples - 1):  # one more draw: every pair of (so far, next)
        log_sum = np.logaddexp.outer(log_sum, scores).ravel()
        logp = np.add.outer(logp, ref_logp).ravel()
    return float(np.exp(logp) @ (log_sum - np.log(samples)))


def quantile_log_partition(beta) -> float:
    """log Z = log(beta (exp(1 / beta) - 1)) where r is its own quantile under pi_ref.

    Such a reward is uniform on [0, 1] under the reference, so Z is the same known
    number for every prompt and needs no cancelling (Matrenok et al. 2025, QRPO).
    """
    require_positive("beta", beta)
    return float(np.log(beta) + 1 / beta + np.log(-np.expm1(-1 / beta)))

"""The variants of DPO: nine losses, each a few lines away from chapter 06.

    dpo = -log sigmoid(beta * gap),  gap = (log pi_w/ref_w) - (log pi_l/ref_l)

Each returns the mean over its batch as a tensor that autograd can follow, right up to
margins of 10,000; log-probabilities are sums over tokens, in nats. Papers' names, but
for IPO's tau (beta here), ORPO's and DPOP's lambda (weight, penalty). InputError: wrong
shapes, no examples, impossible settings. This module knows no data and no optimum.
"""

import torch
import torch.nn.functional as F

from ..dpo_loss import as_tensor
from ..validation import require, require_positive, require_same_shape


def ipo_loss(log_ratio_gap, beta) -> torch.Tensor:
    """IPO: the gap is pulled to 1 / (2 beta) from both sides (Azar et al. 2023).

    Some trainers divide each side by its tokens first: another loss, another beta. TRL
    does, and says that the authors confirmed it to be the form of the paper's results.
    """
    require_positive("beta", beta)
    return _mean((as_tensor(log_ratio_gap) - 1 / (2 * beta)).square())  # (14.1)


def cdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Cross-entropy with labels wrong at rate epsilon <= 1/2 (Mitchell 2023, note)."""
    require(0 <= epsilon <= 0.5, f"epsilon must be in 0..1/2, got {epsilon}")
    right, wrong = _both_labels(log_ratio_gap, beta)
    return _mean((1 - epsilon) * right + epsilon * wrong)  # (14.2)


def rdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Robust DPO: flipped at rate epsilon < 1/2, its mean is the clean DPO loss.

    Chowdhury et al. 2024. Not bounded below: a margin of +infinity costs -infinity.
    """
    require(0 <= epsilon < 0.5, f"epsilon must be in 0..1/2, 1/2 excluded: {epsilon}")
    right, wrong = _both_labels(log_ratio_gap, beta)
    unbiased = ((1 - epsilon) * right - epsilon * wrong) / (1 - 2 * epsilon)
    return _mean(unbiased)  # (14.3)


def simpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
) -> torch.Tensor:
    """SimPO: log pi per token, no reference, a lead of gamma (Meng et al. 2024).

    gamma is subtracted after scaling by beta; some codes take gamma / beta instead.
    """
    _not_negative(gamma=gamma)
    scores = _per_token(logp_chosen, logp_rejected, length_chosen, length_rejected)
    return _mean(-F.logsigmoid(_margin(scores[0] - scores[1], beta) - gamma))  # (14.4)


def orpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, weight
) -> torch.Tensor:
    """ORPO: SFT on the chosen response plus weight times a log odds ratio, per token.

    Hong et al. 2024: odds = p / (1 - p), p = exp(log pi / tokens). No reference. NaN
    where both responses have probability 1: infinite odds against infinite odds.
    """
    _not_negative(weight=weight)
    scores = _per_token(logp_chosen, logp_rejected, length_chosen, length_rejected)
    odds_ratio = _log_odds(scores[0]) - _log_odds(scores[1])
    return _mean(-scores[0] - weight * F.logsigmoid(odds_ratio))  # (14.5)


def kto_loss(log_ratio, desirable, kl, beta, weights=(1.0, 1.0)) -> torch.Tensor:
    """KTO: single responses, thumbs up or down (Ethayarajh et al. 2024).

    log_ratio: log pi(y) - log ref(y); desirable: booleans. kl: the reference point,
    named after what it estimates badly; below 0 it counts as 0, no gradient reaches it.
    """
    ratio, up = as_tensor(log_ratio), torch.as_tensor(desirable)
    require(up.dtype == torch.bool, "desirable must be True or False, no numbers")
    require_same_shape(log_ratio=ratio, desirable=up)
    _not_negative(weight_of_ups=weights[0], weight_of_downs=weights[1])
    lead = _margin(ratio - as_tensor(kl).detach().clamp(min=0), beta)
    good, bad = weights[0] * torch.sigmoid(-lead), weights[1] * torch.sigmoid(lead)
    return _mean(torch.where(up, good, bad))  # (14.6)


def hinge_loss(log_ratio_gap, beta) -> torch.Tensor:
    """SLiC's hinge (Zhao et al. 2023) on DPO's margin, as in RSO (Liu et al. 2023).

    SLiC itself scores by log pi, without a reference, and adds a likelihood term.
    """
    return _mean((1 - _margin(log_ratio_gap, beta)).clamp(min=0))  # (14.7)


def dpop_loss(log_ratio_chosen, log_ratio_rejected, beta, penalty) -> torch.Tensor:
    """DPO-positive: a fine inside the sigmoid where the chosen response has fallen.

    Pal et al. 2024. The log-ratios are log pi - log ref; penalty is their lambda.
    """
    _not_negative(penalty=penalty)
    chosen, rejected = as_tensor(log_ratio_chosen), as_tensor(log_ratio_rejected)
    require_same_shape(log_ratio_chosen=chosen, log_ratio_rejected=rejected)
    gap = chosen - rejected - penalty * (-chosen).clamp(min=0)
    return _mean(-F.logsigmoid(_margin(gap, beta)))  # (14.8)


def plackett_luce_loss(log_ratio, beta) -> torch.Tensor:
    """DPO on rankings: log_ratio is (..., K), best first (Rafailov et al. 2023, A.3).

    Who is first of K, then of the other K - 1, and so on; K = 2 is the DPO loss.
    """
    score = _margin(log_ratio, beta)  # (..., K)
    remaining = score.flip(-1).logcumsumexp(-1).flip(-1)  # (..., K)
    return _mean((remaining - score).sum(-1))  # (14.9)


def _margin(log_ratio_gap, beta):
    require_positive("beta", beta)
    return beta * as_tensor(log_ratio_gap)


def _mean(losses):
    require(losses.numel() > 0, "an empty batch has no mean: give at least one example")
    return losses.mean()


def _not_negative(**settings):
    for name, value in settings.items():
        require(0 <= value < float("inf"), f"{name} must be 0 or more, got {value}")


def _per_token(*four):
    """Log-probability per token of chosen and rejected."""
    four = [as_tensor(values) for values in four]
    names = "logp_chosen", "logp_rejected", "length_chosen", "length_rejected"
    require_same_shape(**dict(zip(names, four, strict=True)))
    short = any(bool((length < 1).any()) for length in four[2:])
    require(not short, "every response needs a length of at least 1 token")
    return four[0] / four[2], four[1] / four[3]


def _both_labels(log_ratio_gap, beta):
    """What DPO charges for each pair as it is labeled, and for the label reversed."""
    margin = _margin(log_ratio_gap, beta)
    return -F.logsigmoid(margin), -F.logsigmoid(-margin)


def _log_odds(mean_logp):
    """log p - log(1 - p) from log p; log(-expm1) keeps the digits where p is near 1."""
    return mean_logp - torch.log(-torch.expm1(mean_logp))

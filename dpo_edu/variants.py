"""The variants of DPO: nine losses, each a few lines away from chapter 06.

    dpo = -log sigmoid(beta * gap)
    gap = (log pi_w - log ref_w) - (log pi_l - log ref_l)

Every function returns the mean over its batch, in tensors that autograd can follow, and
holds its digits at margins of 10,000. Log-probabilities are sums over tokens, in nats;
where a loss averages over tokens it asks for lengths. Settings carry the papers' names,
except IPO's tau, called beta here. This module knows no data and no optimum.
"""

import torch
import torch.nn.functional as F

from .dpo_loss import as_tensor
from .validation import require, require_positive


def ipo_loss(log_ratio_gap, beta) -> torch.Tensor:
    """IPO: the gap is pulled to 1 / (2 beta) from both sides (Azar et al. 2023).

    Some trainers divide each side by its tokens first: another loss, another beta.

    >>> ipo_loss(1.0, beta=0.1)
    tensor(16., dtype=torch.float64)
    """
    require_positive("beta", beta)
    return (as_tensor(log_ratio_gap) - 1 / (2 * beta)).square().mean()  # (14.1)


def cdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Conservative DPO: cross-entropy with labels wrong at rate epsilon <= 1/2.

    Mitchell 2023, in a note. With epsilon = 0 it is the DPO loss.
    """
    require(0 <= epsilon <= 0.5, f"epsilon must be in 0..1/2, got {epsilon}")
    right, wrong = _both_labels(log_ratio_gap, beta)
    return ((1 - epsilon) * right + epsilon * wrong).mean()  # (14.2)


def rdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Robust DPO: flipped at rate epsilon < 1/2, its mean is the clean DPO loss.

    Chowdhury et al. 2024. Not bounded below: a margin of +infinity costs -infinity.
    """
    require(0 <= epsilon < 0.5, f"epsilon must be in 0..1/2, 1/2 excluded: {epsilon}")
    right, wrong = _both_labels(log_ratio_gap, beta)
    unbiased = ((1 - epsilon) * right - epsilon * wrong) / (1 - 2 * epsilon)
    return unbiased.mean()  # (14.3)


def hinge_loss(log_ratio_gap, beta) -> torch.Tensor:
    """SLiC's hinge (Zhao et al. 2023) on DPO's margin, as in RSO (Liu et al. 2023).

    SLiC itself scores by log pi, without a reference, and adds a likelihood term.
    """
    return (1 - _margin(log_ratio_gap, beta)).clamp(min=0).mean()  # (14.4)


def simpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
) -> torch.Tensor:
    """SimPO: log pi per token, no reference, a lead of gamma (Meng et al. 2024).

    gamma is subtracted after scaling by beta; some codes take gamma / beta instead.
    """
    chosen = as_tensor(logp_chosen) / as_tensor(length_chosen)
    rejected = as_tensor(logp_rejected) / as_tensor(length_rejected)
    return -F.logsigmoid(_margin(chosen - rejected, beta) - gamma).mean()  # (14.5)


def orpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, weight
) -> torch.Tensor:
    """ORPO: SFT on the chosen response plus weight times a log odds ratio, per token.

    Hong et al. 2024: odds = p / (1 - p) with p = exp(log pi / tokens). No reference.
    """
    chosen = as_tensor(logp_chosen) / as_tensor(length_chosen)
    rejected = as_tensor(logp_rejected) / as_tensor(length_rejected)
    odds_ratio = _log_odds(chosen) - _log_odds(rejected)
    return (-chosen - weight * F.logsigmoid(odds_ratio)).mean()  # (14.6)


def kto_loss(log_ratio, desirable, kl, beta, weights=(1.0, 1.0)) -> torch.Tensor:
    """KTO: single responses, thumbs up or down (Ethayarajh et al. 2024).

    log_ratio: log pi(y) - log ref(y), nats. kl: an estimate of KL(pi || ref); negative
    ones count as 0 and no gradient reaches it. weights: of desirable and undesirable.
    """
    require_positive("beta", beta)
    up = torch.as_tensor(desirable, dtype=torch.bool)
    lead = beta * (as_tensor(log_ratio) - as_tensor(kl).detach().clamp(min=0))
    good, bad = weights[0] * torch.sigmoid(-lead), weights[1] * torch.sigmoid(lead)
    return torch.where(up, good, bad).mean()  # (14.7)


def dpop_loss(log_ratio_chosen, log_ratio_rejected, beta, penalty) -> torch.Tensor:
    """DPO-positive: a fine inside the sigmoid where the chosen response has fallen.

    Pal et al. 2024. The log-ratios are log pi - log ref; penalty is their lambda.
    """
    chosen, rejected = as_tensor(log_ratio_chosen), as_tensor(log_ratio_rejected)
    gap = chosen - rejected - penalty * (-chosen).clamp(min=0)
    return -F.logsigmoid(_margin(gap, beta)).mean()  # (14.8)


def plackett_luce_loss(log_ratio, beta) -> torch.Tensor:
    """DPO on rankings: log_ratio is (..., K), best first (Rafailov et al. 2023, A.3).

    Who is first of K, then of the other K - 1, and so on; K = 2 is the DPO loss.
    """
    score = _margin(log_ratio, beta)  # (..., K)
    remaining = score.flip(-1).logcumsumexp(-1).flip(-1)  # (..., K)
    return (remaining - score).sum(-1).mean()  # (14.9)


def _margin(log_ratio_gap, beta):
    require_positive("beta", beta)
    return beta * as_tensor(log_ratio_gap)


def _both_labels(log_ratio_gap, beta):
    """What DPO charges for each pair as it is labeled, and for the label reversed."""
    margin = _margin(log_ratio_gap, beta)
    return -F.logsigmoid(margin), -F.logsigmoid(-margin)


def _log_odds(mean_logp):
    """log p - log(1 - p) from log p; log(-expm1) keeps the digits where p is near 1."""
    return mean_logp - torch.log(-torch.expm1(mean_logp))

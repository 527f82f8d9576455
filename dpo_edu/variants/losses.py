"""The variants of DPO: eleven losses, each a few lines away from chapter 06.

    dpo = -log sigmoid(beta * gap),  gap = (log pi_w/ref_w) - (log pi_l/ref_l)

Each returns the mean over its batch as a tensor that autograd can follow, right up to
margins of 10,000; log-probabilities are sums over tokens, in nats. Papers' names, but
for IPO's tau (beta here), ORPO's and DPOP's lambda (weight, penalty). InputError: wrong
shapes, no examples, impossible settings. This module knows no data and no optimum.
"""

import torch
import torch.nn.functional as F

from ..dpo_loss import dpo_loss
from ..validation import (
    require,
    require_axes,
    require_between,
    require_not_negative,
    require_positive,
    require_same_shape,
    require_type,
)
from ..validation.arrays import as_array, finite, log_probabilities, reals
from ..validation.tensors import as_tensor, tensors_alike


def ipo_loss(log_ratio_gap, beta) -> torch.Tensor:
    """IPO: the gap is pulled to 1 / (2 beta) from both sides (Azar et al. 2023).

    Some trainers divide each side by its tokens first: another loss, another beta. TRL
    does, and says that the authors confirmed it to be the form of the paper's results.
    """
    require_positive("beta", beta)
    gap = _batch(log_ratio_gap=log_ratio_gap)
    return (gap - 1 / (2 * beta)).square().mean()  # (14.1)


def cdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Cross-entropy with labels wrong at rate epsilon <= 1/2 (Mitchell 2023, note)."""
    require_between(0, 0.5, epsilon=epsilon)
    right, wrong = _both_labels(log_ratio_gap, beta)
    return ((1 - epsilon) * right + _share(epsilon, wrong)).mean()  # (14.2)


def rdpo_loss(log_ratio_gap, beta, epsilon) -> torch.Tensor:
    """Robust DPO: flipped at rate epsilon < 1/2, its mean is the clean DPO loss.

    Chowdhury et al. 2024. Not bounded below: a margin of +infinity costs -infinity.
    """
    require_between(0, 0.5, epsilon=epsilon)
    require(epsilon < 0.5, "epsilon must be below 1/2: such labels teach nothing")
    right, wrong = _both_labels(log_ratio_gap, beta)
    unbiased = ((1 - epsilon) * right - _share(epsilon, wrong)) / (1 - 2 * epsilon)
    return unbiased.mean()  # (14.3)


def simpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
) -> torch.Tensor:
    """SimPO: log pi per token, no reference, a lead of gamma (Meng et al. 2024).

    gamma is subtracted after scaling by beta; some codes take gamma / beta instead.
    """
    require_not_negative(gamma=gamma)
    scores = _per_token(logp_chosen, logp_rejected, length_chosen, length_rejected)
    lead = _margin(scores[0] - scores[1], beta) - gamma
    return -F.logsigmoid(lead).mean()  # (14.4)


def orpo_loss(
    logp_chosen, logp_rejected, length_chosen, length_rejected, weight
) -> torch.Tensor:
    """ORPO: SFT on the chosen response plus weight times a log odds ratio, per token.

    Hong et al. 2024: odds = p / (1 - p), p = exp(log pi / tokens). No reference. NaN
    where both responses have probability 1: infinite odds against infinite odds.
    """
    require_not_negative(weight=weight)
    four = logp_chosen, logp_rejected, length_chosen, length_rejected
    scores = _per_token(*four, look=log_probabilities)  # odds need p <= 1
    odds_ratio = _log_odds(scores[0]) - _log_odds(scores[1])
    return (-scores[0] - weight * F.logsigmoid(odds_ratio)).mean()  # (14.6)


def kto_loss(log_ratio, desirable, kl, beta, weights=(1.0, 1.0)) -> torch.Tensor:
    """KTO: single responses, thumbs up or down (Ethayarajh et al. 2024).

    log_ratio: log pi(y) - log ref(y); desirable: booleans. kl: the reference point,
    named after what it estimates badly; below 0 it counts as 0, no gradient reaches it.
    """
    ratio, up, kl = _judged(log_ratio, desirable, kl)
    _require_weights(weights)
    lead = _margin(ratio - kl.detach().clamp(min=0), beta)
    good, bad = weights[0] * torch.sigmoid(-lead), weights[1] * torch.sigmoid(lead)
    return torch.where(up, good, bad).mean()  # (14.7)


def hinge_loss(log_ratio_gap, beta) -> torch.Tensor:
    """SLiC's hinge (Zhao et al. 2023) on DPO's margin, as in RSO (Liu et al. 2023).

    SLiC itself scores by log pi, without a reference, and adds a likelihood term.
    """
    gap = _batch(log_ratio_gap=log_ratio_gap)
    return (1 - _margin(gap, beta)).clamp(min=0).mean()  # (14.8)


def dpop_loss(log_ratio_chosen, log_ratio_rejected, beta, penalty) -> torch.Tensor:
    """DPO-positive: a fine inside the sigmoid where the chosen response has fallen.

    Pal et al. 2024. The log-ratios are log pi - log ref; penalty is their lambda.
    """
    require_not_negative(penalty=penalty)
    chosen, rejected = _batch(
        log_ratio_chosen=log_ratio_chosen, log_ratio_rejected=log_ratio_rejected
    )
    gap = chosen - rejected - _share(penalty, (-chosen).clamp(min=0))
    return -F.logsigmoid(_margin(gap, beta)).mean()  # (14.9)


def plackett_luce_loss(log_ratio, beta) -> torch.Tensor:
    """DPO on rankings: log_ratio is (..., K), best first (Rafailov et al. 2023, A.3).

    Who is first of K, then of the other K - 1, and so on; K = 2 is the DPO loss.
    """
    log_ratio = _batch(look=finite, log_ratio=log_ratio)
    require_axes(1, log_ratio=log_ratio)
    score = _margin(log_ratio, beta)  # (..., K)
    remaining = score.flip(-1).logcumsumexp(-1).flip(-1)  # (..., K)
    nll = (remaining - score)[..., :-1]  # the last has no choice left, and costs 0
    return nll.sum(-1).mean()  # (14.11)


def length_normalized_loss(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
) -> torch.Tensor:
    """DPO on log-ratios per token, each with its own length (Lambert et al. 2024).

    Tulu 3 and OLMo 2 train with it at beta 5; ``dpo_norm`` in their code, TRL's
    ``sigmoid_norm``. With lengths 1 it is the DPO loss.
    """
    log_ratios = _log_ratios(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
    )
    scores = _per_token(*log_ratios, length_chosen, length_rejected)
    return -F.logsigmoid(_margin(scores[0] - scores[1], beta)).mean()  # (14.5)


def rpo_loss(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
) -> torch.Tensor:
    """DPO plus weight times -log pi(chosen) per token: RPO (Pang et al. 2024).

    Every response's mean over its own tokens counts alike. TRL's ``sft`` term averages
    over all tokens of the batch, so that there long responses count more. A pair of one
    token each, preferred at rate p, comes to rest where
    beta (sigmoid(beta gap) - p) + weight (pi - p) = 0.
    """
    require_not_negative(weight=weight)
    four = logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
    preference = dpo_loss(*four, beta)
    per_token, _ = _per_token(logp_chosen, logp_chosen, length_chosen, length_chosen)
    return preference - _share(weight, per_token).mean()  # (14.10)


def _margin(log_ratio_gap, beta):
    require_positive("beta", beta)
    return beta * log_ratio_gap


def _batch(look=reals, **values):
    """The named values as tensors of one shape, or the reason why they are no batch."""
    found = tensors_alike(look, **values)
    entries = (found if isinstance(found, torch.Tensor) else found[0]).numel()
    require(entries > 0, f"{', '.join(values)}: an empty batch has no mean")
    return found


def _judged(log_ratio, desirable, kl):
    """Log-ratios, thumbs and reference points as tensors that belong together."""
    ratio, up, kl = _batch(log_ratio=log_ratio), _thumbs(desirable), as_tensor(kl, "kl")
    require_same_shape(log_ratio=ratio, desirable=up)
    require_same_shape(log_ratio=ratio, kl=kl if kl.dim() else ratio)
    return ratio, up, kl


def _require_weights(weights):
    require_type((list, tuple), weights=weights)
    require(len(weights) == 2, "weights must be two numbers, of ups and of downs")
    require_not_negative(**{"weights[0]": weights[0], "weights[1]": weights[1]})


def _thumbs(desirable):
    """``desirable`` as a tensor of booleans."""
    if not isinstance(desirable, torch.Tensor):
        desirable = torch.tensor(as_array("desirable", desirable, "True or False"))
    no_number = desirable.dtype == torch.bool and not desirable.is_meta
    require(no_number, "desirable must be True or False, no numbers")
    return desirable


def _share(rate, losses):
    """rate * losses, where no share of an infinite loss is 0."""
    return rate * losses if rate else torch.zeros_like(losses)


def _log_ratios(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """log pi - log ref of chosen and rejected."""
    chosen, rejected, ref_chosen, ref_rejected = _batch(
        logp_chosen=logp_chosen,
        logp_rejected=logp_rejected,
        ref_logp_chosen=ref_logp_chosen,
        ref_logp_rejected=ref_logp_rejected,
    )
    return chosen - ref_chosen, rejected - ref_rejected


def _per_token(logp_chosen, logp_rejected, length_chosen, length_rejected, look=reals):
    """Log-probability per token of chosen and rejected."""
    logps = {"logp_chosen": logp_chosen, "logp_rejected": logp_rejected}
    lengths = {"length_chosen": length_chosen, "length_rejected": length_rejected}
    logps, lengths = _batch(look, **logps), _batch(**lengths)
    require_same_shape(logp_chosen=logps[0], length_chosen=lengths[0])
    short = any(bool((length < 1).any()) for length in lengths)
    require(not short, "length_chosen, length_rejected: each needs at least 1 token")
    return [logp / n.to(logp) for logp, n in zip(logps, lengths, strict=True)]


def _both_labels(log_ratio_gap, beta):
    """What DPO charges for each pair as it is labeled, and for the label reversed."""
    margin = _margin(_batch(log_ratio_gap=log_ratio_gap), beta)
    return -F.logsigmoid(margin), -F.logsigmoid(-margin)


def _log_odds(mean_logp):
    """log p - log(1 - p) from log p; log(-expm1) keeps the digits where p is near 1."""
    return mean_logp - torch.log(-torch.expm1(mean_logp.clamp(max=0)))

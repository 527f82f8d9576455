"""Right answers of chapter 14 that are written in unusual ways."""

import math

import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.variants import (
    CDPO,
    CDPO_GAP,
    IPO,
    IPO_GAP,
    KTO,
    KTO_PULL,
    NORMALIZED,
    POSITIVE,
    ROBUST,
    RPO,
    SIMPO,
    at_least_zero,
    cost,
    fined,
    scores,
)

from . import right


@right(IPO)
def with_mse_loss(log_ratio_gap, beta):
    return F.mse_loss(log_ratio_gap, torch.full_like(log_ratio_gap, 0.5 / beta))


@right(IPO)
def margin_over_beta(log_ratio_gap, beta):
    margin = beta * log_ratio_gap
    return ((margin - 0.5).square() / beta**2).mean()


@right(IPO)
def ipo_with_a_loop(log_ratio_gap, beta):
    distances = [gap - 1 / (2 * beta) for gap in log_ratio_gap]
    return sum(d * d for d in distances) / len(distances)


@right(CDPO)
def as_binary_cross_entropy(log_ratio_gap, beta, epsilon):
    margin = beta * log_ratio_gap
    label = torch.full_like(margin, 1 - epsilon)
    return F.binary_cross_entropy_with_logits(margin, label)


@right(CDPO)
def dpo_plus_a_slope(log_ratio_gap, beta, epsilon):
    margin = beta * log_ratio_gap
    return (F.softplus(-margin) + epsilon * margin).mean()


@right(SIMPO)
def simpo_with_softplus(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    reward_chosen = beta / length_chosen.double() * logp_chosen
    reward_rejected = beta / length_rejected.double() * logp_rejected
    return F.softplus(gamma + reward_rejected - reward_chosen).mean()


@right(SIMPO)
def simpo_with_a_lead_per_beta(
    logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
):
    lead = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    margin = beta * (lead - gamma / beta)
    return F.binary_cross_entropy_with_logits(margin, torch.ones_like(margin))


@right(NORMALIZED)
def normalized_with_softplus(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    moved_chosen = beta / length_chosen.double() * (logp_chosen - ref_logp_chosen)
    moved_rejected = (
        beta / length_rejected.double() * (logp_rejected - ref_logp_rejected)
    )
    return F.softplus(moved_rejected - moved_chosen).mean()


@right(NORMALIZED)
def normalized_each_logp_first(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    policy = scores(logp_chosen, logp_rejected, length_chosen, length_rejected)
    margin = beta * (
        policy
        - scores(ref_logp_chosen, ref_logp_rejected, length_chosen, length_rejected)
    )
    return F.binary_cross_entropy_with_logits(margin, torch.ones_like(margin))


@right(NORMALIZED)
def normalized_with_a_loop(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    losses = []
    for k in range(len(logp_chosen)):
        ours = (logp_chosen[k] - ref_logp_chosen[k]) / length_chosen[k]
        theirs = (logp_rejected[k] - ref_logp_rejected[k]) / length_rejected[k]
        losses.append(cost(beta * (ours - theirs)))
    return torch.stack(losses).mean()


@right(RPO)
def rpo_as_two_means(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    margin = beta * (
        logp_chosen - logp_rejected - (ref_logp_chosen - ref_logp_rejected)
    )
    per_token = logp_chosen * length_chosen.double().reciprocal()
    return F.softplus(-margin).mean() - weight * per_token.mean()


@right(RPO)
def rpo_with_a_loop(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    losses = []
    for w, l, rw, rl, n in zip(  # noqa: E741
        logp_chosen,
        logp_rejected,
        ref_logp_chosen,
        ref_logp_rejected,
        length_chosen,
        strict=True,
    ):
        losses.append(cost(beta * (w - rw - l + rl)) + weight * (-w / n))
    return torch.stack(losses).mean()


@right(KTO)
def one_minus_sigmoid(log_ratio, desirable, kl, beta):
    point = max(kl.item(), 0.0)
    lead = torch.where(desirable, log_ratio - point, point - log_ratio)
    return (1 - torch.sigmoid(beta * lead)).mean()


@right(KTO)
def with_signs(log_ratio, desirable, kl, beta):
    sign = 2 * desirable.double() - 1
    with torch.no_grad():
        point = torch.relu(kl)
    return torch.sigmoid(-sign * beta * (log_ratio - point)).mean()


@right(KTO)
def distance_from_the_label(log_ratio, desirable, kl, beta):
    p = torch.sigmoid(beta * (log_ratio - at_least_zero(kl)))
    return torch.where(desirable, 1 - p, p).mean()


@right(KTO)
def each_kind_then_joined(log_ratio, desirable, kl, beta):
    lead = beta * (log_ratio - at_least_zero(kl))
    kinds = [torch.sigmoid(-lead[desirable]), torch.sigmoid(lead[~desirable])]
    return torch.cat(kinds).mean()


@right(ROBUST)
def robust_with_a_slope(log_ratio_gap, beta, epsilon):
    margin = beta * log_ratio_gap
    return (cost(margin) - epsilon / (1 - 2 * epsilon) * margin).mean()


@right(ROBUST)
def robust_as_two_means(log_ratio_gap, beta, epsilon):
    margin = beta * log_ratio_gap
    as_labeled, as_flipped = F.softplus(-margin).mean(), F.softplus(margin).mean()
    scale = 1 / (1 - 2 * epsilon)
    return scale * (1 - epsilon) * as_labeled - scale * epsilon * as_flipped


@right(POSITIVE)
def fine_with_relu(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    fine = penalty * F.relu(-log_ratio_chosen)
    return F.softplus(beta * (fine - log_ratio_chosen + log_ratio_rejected)).mean()


@right(POSITIVE)
def negative_part_added(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    fallen = torch.where(log_ratio_chosen < 0, log_ratio_chosen, 0.0)
    return fined(log_ratio_chosen, log_ratio_rejected, beta, -penalty * fallen)


@right(IPO_GAP)
def gap_as_a_mean():
    return 0.9 * 2 + 0.1 * -2


@right(IPO_GAP)
def gap_by_search():
    gaps = [k / 1000 for k in range(4000)]
    return min(gaps, key=lambda h: 0.9 * (h - 2) ** 2 + 0.1 * (-h - 2) ** 2)


@right(CDPO_GAP)
def cdpo_gap_in_digits():
    return 2.77


@right(CDPO_GAP)
def cdpo_gap_by_search():
    def loss(gap):
        good, bad = 1 / (1 + math.exp(-0.5 * gap)), 1 / (1 + math.exp(0.5 * gap))
        return -0.8 * math.log(good) - 0.2 * math.log(bad)

    return min((k / 1000 for k in range(6000)), key=loss)


@right(KTO_PULL)
def pull_in_digits():
    return 0.0707


@right(KTO_PULL)
def pull_by_difference():
    def loss(lead):
        return 1 - 1 / (1 + math.exp(-lead))

    slopes = [(loss(m + 1e-4) - loss(m - 1e-4)) / 2e-4 for m in (-4.0, 0.0)]
    return slopes[0] / slopes[1]

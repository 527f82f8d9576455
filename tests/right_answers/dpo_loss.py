"""Right answers of chapter 06 that are written in unusual ways."""

import math

import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.dpo_loss import ACCURACY, FIRST, LOSS, RISE, gap

from . import right


@right(LOSS)
def with_softplus(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    ref = (ref_logp_chosen - ref_logp_rejected).detach()
    return F.softplus(-beta * (logp_chosen - logp_rejected - ref)).mean()


@right(LOSS)
def with_binary_cross_entropy(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    margin = beta * gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    return F.binary_cross_entropy_with_logits(margin, torch.ones_like(margin))


@right(LOSS)
def with_log_softmax(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    chosen = beta * (logp_chosen - ref_logp_chosen.detach())
    rejected = beta * (logp_rejected - ref_logp_rejected.detach())
    return -torch.stack([chosen, rejected]).log_softmax(0)[0].mean()


@right(LOSS)
def with_a_loop_and_logaddexp(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
):
    with torch.no_grad():
        ref = ref_logp_chosen - ref_logp_rejected
    total = torch.zeros((), dtype=torch.float64)
    for k in range(len(ref)):
        margin = beta * (logp_chosen[k] - logp_rejected[k] - ref[k])
        total = total + torch.logaddexp(torch.zeros_like(margin), -margin)
    return total / len(ref)


@right(ACCURACY)
def by_the_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    gap = (logp_chosen - logp_rejected) - (ref_logp_chosen - ref_logp_rejected)
    return torch.heaviside(gap, gap.new_tensor(0.5)).mean()


@right(ACCURACY)
def by_counting(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    rows = zip(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, strict=True
    )
    right_pairs = [float(c - rc > r - rr) for c, r, rc, rr in rows]
    return torch.tensor(right_pairs, dtype=torch.float64).mean()


@right(FIRST)
def first_loss_in_digits():
    return 0.6931


@right(FIRST)
def first_loss_by_formula():
    return math.log1p(math.exp(-0.3 * 0.0))


@right(RISE)
def rise_in_digits():
    return 0.6931


@right(RISE)
def rise_by_formula():
    return -math.log(1 / (1 + math.exp(-0.1 * (2 - 2))))

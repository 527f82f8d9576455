"""Chapter 14, exercises: what the variants of DPO change.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 14`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/14_variants.ipynb.
"""

import math

import torch
import torch.nn.functional as F


def ipo_loss(log_ratio_gap, beta):
    """IPO: pull every log-ratio gap to a target, and no further.

    The gap of a pair is (log pi(chosen) - log ref(chosen)) - (log pi(rejected)
    - log ref(rejected)), summed over tokens, in nats. The loss of a pair is the squared
    distance of its gap from 1 / (2 beta); the loss of a batch is the mean over its
    pairs.

    log_ratio_gap: a float64 tensor of shape (pairs,); beta: a float above 0, which the
    paper calls tau.
    Returns a tensor of shape (). Its gradient reaches log_ratio_gap.

    By hand: gap 1 and beta 0.1. The target is 1 / 0.2 = 5, the loss (1 - 5)^2 = 16.
    """
    raise NotImplementedError("ipo_loss: the mean squared distance from the target")


def cdpo_loss(log_ratio_gap, beta, epsilon):
    """Conservative DPO (cDPO): labels that are wrong with probability epsilon.

    The margin of a pair is beta * gap. With probability 1 - epsilon the label is right,
    and the pair costs -log sigmoid(margin); with probability epsilon it was exchanged,
    and the pair costs -log sigmoid(-margin). The loss of a pair is the expected cost;
    the loss of a batch is the mean over its pairs.

    log_ratio_gap: a float64 tensor of shape (pairs,), in nats; beta: a float above 0;
    epsilon: a float from 0 to 1/2. With epsilon 0 this is the DPO loss.
    Returns a tensor of shape (), accurate for margins from -2000 to 2000. Its gradient
    reaches log_ratio_gap.

    By hand: gap 1, beta 0.1, epsilon 0.1. The two costs are 0.6444 and 0.7444, and the
    loss is 0.9 * 0.6444 + 0.1 * 0.7444 = 0.6544.
    """
    raise NotImplementedError("cdpo_loss: the expected cost, mean over the pairs")


def simpo_loss(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    """SimPO: log-probabilities per token, no reference, and a lead to be won.

    The score of a response is its log-probability divided by its number of tokens. The
    margin of a pair is beta * (score of chosen - score of rejected) - gamma: beta does
    not multiply gamma. The loss of a pair is -log sigmoid(margin); the loss of a batch
    is the mean over its pairs.

    logp_chosen, logp_rejected: float64 tensors of shape (pairs,), log-probabilities of
    whole responses, in nats; length_chosen, length_rejected: int64 tensors of shape
    (pairs,), their numbers of tokens, at least 1; beta: a float above 0; gamma: a
    float, 0 or more.
    Returns a tensor of shape (), accurate for margins from -2000 to 2000. Its gradient
    reaches logp_chosen and logp_rejected.

    By hand: log-probabilities -4.5 of 10 tokens and -4.5 of 8, beta 2, gamma 1. The
    scores are -0.45 and -0.5625, the margin 2 * 0.1125 - 1 = -0.775, and the loss is
    log(1 + e^0.775) = 1.1539.
    """
    raise NotImplementedError("simpo_loss: the mean loss of a batch of pairs")


def length_normalized_loss(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    """Length-normalized DPO: log-ratios per token, as Tulu 3 and OLMo 2 train with.

    The score of a response is its log-ratio, log pi - log ref, divided by its own
    number of tokens. The margin of a pair is beta * (score of chosen - score of
    rejected). The loss of a pair is -log sigmoid(margin); the loss of a batch is the
    mean over its pairs. This is the convention of Lambert et al. (2024), dpo_norm in
    their code and sigmoid_norm in TRL: each response is divided by its own length.

    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected: float64 tensors of
    shape (pairs,), log-probabilities of whole responses, in nats; length_chosen,
    length_rejected: int64 tensors of shape (pairs,), their numbers of tokens, at least
    1; beta: a float above 0.
    Returns a tensor of shape (), accurate for margins from -2000 to 2000. Its gradient
    reaches logp_chosen and logp_rejected.

    By hand: log-ratios -4.5 - (-5) = 0.5 of 10 tokens and -4.5 - (-4) = -0.5 of 8,
    beta 5. The scores are 0.05 and -0.0625, the margin 5 * 0.1125 = 0.5625, and the
    loss is log(1 + e^-0.5625) = 0.4509.
    """
    raise NotImplementedError("length_normalized_loss: the mean loss of the pairs")


def rpo_loss(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    """RPO: the DPO loss, and a likelihood term that holds the chosen response up.

    The loss of a pair is DPO's, -log sigmoid(beta * gap) with gap = (log pi - log ref
    of chosen) - (log pi - log ref of rejected), plus weight times the chosen response's
    negative log-likelihood per token, -(log pi of chosen) / length. The loss of a batch
    is the mean over its pairs: every response counts alike, whatever its length. This
    is the convention of Pang et al. (2024); TRL's sft term is a mean over the tokens of
    the whole batch instead.

    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected: float64 tensors of
    shape (pairs,), log-probabilities of whole responses, in nats; length_chosen: an
    int64 tensor of shape (pairs,), numbers of tokens, at least 1; beta: a float above
    0; weight: a float, 0 or more, which the paper calls alpha.
    Returns a tensor of shape (), accurate for margins from -2000 to 2000. Its gradient
    reaches logp_chosen and logp_rejected.

    By hand: log-probabilities -4.5 and -4.5, under the reference -5 and -4, 10 tokens
    in the chosen response, beta 0.1, weight 1. The gap is 1 and DPO's loss 0.6444; the
    likelihood term is 4.5 / 10 = 0.45, and the loss is 1.0944.
    """
    raise NotImplementedError("rpo_loss: DPO and likelihood, mean over the pairs")


def kto_loss(log_ratio, desirable, kl, beta):
    """KTO: single responses, each labeled desirable or not.

    log_ratio is log pi(y) - log ref(y), in nats. It is compared with a reference point:
    z0 = kl, or 0 where kl is negative, as an estimate may be. A desirable response
    costs 1 - sigmoid(beta * (log_ratio - z0)), an undesirable one
    1 - sigmoid(beta * (z0 - log_ratio)). The loss of a batch is the mean over all its
    responses, whichever kind they are; both kinds weigh the same.

    log_ratio: a float64 tensor of shape (responses,); desirable: a bool tensor of the
    same shape, possibly all True or all False; kl: a float64 tensor of shape (), in
    nats, named after the KL that it stands in for; beta: a float above 0.
    Returns a tensor of shape (), right for log-ratios from -2000 to 2000. Its gradient
    reaches log_ratio. The reference point is a constant: no gradient reaches kl.

    By hand: log-ratios 0.5 (desirable) and -0.5 (not), kl 0.2, beta 0.1. The costs are
    1 - sigmoid(0.03) = 0.4925 and 1 - sigmoid(0.07) = 0.4825, their mean is 0.4875.
    """
    raise NotImplementedError("kto_loss: the mean cost of a batch of responses")


def find_the_bug_robust_loss(log_ratio_gap, beta, epsilon):
    """Find the bug: robust DPO (rDPO), a loss that does not feel flipped labels.

    A share epsilon of the labels was flipped, at random. cost(margin) =
    -log sigmoid(margin) is what DPO would charge if none were. Robust DPO charges
    ((1 - epsilon) * cost(margin) - epsilon * cost(-margin)) / (1 - 2 * epsilon)
    instead: averaged over flipped and unflipped labels, this is exactly the cost
    without flips.

    The code below agrees with DPO when epsilon is 0; yet one thing is wrong. Delete the
    line that raises, find the bug and mend it.

    log_ratio_gap: a float64 tensor of shape (pairs,), in nats; beta: a float above 0;
    epsilon: a float from 0 to 0.45. The margin is beta * gap, from -2000 to 2000.
    Returns a tensor of shape (), the mean over the pairs. It may be negative.

    By hand: gap 1, beta 0.1, epsilon 0.1: (0.9 * 0.6444 - 0.1 * 0.7444) / 0.8 = 0.6319.
    """
    raise NotImplementedError("find_the_bug_robust_loss: delete this line and mend")
    margin = beta * log_ratio_gap
    as_labeled = -F.logsigmoid(margin)
    as_flipped = -F.logsigmoid(-margin)
    losses = (1 - epsilon) * as_labeled + epsilon * as_flipped
    return (losses / (1 - 2 * epsilon)).mean()


def find_the_bug_positive_loss(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    """Find the bug: DPO-positive (DPOP), which minds when the chosen response falls.

    The log-ratio of a response is log pi - log ref. DPO looks at the gap between chosen
    and rejected alone, so both may fall. DPOP subtracts a fine inside the sigmoid where
    the chosen response became less likely than it was under the reference: the loss of
    a pair is -log sigmoid(beta * (gap - penalty * shortfall)), where shortfall is
    -log_ratio_chosen if log_ratio_chosen is negative, otherwise 0.

    The code below runs, and where no chosen response fell it is right; yet one thing is
    wrong. Delete the line that raises, find the bug and mend it.

    log_ratio_chosen, log_ratio_rejected: float64 tensors of shape (pairs,), in nats;
    beta, penalty: floats above 0.
    Returns a tensor of shape (), the mean over the pairs.

    By hand: log-ratios -0.5 and -2, beta 0.1, penalty 5. The gap is 1.5, the shortfall
    0.5, the margin 0.1 * (1.5 - 2.5) = -0.1 and the loss -log sigmoid(-0.1) = 0.7444.
    """
    raise NotImplementedError("find_the_bug_positive_loss: delete this line and mend")
    gap = log_ratio_chosen - log_ratio_rejected
    fine = penalty * log_ratio_chosen.clamp(max=0)
    return -F.logsigmoid(beta * (gap - fine)).mean()


def predict_the_ipo_gap():
    """Predict the number: where does IPO come to rest?

    The same two responses are compared again and again; the first is preferred in 90 of
    100 comparisons, the second in 10. IPO is trained on all of them with beta = 0.25
    until the mean loss is as small as it can be. What is the log-ratio gap of the first
    response over the second then, in nats?

    Work it out on paper first. Returns that gap, right to three digits.
    """
    raise NotImplementedError("predict_the_ipo_gap: return the gap in nats")


def predict_the_cdpo_gap():
    """Predict the number: where does cDPO come to rest?

    Every annotator prefers the same response of a pair. DPO would push their log-ratio
    gap up without end. cDPO with epsilon = 0.2 and beta = 0.5 is trained until its loss
    is as small as it can be. What is the gap then, in nats?

    Work it out on paper first. Returns that gap, right to three digits.
    """
    raise NotImplementedError("predict_the_cdpo_gap: return the gap in nats")


def predict_the_kto_pull():
    """Predict the number: how hard does KTO pull at a hopeless response?

    Two desirable responses. The first is where training starts: its log-ratio equals
    the reference point. The second is hopeless: beta * (log-ratio - reference point) is
    -4. How many times as large as at the first is the derivative of KTO's loss in the
    log-ratio at the second?

    Work it out on paper first. Returns that factor, right to three digits.
    """
    raise NotImplementedError("predict_the_kto_pull: return the factor")

"""Chapter 13, solutions: the slow, obvious version of each exercise, and why."""

import math

import numpy as np
import torch

from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.dpo_loss import dpo_loss


def displacement(logp_before, logp_after):
    """Likelihood displacement: how far did chosen responses move, and how many fell?

    The margin of a pair is here log pi(chosen) - log pi(rejected). A pair is displaced
    if training made its margin larger and yet its chosen response less likely: the loss
    is content, and the policy says the preferred response less often than before. A
    pair whose chosen response or whose margin did not change at all is not displaced.
    (The reference does not move, so subtracting it would change nothing.)

    logp_before, logp_after: float64 arrays of shape (pairs, 2), log-probabilities in
    nats; column 0 holds the chosen responses, column 1 the rejected ones. Numbers
    around -2000 occur (long responses), and a rejected response may end at -inf.
    Returns (change, share). change: a float64 array of shape (pairs,), by how many nats
    log pi(chosen) changed, negative where it fell. share: one number from 0 to 1, the
    displaced pairs divided by all pairs.

    By hand: the pair (-2, -3) became (-2.5, -6): the chosen response lost 0.5 nats,
    the margin went from 1 to 3.5. The pair (-4, -1) became (-3, -1). The changes are
    [-0.5, 1], and one pair of two is displaced: 0.5.
    """
    # Column by column: the chosen response's change, and both margins, compared. A
    # difference of logs is the log of a ratio, so nothing has to be exponentiated.
    change = logp_after[:, 0] - logp_before[:, 0]  # (pairs,)
    displaced = 0
    for (chosen, rejected), (chosen_after, rejected_after) in zip(
        logp_before, logp_after, strict=True
    ):
        fell = chosen_after < chosen
        grew = chosen_after - rejected_after > chosen - rejected
        displaced += fell and grew
    return change, displaced / len(change)


def find_the_bug_reference(logits, chosen, rejected, beta, rate, steps):
    """Find the bug: a reference that was frozen, or so it seems.

    A policy over the responses to one prompt is a table of logits. It starts at
    `logits`, which is also the reference, for ever. Each step moves the table by
    -rate * the gradient of the mean DPO loss of all pairs. The code below runs, and the
    policy moves; yet every loss is log 2. One thing is wrong. Delete the line that
    raises, find the bug and mend it.

    logits: a float64 tensor of shape (responses,), which stays as it is. chosen,
    rejected: int64 tensors of shape (pairs,), response numbers. beta, rate: floats
    above 0. steps: an integer of at least 1.
    Returns (losses, logp). losses: a float64 tensor of shape (steps,), the loss before
    each step. logp: a float64 tensor of shape (responses,), the policy's
    log-probabilities after the last step.

    By hand: logits [0, 0], one pair (0, 1), beta 1, rate log 3, two steps. The first
    loss is log 2 and its weight is 1/2, so the logits become [log 3, -log 3] / 2. The
    gap is then log 3, and the second loss -log(3/4) = log(4/3).
    """
    # The bug was detach() alone: it cuts the gradient but shares the memory, and
    # `policy -= ...` writes into that memory. clone() gives the reference its own.
    policy = logits.clone().requires_grad_(True)
    reference = policy.detach().clone()
    losses = []
    for _ in range(steps):
        logp, ref_logp = policy.log_softmax(-1), reference.log_softmax(-1)
        loss = dpo_loss(
            logp[chosen], logp[rejected], ref_logp[chosen], ref_logp[rejected], beta
        )
        (gradient,) = torch.autograd.grad(loss, policy)
        with torch.no_grad():
            policy -= rate * gradient
        losses.append(loss.detach())
    return torch.stack(losses), policy.detach().log_softmax(-1)


def find_the_bug_length(logp, ref_logp, mask):
    """Find the bug: the log-ratio of each response of a padded batch.

    The log-ratio of a response is log pi(response) - log ref(response), and these two
    are sums over its tokens. The code below is 0 where the policy is the reference, and
    within a batch it ranks the responses rightly; yet one thing is wrong. Delete the
    line that raises, find the bug and mend it.

    logp, ref_logp: float64 tensors of shape (B, T), log-probabilities of the tokens
    under policy and reference. mask: a bool tensor of shape (B, T), True on the tokens
    of the response. What logp and ref_logp hold elsewhere means nothing: it may be
    anything, -inf and nan too.
    Returns a float64 tensor of shape (B,), in nats.

    By hand: T is 3. A response of two tokens with logp -1 and -2, ref_logp -1.5 and
    -2.5, has the log-ratio 0.5 + 0.5 = 1, whatever its third entry holds.
    """
    # The bug was mean: it divides by T, the padding included. All rows of a batch are
    # divided by the same T, so the ranking stays; but the next batch has another T, and
    # with it another beta.
    token_log_ratio = torch.where(mask, logp - ref_logp, 0.0)  # (B, T)
    return token_log_ratio.sum(dim=-1)


def find_the_bug_flips(chosen, rejected, uniform, rate):
    """Find the bug: label noise that hardly hurts.

    To see what wrong labels do, an experiment exchanges the chosen and the rejected
    response of every pair whose `uniform` is below `rate`. With the code below even a
    rate of 0.4 seems harmless, and that should make you suspicious: one thing is wrong.
    Delete the line that raises, find the bug and mend it.

    chosen, rejected: int64 arrays of shape (pairs, T), the tokens of the responses;
    they stay as they are. uniform: a float64 array of shape (pairs,), random numbers
    from [0, 1). rate: a float from 0 to 1.
    Returns (chosen, rejected) after the exchange, two int64 arrays of shape (pairs, T).

    By hand: chosen [[5, 6], [7, 8]], rejected [[1, 2], [3, 4]], uniform [0.9, 0.1] and
    rate 0.4 make chosen [[5, 6], [3, 4]] and rejected [[1, 2], [7, 8]].
    """
    # The bug: chosen[pair] is no copy but a view of the row. After the first half of
    # the exchange it already holds the other response, and both rows end up the same:
    # a pair that teaches nothing, where a wrong one was wanted.
    flip = (uniform < rate)[:, None]  # (pairs, 1)
    return np.where(flip, rejected, chosen), np.where(flip, chosen, rejected)


def find_the_bug_pooling(reward, share):
    """Find the bug: which labels do annotators give who disagree?

    Each group of annotators follows Bradley-Terry with rewards of its own. A label is
    given by one annotator, drawn at random: from group k with probability share_k. How
    often does it prefer response i to response j? The code below is right where all
    groups agree; yet one thing is wrong. Delete the line that raises, find the bug and
    mend it. `preference_matrix(r)` is right: it turns rewards of shape (responses,)
    into the matrix of all sigmoid(r_i - r_j), at any size of the rewards.

    reward: a float64 array of shape (groups, responses). share: a float64 array of
    shape (groups,), not negative, with the sum 1.
    Returns a float64 array of shape (responses, responses): entry [i, j] is the
    probability that a label prefers i to j, and 1/2 where i = j.

    By hand: two groups of equal size, two responses. One group has rewards [log 3, 0]
    and prefers the first with probability 3/4, the other has [0, log 9] and does so
    with probability 1/10. Of all labels 0.425 prefer the first.
    """
    # The bug was to average the rewards first: that is what one annotator of average
    # taste would answer. A label comes from one annotator, so it is the answers that
    # are averaged.
    return sum(
        part * preference_matrix(taste)
        for part, taste in zip(share, reward, strict=True)
    )


def predict_the_lost_mass():
    """Predict the number: where did the probability go?

    Before training a policy gives the chosen response the probability 0.2 and the
    rejected one 0.3. Training lowers the log-probability of the chosen response by 0.5
    nats and that of the rejected one by 2 nats. How much probability did all other
    responses gain, taken together?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    # What the two lost. A probability whose log falls by x is multiplied by e^-x.
    return 0.2 * (1 - math.exp(-0.5)) + 0.3 * (1 - math.exp(-2))


def predict_the_noisy_gap():
    """Predict the number: what do flipped labels leave of the gap?

    Annotators prefer y_w to y_l with probability 0.9. On the way to the file 20 percent
    of all labels are flipped, at random. A policy is trained on endlessly many of these
    labels with beta = 0.5. Where does the log-ratio gap
    (log pi_w - log ref_w) - (log pi_l - log ref_l) come to rest?

    Work it out on paper first. Returns that gap in nats, right to three digits.
    """
    # A label says y_w if it did so first and was kept, or did not and was flipped. At
    # rest sigmoid(beta * gap) is that probability.
    says_w = 0.9 * 0.8 + 0.1 * 0.2
    return math.log(says_w / (1 - says_w)) / 0.5


def predict_the_runaway():
    """Predict the number: how far does a policy run that is its own reference?

    A table of two logits is trained on one pair with beta = 0.3 by gradient descent,
    1000 steps with the learning rate 0.02. By mistake the reference follows the policy:
    at every step it has the policy's values, as constants without a gradient. By how
    many nats did log pi_w - log pi_l grow in these 1000 steps?

    Work it out on paper first. Returns that number, right to three digits.
    """
    # The gap is 0 at every step, so the weight stays beta / 2 and never falls. Each
    # step raises one logit by rate * beta / 2 and lowers the other by as much.
    return 1000 * 2 * 0.02 * 0.3 / 2

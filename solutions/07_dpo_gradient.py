"""Chapter 07, solutions: the slow, obvious version of each exercise, and why."""

import torch


def gradient_weight(log_ratio_gap, beta):
    """How much a pair has left to say: the weight in the gradient of its loss.

    The loss of a pair is -log sigmoid(beta * gap). Its derivative in the margin
    beta * gap is minus the weight: the probability that the model gives to the
    reversed label, rejected beats chosen.

    log_ratio_gap: a float64 tensor of shape (pairs,), the gaps in nats; beta: a float
    above 0.
    Returns a float64 tensor of the same shape, for margins beta * gap from -2000 to
    2000. A small weight must be right in its leading digits too, not rounded to 0.

    By hand: gap 1 and beta 0.1 make the margin 0.1, and the weight is
    1 / (1 + e^0.1) = 0.4750.
    """
    # -log sigmoid(m) has the slope -(1 - sigmoid(m)) = -sigmoid(-m). Both forms are the
    # same number, but at m = 40 the first one rounds to 0.
    return torch.sigmoid(-beta * log_ratio_gap)


def dpo_gradient(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The gradient of the DPO loss in the policy's log-probabilities.

    The loss is the mean of -log sigmoid(beta * gap) over the pairs, where gap is
    (log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)).

    logp_*, ref_logp_*: float64 tensors of shape (pairs,), log-probabilities of whole
    responses under policy and reference; beta: a float above 0.
    Returns a tuple of two float64 tensors of shape (pairs,): the derivatives of the
    mean loss in logp_chosen and in logp_rejected. Margins beta * gap may be anything
    from -2000 to 2000. A small derivative must be right in its leading digits too, not
    rounded to 0.

    By hand: logp -4.5 and -4.5, reference -5 and -4, beta 0.1, one pair. The gap is 1,
    the weight 0.4750, and the derivatives are -0.1 * 0.4750 = -0.0475 and +0.0475.
    """
    # Chain rule: the mean gives 1 / pairs, the loss -weight, the margin beta, and the
    # gap +1 in logp_chosen, -1 in logp_rejected. The reference is in the weight alone.
    gap = (logp_chosen - ref_logp_chosen) - (logp_rejected - ref_logp_rejected)
    pull = beta * gradient_weight(gap, beta) / len(gap)
    return -pull, pull


def find_the_bug_table_step(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Find the bug: one step of gradient descent on one pair, in a table.

    The policy is softmax(logits), one logit per response of the prompt. The gap of a
    pair is logits[chosen] - logits[rejected] minus the same difference of the
    reference, gap_at_ref: the normalizer of the softmax cancels in a difference. The
    loss is -log sigmoid(beta * gap). The code below runs, the gap grows, and at the
    first step of training its result is right; yet one thing is wrong. Delete the
    line that raises, find the bug and mend it.

    logits: a float64 tensor of shape (responses,); gap_at_ref: a float; chosen,
    rejected: two different positions; beta, learning_rate: floats above 0.
    Returns a new float64 tensor of shape (responses,): the logits after
    logits - learning_rate * gradient.

    By hand: logits [1, 0], gap_at_ref 0, chosen 0, rejected 1, beta 2, learning_rate 1.
    The margin is 2, the weight 1 / (1 + e^2) = 0.1192, the step 2 * 0.1192 = 0.2384,
    and the new logits are [1.2384, -0.2384].
    """
    # The bug was the sign in the sigmoid: the weight belongs to the reversed label. At
    # gap 0 both are 1/2; later the pairs that are right already would pull hardest.
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = beta * torch.sigmoid(-beta * gap)
    moved = logits.clone()
    moved[chosen] += learning_rate * pull
    moved[rejected] -= learning_rate * pull
    return moved


def predict_the_first_gradient():
    """Predict the number: what pulls at the chosen response before the first step?

    Training starts with the policy equal to the reference. The batch is a single
    pair, and beta is 0.3. What is the derivative of the DPO loss in logp_chosen?

    Work it out on paper first. Returns that derivative, with its sign, right to three
    digits.
    """
    # All margins are 0, so the weight is 1/2: minus beta times one half.
    return -0.3 / 2


def predict_the_strongest_pull():
    """Predict the number: how hard can one pair pull?

    One pair of a batch is hopelessly wrong: its margin is -1000. beta is 0.1 for all.
    How many times as large is the derivative of its loss in logp_chosen as it was at
    the start of training, when the policy was the reference?

    Work it out on paper first. Returns that factor, right to three digits.
    """
    # The weight is a probability: 1/2 at the start, and 1 at worst.
    return 1 / (1 / 2)

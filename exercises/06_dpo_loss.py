"""Chapter 06, exercises: the DPO loss.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 06`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/06_dpo_loss.ipynb.
"""

import math

import torch
import torch.nn.functional as F


def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """The DPO loss of a batch of preference pairs.

    For one pair, in nats: -log sigmoid(beta * gap), where gap is
    (log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)).
    The loss of a batch is the mean over its pairs.

    logp_*, ref_logp_*: float64 tensors of shape (pairs,), log-probabilities of whole
    responses under policy and reference; beta: a float above 0.
    Returns a tensor of shape (), right to 9 digits or to 12 decimals for margins
    beta * gap from -2000 to 2000.
    Its gradient reaches logp_chosen and logp_rejected. The reference is a constant:
    detach its two tensors, so that no gradient reaches them.

    By hand: logp -4.5 and -4.5, reference -5 and -4, beta 0.1 make the gap
    0.5 - (-0.5) = 1 and the loss -log sigmoid(0.1) = 0.6444.
    """
    raise NotImplementedError("dpo_loss: the mean loss of a batch of pairs")


def find_the_bug_accuracy(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
):
    """Find the bug: for what share of the pairs is the implicit reward right?

    The implicit reward of a response is beta * (log pi - log ref); it is right about a
    pair if it is larger for the chosen response. beta > 0 does not matter here. The
    code below runs, and its numbers look plausible; yet one thing is wrong. Delete
    the line that raises, find the bug and mend it.

    All arguments: float64 tensors of shape (pairs,); no two rewards are equal.
    Returns a float64 tensor of shape (), from 0 to 1.

    By hand: logp -4.5 and -4.5, reference -5 and -4: the rewards are in the ratio
    0.5 to -0.5, so this one pair is right and the share is 1.
    """
    raise NotImplementedError("find_the_bug_accuracy: delete this line and mend")
    reward_chosen = logp_chosen - ref_logp_chosen
    reward_rejected = logp_rejected - ref_logp_chosen
    right = reward_chosen > reward_rejected
    return right.double().mean()


def predict_the_first_loss():
    """Predict the number: the DPO loss before the first step.

    Training starts with the policy equal to the reference. The batch has 64 pairs and
    beta is 0.3. Which loss does the log show at step 0?

    Work it out on paper first. Returns that loss in nats, right to three digits.
    """
    raise NotImplementedError("predict_the_first_loss: return the loss at step 0")


def predict_when_both_rise():
    """Predict the number: both responses became more likely.

    Since the start, training has raised the log-probability of the chosen response by
    2 nats and that of the rejected response by 2 nats as well. beta is 0.1. What is
    the DPO loss of this pair?

    Work it out on paper first. Returns that loss in nats, right to three digits.
    """
    raise NotImplementedError("predict_when_both_rise: return the loss of this pair")

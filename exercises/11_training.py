"""Chapter 11, exercises: training, and reading its log.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 11`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/11_training.ipynb.
"""

import copy
import math

import numpy as np
import torch

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.sequence_logprob import sequence_logprob


def freeze(model):
    """Make the reference: a copy of the model that stays as it is.

    model: a torch.nn.Module, any at all; it may hold dropout or buffers, and some of
    its weights may not be trainable.
    Returns another module with the same weights, which gives the same outputs as the
    model does with dropout off. Training the model afterwards does not change it, no
    weight of it asks for a gradient, and it is in evaluation mode, so that dropout is
    off for good. The model itself is as before: its weights, which of them can be
    trained, and its mode.

    By hand: a model with the single weight 2 is frozen, then trained to 3. The
    reference still says 2.
    """
    raise NotImplementedError("freeze: a copy of the model that never learns")


def dpo_step(policy, reference, optimizer, batch, beta):
    """One step of DPO: log-probabilities, loss, gradient, update.

    policy, reference: models that map tokens (B, T) to logits (B, T, V); the logits at
    a position forecast the next token. optimizer: a torch optimizer that holds the
    weights of the policy. beta: a float above 0.
    batch: a dictionary of four tensors of shape (B, T). batch["chosen"] and
    batch["rejected"] are tokens: prompt, response, padding. batch["chosen_mask"] and
    batch["rejected_mask"] are True where they hold the response. The two imported
    functions are yours to use.

    Updates the policy once, by one step of the optimizer along the gradient of the
    mean DPO loss of this batch alone: gradients left over from earlier do not count.
    The reference is a constant: it keeps its weights and receives no gradient, even if
    nobody froze it.
    Returns the loss before the update, a float, accurate for margins down to -2000.

    By hand: one pair with prompt 0, chosen 1, rejected 0. The policy gives them 3/4
    and 1/4, the reference 1/2 and 1/2. The gap is log(3/2) - log(1/2) = log 3; with
    beta 1 the loss is -log sigmoid(log 3) = log(4/3) = 0.2877.
    """
    raise NotImplementedError("dpo_step: one update of the policy, and the loss before it")


def diagnose_the_silent_log():
    """Diagnose the run: a loss that says nothing.

    A real log from the world of chapter 10: beta 0.5, 128 pairs per step. Columns: mean
    loss and accuracy of the batch, its mean log pi of chosen and of rejected
    responses, the length of the gradient.

        step    loss  accuracy   log pi(chosen)  log pi(rejected)  gradient
           0  0.6931    0.5000          -6.34            -6.50         0.34
          20  0.6931    0.5000          -7.81            -7.88         0.45
          40  0.6931    0.5000         -11.55           -13.96         0.84
          60  0.6931    0.5000         -15.93           -18.73         1.03
         100  0.6931    0.5000         -24.33           -31.50         1.33
         190  0.6931    0.5000         -37.38           -50.71         4.41

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "the policy is never updated"
        "dropout is on in the policy"
        "chosen and rejected are exchanged"
        "the learning rate is far too large"
        "too few pairs, too many epochs"
    """
    raise NotImplementedError("diagnose_the_silent_log: return one of the seven")


def diagnose_the_perfect_log():
    """Diagnose the run: a loss that could not be better.

    A real log from the world of chapter 10: beta 0.5, 128 pairs per step. Columns:
    loss, margin and accuracy of the batch, and the loss on 1,000 pairs kept out of
    training.

        step    loss   margin  accuracy  held-out loss
           0  0.6931     0.00    0.5000         0.6931
          10  0.5959     0.24    0.7461         0.6646
          20  0.5215     0.55    0.8182         0.6728
          60  0.2158     2.00    0.9570         0.8016
         100  0.0770     3.62    0.9922         1.0638
         200  0.0264     6.56    0.9886         1.7184
         300  0.0062     9.25    0.9961         2.1632

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "the policy is never updated"
        "dropout is on in the policy"
        "chosen and rejected are exchanged"
        "the learning rate is far too large"
        "too few pairs, too many epochs"
    """
    raise NotImplementedError("diagnose_the_perfect_log: return one of the seven")


def diagnose_the_cheerful_log():
    """Diagnose the run: a log that looks healthy.

    A real log from the world of chapter 10: beta 0.5, 128 pairs per step, 5,000 pairs.
    Columns: loss, margin and accuracy of the batch, the loss on 1,000 pairs of the
    same file kept out of training, and how often judges prefer what the policy writes
    to what the reference writes.

        step    loss   margin  accuracy  held-out loss  judges
           0  0.6931     0.00    0.5000         0.6931    0.50
          20  0.6778     0.09    0.5977         0.6738    0.45
          60  0.6641     0.10    0.6289         0.6612    0.45
         100  0.6063     0.32    0.6836         0.6195    0.40
         150  0.5833     0.47    0.6953         0.5837    0.33
         190  0.6039     0.53    0.6836         0.5724    0.31

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "the policy is never updated"
        "dropout is on in the policy"
        "chosen and rejected are exchanged"
        "the learning rate is far too large"
        "too few pairs, too many epochs"
    """
    raise NotImplementedError("diagnose_the_cheerful_log: return one of the seven")


def find_the_bug_share(logp, ref_logp, reward, beta):
    """Find the bug: how much of the possible improvement was reached?

    The value of a policy is J = E[reward] - beta KL(policy || reference), averaged over
    prompts. The best policy of a prompt is reference * e^(reward / beta), normalized.
    The share is (J - J of the reference) / (J of the best - J of the reference).

    The code below agrees with every number of this chapter that was made with beta = 1;
    yet one thing is wrong. Delete the line that raises, find the bug and mend it.

    logp, ref_logp: float64 arrays of shape (prompts, responses), finite
    log-probabilities; reward: of the same shape; beta: a float above 0.
    Returns the share, one number: 0 for the reference, 1 for the best policy, negative
    for a policy worse than the reference.

    By hand: one prompt, two responses, reference 1/2 and 1/2, beta 0.5 and rewards 0
    and 0.5 log 3. The best policy is 1/4 and 3/4, and its share is 1.
    """
    raise NotImplementedError("find_the_bug_share: delete this line and mend")

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    weights = np.exp(ref_logp + reward)
    best = np.log(weights / weights.sum(axis=-1, keepdims=True))
    return (value(logp) - value(ref_logp)) / (value(best) - value(ref_logp))


def predict_the_share():
    """Predict the number: what share of the possible improvement is this?

    Before training KL(reference || best policy) is 1.26 nats, averaged over prompts.
    After training KL(policy || best policy) is 0.063 nats. Which share of the possible
    improvement of J was reached?

    Work it out on paper first. Returns that share, right to three digits.
    """
    raise NotImplementedError("predict_the_share: return the share")


def predict_the_final_gap():
    """Predict the number: where does the gap come to rest?

    Annotators prefer y_w to y_l with probability 0.8. A policy is trained with the soft
    label 0.8 and beta = 0.5 until the loss of this pair is as small as it can be. What
    is the log-ratio gap (log pi_w - log ref_w) - (log pi_l - log ref_l) then, in nats?

    Work it out on paper first. Returns that gap, right to three digits.
    """
    raise NotImplementedError("predict_the_final_gap: return the gap in nats")

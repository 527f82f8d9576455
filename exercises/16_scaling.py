"""Chapter 16, exercises: the same loop on large models.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 16`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/16_scaling.ipynb.
"""

import math

import numpy as np
import torch


def training_flops(parameters, tokens):
    """The arithmetic of a training run: how many multiplications and additions?

    Forward, every parameter takes part in one multiplication and one addition for each
    token; they count as two. Backward costs twice as much as forward, since each matrix
    is needed once for the gradient of its inputs and once for that of its weights. The
    rest is left out: norms, the scores inside attention, the optimizer. One model
    trains here and nothing else; a reference would come on top.

    parameters: the number of parameters, an integer of at least 1. tokens: the number
    of tokens read in the whole run, an integer of at least 0; a token that is read in
    three epochs counts three times.
    Returns one number. Real runs reach 10^26, which is more than a 64-bit integer can
    hold.

    By hand: 3 parameters and 5 tokens make 2 * 15 = 30 operations forward and 60
    backward: 90.
    """
    raise NotImplementedError("training_flops: operations of the whole run")


def training_memory_bytes(parameters, trainable, bytes_per_value):
    """The memory of a training run, without what grows with the batch.

    In memory are all weights, trainable or not, and for each trainable weight three
    more values: its gradient and Adam's two moments. A frozen reference that is loaded
    beside the policy is among the weights; so is the base model under an adapter. All
    values take the same space. Activations are not counted.

    parameters: the number of all weights in memory, an integer. trainable: how many of
    them are trainable, an integer from 0 to parameters. bytes_per_value: 4 in float32,
    2 in bfloat16; 0.5 if four bits hold a value.
    Returns the number of bytes.

    By hand: 10 weights, 4 of them trainable, 2 bytes each: 10 weights, 4 gradients and
    8 moments are 22 values, 44 bytes.
    """
    raise NotImplementedError("training_memory_bytes: weights, gradients, moments")


def find_the_bug_all_reduce(gradients, pairs):
    """Find the bug: one gradient from several processes.

    The pairs of a batch are spread over processes, and not every process has equally
    many. Each computes the gradient of the mean loss of its own pairs; put together,
    these should give the gradient of the mean loss of all pairs of the batch, so that
    the number of processes makes no difference. The code below is right as long as all
    have equally many; yet one thing is wrong. Delete the line that raises, find the bug
    and mend it.

    gradients: a float64 array of shape (processes, parameters). pairs: an int64 array
    of shape (processes,), how many pairs each process has; at least one has some. A
    process without pairs has a gradient of nan, the mean of nothing. A nan from a
    process that has pairs is a run that broke, and must be seen in the result.
    Returns a float64 array of shape (parameters,).

    By hand: two processes with 3 pairs and 1 pair have the gradients [1, 0] and [5, 4].
    All four pairs together have [(3 * 1 + 5) / 4, (3 * 0 + 4) / 4] = [2, 1].
    """
    raise NotImplementedError("find_the_bug_all_reduce: delete this line and mend")
    busy = pairs > 0
    return gradients[busy].mean(axis=0)


def find_the_bug_left_padding(prompts, responses, pad):
    """Find the bug: a batch that is padded on the left.

    To generate, prompts must end where the response is to begin, so libraries pad on
    the left: a row is padding, prompt, response. The code below lays the tokens out
    rightly, and the longest row is scored rightly too; yet one thing is wrong. Delete
    the line that raises, find the bug and mend it.

    prompts, responses: lists of lists of token numbers, one prompt and one response per
    row, all at least one token long. pad: the number of the padding token, which may
    occur in prompts and responses as well.
    Returns (tokens, response_mask), two tensors of shape (B, T), where T is the length
    of the longest row: int64, and True (or 1) on the tokens of the response.

    By hand: prompts [5] and [6, 7], responses [8] and [9, 4], pad 0. The tokens are
    [[0, 0, 5, 8], [6, 7, 9, 4]], the mask is [[0, 0, 0, 1], [0, 0, 1, 1]].
    """
    raise NotImplementedError("find_the_bug_left_padding: delete this line and mend")
    rows = [x + y for x, y in zip(prompts, responses, strict=True)]
    width = max(len(row) for row in rows)
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    position = torch.arange(width)
    start = torch.tensor([len(prompt) for prompt in prompts])[:, None]
    stop = torch.tensor([len(row) for row in rows])[:, None]
    return tokens, (position >= start) & (position < stop)


def predict_the_hours():
    """Predict the number: how long does a DPO run take?

    A policy of 7 billion parameters is trained for 3 epochs on 60,000 pairs; each
    response comes with its prompt, 500 tokens together. Per parameter and token a
    forward pass takes 2 operations and a backward pass 4. The frozen reference has 7
    billion parameters too; its log-probabilities are computed once and stored. The
    machine does 4 * 10^14 operations per second. How many hours does it compute?

    Work it out on paper first. Returns the hours, right to three digits.
    """
    raise NotImplementedError("predict_the_hours: return the hours")


def predict_the_adapter_memory():
    """Predict the number: what does DPO with an adapter need?

    A model of 7 billion weights stays frozen, in bfloat16; an adapter of 40 million
    weights on top of it is trained by Adam, and the reference is the model with the
    adapter switched off. What learns is kept in mixed precision: weight and gradient in
    bfloat16, beside them a float32 copy of the weight and two moments in float32. How
    many gigabytes (10^9 bytes) do weights, gradients and moments take, activations not
    counted?

    Work it out on paper first. Returns the gigabytes, right to three digits.
    """
    raise NotImplementedError("predict_the_adapter_memory: return the gigabytes")


def predict_the_beta():
    """Predict the number: which beta was this run trained with?

    Nobody wrote it down, but a log remains, in the columns of a common trainer. All
    rows are means over the same held-out pairs.

        step  rewards/chosen  rewards/rejected  logps/chosen  logps/rejected
           0           0.000             0.000        -61.20          -58.50
         500          -3.840            -7.500        -74.00          -83.50

    Work it out on paper first. Returns beta, right to three digits.
    """
    raise NotImplementedError("predict_the_beta: return beta")


def diagnose_the_falling_rewards():
    """Diagnose the run: everything falls.

    A real log from the world of chapter 10: beta 0.1, 5,000 pairs, five epochs. The
    columns are named as TRL names them, and all rows are means over the same 2,000
    pairs that were kept out of training; a tie counts as half right. "The chosen
    responses are 300,000 times less likely by now", says a colleague. "Stop the run!"

                       rewards/  rewards/  rewards/     logps/    logps/
        step    loss     chosen  rejected  accuracies   chosen  rejected
           0  0.6931      0.000     0.000       0.500    -6.48     -6.40
          20  0.6660     -0.072    -0.138       0.630    -7.20     -7.78
          40  0.6347     -0.320    -0.488       0.647    -9.68    -11.28
          80  0.5794     -0.781    -1.168       0.693   -14.29    -18.08
         120  0.5521     -1.126    -1.653       0.713   -17.74    -22.93
         199  0.5349     -1.282    -1.933       0.723   -19.30    -25.73

    Returns one of these, as text in quotes:
        "nothing is wrong"
        "the reference moves with the policy"
        "the reference is not what the policy began as"
        "the sign of the loss is wrong"
        "the learning rate is far too large"
        "too few pairs, too many epochs"
    """
    raise NotImplementedError("diagnose_the_falling_rewards: return one of the six")

"""Chapter 09, exercises: a transformer, small enough to read.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 09`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/09_tiny_transformer.ipynb.
"""

import math

import torch
import torch.nn.functional as F


def causal_attention(q, k, v):
    """Causal self-attention: every position reads itself and those before it.

    In each sequence and head on its own, position t has the scores
    q_t . k_s / sqrt(D) for the positions s = 0, ..., t. Their softmax gives weights
    that sum to 1, and the output at t is the weighted mean of v_0, ..., v_t. Later
    positions have no influence whatever.

    q, k, v: float64 tensors of shape (B, H, T, D): sequences, heads, positions,
    channels of a head. Scores are anywhere from -10^6 to 10^6.
    Returns a float64 tensor of shape (B, H, T, D). Its gradient reaches q, k and v.
    Write it yourself: F.scaled_dot_product_attention is for checking.

    By hand: D = 4, T = 2, k_0 = 0, and q_1 . k_1 = 2 log 3. Position 0 can read only
    itself: v_0. Position 1 has scores 0 and 2 log 3 / 2 = log 3, weights 1/4 and 3/4:
    v_0 = [4, 0, 0, 0] and v_1 = [0, 4, 0, 0] give [1, 3, 0, 0].
    """
    raise NotImplementedError("causal_attention: the weighted mean over the past")


def sample_token(logits, temperature, generator):
    """Draw the next token of each sequence at random.

    Row by row, and independently of the other rows, token i comes with the
    probability softmax(logits / temperature)_i. All randomness comes from the
    generator: the same generator state gives the same tokens, and it moves on, so
    that the next call draws anew. No other random state is read or changed.

    logits: a float64 tensor of shape (B, V), anywhere from -1000 to 1000, or -inf for
    a token that must never come. temperature: a float from 0.001 to 1000. generator:
    a torch.Generator.
    Returns an integer tensor of shape (B,).

    By hand: logits [0, log 3] at temperature 0.5 become [0, 2 log 3]: token 1 comes
    9 times as often as token 0, with probability 9/10.
    """
    raise NotImplementedError("sample_token: one random token for each row")


def find_the_bug_split_heads(x, heads):
    """Find the bug: cut the channels of every position into heads.

    With C channels and H heads, each head gets D = C / H of them: head 0 the first D
    channels of every position, head 1 the next D, and so on. The code below runs, and
    the model trains to a plausible loss; yet positions get mixed, so that the causal
    mask no longer keeps the future out. Delete the line that raises, find the bug and
    mend it.

    x: a float64 tensor of shape (B, T, C); heads: H, an integer that divides C.
    Returns a float64 tensor of shape (B, H, T, D). Its gradient reaches x.

    By hand: two positions [1, 2, 3, 4] and [5, 6, 7, 8] and two heads. Head 0 has
    [1, 2] and [5, 6], head 1 has [3, 4] and [7, 8].
    """
    raise NotImplementedError("find_the_bug_split_heads: delete this line and mend")
    batch, time, width = x.shape
    return x.reshape(batch, heads, time, width // heads)


def predict_the_layer_weights():
    """Predict the number: how many weights do the layers hold?

    A GPT-2-shaped model has 24 layers of width 1024 and 16 heads. Each layer makes
    queries, keys and values, projects the result of attention back, and has a
    two-layer network in between 4 times as wide. Count the entries of these matrices
    in all layers, without embeddings, head, biases and norms.

    Work it out on paper first. Returns that number, right to three digits.
    """
    raise NotImplementedError("predict_the_layer_weights: return how many there are")


def predict_the_cold_probability():
    """Predict the number: what does a low temperature do?

    At temperature 1 the next token is "good" with probability 0.6, "fine" with 0.3
    and "cold" with 0.1. With which probability is "good" drawn at temperature 0.5?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    raise NotImplementedError("predict_the_cold_probability: return P(good)")

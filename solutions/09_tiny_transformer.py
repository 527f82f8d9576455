"""Chapter 09, solutions: the slow, obvious version of each exercise, and why."""

import torch


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
    # One position at a time: what is sliced away cannot be read, so no mask is needed.
    # The package computes all positions at once and puts -inf where the future is.
    outputs = []
    for t in range(q.shape[2]):
        past_keys, past_values = k[:, :, : t + 1], v[:, :, : t + 1]  # (B, H, t+1, D)
        products = (q[:, :, t : t + 1] * past_keys).sum(-1)  # (B, H, t+1)
        weights = (products / q.shape[-1] ** 0.5).softmax(-1)  # (B, H, t+1)
        outputs.append((weights[..., None] * past_values).sum(2))  # (B, H, D)
    return torch.stack(outputs, dim=2)  # (B, H, T, D)


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
    # Throw one dart u per row at the interval from 0 to 1, cut into pieces as long as
    # the probabilities: the token is the number of pieces that end at or before u.
    probabilities = (logits / temperature).softmax(-1)  # (B, V)
    ends = probabilities.cumsum(-1)  # (B, V)
    ends = ends / ends[:, -1:]  # the last end is 1, in spite of rounding
    u = torch.rand(len(logits), 1, generator=generator, dtype=logits.dtype)  # (B, 1)
    return (ends <= u).sum(-1)  # (B,)


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
    # The bug was a reshape that reads on across positions: head 0 got the channels of
    # the first positions only. Cut the last axis, then exchange positions and heads.
    batch, time, width = x.shape
    return x.reshape(batch, time, heads, width // heads).transpose(1, 2)


def predict_the_layer_weights():
    """Predict the number: how many weights do the layers hold?

    A GPT-2-shaped model has 24 layers of width 1024 and 16 heads. Each layer makes
    queries, keys and values, projects the result of attention back, and has a
    two-layer network in between 4 times as wide. Count the entries of these matrices
    in all layers, without embeddings, head, biases and norms.

    Work it out on paper first. Returns that number, right to three digits.
    """
    # A layer has 3 C^2 for queries, keys and values, C^2 to project back, and twice
    # 4 C^2 in its network: 12 C^2. The number of heads does not matter.
    return 24 * 12 * 1024**2


def predict_the_cold_probability():
    """Predict the number: what does a low temperature do?

    At temperature 1 the next token is "good" with probability 0.6, "fine" with 0.3
    and "cold" with 0.1. With which probability is "good" drawn at temperature 0.5?

    Work it out on paper first. Returns that probability, right to three digits.
    """
    # Dividing logits by 0.5 squares the probabilities; then they are renormalized.
    return 0.6**2 / (0.6**2 + 0.3**2 + 0.1**2)

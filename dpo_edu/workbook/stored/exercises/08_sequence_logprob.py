"""Chapter 08, exercises: from logits to the log-probability of a response.

Replace each `raise NotImplementedError(...)` by your code, save the file and run
`dpo-edu check 08`. Stuck? `dpo-edu hint NAME`. The chapter itself is
notebooks/08_sequence_logprob.ipynb.
"""

import math

import torch
import torch.nn.functional as F


def mask_from_lengths(prompt_lengths, response_lengths, width):
    """Which positions of a padded batch hold the response?

    Each row is laid out as prompt, response (its `<eos>` counted as part of it), and
    padding up to the width.

    prompt_lengths, response_lengths: int64 tensors of shape (B,), all at least 1;
    width: T, an integer, at least as large as the longest row.
    Returns a tensor of shape (B, T): True (or 1) on response tokens, False (or 0) on
    prompt and padding.

    By hand: a prompt of 2 and a response of 3 tokens in a width of 6 make
    [0, 0, 1, 1, 1, 0].
    """
    raise NotImplementedError("mask_from_lengths: 1 on the response, 0 elsewhere")


def sequence_logprob(logits, tokens, response_mask):
    """log pi(response | prompt) of each row of a batch.

    By the chain rule it is a sum over the response's tokens, `<eos>` among them: the
    log-probability of each token given all tokens before it. The logits at position t
    are the model's forecast of the token at position t + 1; their softmax over the
    vocabulary holds its probabilities.

    logits: a float64 tensor of shape (B, T, V). tokens: an int64 tensor of shape
    (B, T): prompt, response, padding. response_mask: a bool tensor of shape (B, T)
    that is True where `tokens` holds the response, its `<eos>` included; never at
    position 0.
    Returns a float64 tensor of shape (B,), in nats. Its gradient reaches the logits.
    Logits are anywhere from -1000 to 1000, or -inf for a token that cannot come. In
    prompt and padding such a token does no harm; in the response it makes log pi -inf.

    By hand: tokens [1, 1, 0], the last two of them the response. The logits
    [0, log 3] at position 0 give token 1 the probability 3/4, the logits [0, 0] at
    position 1 give token 0 the probability 1/2: log(3/8) = -0.9808.
    """
    raise NotImplementedError("sequence_logprob: log pi(response | prompt) of each row")


def find_the_bug_padding(tokens, prompt_lengths, eos):
    """Find the bug: which tokens are the response, when `<eos>` is the padding too?

    Each row is laid out as prompt, response, padding. The response ends with its
    first `<eos>`, which belongs to it; all that follows is padding, and padding is
    `<eos>` as well. A response that was cut off has no `<eos>`: it fills its row. The
    prompt may contain `<eos>`. The code below runs, and a model trained with it even
    writes well, but it never stops: one thing is wrong. Delete the line that raises,
    find the bug and mend it.

    tokens: an int64 tensor of shape (B, T); prompt_lengths: an int64 tensor of shape
    (B,); eos: the number of `<eos>`.
    Returns a tensor of shape (B, T): True (or 1) on response tokens, False (or 0)
    elsewhere.

    By hand: [7, 5, 6, 0, 0, 0] with a prompt of 1 token and eos 0 makes
    [0, 1, 1, 1, 0, 0].
    """
    raise NotImplementedError("find_the_bug_padding: delete this line and mend")
    position = torch.arange(tokens.shape[1])
    after_prompt = position >= prompt_lengths[:, None]
    is_padding = tokens == eos
    return after_prompt & ~is_padding


def predict_the_total_without_eos():
    """Predict the number: what do the responses' probabilities add up to?

    A language has two words and `<eos>`. Whatever came before, the next token is the
    first word with probability 0.5, the second with 0.3 and `<eos>` with 0.2.
    Someone scores every response by its words alone and leaves `<eos>` out. Add up
    the probabilities of all responses, the empty one included, as they come out.

    Work it out on paper first. Returns that sum, right to three digits.
    """
    raise NotImplementedError("predict_the_total_without_eos: return the sum")


def predict_the_bfloat16_log_ratio():
    """Predict the number: what is left of a log-ratio in bfloat16?

    The log-probability of a long response is -498.9 under the policy and -501.2 under
    the reference, so the log-ratio is 2.3. Before they are subtracted, both are
    rounded to bfloat16, which keeps 8 significant binary digits: between 256 and 512
    it has the even whole numbers and nothing between them.

    Work it out on paper first. Returns the log-ratio that comes out.
    """
    raise NotImplementedError("predict_the_bfloat16_log_ratio: return the log-ratio")

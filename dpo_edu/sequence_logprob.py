"""From logits to log pi(y|x): the sum of the response tokens' log-probabilities.

    log pi(y|x) = sum over y's tokens, <eos> included, of log softmax(logits[t-1])[y_t]

Chain rule of probability; Rafailov et al. 2023 write only log pi(y|x). Logits at a
position predict the *next* token, the prompt is given (not scored), padding is nothing.
A mean over tokens is another quantity: the probabilities of all responses sum to 1 only
with the sum. This module does not know which model made the logits.
"""

import torch
import torch.nn.functional as F

from .validation import (
    counted,
    require,
    require_same_shape,
    require_type,
    require_whole,
)
from .validation.tensors import as_mask, require_floats, require_numbers


def token_logprobs(logits, tokens) -> torch.Tensor:
    """Log-probability of every token given those before it, in nats.

    logits: (B, T, V), entry [b, t] predicts token t + 1. tokens: (B, T) integers.
    Returns (B, T), aligned with ``tokens``; nothing predicts the first token, so its
    entry is 0. Half-precision logits are taken to float32 first: bfloat16 has 8
    significant bits, and a log-ratio is a small difference of large numbers.
    Raises InputError if shapes do not belong together or a token is not in 0..V-1.
    """
    _require_fit(logits, tokens)
    if logits.dtype in (torch.bfloat16, torch.float16):
        logits = logits.float()
    predicted = F.log_softmax(logits[:, :-1], dim=-1)  # (B, T-1, V)
    picked = predicted.gather(-1, tokens[:, 1:, None]).squeeze(-1)  # (B, T-1)
    return F.pad(picked, (1, 0))  # (B, T)


def _require_fit(logits, tokens) -> None:
    require_floats(logits=logits)
    require_numbers(tokens=tokens)
    shapes = f"{tuple(logits.shape)} and {tuple(tokens.shape)}"
    require(
        logits.dim() == 3 and logits.shape[:2] == tokens.shape and tokens.shape[1] > 0,
        f"logits (B, T, V) and tokens (B, T) do not fit: {shapes}",
    )
    last = logits.shape[-1] - 1
    require(
        bool(((tokens >= 0) & (tokens <= last)).all()),
        f"tokens must be in 0..{last}; mark padding in the mask, not by -100",
    )


def sequence_logprob(logits, tokens, response_mask) -> torch.Tensor:
    """log pi(y|x) of each row, in nats: (B,).

    logits: (B, T, V). tokens: (B, T). response_mask: (B, T), aligned with ``tokens``,
    1 on the response's tokens and on its ``<eos>``, 0 on prompt and padding.
    Raises InputError if a shape differs or a row marks no token (its log-probability
    would be 0 whatever the model says, and the DPO loss would stay at log 2).
    """
    scored = as_mask(response_mask=response_mask)
    each = token_logprobs(logits, tokens)  # (B, T)
    require_same_shape(tokens=tokens, response_mask=scored)
    require(
        bool(scored.any(dim=1).all()) and not bool(scored[:, 0].any()),
        "response_mask must mark at least one token in every row, and not the first "
        "one, which no logit predicts",
    )
    # Not each * scored: an impossible token of the prompt makes 0 * -inf = NaN.
    return each.where(scored, 0.0).sum(dim=-1)  # (B,)


def joined(prompts, responses, pad: int) -> list[list[int]]:
    """Each prompt's and its response's tokens in one list.

    Raises InputError unless there is a response to each prompt, and whole numbers from
    0 on everywhere.
    """
    require_type((list, tuple), prompts=prompts, responses=responses)
    require_whole(0, 2**63 - 1, pad=pad)
    counts = f"{counted(len(prompts), 'prompt')}, {counted(len(responses), 'response')}"
    each = len(prompts) == len(responses) > 0
    require(each, f"prompts and responses must be as many: {counts}")
    try:
        rows = [[*x, *y] for x, y in zip(prompts, responses, strict=True)]
        numbers = torch.tensor([token for row in rows for token in row])
    except (TypeError, ValueError, RuntimeError):
        numbers = torch.empty(0)
    whole = numbers.dtype == torch.int64 and bool((numbers >= 0).all())
    require(whole, "prompts and responses must be lists of token numbers, 0 or more")
    return rows


def pad_sequences(prompts, responses, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Lay prompt + response token lists side by side: (tokens, response_mask), (B, T).

    Right padding: with causal attention no real token ever sees the padding, so its
    value does not matter (it may be ``<eos>``) as long as the mask leaves it out.

    >>> pad_sequences([[5], [5, 6]], [[1, 0], [0]], pad=0)[1].int().tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    rows = joined(prompts, responses, pad)
    width = max(len(row) for row in rows)
    tokens = torch.tensor([row + [pad] * (width - len(row)) for row in rows])  # (B, T)
    position = torch.arange(width)  # (T,)
    start = torch.tensor([len(x) for x in prompts])[:, None]  # (B, 1)
    stop = torch.tensor([len(row) for row in rows])[:, None]  # (B, 1)
    return tokens, (position >= start) & (position < stop)  # (B, T)

"""Right answers in unusual styles to the exercises of chapter 08."""

from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F


def mask_from_lengths__list_of_lists(prompt_lengths, response_lengths, width):
    """Unusual: builds rows of Python lists of 0 and 1."""
    return torch.tensor([[0] * p + [1] * r + [0] * (width - p - r)
                         for p, r in zip(prompt_lengths.tolist(), response_lengths.tolist())])


def mask_from_lengths__double_bucket(prompt_lengths, response_lengths, width):
    """Unusual: xor of 'before the end' and 'before the start'."""
    t = torch.arange(width).unsqueeze(0)
    before = lambda n: t < n.unsqueeze(1)  # noqa: E731
    return before(prompt_lengths) ^ before(prompt_lengths + response_lengths)


def mask_from_lengths__cumsum_of_marks(prompt_lengths, response_lengths, width):
    """Unusual: +1 at the start, -1 behind the end, then a cumulative sum, returned as float64."""
    marks = torch.zeros(len(prompt_lengths), width + 1, dtype=torch.float64)
    rows = torch.arange(len(prompt_lengths))
    marks[rows, prompt_lengths] += 1
    marks[rows, prompt_lengths + response_lengths] -= 1
    return marks.cumsum(1)[:, :width]


def mask_from_lengths__distance_from_the_middle(prompt_lengths, response_lengths, width, device=None):
    """Unusual: |2 t + 1 - 2 p - r| < r, and a device argument with a default."""
    t = torch.arange(width, device=device)
    return (2 * t + 1 - (2 * prompt_lengths + response_lengths)[:, None]).abs() < response_lengths[:, None]


def sequence_logprob__cross_entropy_ignore_index(logits, tokens, response_mask):
    """Unusual: minus cross_entropy with ignore_index."""
    targets = torch.where(response_mask, tokens, -100)[:, 1:]
    return -F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, ignore_index=-100, reduction="none").sum(1)


def sequence_logprob__loop(logits, tokens, response_mask):
    """Unusual: two explicit loops that visit only the response."""
    rows = []
    for b in range(tokens.shape[0]):
        total = logits.new_zeros(())
        for t in range(1, tokens.shape[1]):
            if response_mask[b, t]:
                z = logits[b, t - 1]
                total = total + z[tokens[b, t]] - torch.logsumexp(z, 0)
        rows.append(total)
    return torch.stack(rows)


def sequence_logprob__index_add(logits, tokens, response_mask):
    """Unusual: nonzero positions and index_add into the rows."""
    b, t = response_mask.nonzero(as_tuple=True)
    logp = torch.log_softmax(logits[b, t - 1], dim=-1)[torch.arange(len(b)), tokens[b, t]]
    return torch.zeros(len(tokens), dtype=logits.dtype).index_add(0, b, logp)


def sequence_logprob__roll(logits, tokens, response_mask):
    """Unusual: rolls the tokens instead of slicing and fills the rest by 0."""
    after = torch.roll(tokens, -1, 1)
    mask = torch.roll(response_mask, -1, 1)
    logp = torch.log_softmax(logits, 2)
    return logp.gather(2, after[..., None])[..., 0].masked_fill(~mask, 0).sum(1)


def find_the_bug_padding__loop(tokens, prompt_lengths, eos):
    """Unusual: walks through every row and stops behind the first <eos>; returns 0 and 1."""
    mask = torch.zeros_like(tokens)
    for b, row in enumerate(tokens.tolist()):
        for t in range(int(prompt_lengths[b]), len(row)):
            mask[b, t] = 1
            if row[t] == eos:
                break
    return mask


def find_the_bug_padding__cumprod(tokens, prompt_lengths, eos):
    """Unusual: a running product of 'no <eos> so far', shifted by one."""
    inside = torch.arange(tokens.size(1)) >= prompt_lengths.view(-1, 1)
    alive = 1 - ((tokens == eos) & inside).int()
    alive = torch.cat([torch.ones_like(alive[:, :1]), alive[:, :-1]], 1).cumprod(1)
    return inside & alive.bool()


def find_the_bug_padding__list_index(tokens, prompt_lengths, eos):
    """Unusual: list.index finds the <eos>, try and except the cut-off rows."""
    eos, T = int(eos), tokens.shape[1]
    out = []
    for row, p in zip(tokens.tolist(), prompt_lengths.tolist()):
        try:
            end = row.index(eos, p) + 1
        except ValueError:
            end = T
        out.append([p <= t < end for t in range(T)])
    return torch.tensor(out)


def predict_the_total_without_eos__fraction():
    """Unusual: exact fractions, then float."""
    return float(1 / (1 - Fraction(1, 2) - Fraction(3, 10)))


def predict_the_total_without_eos__simulated_series():
    """Unusual: adds up the geometric series numerically with numpy and returns its scalar."""
    return np.sum(0.8 ** np.arange(1000))


def predict_the_bfloat16_log_ratio__torch():
    """Unusual: lets torch round to bfloat16 and returns the 0-d bfloat16 tensor."""
    return torch.tensor(-498.9).bfloat16() - torch.tensor(-501.2).bfloat16()


def predict_the_bfloat16_log_ratio__even():
    """Unusual: rounds to even numbers by hand and returns an int."""
    even = lambda x: 2 * round(x / 2)  # noqa: E731
    return even(-498.9) - even(-501.2)

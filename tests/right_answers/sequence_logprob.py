"""Right answers of chapter 08 that are written in unusual ways."""

import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.sequence_logprob import (
    BFLOAT,
    LOGPROB,
    MASK,
    PADDING,
    TOTAL,
    between,
    chosen,
)

from . import right


@right(MASK)
def mask_by_comparing_positions(prompt_lengths, response_lengths, width):
    return between(prompt_lengths, prompt_lengths + response_lengths, width)


@right(MASK)
def mask_from_python_lists(prompt_lengths, response_lengths, width):
    lengths = zip(prompt_lengths.tolist(), response_lengths.tolist(), strict=True)
    rows = [[0] * p + [1] * r + [0] * (width - p - r) for p, r in lengths]
    return torch.tensor(rows)


@right(MASK)
def mask_as_a_difference_of_two(prompt_lengths, response_lengths, width):
    position = torch.arange(width).expand(len(prompt_lengths), width)
    end = (prompt_lengths + response_lengths).unsqueeze(1)
    return (position < end).float() - (position < prompt_lengths.unsqueeze(1)).float()


@right(LOGPROB)
def with_cross_entropy(logits, tokens, response_mask):
    labels = tokens.masked_fill(~response_mask, -100)[:, 1:]
    loss = F.cross_entropy(
        logits[:, :-1].transpose(1, 2), labels, ignore_index=-100, reduction="none"
    )
    return -loss.sum(-1)


@right(LOGPROB)
def with_logsumexp_and_indexing(logits, tokens, response_mask):
    row, place = response_mask.nonzero(as_tuple=True)
    before = logits[row, place - 1]
    each = before[range(len(row)), tokens[row, place]] - before.logsumexp(-1)
    return torch.zeros(len(tokens), dtype=each.dtype).index_add(0, row, each)


@right(LOGPROB)
def with_a_padded_column(logits, tokens, response_mask):
    each = F.pad(chosen(logits, tokens), (1, 0))
    return torch.where(response_mask, each, torch.zeros_like(each)).sum(1)


@right(LOGPROB)
def with_numpy_like_rolling(logits, tokens, response_mask):
    """Rolled around the edge: the wrapped column is never marked."""
    labels = tokens.roll(-1, dims=1)
    marked = response_mask.roll(-1, dims=1)
    each = logits.log_softmax(-1).gather(2, labels.unsqueeze(2)).squeeze(2)
    return torch.stack([a[m].sum() for a, m in zip(each, marked, strict=True)])


@right(PADDING)
def padding_with_a_loop(tokens, prompt_lengths, eos):
    mask = torch.zeros_like(tokens)
    for row in range(len(tokens)):
        for t in range(int(prompt_lengths[row]), tokens.shape[1]):
            mask[row, t] = 1
            if tokens[row, t] == eos:
                break
    return mask


@right(PADDING)
def padding_by_the_place_of_the_first_eos(tokens, prompt_lengths, eos):
    width = tokens.shape[1]
    position = torch.arange(width).expand_as(tokens)
    is_end = (tokens == eos) & (position >= prompt_lengths[:, None])
    stop = position.masked_fill(~is_end, width).amin(1, keepdim=True)
    return (position >= prompt_lengths[:, None]) & (position <= stop)


@right(TOTAL)
def total_by_adding_up():
    return sum((0.5 + 0.3) ** n for n in range(200))


@right(TOTAL)
def total_as_a_whole_number():
    return 5


@right(BFLOAT)
def with_torch_s_bfloat16():
    pair = torch.tensor([-498.9, -501.2]).to(torch.bfloat16)
    return float(pair[0] - pair[1])


@right(BFLOAT)
def ratio_as_a_whole_number():
    return 4

"""Both responses of a pair behind one copy of their prompt, each blind to the other.

A row is prompt, chosen, rejected. The rejected response has the positions that it would
have right after the prompt, and attention is told what it may read.
"""

from contextlib import ExitStack
from unittest.mock import patch

import torch
from torch.nn import functional as F

from dpo_edu.training import scoring


def shared_logp(model, tokens, mask) -> torch.Tensor:
    """What ``model_logp`` returns for rows chosen 0..B-1, rejected 0..B-1."""
    pairs = len(tokens) // 2
    rows = [_row(tokens, mask, n, n + pairs) for n in range(pairs)]
    length = torch.tensor([len(row[0]) for row in rows])
    order = length.argsort()
    parts = order.chunk(-(-pairs * int(length.max()) // scoring.AT_ONCE))
    sides = torch.cat([_part(model, [rows[n] for n in part]) for part in parts])
    return sides[order.argsort()].T.flatten()


def _row(tokens, mask, chosen: int, rejected: int):
    """Tokens, positions and side (0 prompt, 1 chosen, 2 rejected) of one pair."""
    prompt = int(mask[chosen].int().argmax())
    ends = [int(mask[n].nonzero().max()) + 1 for n in (chosen, rejected)]
    first, second = tokens[chosen, : ends[0]], tokens[rejected, prompt : ends[1]]
    place = torch.cat([torch.arange(ends[0]), torch.arange(prompt, ends[1])])
    sizes = torch.tensor([prompt, ends[0] - prompt, ends[1] - prompt])
    return torch.cat([first, second]), place, torch.arange(3).repeat_interleave(sizes)


def _part(model, rows) -> torch.Tensor:
    """log pi of both responses of some pairs: (pairs, 2)."""
    tokens, place, side = (
        torch.nn.utils.rnn.pad_sequence(column, batch_first=True, padding_value=0)
        for column in zip(*rows, strict=True)
    )
    blind = _blind(side)

    def attention(q, k, v):
        scores = q / q.shape[-1] ** 0.5 @ k.transpose(-1, -2)
        return (scores + blind).softmax(-1) @ v

    with ExitStack() as changed:
        for block in model.blocks:
            changed.enter_context(patch.object(block, "attend", attention))
        x = model.norm(model.blocks(model.token(tokens) + model.position(place)))
    return _scored(model.head(x), tokens, side)


def _blind(side) -> torch.Tensor:
    """-inf where position t may not read position s: (B, 1, T, T)."""
    other = (side[:, None, :] != 0) & (side[:, None, :] != side[:, :, None])
    later = torch.ones(side.shape[1], side.shape[1], dtype=torch.bool).triu(1)
    return torch.zeros(other.shape).masked_fill(other | later, -torch.inf)[:, None]


def _scored(logits, tokens, side) -> torch.Tensor:
    """Each token by the logits before it; the rejected's first by the prompt's last."""
    batch, width = tokens.shape
    before = (torch.arange(width) - 1).clamp(min=0).repeat(batch, 1)
    prompt = (side == 0).cumprod(1).sum(1)  # (B,) padding has side 0, after the rest
    start = (side == 2).int().argmax(1)
    before[torch.arange(batch), start] = prompt - 1
    logp = F.log_softmax(logits, -1)  # (B, T, V)
    picked = logp[torch.arange(batch)[:, None], before, tokens]  # (B, T)
    return torch.stack([picked.where(side == n, 0.0).sum(1) for n in (1, 2)], 1)

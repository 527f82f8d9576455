"""A language model small enough to list, and rows to score with it.

Its logits after a token are that token's row of a table, plus a quarter of what they
were before: every token that was read counts, the last one most. Padding is read like
any token, unless an attention mask says otherwise, as in transformers.
This module does not know trainers.
"""

from itertools import product
from typing import NamedTuple

import torch
from torch import nn

from .words import EOS, MOST, PAD, PROMPTS, Rows

MEMORY = 0.25
FOLLOWS = (  # [i][j]: how readily token j follows token i, in nats; hardly ever PAD
    (-1.0, 2.0, -1.0, 0.0, 0.3, -20.0),  # tea
    (-0.5, -1.0, 1.0, 1.5, 0.5, -20.0),  # is
    (-0.7, -1.2, 0.2, 1.4, 0.1, -20.0),  # not
    (0.4, -0.4, -1.1, 0.6, 2.0, -20.0),  # good
    (0.8, -0.6, 0.1, 0.9, 1.0, -20.0),  # <eos>
    (-0.9, 1.3, 0.7, -1.6, -0.2, -20.0),  # padding
)


class Language(nn.Module):
    """tokens (B, T) -> logits (B, T, V), in float64; logits at t predict t + 1.

    Called as transformers are, too: ``model(input_ids=..., attention_mask=...)``, and
    the logits have themselves as their attribute ``logits``.
    """

    def __init__(self):
        super().__init__()
        self.follows = nn.Parameter(torch.tensor(FOLLOWS, dtype=torch.float64))

    def forward(self, input_ids, attention_mask=None, **ignored):
        seen = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        state, logits = torch.zeros_like(self.follows[input_ids[:, 0]]), []  # (B, V)
        for token, is_seen in zip(input_ids.T, seen.T, strict=True):
            read = MEMORY * state + self.follows[token]
            state = torch.where(is_seen[:, None].bool(), read, state)
            logits.append(state)
        stacked = torch.stack(logits, dim=1)  # (B, T, V)
        stacked.logits = stacked.view_as(stacked)  # ty: ignore[missing-attribute]
        return stacked


class Batch(NamedTuple):
    """Rows, and which of their tokens are no padding."""

    rows: Rows
    real: torch.Tensor  # (B, T)
    prompts: list[list[int]]
    responses: list[list[int]]


def all_responses() -> list[list[int]]:
    """Token lists of all 85, shortest first; ``<eos>`` ends those that are short."""
    words = [product(range(EOS), repeat=n) for n in range(MOST + 1)]
    return [[*y, EOS][: MOST if len(y) == MOST else None] for n in words for y in n]


def all_rows(pad: int = PAD, side: str = "right") -> Batch:
    """Every response to every prompt, in one batch."""
    prompts = [list(x) for x in PROMPTS for _ in all_responses()]
    return laid_out(prompts, all_responses() * len(PROMPTS), pad, side)


def laid_out(prompts, responses, pad: int = PAD, side: str = "right") -> Batch:
    """Prompts and responses side by side, padded with ``pad`` on one side."""
    texts = [[*x, *y] for x, y in zip(prompts, responses, strict=True)]
    width = max(map(len, texts))
    tokens, marks, reals = [], [], []
    for each, response in zip(texts, responses, strict=True):
        fill, before = width - len(each), len(each) - len(response)
        line = each, [0] * before + [1] * len(response), [1] * len(each)
        for column, row, filler in zip(
            (tokens, marks, reals), line, (pad, 0, 0), strict=True
        ):
            padding = [filler] * fill
            column.append(row + padding if side == "right" else padding + row)
    rows = Rows(torch.tensor(tokens), torch.tensor(marks).bool())
    return Batch(rows, torch.tensor(reals).bool(), list(prompts), list(responses))


@torch.no_grad()
def nudge(model: nn.Module, size: float = 0.3) -> None:
    """Move every weight a little, the same way each time."""
    for weight in model.parameters():
        place = torch.arange(weight.numel(), device=weight.device)
        weight += (size * torch.cos(1.0 + place)).view_as(weight).to(weight)

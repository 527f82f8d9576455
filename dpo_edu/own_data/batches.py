"""Your own pairs as batches: any strings, read byte by byte.

A byte tokenizer needs no vocabulary and loses nothing: 256 bytes and ``<eos>``. A
prompt's bytes, then the response's, then ``<eos>``; prompt and response are encoded
apart, so no token straddles the seam. This module does not know where pairs come from.
"""

from typing import NamedTuple

import numpy as np
import torch

from ..sequence_logprob import pad_sequences
from ..tiny_transformer import TinyTransformer, sample_token
from ..training import PairBatch, model_logp
from ..validation import require

BYTES_EOS = 256


class PairData(NamedTuple):
    """N pairs as 2 N sequences: row i is chosen i, row N + i is rejected i."""

    tokens: torch.Tensor  # (2N, T)
    mask: torch.Tensor  # (2N, T)

    @property
    def pairs(self) -> int:
        """How many comparisons there are."""
        return len(self.tokens) // 2

    def both(self, numbers) -> torch.Tensor:
        """The rows of the pairs with these numbers: first chosen, then rejected."""
        rows = np.concatenate([numbers, np.add(numbers, self.pairs)])
        return torch.as_tensor(rows, device=self.tokens.device)

    def take(self, numbers) -> "PairData":
        """Some of the pairs, in this order."""
        rows = self.both(numbers)
        return PairData(self.tokens[rows], self.mask[rows])

    def to(self, device) -> "PairData":
        """The same pairs on another device."""
        return PairData(self.tokens.to(device), self.mask.to(device))


def encode(text: str) -> list[int]:
    """UTF-8 bytes as token numbers."""
    return list(text.encode())


def decode(tokens) -> str:
    """Text of token numbers; bytes that are no UTF-8 show as the replacement sign."""
    return bytes(token for token in tokens if token != BYTES_EOS).decode(
        errors="replace"
    )


def pair_data(pairs, context: int, where: str) -> PairData:
    """Tokenize pairs; refuses the first that is longer than ``context`` tokens.

    ``where`` names the source in that message.
    """
    prompts = [encode(pair.prompt) for pair in pairs]
    sides = {
        side: [[*encode(getattr(pair, side)), BYTES_EOS] for pair in pairs]
        for side in ("chosen", "rejected")
    }
    for side, responses in sides.items():
        for number, (x, y) in enumerate(zip(prompts, responses, strict=True), start=1):
            require(
                len(x) + len(y) <= context,
                f"{where}, pair {number}: prompt and {side} take {len(x) + len(y)} "
                f"tokens (bytes and <eos>), more than the context of {context}: "
                "raise --context or shorten the text",
            )
    rows = sides["chosen"] + sides["rejected"]
    return PairData(*pad_sequences(prompts * 2, rows, pad=BYTES_EOS))


def own_batch(data: PairData, ref_logp: torch.Tensor, numbers) -> PairBatch:
    """The pairs with these numbers; the label is 1, one verdict each."""
    count, rows = len(numbers), data.both(numbers)
    place = torch.arange(2 * count, device=rows.device)
    width = int(data.mask[rows].any(0).nonzero().max()) + 1  # no column of mere padding
    return PairBatch(
        data.tokens[rows, :width],
        data.mask[rows, :width],
        ref_logp[rows],
        place[:count],
        place[count:],
        torch.ones_like(ref_logp[rows[:count]]),
    )


@torch.no_grad()
def logp_of_all(model, data: PairData, size: int = 64) -> torch.Tensor:
    """log pi(y|x) of every row, in slices of ``size``: (2N,)."""
    rows = zip(data.tokens.split(size), data.mask.split(size), strict=True)
    return torch.cat([model_logp(model, tokens, mask) for tokens, mask in rows])


@torch.no_grad()
def complete(model: TinyTransformer, prompt: str, limit: int, generator) -> str:
    """Sample a response, up to ``<eos>``, ``limit`` bytes or the end of the context."""
    device = next(model.parameters()).device
    tokens = torch.tensor([encode(prompt)], device=device)  # (1, T)
    start = tokens.shape[1]
    for _ in range(min(limit, model.config.context - start)):
        token = sample_token(model(tokens)[:, -1].cpu(), generator=generator)
        if token.item() == BYTES_EOS:
            break
        tokens = torch.cat([tokens, token[:, None].to(device)], dim=1)
    return decode(tokens[0, start:].tolist())

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
from ..validation import (
    InputError,
    require,
    require_list_of,
    require_shape,
    require_type,
    require_whole,
)
from ..validation.arrays import indices
from ..validation.tensors import require_floats
from .comparison import TextPair
from .lengths import too_long

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

    def texts(self, rows) -> tuple[torch.Tensor, torch.Tensor]:
        """(tokens, mask) of these rows, (R, T) each, no wider than the longest of them.

        Rows below N are the chosen: number i is chosen i.
        """
        rows = torch.as_tensor(rows, device=self.tokens.device)
        tokens, mask = self.tokens[rows], self.mask[rows]
        width = int(mask.any(0).nonzero().max()) + 1  # no column of mere padding
        return tokens[:, :width], mask[:, :width]

    def to(self, device) -> "PairData":
        """The same pairs on another device."""
        return PairData(self.tokens.to(device), self.mask.to(device))


def encode(text: str) -> list[int]:
    """UTF-8 bytes as token numbers; InputError where half a character has none."""
    require_type(str, text=text)
    try:
        return list(text.encode())
    except UnicodeEncodeError:
        raise InputError("text holds half a character (a lone surrogate)") from None


def decode(tokens) -> str:
    """Text of token numbers; bytes that are no UTF-8 show as the replacement sign."""
    require_list_of(int, tokens=tokens)
    require_whole(0, BYTES_EOS, **{"each of tokens": max(tokens, default=0)})
    require_whole(0, BYTES_EOS, **{"each of tokens": min(tokens, default=0)})
    return bytes(token for token in tokens if token != BYTES_EOS).decode(
        errors="replace"
    )


def pair_data(pairs, context: int, where: str) -> PairData:
    """Tokenize pairs; refuses the first that is longer than ``context`` tokens.

    ``where`` names the source in that message.
    """
    require_list_of(TextPair, pairs=pairs)
    require(pairs, "pairs must be a list that is not empty")
    require_whole(1, context=context)
    require_type(str, where=where)
    words = too_long(pairs, context, [f"pair {n}" for n in range(1, len(pairs) + 1)])
    require(words is None, f"{where}, {words}")
    prompts = [encode(pair.prompt) for pair in pairs]
    rows = [[*encode(pair.chosen), BYTES_EOS] for pair in pairs]
    rows += [[*encode(pair.rejected), BYTES_EOS] for pair in pairs]
    return PairData(*pad_sequences(prompts * 2, rows, pad=BYTES_EOS))


def own_batch(data: PairData, ref_logp: torch.Tensor, numbers) -> PairBatch:
    """The pairs with these numbers; the label is 1, one verdict each."""
    require_type(PairData, data=data)
    require_floats(ref_logp=ref_logp)
    require_shape((len(data.tokens),), ref_logp=ref_logp)
    numbers = indices(data.pairs, 1, numbers=numbers)
    count, rows = len(numbers), data.both(numbers)
    place = torch.arange(2 * count, device=rows.device)
    return PairBatch(
        *data.texts(rows),
        ref_logp[rows],
        place[:count],
        place[count:],
        torch.ones_like(ref_logp[rows[:count]]),
    )


@torch.no_grad()
def logp_of_all(model, data: PairData) -> torch.Tensor:
    """log pi(y|x) of every row, without gradient: (2N,)."""
    require_type(PairData, data=data)
    return model_logp(model, data.tokens, data.mask)


@torch.no_grad()
def complete(model: TinyTransformer, prompt: str, limit: int, generator) -> str:
    """Sample a response, up to ``<eos>``, ``limit`` bytes or the end of the context."""
    require_type(torch.nn.Module, model=model)
    require_whole(0, limit=limit)
    require_type((torch.Generator, type(None)), generator=generator)
    require_type(str, prompt=prompt)
    device = next(model.parameters()).device
    tokens = torch.tensor([encode(prompt)], device=device)  # (1, T)
    start = tokens.shape[1]
    for _ in range(min(limit, model.config.context - start)):
        token = sample_token(model(tokens)[:, -1].cpu(), generator=generator)
        if token.item() == BYTES_EOS:
            break
        tokens = torch.cat([tokens, token[:, None].to(device)], dim=1)
    return decode(tokens[0, start:].tolist())

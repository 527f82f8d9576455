"""The language of the check-up in numbers, and how an adapter gets its pairs.

Four words, ``<eos>``, and a token for padding. This module needs no torch.
"""

from typing import Any, NamedTuple

WORDS = ("tea", "is", "not", "good")
EOS = len(WORDS)  # 4: ends a response of fewer than MOST words
PAD = EOS + 1  # 5: never part of a text
VOCABULARY = PAD + 1
MOST = 3  # words in a response; after the third, it is complete without <eos>
PROMPTS = ((0, 1), (2,), (3, EOS, 0))  # three lengths, one with an <eos> inside
NAMES = (*WORDS, "<eos>", "<pad>")


class Rows(NamedTuple):
    """Prompt and response side by side, padded: what a trainer scores."""

    tokens: Any  # (B, T) whole numbers below VOCABULARY
    mask: Any  # (B, T) True on the response's tokens and on its <eos>


def as_lists(tokens, mask) -> tuple[list[list[int]], list[list[int]]]:
    """The prompts and the responses as lists of token numbers, without padding.

    For trainers that lay out a batch themselves: hand these lists to your collator.
    ``<eos>`` is in a response where the model had to choose it. Padding is ``PAD``, or
    whatever follows a response.
    """
    prompts, responses = [], []
    for row, marked in zip(tokens.tolist(), mask.tolist(), strict=True):
        start = marked.index(True)
        prompts.append([token for token in row[:start] if token != PAD])
        responses.append([t for t, m in zip(row, marked, strict=True) if m])
    return prompts, responses


def text(tokens) -> str:
    """Token numbers in words."""
    return " ".join(NAMES[token] for token in tokens)

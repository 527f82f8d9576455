"""Rows too long for the model: refused, left out, or cut where that does least harm.

``--max-length N`` is the most that a prompt and an answer may take together. ``drop``
leaves out the pairs that take more. ``cut`` takes away the beginning of their prompt,
which is what the DPO authors' trainer tries first; where the answer alone leaves no
room, the pair is dropped. An answer is never cut: it would lose the end that it is to
learn, and half an answer is not the one that was judged.
"""

from typing import NamedTuple

from ..validation import (
    InputError,
    require,
    require_list_of,
    require_type,
    require_whole,
)
from .comparison import TextPair

POLICIES = ("drop", "cut")  # of --too-long
BYTES, END = "utf-8", 1  # a token is a byte; one more ends the answer


class Fitted(NamedTuple):
    """What is left within a limit."""

    pairs: list[TextPair]
    numbers: list[int]  # which of the pairs these were, from 0
    cut: int  # how many have lost the beginning of their prompt


def lengths(pair: TextPair) -> dict[str, int]:
    """Tokens that the prompt takes with each answer, its end included."""
    require_type(TextPair, pair=pair)
    asked = _length(pair.prompt)
    sides = {"chosen": pair.chosen, "rejected": pair.rejected}
    return {side: asked + _length(text) + END for side, text in sides.items()}


def longest(pair: TextPair) -> int:
    """Tokens of the longer of the pair's two texts."""
    return max(lengths(pair).values())


def fit(pairs: list[TextPair], limit: int, policy: str) -> Fitted:
    """The pairs that take at most ``limit`` tokens, or can be cut to that."""
    require_list_of(TextPair, pairs=pairs)
    require_whole(1, limit=limit)
    require_type(str, policy=policy)
    require(policy in POLICIES, f"policy is {' or '.join(POLICIES)}, not {policy!r}")
    kept, numbers, cuts = [], [], 0
    for number, pair in enumerate(pairs):
        fitting = pair if longest(pair) <= limit else _cut(pair, limit, policy)
        if fitting is not None:
            kept.append(fitting)
            numbers.append(number)
            cuts += fitting is not pair
    return Fitted(kept, numbers, cuts)


def _length(text: str) -> int:
    """Tokens of a text: its bytes; InputError where half a character has none."""
    try:
        return len(text.encode(BYTES))
    except UnicodeEncodeError:
        words = "pairs hold half a character (a lone surrogate)"
        raise InputError(words) from None


def _cut(pair: TextPair, limit: int, policy: str) -> TextPair | None:
    """The pair with the end of its prompt; None where nothing of that would be left."""
    room = limit - (longest(pair) - _length(pair.prompt))
    if policy == "drop" or room < 1:
        return None
    end = pair.prompt.encode(BYTES)[-room:].decode(BYTES, "ignore")
    return pair._replace(prompt=end) if end.strip() else None


def too_long(pairs, context: int, called) -> str | None:
    """The first pair that takes more than ``context``, and how many more there are.

    called: what each pair is called. None where all fit.
    """
    require_list_of(TextPair, pairs=pairs)
    require_whole(1, context=context)
    require_list_of(str, called=called)
    require(len(called) == len(pairs), "called must be as many as pairs")
    found = [
        (name, side, tokens)
        for name, pair in zip(called, pairs, strict=True)
        for side, tokens in lengths(pair).items()
        if tokens > context
    ]
    if not found:
        return None
    name, side, tokens = found[0]
    others = len({called for called, *_ in found}) - 1
    most = max(tokens for *_, tokens in found)
    too = "is" if others == 1 else "are"
    more = f"; {others} more {too} too long, the longest takes {most}"
    return (
        f"{name}: prompt and {side} take {tokens} tokens (bytes and <eos>), more "
        f"than the context of {context}: raise --context, or drop or cut such rows "
        f"with --max-length{more if others else ''}"
    )

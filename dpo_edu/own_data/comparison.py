"""Preference pairs, whatever their file looked like: a prompt and two answers.

    Pair(prompt, chosen, rejected)

The prompt is a text, or a conversation that ends where the assistant is to speak; both
answers are texts, what the assistant says next. A chat model puts the messages into its
template; the byte model of this room reads ``as_text``. This module reads no files.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..validation import require, require_list_of, require_type, require_whole

EOS_TEXT = "<eos>"  # how an export writes the end of a response
LISTED = 10  # names, or bad lines, that are shown one by one
TITLES = {"system": "System", "user": "Human", "assistant": "Assistant", "tool": "Tool"}
"""Who speaks, and how a dialogue in plain text calls him (Bai et al. 2022)."""


class Message(NamedTuple):
    """What one party of a conversation said."""

    role: str  # one of TITLES
    content: str


class Pair(NamedTuple):
    """One comparison: a text, or a conversation to be gone on with, and two answers."""

    prompt: str | tuple[Message, ...]
    chosen: str
    rejected: str


class TextPair(NamedTuple):
    """One comparison in words alone."""

    prompt: str
    chosen: str
    rejected: str


def as_text(pair: Pair) -> TextPair:
    r"""The pair as a model without a chat template reads it: a dialogue in plain text.

    >>> as_text(Pair((Message("user", "Hi!"),), "Hello.", "Go."))[0]
    '\n\nHuman: Hi!\n\nAssistant: '
    """
    require_type(Pair, pair=pair)
    return TextPair(_written(pair.prompt), pair.chosen, pair.rejected)


def _written(prompt: str | tuple[Message, ...]) -> str:
    if isinstance(prompt, str):
        return prompt
    turns = [f"\n\n{TITLES[role]}: {content}" for role, content in prompt]
    return "".join([*turns, f"\n\n{TITLES['assistant']}: "])


def require_no_eos(pairs, called) -> None:
    """Raise at the letters ``<eos>``, five bytes here and the end in an export.

    called: what each pair is called in that message.
    """
    require_list_of(TextPair, pairs=pairs)
    require_list_of(str, called=called)
    require(len(called) == len(pairs), "called must be as many as pairs")
    for pair, name in zip(pairs, called, strict=True):
        require(
            not any(EOS_TEXT in text for text in pair),
            f"{name} holds the letters {EOS_TEXT}, which end a text for the tokenizer "
            "of an export: leave them out, training adds the end of each response",
        )


def listed(names: Sequence[str]) -> str:
    """'"a", "b"', of which at most ten are shown, each with 40 letters."""
    require_list_of(str, names=names)
    shown = [f'"{name[:40]}"' for name in names[:LISTED]]
    return ", ".join([*shown, *["..."] * (len(names) > LISTED)])


def numbers_shown(numbers: Sequence[int]) -> str:
    """'2, 5 and 1,000 more': at most ten are shown."""
    require_list_of(int, numbers=numbers)
    require_whole(0, **{"each of numbers": max(numbers, default=0)})
    shown = ", ".join(str(number) for number in numbers[:LISTED])
    rest = len(numbers) - LISTED
    return f"{shown} and {rest:,} more" if rest > 0 else shown

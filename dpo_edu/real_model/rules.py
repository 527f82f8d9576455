r"""What counts as a better answer: rules that a computer can apply.

Each rule reads a text and returns a number, larger for better. They stand in for a
person's taste, so that the verdict on a trained model can be computed. None of them
asks whether an answer is true. This module knows no model.

    >>> short_first_sentence("Salt is a mineral. It dissolves.")
    -4.0
    >>> no_list("You need two things:\n- salt\n- water")
    0.0
    >>> short_words("It is a bit of salt.")
    -2.3333333333333335
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from ..validation import require, require_type

NO_SENTENCE, NO_WORD = 40.0, 15.0  # how long those of an empty answer count
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LIST = re.compile(r"^\s*(?:[-*•+]|\(?\d{1,2}[.)])\s", re.MULTILINE)


class Rule(NamedTuple):
    """A rule, what it asks for in words, and the unit of its number."""

    score: Callable[[str], float]
    asks_for: str
    unit: str


def words(text: str) -> list[str]:
    """Words of letters, an apostrophe inside included.

    >>> words("Boil 2 eggs; don't peel them.")
    ['Boil', 'eggs', "don't", 'peel', 'them']
    """
    require_type(str, text=text)
    return _WORD.findall(text)


def first_sentence(text: str) -> str:
    """Up to the first full stop, question or exclamation mark, or the first line's end.

    >>> first_sentence("Yes! It floats.")
    'Yes!'
    """
    require_type(str, text=text)
    return re.split(r"(?<=[.!?])\s|\n", text.strip(), maxsplit=1)[0]


def short_first_sentence(text: str) -> float:
    """Minus the words of the first sentence. A cut sentence counts what is there.

    >>> short_first_sentence("")
    -40.0
    """
    return -float(len(words(first_sentence(text))) or NO_SENTENCE)


def no_list(text: str) -> float:
    """1 for an answer with neither a colon nor a list, else 0.

    >>> no_list("1. Heat the water.\\n2. Add the egg."), no_list("Heat 1.5 litres.")
    (0.0, 1.0)
    """
    require_type(str, text=text)
    return float(":" not in text and not _LIST.search(text))


def short_words(text: str) -> float:
    """Minus the mean number of letters per word: plain words are short ones.

    A mean neither rises nor falls with an answer's length, and cutting an answer off
    changes it little.

    >>> short_words("a cat")
    -2.0
    """
    lengths = [len(re.sub("['’]", "", word)) for word in words(text)]
    return -(sum(lengths) / len(lengths)) if lengths else -NO_WORD


def speaks_to_you(text: str) -> float:
    """1 if one of the first twelve words is "you" or "your", else 0.

    >>> speaks_to_you("Boil water, then put in your egg."), speaks_to_you("Eggs boil.")
    (1.0, 0.0)
    """
    require_type(str, text=text)
    opening = words(text.lower().replace("’", "'"))[:12]
    return float(any(word.split("'")[0] in ("you", "your") for word in opening))


def new_words(text: str) -> float:
    """The share of words that did not stand in the answer before.

    >>> new_words("the cat and the dog")
    0.8
    """
    require_type(str, text=text)
    found = words(text.lower())
    return len(set(found)) / len(found) if found else 0.0


RULES = {
    "short_first_sentence": Rule(
        short_first_sentence, "a short first sentence", "minus words"
    ),
    "no_list": Rule(no_list, "no list and no colon", "share of answers"),
    "short_words": Rule(short_words, "short words", "minus letters per word"),
    "speaks_to_you": Rule(
        speaks_to_you, "an answer that speaks to the reader", "share of answers"
    ),
}
"""The rules that one can train on."""
UNTRAINED = {"new_words": Rule(new_words, "no word twice", "share of words")}
"""A rule that nobody trains on: has anything else changed?"""


def rule(name: str) -> Rule:
    """The rule called ``name``; InputError names those there are."""
    require_type(str, name=name)
    require(name in RULES, f"no rule named {name!r}: there are {', '.join(RULES)}")
    return RULES[name]

"""Printed numbers compared as numbers, and everything around them as text.

A processor with other instructions adds in another order, and what it prints may differ
by one unit of the last digit. Such a digit says nothing about the code, so the rule is:

    a decimal may differ by one unit of the last digit printed; nothing else may differ

An integer has no rounded digit and is text. This module does not know what is printed.
"""

import re
from decimal import Decimal
from itertools import starmap

# 0.6444, -1,234.5 or 9.4e-14 with the spaces before it, which the number may use up;
# not 42, nor a part of 2.13.0 or x0.5.
DECIMAL = re.compile(
    r"( *(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+(?:e[-+]?\d+)?|e[-+]?\d+))"
    r"(?!\.?\w)"
)


def settled(new: str, stored: str) -> str:
    """Return ``new`` with each decimal that agrees with ``stored`` printed as there.

    The result equals ``stored`` exactly if the two say the same. Numbers correspond by
    their order; if there are more in one text than in the other, none is replaced.

    >>> settled("J = 0.6443, 8 prompts", "J = 0.6444, 8 prompts")
    'J = 0.6444, 8 prompts'
    >>> settled("J = 0.6442", "J = 0.6444")
    'J = 0.6442'
    """
    ours, theirs = DECIMAL.split(new), DECIMAL.split(stored)  # text, number, text, ...
    if len(ours) != len(theirs):
        return new
    ours[1::2] = starmap(_settled, zip(ours[1::2], theirs[1::2], strict=True))
    return "".join(ours)


def _settled(new: str, stored: str) -> str:
    ours, theirs = _value(new), _value(stored)
    unit = Decimal(1).scaleb(min(_exponent(ours), _exponent(theirs)))  # the finer one
    aligned = len(new) == len(stored) or _indent(new) == _indent(stored)
    return stored if abs(ours - theirs) <= unit and aligned else new


def _value(printed: str) -> Decimal:
    return Decimal(printed.strip().replace(",", "").replace("−", "-"))


def _exponent(value: Decimal) -> int:
    """The power of ten that the last digit counts."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # letters are for infinity and NaN
    return exponent


def _indent(printed: str) -> int:
    return len(printed) - len(printed.lstrip(" "))

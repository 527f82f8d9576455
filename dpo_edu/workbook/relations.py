"""A simple relation of wrong values to the right ones, in a sentence.

"Every value you return is the negative of the right one" helps where no known wrong
answer explains what came back.
"""

import math

from .observations import alike

CONSTANT = "whatever it is given."
TRANSFORMS = (
    ("the negative of the right one: is a minus sign missing, or one too many?",
     lambda x: -x),
    ("one minus the right one: the other outcome's probability?", lambda x: 1 - x),
    ("the exponential of the right one: is a log missing?", math.exp),
    ("the exponential of minus the right one: is a -log missing?",
     lambda x: math.exp(-x)),
    ("the logarithm of the right one: is there a log too many?", math.log),
    ("one over the right one: is a ratio upside down?", lambda x: 1 / x),
    ("the square of the right one.", lambda x: x * x),
    ("the square root of the right one.", math.sqrt),
    ("the right one in bits instead of nats: use the natural logarithm.",
     lambda x: x / math.log(2)),
    ("the right one with base 10: use the natural logarithm.",
     lambda x: x / math.log(10)),
)  # fmt: skip


def relation(seen: list, right: list) -> str:
    """A sentence on how all of ``seen`` relates to ``right``, or ''.

    Three or more different right values must fit one relation, or it means nothing.
    """
    got, wanted = _flat(seen), _flat(right)
    if got is None or wanted is None or len(got) != len(wanted):
        return ""
    there = [(x, y) for x, y in zip(got, wanted, strict=True) if not math.isnan(x)]
    got, wanted = [x for x, _ in there], [y for _, y in there]
    if alike(got, wanted) or len({f"{x:.6g}" for x in wanted}) < 3:
        return ""
    if all(alike(x, got[0]) for x in got):
        constant = 0 if alike(got[0], 0) else got[0]
        return f"Your function returns {constant:.6g} {CONSTANT}"
    for words, transform in TRANSFORMS:
        if _fits(got, wanted, transform):
            return f"Every value you return is {words}"
    return _multiple(got, wanted) or _offset(got, wanted)


def _fits(got, wanted, transform) -> bool:
    try:
        return all(alike(x, transform(y)) for x, y in zip(got, wanted, strict=True))
    except (ValueError, ZeroDivisionError, OverflowError):
        return False


def _multiple(got, wanted) -> str:
    ratios = [x / y for x, y in zip(got, wanted, strict=True) if y]
    if ratios and _fits(got, wanted, lambda y: ratios[0] * y):
        return f"Every value you return is {ratios[0]:.6g} times the right one."
    return ""


def _offset(got, wanted) -> str:
    shift = got[0] - wanted[0]
    if _fits(got, wanted, lambda y: y + shift):
        return f"Every value you return is the right one plus {shift:.6g}."
    return ""


def _flat(nested) -> list[float] | None:
    """All numbers of nested lists in order; None if there is another thing."""
    if isinstance(nested, float | int):
        return None if math.isinf(nested) else [nested]
    if not isinstance(nested, list):
        return None
    parts = [_flat(entry) for entry in nested]
    if any(part is None for part in parts):
        return None
    return [x for part in parts for x in part or ()]

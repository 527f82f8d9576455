"""Which mistake it is, and how the check-up writes it down.

A name is given when a trainer's numbers are exactly those of a mistake: to the mistake
with the fewest parts, and to all of them if several have as many.
"""

from collections.abc import Callable, Iterable
from math import isnan


def fewest_parts(
    mistakes: Iterable[tuple[list[str], object]], matches: Callable, conventions=()
) -> list[str]:
    """The names of the shortest mistakes that match: none, one, or several.

    mistakes: the names of the parts that are wrong, and what ``matches`` is asked
    about. What stands in ``conventions`` is no mistake.
    """
    best: list[str] = []
    fewest = 99
    for parts, numbers in mistakes:
        wrong = [part for part in parts if part not in conventions]
        if 0 < len(wrong) <= fewest and matches(numbers):
            best = best if len(wrong) == fewest else []
            best, fewest = sorted({*best, "; ".join(wrong)}), len(wrong)
    return best


def named(names: list[str], sentences: dict[str, str]) -> str:
    """The names, and what each of their parts means, in one or two sentences."""
    if not names:
        return "No mistake that is known here gives these numbers."
    parts = dict.fromkeys(part for name in names for part in name.split("; "))
    title = " or ".join(f'"{name}"' for name in names)
    return f"{title}: {'; '.join(sentences[part] for part in parts)}."


def nats(value: float) -> str:
    """Four decimals, or what there is in place of a number."""
    if isnan(value):
        return "NaN"
    return f"{value:,.4f}" if abs(value) < 1e6 else f"{value:.4g}"

"""Two results of a grid, number by number: how far apart, and where.

NaN is at distance 0 from NaN and at distance inf from every number; what has another
shape, or is no number and differs, is at distance inf.
"""

import math
from collections.abc import Iterator

CLOSE = 1e-4  # what another machine or a refactoring may change
WORST = 5  # places that are named


def distances(one, other, place: tuple = ()) -> Iterator[tuple[float, tuple]]:
    """(distance, place) of everything; a place is the keys and numbers that lead there.

    >>> list(distances({"loss": [0.5, 1.0]}, {"loss": [0.5, 0.75]}))
    [(0.0, ('loss', 0)), (0.25, ('loss', 1))]
    """
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from distances(one[key], other[key], (*place, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, both in enumerate(zip(one, other, strict=True)):
            yield from distances(*both, (*place, number))
    elif isinstance(one, int | float) and isinstance(other, int | float):
        yield _distance(one, other), place
    else:
        yield (0.0 if one == other else math.inf), place


def largest_difference(one, other) -> float:
    """The largest distance between two numbers in the same place."""
    return max((distance for distance, _ in distances(one, other)), default=0.0)


def where(one, other) -> list[str]:
    """Lines for a reader: how many numbers are not close, and the worst places."""
    found = sorted(distances(one, other), key=lambda each: each[0], reverse=True)
    apart = [each for each in found if each[0] > CLOSE]
    if not apart:
        return []
    worst = [
        f"  {distance:.1e}  {' / '.join(map(str, place))}"
        for distance, place in apart[:WORST]
    ]
    counts = f"{len(apart):,} of {len(found):,} values"
    return [f"  {counts} differ by more than {CLOSE:.0e}, the most:", *worst]


def _distance(one: float, other: float) -> float:
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    return 0.0 if one == other else abs(one - other)  # inf - inf is NaN

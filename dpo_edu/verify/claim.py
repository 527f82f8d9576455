"""A claim of the course: a sentence, what is behind it, what would refute it.

Three kinds, by what may stand between the sentence and the number:

    exact     a formula on given numbers; rounding alone, 1e-9 of the value
    float64   one run without chance in float64; the digits that the sentence states
    sampled   a run per seed; the 95 % interval of their mean lies where it is claimed

This module does not know what is claimed: that stands in ``claims``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..figures.intervals import mean_interval

EXACT, FLOAT64, SAMPLED = "exact", "float64", "sampled"


class Interval(NamedTuple):
    """Where a measured value lies: a number twice, or the interval of a mean."""

    low: float
    high: float
    seeds: int = 1

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class Expected(NamedTuple):
    """What the claim says of the value, in words and as a test."""

    words: str
    holds: Callable[[Interval], bool]


def near(value: float, within: float = 0.0) -> Expected:
    """The value itself; ``within``: absolute, otherwise 1e-9 of the value."""
    far = within or 1e-9 * max(abs(value), 1e-3)
    words = f"{value:.6g}" + (f" ± {within:g}" if within else "")
    return Expected(words, lambda x: x.low >= value - far and x.high <= value + far)


def above(bound: float) -> Expected:
    """More than the bound, with the whole interval."""
    return Expected(f"> {bound:g}", lambda x: x.low > bound)


def below(bound: float) -> Expected:
    """Less than the bound, with the whole interval."""
    return Expected(f"< {bound:g}", lambda x: x.high < bound)


def between(least: float, most: float) -> Expected:
    """Inside, with the whole interval."""
    words = f"{least:g} to {most:g}"
    return Expected(words, lambda x: least <= x.low and x.high <= most)


@dataclass(frozen=True)
class Claim:
    """One sentence that a reader carries away."""

    id: str  # "06-log-2": the chapter and a name
    statement: str
    section: str  # the heading of the notebook under which it is shown
    behind: str  # the run or the formula, in words
    measure: Callable[[], Any]  # to a number, or to one per seed
    expected: Expected
    kind: str = EXACT

    @property
    def chapter(self) -> int:
        return int(self.id[:2])


class Finding(NamedTuple):
    """What ``verify`` found out about a claim."""

    claim: Claim
    measured: Interval
    holds: bool


def examine(claim: Claim) -> Finding:
    """Compute the value again and hold the claim against it."""
    measured = interval(claim.measure())
    return Finding(claim, measured, bool(claim.expected.holds(measured)))


def interval(values: Any) -> Interval:
    """A number as it is; of one number per seed, the 95 % interval of the mean."""
    if np.ndim(values) == 0:
        return Interval(float(values), float(values))
    mean, half = mean_interval(values)
    return Interval(mean - half, mean + half, len(values))

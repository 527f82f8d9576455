"""One rule for tuning whatever is compared: factors of two, until both sides are worse.

From the best place found so far, try its neighbors, one setting at a time, twice and
half as large; go on from wherever it is best. The end is a place all of whose neighbors
are worse, or the end of the budget, which is the same for all that are compared. What
is then still untried beside the best place is named *unsettled*. A search may look at
some places far apart before it walks. This module does not know what is tuned.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

Place = tuple[int, ...]  # how often each setting was doubled


class Tuned(NamedTuple):
    """What a search found, and what it leaves open."""

    best: dict[str, float]
    unsettled: list[str]  # settings that have an untried neighbor of the best place
    tried: list[dict]  # the settings and their "score", in the order of the search


def tune(
    score_at: Callable,
    start: Mapping[str, float],
    budget: int,
    looks: Iterable[Place] = (),
) -> Tuned:
    """Search the place of the largest ``score_at(settings)`` with ``budget`` of them.

    start: {setting: value}; the first one is doubled and halved first. looks: places
    that are scored beside the start before the walk begins at the best of them.

    >>> tune(lambda at: -abs(at["rate"] - 4), {"rate": 1.0}, budget=9).best
    {'rate': 4.0}
    """
    first = dict.fromkeys([(0,) * len(start), *looks])  # each once
    scores = {at: score_at(settings(start, at)) for at in first}
    while left := untried(best := max(scores, key=scores.__getitem__), scores):
        if len(scores) >= budget:
            break
        scores[left[0]] = score_at(settings(start, left[0]))
    return Tuned(
        settings(start, best),
        [name for n, name in enumerate(start) if any(at[n] != best[n] for at in left)],
        [settings(start, at) | {"score": score} for at, score in scores.items()],
    )


def untried(place: Place, scores: Mapping[Place, float]) -> list[Place]:
    """The neighbors of ``place`` that have no score yet, setting by setting."""
    near = [
        (*place[:n], place[n] + step, *place[n + 1 :])
        for n in range(len(place))
        for step in (1, -1)
    ]
    return [each for each in near if each not in scores]


def settings(start: Mapping[str, float], place: Place) -> dict[str, float]:
    """The settings at ``place``: those of the start, doubled so many times."""
    pairs = zip(start.items(), place, strict=True)
    return {name: value * 2.0**times for (name, value), times in pairs}

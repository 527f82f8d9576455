"""Name the mistake: compare what an answer returned with what known mistakes return.

A known wrong answer is named when all observations agree. When the ordinary probes
agree and already tell it from the right answer, the extremes may differ: the same
mistake can be written with or without overflow; and so may the gradients, where a
second slip has changed them. Failing that, a simple relation to the right values
("each is the negative of the right one") is better than nothing.
"""

from dataclasses import dataclass

from .observations import RAISED, alike
from .relations import relation

FEW_DIGITS = (
    "Right to about six digits: some step computes in float32 or rounds. Stay in "
    "float64 throughout."
)


@dataclass(frozen=True)
class Mistake:
    """A named mistake: the sentence for the learner and where to read."""

    id: str
    sentence: str
    read: str = ""


def name_mistake(seen: dict, stored: dict) -> Mistake | None:
    """The mistake behind the observations ``seen``, or None.

    ``stored`` holds the observations of the right answer and of each known wrong one.
    """
    right = stored["right"]
    if only_raises(seen):
        return None
    if alike_everywhere(seen, right):
        few_digits = not alike(seen["ordinary"], right["ordinary"], relative=1e-10)
        return Mistake("few digits", FEW_DIGITS) if few_digits else None
    exact = [w for w in stored["wrong"] if alike_everywhere(seen, w["outputs"])]
    nearly = [w for w in stored["wrong"] if alike_ordinarily(seen, w["outputs"], right)]
    by_value = [w for w in stored["wrong"] if alike_by_value(seen, w["outputs"], right)]
    for wrong in [*exact, *nearly, *by_value]:
        return Mistake(wrong["id"], wrong["sentence"], wrong["read"])
    words = relation(seen["ordinary"], right["ordinary"])
    return Mistake("relation", words) if words else None


def alike_everywhere(seen: dict, other: dict) -> bool:
    """All observations agree: values, gradients, extremes, changed inputs."""
    return all(alike(seen[what], other[what]) for what in other)


def alike_ordinarily(seen: dict, wrong: dict, right: dict) -> bool:
    """Ordinary observations agree, and they tell ``wrong`` from ``right``."""
    ordinary = [what for what in wrong if what in ("ordinary", "gradients")]
    return all(alike(seen[what], wrong[what]) for what in ordinary) and any(
        not alike(wrong[what], right[what]) for what in ordinary
    )


def alike_by_value(seen: dict, wrong: dict, right: dict) -> bool:
    """Values agree and are wrong; a second slip may have changed the gradients."""
    return alike(seen["ordinary"], wrong["ordinary"]) and not alike(
        wrong["ordinary"], right["ordinary"]
    )


def only_raises(seen: dict) -> bool:
    """No call came back with a value, so the values tell nothing."""
    return all(str(value).startswith(RAISED) for value in seen["ordinary"])

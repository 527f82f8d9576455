"""How much an answer that has failed resembles a known wrong one.

The rule is stated in ``mistakes``; here it becomes a rank for each known wrong answer.
"""

import math
from collections.abc import Callable

from .examine import Stopped
from .observations import Observed, alike, except_nan, raised, roughly

VALUES = ("ordinary", "extreme")
EVERYWHERE, VALUES_ALIKE, GRADIENTS_ALIKE, ORDINARY_ALIKE, BUT_FOR_NAN = range(5)
FEWEST_NUMBERS = 3  # that agree beside a NaN: two may do so by chance


class Beside:
    """An answer beside the right one, to be compared with known wrong answers."""

    def __init__(
        self, seen: Observed, right: Observed, stopped: Stopped, same: Callable
    ):
        """Numbers are equal if they are the ``same``; ``stopped`` tells the stage."""
        self.seen, self.right = seen, right
        self.stopped, self.same = stopped, same

    def rank(self, wrong: Observed) -> int | None:
        """0 is the best; None if ``wrong`` does not explain what was seen."""
        if self.stopped.at_gradients:
            return self._rank_of_gradients(wrong)
        if not self.seen.agrees(wrong, "ordinary", same=self.same):
            return BUT_FOR_NAN if self._agrees_but_for_nan(wrong) else None
        return self._rank_of_values(wrong)

    def _rank_of_gradients(self, wrong: Observed) -> int | None:
        """All values are right, so they must agree, and gradients tell."""
        if not self.seen.agrees(wrong, same=self.same):
            return None
        everywhere = self.seen.agrees_everywhere(wrong, self.same)
        return EVERYWHERE if everywhere else GRADIENTS_ALIKE

    def _rank_of_values(self, wrong: Observed) -> int | None:
        """Ordinary values agree; these, or others, must be wrong."""
        if self.seen.agrees(wrong, *VALUES, same=self.same):
            return self._rank_of_equals(wrong)
        if self.seen.agrees(self.right, "ordinary", same=self.same):
            alike = self._first_extreme_alike(wrong)
        else:
            alike = self._at_the_end(self.seen, wrong, roughly)
        if not (alike and self._contradicts_nowhere(wrong)):
            return None
        gradients = self._gradients_agree(wrong)
        return GRADIENTS_ALIKE if gradients else ORDINARY_ALIKE

    def _rank_of_equals(self, wrong: Observed) -> int | None:
        """All values agree."""
        right = wrong.agrees(self.right, *VALUES, same=self.same)
        right = right and self._at_the_end(wrong, self.right, self.same)
        if right and not self._of_one_wrong_type(wrong):
            return None
        if not self._at_the_end(self.seen, wrong, self.same):
            return None
        everywhere = self.seen.agrees_everywhere(wrong, self.same)
        return EVERYWHERE if everywhere else VALUES_ALIKE

    def _of_one_wrong_type(self, wrong: Observed) -> bool:
        """The checks stopped at the type, which is the same and not the right one."""
        call = self.stopped.arguments
        if self.stopped.stage != "shape" or call is None:
            return False
        seen, known, right = (o.type_of(call) for o in (self.seen, wrong, self.right))
        return seen == known != right

    def _at_the_end(self, one: Observed, other: Observed, same: Callable) -> bool:
        """Both return the same in the call where the checks stopped, if it is known."""
        call = self.stopped.arguments
        return call is None or alike(one.value_of(call), other.value_of(call), same)

    def _first_extreme_alike(self, wrong: Observed) -> bool:
        """Where the answer is first wrong among the extremes, both return the same."""
        for k in range(len(self.seen.probes["extreme"])):
            seen = self.seen.at("extreme", k)
            if not alike(seen, self.right.at("extreme", k), self.same):
                return alike(seen, wrong.at("extreme", k), self.same)
        return False

    def _contradicts_nowhere(self, wrong: Observed) -> bool:
        """At extremes they differ at most as two ways to overflow do, one may raise."""
        pairs = zip(self.seen.all("extreme"), wrong.all("extreme"), strict=True)
        return all(
            raised(one) or raised(other) or alike(one, other, roughly)
            for one, other in pairs
        )

    def _gradients_agree(self, wrong: Observed) -> bool:
        sorts = [sort for sort in self.seen.probes if sort not in VALUES]
        return not sorts or self.seen.agrees(wrong, *sorts, same=self.same)

    def _agrees_but_for_nan(self, wrong: Observed) -> bool:
        """All other ordinary numbers agree, and they tell ``wrong`` from the right."""
        same, numbers = except_nan(self.same), self.seen.numbers
        finite = [x for x in numbers if math.isfinite(x)]
        return (
            FEWEST_NUMBERS <= len(finite) < len(numbers)
            and self.seen.agrees(wrong, "ordinary", same=same)
            and not self.seen.agrees(self.right, "ordinary", same=same)
        )

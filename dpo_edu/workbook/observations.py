"""What a function does on the probes, as plain data that can be compared.

The probes of an exercise are its hand example, its first ordinary inputs and its
extremes. Two functions that agree on all of them, gradients included, make the same
mistake as far as anyone can tell.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import product
from numbers import Real

from .answer import Answer, Raised
from .exercise import Exercise
from .kinds import as_float

ORDINARY_PROBES = 6
RAISED = "raised "


def within(relative: float) -> Callable:
    """A comparison of two numbers: equal within ``relative``."""
    return partial(math.isclose, rel_tol=relative, abs_tol=1e-12)


CLOSE = within(1e-6)  # outputs that agree to this come from the same formula


def typed_to(digits: int) -> Callable:
    """A comparison of two numbers: equal to half a unit of the last of the digits."""

    def same(one: float, other: float) -> bool:
        if not (other and math.isfinite(other)):
            return one == other
        unit = 10.0 ** (math.floor(math.log10(abs(other))) - digits + 1)
        return abs(one - other) <= 0.5 * unit * (1 + 1e-6)  # which rounds either way

    return same


def except_nan(same: Callable) -> Callable:
    """A comparison like ``same`` for which a NaN on the left equals everything."""
    return lambda one, other: one != one or same(one, other)


def roughly(one: float, other: float) -> bool:
    """Equal, or so different as two ways to write one formula are at an extreme.

    One overflows, underflows to 0, or keeps six decimals only.
    """
    broken = not (math.isfinite(one) and math.isfinite(other)) or 0 in (one, other)
    return broken or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def raised(seen) -> bool:
    """The call did not come back with a value."""
    return str(seen).startswith(RAISED)


def nearby(one: float, other: float) -> bool:
    """Equal to about two digits."""
    return math.isclose(one, other, rel_tol=1e-2, abs_tol=1e-2)


class Observed:
    """What one function does, looked at when asked for and then remembered."""

    def __init__(
        self,
        exercise: Exercise,
        function: Callable,
        around: Callable[[], AbstractContextManager] = nullcontext,
    ):
        """Observe ``function``, each time inside ``around()``."""
        self.exercise, self.around = exercise, around
        self.answer = Answer(function, exercise.name)
        ordinary = exercise.regular[: ORDINARY_PROBES + 1]
        looks = exercise.observe or (_value,)
        self.probes = {  # arguments, and what to look at
            "ordinary": [*product(ordinary, looks)],
            "extreme": [*product(exercise.extremes, looks)],
        }
        if exercise.trainable:
            self.probes["gradients"] = [*product(ordinary, [_gradients_of(exercise)])]
        self.seen: dict = {}

    def at(self, what: str, k: int):
        """What is seen at probe number ``k``, as nested lists of numbers and text."""
        if (what, k) not in self.seen:
            with self.around():
                self.seen[what, k] = self._look(*self.probes[what][k])
        return self.seen[what, k]

    def all(self, what: str) -> list:
        """What is seen at all probes of a sort."""
        return [self.at(what, k) for k in range(len(self.probes[what]))]

    @property
    def numbers(self) -> list[float]:
        """All that is returned for ordinary inputs, in one list."""
        return numbers_in(self.all("ordinary"))

    def value_of(self, arguments: tuple):
        """What one more call returns, looked at in the same way."""
        with self.around():
            return self._look(arguments, _value)

    def type_of(self, arguments: tuple) -> str:
        """The type of what one more call returns."""
        with self.around():
            return str(self._look(arguments, _type))

    def changes_by_itself(self) -> bool:
        """Called again with the same arguments, it returns something else."""
        for arguments, look in self.probes["ordinary"]:
            with self.around():
                first, again = (self._look(arguments, look) for _ in range(2))
            if not alike(first, again):
                return True
        return False

    def changes_inputs(self) -> bool:
        """A call changed its arguments, and the task does not ask for that."""
        self.all("ordinary"), self.all("extreme")
        return self.answer.changed is not None and not self.exercise.may_change_inputs

    def agrees(self, other: "Observed", *sorts: str, same: Callable = CLOSE) -> bool:
        """The same is seen at these probes; nothing is run after a difference."""
        return all(
            alike(self.at(what, k), other.at(what, k), same)
            for what in sorts or self.probes
            for k in range(len(self.probes[what]))
        )

    def agrees_everywhere(self, other: "Observed", same: Callable = CLOSE) -> bool:
        """Values, gradients and extremes are alike, and so are changed inputs."""
        alike_values = self.agrees(other, same=same)
        return alike_values and self.changes_inputs() == other.changes_inputs()

    def _look(self, arguments: tuple, look: Callable):
        try:
            return encode(look(self.answer, arguments))
        except Raised as raised:
            return f"{RAISED}{type(raised.error).__name__}"
        except Exception as error:  # of the look itself, at a value of another kind
            return f"{RAISED}{type(error).__name__}"


def _value(answer: Answer, arguments: tuple):
    return answer.raw(*arguments)


def _type(answer: Answer, arguments: tuple) -> str:
    return type(answer.raw(*arguments)).__name__


def _gradients_of(exercise: Exercise) -> Callable:
    from .gradients import gradients  # imports torch, which these exercises need

    def look(answer, arguments):
        found = gradients(answer, exercise.argument_names, arguments)
        return [found[name] for name in (*exercise.trainable, *exercise.constant)]

    return look


def encode(value):
    """Numbers, arrays, tensors, tuples as nested lists; other things as text."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [encode(entry) for entry in value]
    if isinstance(value, Real):
        return as_float(value)
    return None if value is None else str(value)


def numbers_in(encoded) -> list[float]:
    """All numbers of nested lists, in order."""
    if isinstance(encoded, list):
        return [x for entry in encoded for x in numbers_in(entry)]
    return [encoded] if isinstance(encoded, float) else []


def alike(one, other, same: Callable = CLOSE) -> bool:
    """Two observations agree: same nesting, and numbers are the ``same``."""
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike(a, b, same) for a, b in pairs)
    if isinstance(one, float | int) and isinstance(other, float | int):
        return same(one, other) or (one != one and other != other)
    return type(one) is type(other) and one == other

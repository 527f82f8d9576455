"""What a chapter's check file declares: one ``Exercise`` for each function to write.

It holds what checks run on. Title, minutes and hints are in the chapter's records.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10

from .kinds import Kind, as_option, expect, number, option, typed_number


@dataclass(frozen=True)
class Check:
    """One demand: in which stage, in which words, and the function that looks."""

    stage: str
    words: str
    run: Callable


@dataclass(frozen=True)
class Example:
    """One call that a reader can do by hand, and how."""

    arguments: tuple
    value: object
    by_hand: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """An exercise with everything that its checks need; see ``examine.checks_of``."""

    name: str  # the function to write
    returns: Kind = number
    oracle: Callable | None = None  # independent of learner and solution
    arguments: tuple[str, ...] = ()  # their names, where there is no oracle to tell
    example: Example | None = None
    ordinary: tuple[tuple, ...] = ()  # argument tuples; float64, both signs, ...
    properties: tuple[Check, ...] = ()  # from ``@holds``; other stages allowed
    extremes: tuple[tuple, ...] = ()  # argument tuples where naive formulas break
    trainable: tuple[str, ...] = ()  # tensors that must receive the right gradient
    constant: tuple[str, ...] = ()  # tensors that must receive none
    observe: tuple[Callable, ...] = ()  # (answer, arguments) -> what tells mistakes
    digits: int | None = None  # a number typed to so many is the number meant
    relative: float = 1e-9  # tolerance against the oracle
    nearly: str = ""  # what answers close to the right ones probably lack
    secret: bool = False  # never print the expected value
    may_change_inputs: bool = False

    @property
    def regular(self) -> tuple[tuple, ...]:
        """Argument tuples without anything extreme: hand example, ordinary inputs."""
        example = (self.example.arguments,) if self.example else ()
        return (*example, *self.ordinary)

    @property
    def argument_names(self) -> list[str]:
        """The names that the task gives to the arguments."""
        return [
            *(
                inspect.signature(self.oracle).parameters
                if self.oracle
                else self.arguments
            )
        ]


def holds(words: str, stage: str = "properties") -> Callable[[Callable], Check]:
    """Turn a function of the answer into a check of the property in ``words``.

    >>> @holds("doubling both arguments doubles the result")
    ... def homogeneous(answer):
    ...     expect_close(answer(2.0, 4.0), 2 * answer(1.0, 2.0))
    """
    return lambda run: Check(stage, words, run)


def predict(name: str, value: float) -> Exercise:
    """An exercise without arguments whose answer is a number, right to three digits."""
    return Exercise(
        name=name,
        returns=typed_number,
        oracle=lambda: value,
        ordinary=((),),
        digits=3,  # who typed 0.105 made the mistake whose value is 0.10536
        relative=min(5e-3, third_digit(value) / abs(value)),
        secret=True,
    )


def third_digit(value: float) -> float:
    """What one unit of the third digit of ``value`` is worth: 0.001 for 0.693."""
    return 10.0 ** (floor(log10(abs(value))) - 2)


def choose(name: str, right: str, options: tuple[str, ...]) -> Exercise:
    """An exercise without arguments whose answer is one of ``options``, as text."""

    @holds("the answer is one of the words that the task offers")
    def _offered(answer):
        words = f"the answer must be one of: {', '.join(map(repr, options))}"
        expect(answer() in map(as_option, options), words)

    return Exercise(
        name=name,
        returns=option,
        oracle=lambda: as_option(right),
        ordinary=((),),
        properties=(_offered,),
        observe=(lambda answer, _: as_option(str(answer.raw())),),
        secret=True,
    )

"""Name the mistake: run the known wrong answers beside an answer that has failed.

The rule: a name must explain the failure, and nothing may contradict it. So the stage
that failed chooses among the known wrong answers. Where a value was wrong, the answer
makes a known mistake if it returns the same wrong values: first whoever does so at
every probe, at ordinary inputs, at extremes and in gradients; then whoever does at
every input, whatever the gradients, which a second slip may have changed; then whoever
does at ordinary inputs, since the same mistake can be written with or without overflow;
a NaN hides nothing of the rest. An answer that is right at ordinary inputs must be
wrong in the same way at the extreme where it first is. What says that values are right
and gradients are not is named only at the stage of gradients, which comes after all
values. And whoever is named returns what the answer returned in the call that failed.
Failing all that, a simple relation to the right values ("each is the negative of the
right one") is better than nothing, and nothing is better than a wrong name.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from .catalogue import load
from .examine import Stopped
from .exercise import Exercise
from .folder import solution
from .known_wrong import KnownWrong, collect
from .observations import CLOSE, Observed, nearby, raised, typed_to, within
from .relations import relation
from .resemblance import VALUES, Beside
from .surroundings import Surroundings, silent

FEW_DIGITS = (
    "Right to about six digits: some step computes in float32, rounds, approximates, "
    "adds a small number, or stops before it has converged. Stay in float64 throughout."
)
CHANCE = (
    "Called again with the same arguments, your function returns something else: it "
    "draws random numbers, or keeps something from call to call. This task leaves "
    "nothing to chance."
)
TWO_DIGITS = "Right to two digits, but the task asks for three: give one more."

Known = list[tuple[KnownWrong, Observed]]


@dataclass(frozen=True)
class Mistake:
    """A named mistake: the sentence for the learner and where to read."""

    id: str
    sentence: str
    read: str = ""


def find_mistake(
    stem: str,
    exercise: Exercise,
    function: Callable,
    original: Surroundings,
    stopped: Stopped,
) -> Mistake | None:
    """The mistake that ``function`` makes in an exercise of chapter ``stem``, or None.

    The known wrong answers run in the ``original`` surroundings, so that nothing that
    the learner's file has done to the libraries reaches them.
    """
    seen = Observed(exercise, function, silent)
    return name_mistake(seen, *comparisons(stem, exercise, original), stopped)


def comparisons(
    stem: str, exercise: Exercise, original: Surroundings
) -> tuple[Observed, Known]:
    """The right answer and the known wrong ones, ready to be observed."""
    with original.restored():
        wrong = [w for w in known_wrong_answers(stem) if w.exercise == exercise.name]
        right = solutions(stem)[exercise.name]
    known = [(w, Observed(exercise, w.function, original.restored)) for w in wrong]
    return Observed(exercise, right, original.restored), known


def known_wrong_answers(stem: str) -> list[KnownWrong]:
    """The known wrong answers of a chapter; the first call imports them."""
    module = importlib.import_module(f"{__package__}.known_wrong.{stem}")
    return collect(vars(module).values())


def solutions(stem: str) -> dict:
    """What the chapter's file of solutions defines, by name."""
    chapter = load(stem)
    defined = {"__name__": f"solutions_{stem}"}
    exec(compile(solution(chapter), chapter.file, "exec"), defined)
    return defined


def name_mistake(
    seen: Observed, right: Observed, known: Known, stopped: Stopped
) -> Mistake | None:
    """The mistake behind the observations ``seen``, or None.

    ``right`` observes a right answer; ``known`` are the mistakes that may be named.
    """
    if only_raises(seen):
        return None
    if not seen.exercise.observe and seen.changes_by_itself():
        return Mistake("chance", CHANCE)
    few = few_digits(seen, right, stopped)
    if few:  # whoever is named instead must be as inexact
        known = [(w, o) for w, o in known if not exact(o, right)]
    wrong = same_mistake(seen, right, known, stopped)
    if wrong:
        return Mistake(wrong.id, wrong.sentence, wrong.read)
    if few:
        return Mistake("few digits", FEW_DIGITS)
    if two_digits(seen, right):
        return Mistake("two digits", TWO_DIGITS)
    words = relation(seen.all("ordinary"), right.all("ordinary"))
    if words:
        return Mistake("relation", words)
    near = seen.exercise.nearly and nearly_right(seen, right, stopped)
    return Mistake("nearly", seen.exercise.nearly) if near else None


def few_digits(seen: Observed, right: Observed, stopped: Stopped) -> bool:
    """The values that were not right enough are nearly the right ones."""
    if seen.exercise.digits or stopped.at_gradients:
        return False
    sorts = VALUES if stopped.stage == "extremes" else ("ordinary",)
    return seen.agrees(right, *sorts) and not exact(seen, right)


def nearly_right(seen: Observed, right: Observed, stopped: Stopped) -> bool:
    """Wrong values, but close to the right ones or equal to them at ordinary inputs."""
    call = stopped.arguments
    wrong_value = stopped.by_value and call and not raised(seen.value_of(call))
    return bool(wrong_value) and seen.agrees(right, "ordinary", same=nearby)


def exact(one: Observed, right: Observed) -> bool:
    """Ordinary values are right in every digit that the checks look at."""
    return one.agrees(right, "ordinary", same=within(1e-10))


def two_digits(seen: Observed, right: Observed) -> bool:
    """A number to be typed to three digits is right to two."""
    if seen.exercise.digits is None:
        return False
    done = seen.agrees(right, "ordinary", same=within(seen.exercise.relative))
    return not done and seen.agrees(right, "ordinary", same=typed_to(2))


def same_mistake(
    seen: Observed, right: Observed, known: Known, stopped: Stopped
) -> KnownWrong | None:
    """The known wrong answer that agrees best; the first of those that agree alike."""
    digits = seen.exercise.digits
    for same in (CLOSE, typed_to(digits)) if digits else (CLOSE,):
        beside = Beside(seen, right, stopped, same)
        ranked = [(beside.rank(o), place) for place, (_, o) in enumerate(known)]
        found = [(rank, place) for rank, place in ranked if rank is not None]
        if found:
            return known[min(found)[1]][0]
    return None


def only_raises(seen: Observed) -> bool:
    """No call came back with a value, so the values tell nothing."""
    return all(map(raised, seen.all("ordinary")))

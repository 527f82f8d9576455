"""Name the mistake: run the known wrong answers beside an answer that has failed.

A known wrong answer is named when all observations agree. When the ordinary probes
agree and already tell it from the right answer, the extremes may differ: the same
mistake can be written with or without overflow; and so may the gradients, where a
second slip has changed them. Failing that, a simple relation to the right values
("each is the negative of the right one") is better than nothing.
"""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from .catalogue import load
from .exercise import Exercise
from .folder import solution
from .known_wrong import KnownWrong, collect
from .observations import CLOSE, RAISED, Observed, alike, typed_to, within
from .surroundings import Surroundings, silent

FEW_DIGITS = (
    "Right to about six digits: some step computes in float32 or rounds. Stay in "
    "float64 throughout."
)
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
)  # fmt: skip


Known = list[tuple[KnownWrong, Observed]]


@dataclass(frozen=True)
class Mistake:
    """A named mistake: the sentence for the learner and where to read."""

    id: str
    sentence: str
    read: str = ""


def find_mistake(
    stem: str, exercise: Exercise, function: Callable, original: Surroundings
) -> Mistake | None:
    """The mistake that ``function`` makes in an exercise of chapter ``stem``, or None.

    The known wrong answers run in the ``original`` surroundings, so that nothing that
    the learner's file has done to the libraries reaches them.
    """
    seen = Observed(exercise, function, silent)
    return name_mistake(seen, *comparisons(stem, exercise, original))


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


def name_mistake(seen: Observed, right: Observed, known: Known) -> Mistake | None:
    """The mistake behind the observations ``seen``, or None.

    ``right`` observes a right answer; ``known`` are the mistakes that may be named.
    """
    if only_raises(seen):
        return None
    if seen.agrees_everywhere(right):
        typed = seen.exercise.digits is not None
        precise = typed or seen.agrees(right, "ordinary", same=within(1e-10))
        return None if precise else Mistake("few digits", FEW_DIGITS)
    wrong = same_mistake(seen, right, known)
    if wrong:
        return Mistake(wrong.id, wrong.sentence, wrong.read)
    words = relation(seen.all("ordinary"), right.all("ordinary"))
    return Mistake("relation", words) if words else None


def same_mistake(seen: Observed, right: Observed, known: Known) -> KnownWrong | None:
    """The known wrong answer that agrees best; the first of those that agree alike."""
    digits = seen.exercise.digits
    for same in (CLOSE, typed_to(digits)) if digits else (CLOSE,):
        near = [(w, o) for w, o in known if seen.agrees(o, "ordinary", same=same)]
        exact = (w for w, o in near if seen.agrees_everywhere(o, same))
        nearly = (w for w, o in near if alike_ordinarily(seen, o, right, same))
        by_value = (w for w, o in near if not o.agrees(right, "ordinary", same=same))
        if found := next(chain(exact, nearly, by_value), None):
            return found
    return None


def alike_ordinarily(seen: Observed, wrong: Observed, right: Observed, same) -> bool:
    """Ordinary observations agree, and they tell ``wrong`` from ``right``."""
    ordinary = [sort for sort in ("ordinary", "gradients") if sort in seen.probes]
    told_apart = not wrong.agrees(right, *ordinary, same=same)
    return told_apart and seen.agrees(wrong, *ordinary, same=same)


def only_raises(seen: Observed) -> bool:
    """No call came back with a value, so the values tell nothing."""
    return all(str(value).startswith(RAISED) for value in seen.all("ordinary"))


def relation(seen: list, right: list) -> str:
    """A sentence on how all of ``seen`` relates to ``right``, or ''.

    Three or more different right values must fit one relation, or it means nothing.
    """
    got, wanted = _flat(seen), _flat(right)
    if got is None or wanted is None or len(got) != len(wanted):
        return ""
    if alike(got, wanted) or len({f"{x:.6g}" for x in wanted}) < 3:
        return ""
    if all(alike(x, got[0]) for x in got):
        return f"Your function returns {got[0]:.6g} whatever it is given."
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
    """All numbers of nested lists in order; None if anything else is among them."""
    if isinstance(nested, float | int):
        return [nested] if math.isfinite(nested) else None
    if not isinstance(nested, list):
        return None
    parts = [_flat(entry) for entry in nested]
    if any(part is None for part in parts):
        return None
    return [x for part in parts for x in part or ()]

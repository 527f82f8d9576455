"""Run an exercise's checks in order on one function and say what was found."""

from collections.abc import Callable

from . import showing
from .answer import Answer, Raised, ToDo
from .diagnosis import name_mistake
from .exercise import Check, Exercise
from .expectations import Broken
from .explaining import explain
from .observations import outputs
from .record import DONE, NOT_YET, STAGES, TO_DO, Failure, Result
from .stages import (
    check_example,
    check_extremes,
    check_finite,
    check_gradient,
    check_ordinary,
    check_shape,
    check_signature,
    check_unchanged,
)
from .surroundings import undisturbed


def checks_of(exercise: Exercise) -> list[Check]:
    """Everything the exercise declares, as checks in the order of ``STAGES``."""
    built_in = (
        ("signature", check_signature, True),
        ("shape", check_shape, exercise.oracle),
        ("finite", check_finite, exercise.oracle),
        ("hand example", check_example, exercise.example),
        ("random inputs", check_ordinary, exercise.oracle),
        ("extremes", check_extremes, exercise.extremes),
        ("gradient", check_gradient, exercise.trainable),
        ("inputs unchanged", check_unchanged, not exercise.may_change_inputs),
    )
    checks = [
        Check(stage, "", lambda answer, look=look: look(exercise, answer))
        for stage, look, wanted in built_in
        if wanted
    ]
    return sorted([*checks, *exercise.properties], key=lambda c: STAGES.index(c.stage))


UNUSABLE = (
    *(ArithmeticError, LookupError, TypeError, ValueError),
    *(RuntimeError, AttributeError),  # tensors that do not fit, objects of another kind
)
"""What arithmetic on a strange value raises: never a mistake of the learner's code."""


def examine(exercise: Exercise, function: Callable, stored: dict | None) -> Result:
    """Check ``function``; stop at the first failure and try to name the mistake.

    ``stored`` holds the observations of known wrong answers, or None for no names.
    """
    answer = Answer(function, exercise.name, exercise.returns)
    passed: list[str] = []
    with undisturbed():
        for check in checks_of(exercise):
            try:
                _run(check, answer)
            except ToDo:
                return Result(exercise.name, TO_DO)
            except (Broken, Raised) as problem:
                failure = _failure(exercise, answer, check, problem)
                failure = with_mistake(failure, exercise, function, stored)
                return Result(
                    exercise.name, NOT_YET, passed=tuple(passed), failure=failure
                )
            passed.append(check.stage)
    stages = tuple(dict.fromkeys(passed))
    return Result(exercise.name, DONE, passed=stages, message=exercise.afterwards)


def _run(check: Check, answer: Answer) -> None:
    """Run one check; a value that its arithmetic cannot use is the answer's fault."""
    try:
        check.run(answer)
    except UNUSABLE as error:
        words = f"{check.words}: " if check.words else ""
        said = str(error).split("\n", 1)[0]  # torch goes on for paragraphs
        raise Broken(f"{words}the value cannot be used ({said})") from None


def _failure(exercise, answer, check, problem) -> Failure:
    """What the learner will read about ``problem``."""
    if isinstance(problem, Raised):
        words = explain(problem.error, answer.function)
        return Failure(check.stage, words, answer.last_call, read=exercise.read)
    returned = showing.shortened(showing.value(answer.returned))
    if not answer.has_returned:
        return Failure(check.stage, problem.words or check.words, read=exercise.read)
    expected, words = "", problem.words or check.words
    if problem.wanted is not None and not exercise.secret:
        got, wanted = showing.pair(problem.got, problem.wanted)
        if check.words:
            words = f"{words} (here {got}, must be {wanted})"
        else:
            returned, expected = got, wanted
    call = answer.last_call
    return Failure(check.stage, words, call, returned, expected, read=exercise.read)


def with_mistake(failure, exercise, function, stored) -> Failure:
    """Add the misconception, when the outputs on the probes tell which it is."""
    if stored is None:
        return failure
    mistake = name_mistake(outputs(exercise, function), stored)
    if mistake is None:
        return failure
    named = {"mistake": mistake.sentence, "mistake_id": mistake.id}
    return Failure(**vars(failure) | named | {"read": mistake.read or failure.read})

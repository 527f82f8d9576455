"""Run an exercise's checks in order on one function and say what was found.

Most checks are the same for all exercises and need its oracle, its inputs and its hand
example alone; properties are the exercise's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import wording
from .answer import Answer, Raised, ToDo, is_torch_generator
from .exercise import Check, Exercise
from .kinds import Broken, expect, expect_close
from .report import DONE, NOT_YET, STAGES, TO_DO, Failure, Result, fits
from .signature import check_signature
from .surroundings import undisturbed

SECRET = "that is not it; think once more, or ask for a hint"
UNUSABLE = (
    *(ArithmeticError, LookupError, TypeError, ValueError),
    *(RuntimeError, AttributeError),  # tensors that do not fit, objects of another kind
    AssertionError,  # of `expect_close`, where a property wants a value near 0 of it
)
"""What arithmetic on a strange value raises: never a mistake of the learner's code."""


@dataclass(frozen=True)
class Stopped:
    """Where the checks stopped: the stage, and the arguments of the call that failed.

    They are None if nothing can be called again: nothing was called, arguments are
    changed by a call, or a random generator among them has moved on.
    """

    stage: str
    arguments: tuple | None = None

    @property
    def by_value(self) -> bool:
        """A value was wrong, of the right type and shape."""
        return self.stage in ("hand example", "random inputs", "properties", "extremes")

    @property
    def at_gradients(self) -> bool:
        """All values were right."""
        return STAGES.index(self.stage) >= STAGES.index("gradient")


def examine(exercise: Exercise, function: Callable) -> Result:
    """Check ``function`` and stop at the first failure."""
    return examined(exercise, function)[0]


def examined(
    exercise: Exercise, function: Callable, called: str = ""
) -> tuple[Result, Stopped | None]:
    """The verdict on ``function``, and where the checks stopped if it has failed.

    called: its name where the learner calls it, if that is not the exercise's.
    """
    answer = Answer(function, exercise.name, exercise.returns, called)
    checks = checks_of(exercise)
    stages = [*dict.fromkeys(check.stage for check in checks)]
    with undisturbed():
        for check in checks:
            try:
                _run(check, answer)
            except ToDo:
                return Result(exercise.name, TO_DO, stages_total=len(stages)), None
            except (Broken, Raised) as problem:
                failure = _failure(exercise, answer, check, problem)
                passed = tuple(stages[: stages.index(check.stage)])
                result = Result(exercise.name, NOT_YET, passed=passed, failure=failure)
                stopped = Stopped(check.stage, _repeatable(exercise, answer))
                return replace(result, stages_total=len(stages)), stopped
    done = Result(exercise.name, DONE, passed=tuple(stages))
    return replace(done, stages_total=len(stages)), None


def _repeatable(exercise: Exercise, answer: Answer) -> tuple | None:
    """The last call's arguments, if a call leaves them as they are."""
    generator = any(map(is_torch_generator, answer.arguments))
    changing = exercise.observe or exercise.may_change_inputs or generator
    return None if changing or not answer.called else answer.arguments


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
        words = wording.explain(problem.error, answer.function)
        return Failure(check.stage, words, *_call(answer))
    returned = wording.shortened(wording.value(answer.returned))
    if not answer.has_returned:
        return Failure(check.stage, problem.words or check.words)
    expected, words = "", problem.words or check.words
    if problem.wanted is not None and not exercise.secret:
        got, wanted = wording.pair(problem.got, problem.wanted)
        if check.words:
            words = f"{words} (here {got}, must be {wanted})"
        else:
            returned, expected = got, wanted
    return Failure(check.stage, words, *_call(answer), returned, expected)


def _call(answer: Answer) -> tuple[str, str]:
    """The last call, and how to make it again if it cannot be typed as it is shown."""
    call = answer.last_call
    typed = wording.can_be_typed(answer.arguments) and fits(call)
    return call, "" if typed else wording.call_again(answer.called_by, answer.name)


def check_shape(exercise: Exercise, answer: Answer) -> None:
    """The type that the task asks for, and the oracle's shape."""
    for arguments in exercise.regular:
        _same_shape(answer(*arguments), truth(exercise, arguments))


def check_finite(exercise: Exercise, answer: Answer) -> None:
    """No NaN and no infinity at ordinary inputs."""
    for arguments in exercise.ordinary:
        value = answer(*arguments)
        for part in value if isinstance(value, tuple) else (value,):
            finite = isinstance(part, str) or np.isfinite(part).all()
            expect(finite, "NaN or infinity at an ordinary input")


def check_example(exercise: Exercise, answer: Answer) -> None:
    """The one example that a reader can do by hand."""
    example = exercise.example
    assert example is not None, "checked only where there is an example"
    words = f"by hand: {example.by_hand}"
    agree(answer(*example.arguments), example.value, words, exercise.relative)


def check_ordinary(exercise: Exercise, answer: Answer) -> None:
    """All ordinary inputs against the oracle."""
    words = SECRET if exercise.secret else "computed another way it is different"
    for arguments in exercise.ordinary:
        got = answer(*arguments)
        agree(got, truth(exercise, arguments), words, exercise.relative)


def check_extremes(exercise: Exercise, answer: Answer) -> None:
    """Inputs at which a naive formula overflows or loses all digits."""
    words = "right at ordinary inputs, but not at this extreme one"
    for arguments in exercise.extremes:
        wanted = truth(exercise, arguments)
        agree(answer(*arguments), wanted, words, exercise.relative)


def check_gradient(exercise: Exercise, answer: Answer) -> None:
    """What the loss would train, and what it must leave alone."""
    from .gradients import check_gradients  # imports torch

    if not exercise.may_change_inputs:
        check_unchanged(exercise, answer)  # autograd's own complaint helps nobody
    check_gradients(exercise, answer)


def check_unchanged(exercise: Exercise, answer: Answer) -> None:
    """No call in any earlier check changed its arguments; one that did is repeated."""
    if answer.changed is not None:
        answer.raw(*answer.changed)
        raise Broken(
            "this call changes its arguments in place: "
            "compute on a copy, or the caller's data is spoiled"
        )


def truth(exercise: Exercise, arguments: tuple):
    """The oracle's value; tensors reach it as numpy arrays."""
    assert exercise.oracle is not None, "checked only where there is an oracle"
    return exercise.oracle(*(_plain(argument) for argument in arguments))


def agree(got, wanted, words: str, relative: float) -> None:
    """Compare numbers, arrays, flags, or tuples of them."""
    if isinstance(wanted, tuple):
        for place, (one, other) in enumerate(zip(got, wanted, strict=True), 1):
            agree(one, other, f"{words} (part {place})", relative)
    elif isinstance(wanted, bool | str):
        if got != wanted:
            raise Broken(words, got, wanted)
    else:
        expect_close(got, wanted, words, relative)


def _same_shape(got, wanted) -> None:
    if isinstance(wanted, tuple):
        for one, other in zip(got, wanted, strict=True):
            _same_shape(one, other)
        return
    got, wanted = np.shape(got), np.shape(wanted)
    expect(got == wanted, f"{_shape(got)} came back where {_shape(wanted)} is due")


def _shape(shape: tuple) -> str:
    return f"an array of shape {shape}" if shape else "one number"


def _plain(argument):
    return argument.numpy().copy() if hasattr(argument, "detach") else argument

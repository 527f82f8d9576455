"""The checks that every exercise gets from its oracle, inputs and example."""

import inspect

import numpy as np

from .answer import Answer
from .exercise import Exercise
from .expectations import Broken, expect, expect_close

STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
SECRET = "that is not it; think once more, or ask for a hint"


def check_signature(exercise: Exercise, answer: Answer) -> None:
    """Same argument names in the same order; more are fine if they have defaults."""
    expect(callable(answer.function), f"`{exercise.name}` is not a function any more")
    parameters = [*inspect.signature(answer.function).parameters.values()]
    wanted = exercise.argument_names
    extra = parameters[len(wanted) :]
    expect(
        [p.name for p in parameters[: len(wanted)]] == wanted
        and all(p.default is not p.empty or p.kind in STARRED for p in extra),
        f"the arguments are ({', '.join(p.name for p in parameters)}), "
        f"but the task's are ({', '.join(wanted)})",
    )


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
    """No call in any earlier check changed its arguments."""
    expect(
        not answer.changed,
        f"{answer.changed} changed its arguments in place: "
        "compute on a copy, or the caller's data is spoiled",
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

"""Whether a function can be called as the task says: the first look at an answer."""

import inspect

from .answer import Answer
from .exercise import Exercise
from .kinds import expect

BY_POSITION = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def check_signature(exercise: Exercise, answer: Answer) -> None:
    """Same argument names in the same order; more are fine if they have defaults.

    Every check calls by position. So stars take any argument, as do decorators that
    forget the names, and models; what does not tell its arguments may have the right.
    """
    function = answer.function
    expect(callable(function), f"`{exercise.name}` is not a function any more")
    coroutine = inspect.iscoroutinefunction(function)
    expect(not coroutine, "`async def` makes no value, only a promise of one: use def")
    try:
        parameters = [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return
    wanted = exercise.argument_names
    expect(
        _takes(parameters, wanted),
        f"the arguments are ({', '.join(map(_as_written, parameters))}), "
        f"but the task's are ({', '.join(wanted)})",
    )


def _takes(parameters: list[inspect.Parameter], wanted: list[str]) -> bool:
    """Whether a function with these parameters can be called as the task says."""
    by_position = [p for p in parameters if p.kind in BY_POSITION]
    named = [p.name for p in by_position[: len(wanted)]]
    stars = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    extra = [p for p in parameters if p.kind not in STARRED and p.name not in named]
    complete = named == wanted or (stars and named == wanted[: len(named)])
    return complete and all(p.default is not p.empty for p in extra)


def _as_written(parameter: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return stars.get(parameter.kind, "") + parameter.name

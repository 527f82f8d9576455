"""What a function does on the probes, as plain data that can be stored and compared.

The probes of an exercise are its hand example, its first ordinary inputs and its
extremes. Two functions that agree on all of them, gradients included, make the same
mistake as far as anyone can tell.
"""

import math
from collections.abc import Callable
from numbers import Real

from .answer import Answer, Raised
from .exercise import Exercise
from .kinds import as_float

ORDINARY_PROBES = 6
RAISED = "raised "
CLOSE = 1e-6  # relative; outputs that agree to this come from the same formula


def probes(exercise: Exercise) -> tuple[list[tuple], list[tuple]]:
    """Argument tuples to observe: ordinary ones, then extreme ones."""
    return [*exercise.regular[: ORDINARY_PROBES + 1]], [*exercise.extremes]


def outputs(exercise: Exercise, function: Callable) -> dict:
    """All observations of ``function``: values, gradients if the task has any, ..."""
    answer = Answer(function, exercise.name)
    value = exercise.observe or _value
    ordinary, extreme = probes(exercise)
    seen = {
        "ordinary": [_observe(value, answer, a, exercise.digits) for a in ordinary],
        "extreme": [_observe(value, answer, a, exercise.digits) for a in extreme],
        "changes inputs": bool(answer.changed) and not exercise.may_change_inputs,
    }
    if exercise.trainable:
        look = _gradients_of(exercise)
        seen["gradients"] = [
            _observe(look, answer, a, exercise.digits) for a in ordinary
        ]
    return seen


def _observe(look: Callable, answer: Answer, arguments: tuple, digits: int):
    try:
        return encode(look(answer, arguments), digits)
    except Raised as raised:
        return f"{RAISED}{type(raised.error).__name__}"


def _value(answer: Answer, arguments: tuple):
    return answer.raw(*arguments)


def _gradients_of(exercise: Exercise) -> Callable:
    from .gradients import gradients  # imports torch, which these exercises need

    def look(answer, arguments):
        found = gradients(answer, exercise.argument_names, arguments)
        return [found[name] for name in (*exercise.trainable, *exercise.constant)]

    return look


def encode(value, digits: int = 12):
    """Numbers, arrays, tensors, tuples as nested lists, rounded to ``digits``."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [encode(entry, digits) for entry in value]
    if isinstance(value, Real):
        return _rounded(as_float(value), digits)
    return None if value is None else str(value)


def _rounded(x: float, digits: int):
    """JSON has no nan or inf, so those become text."""
    return float(f"{x:.{digits}g}") if math.isfinite(x) else str(x)


def alike(one, other, relative: float = CLOSE) -> bool:
    """Two observations agree: same nesting, numbers within ``relative``."""
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike(a, b, relative) for a, b in pairs)
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=relative, abs_tol=1e-12)
    return type(one) is type(other) and one == other

"""The call at which the checks stop, with its arguments as they were before it.

A model, a generator or a thousand numbers cannot be typed from a message. So the checks
run once more, on the same function, and every call's arguments are copied before it.
"""

import functools
from collections.abc import Callable

from ..validation import require
from .answer import copied, is_torch_generator
from .catalogue import find_one
from .examine import examine
from .report import NOT_YET
from .worker import chapter_checks


def arguments_at_failure(function: Callable, name: str) -> tuple:
    """The arguments of the last call that the checks of ``name`` make."""
    chapter, entry = find_one(name)
    last: list[tuple] = []

    @functools.wraps(function)
    def noting(*arguments):
        last[:] = [as_they_are(arguments)]
        return function(*arguments)

    result = examine(chapter_checks(chapter.stem)[entry.name], noting)
    failed = result.verdict == NOT_YET and last
    require(failed, f"no call of {name} fails; what is wrong is told by: check({name})")
    return last[0]


def as_they_are(arguments: tuple) -> tuple:
    """Copies with everything that a call may find: gradients, a generator's state."""
    copies = copied(tuple(map(_generator_apart, arguments)))
    for one, other in zip(arguments, copies, strict=True):
        if hasattr(one, "parameters"):
            _copy_gradients(one, other)
    return copies


def _generator_apart(argument):
    """Another generator in the same state, where it is one."""
    return argument.clone_state() if is_torch_generator(argument) else argument


def _copy_gradients(model, copy) -> None:
    """A copy of a model has the weights and not their gradients."""
    for one, other in zip(model.parameters(), copy.parameters(), strict=True):
        other.grad = None if one.grad is None else one.grad.clone()

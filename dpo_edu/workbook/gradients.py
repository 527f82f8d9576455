"""Gradients of a torch answer against central differences of the independent oracle.

A loss may have the right value and train the wrong thing: a detached policy, one
branch under ``no_grad``, a reference that moves along. Only gradients show it.
"""

import copy

import numpy as np
import torch

from . import wording
from .answer import Answer, Raised
from .exercise import Exercise
from .kinds import Broken, expect

STEP = 1e-5  # of a central difference
RELATIVE, ABSOLUTE = 1e-6, 1e-7  # its error at values of 1000 is about 1e-8


def gradients(answer: Answer, names: list[str], arguments: tuple) -> dict:
    """The gradient of the value in each float tensor; zeros where none arrives."""
    leaves = [_leaf(argument) for argument in arguments]
    wanted = {n: x for n, x in zip(names, leaves, strict=True) if _requires_grad(x)}
    with torch.enable_grad():
        value = answer.untouched(*leaves)
        _expect_still_trainable(wanted)
        if not _requires_grad(value):
            return {name: torch.zeros_like(leaf) for name, leaf in wanted.items()}
        try:
            found = torch.autograd.grad(
                value.sum(),
                [*wanted.values()],
                allow_unused=True,
                materialize_grads=True,
            )
        except RuntimeError as error:  # a graph that the answer itself broke
            raise Raised(error) from None
    return dict(zip(wanted, found, strict=True))


def check_gradients(exercise: Exercise, answer: Answer) -> None:
    """Compare trainable gradients with the oracle's; constants must receive none."""
    names = exercise.argument_names
    for arguments in (*exercise.regular, *exercise.extremes):
        found = gradients(answer, names, arguments)
        for name in exercise.trainable:
            wanted = difference_quotient(exercise.oracle, arguments, names.index(name))
            _compare(name, found[name].numpy(), wanted)
        for name in exercise.constant:
            words = f"{name} receives a gradient: it must stay a constant (detach it)"
            expect(not found[name].any(), words)


def difference_quotient(oracle, arguments: tuple, place: int) -> np.ndarray:
    """The oracle's gradient in one argument, by central differences."""
    plain = [_numpy(argument) for argument in arguments]
    gradient = np.zeros_like(plain[place])
    for index in np.ndindex(gradient.shape):
        ends = []
        for sign in (1, -1):
            moved = copy.deepcopy(plain)
            moved[place][index] += sign * STEP
            ends.append(np.sum(oracle(*moved)))
        gradient[index] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient


def _compare(name: str, found: np.ndarray, wanted: np.ndarray) -> None:
    words = (
        f"the gradient in {name} is NaN: autograd multiplies by 0 what where() or a "
        "mask throws away, and 0 * inf is NaN"
    )
    expect(not np.isnan(found).any(), words)
    if abs(wanted).max() > ABSOLUTE and not found.any():
        raise Broken(f"no gradient reaches {name}: training would never move it")
    if not np.allclose(found, wanted, rtol=RELATIVE, atol=ABSOLUTE):
        words = f"the value is right, its gradient in {name} is not"
        raise Broken(f"{words}: {_shown(found, wanted)}")


def _shown(found: np.ndarray, wanted: np.ndarray) -> str:
    got, due = wording.pair(found, np.round(wanted, 7))
    return f"it is {got}, must be {due}"


def _expect_still_trainable(leaves: dict) -> None:
    for name, leaf in leaves.items():
        words = (
            f"detach_() or requires_grad_() changed the caller's {name}, which cannot "
            "be trained any more: use detach()"
        )
        expect(leaf.requires_grad, words)


def _leaf(argument):
    if not isinstance(argument, torch.Tensor) or not argument.is_floating_point():
        return copy.deepcopy(argument)
    return argument.detach().clone().requires_grad_(True)


def _requires_grad(thing) -> bool:
    return isinstance(thing, torch.Tensor) and thing.requires_grad


def _numpy(argument):
    return argument.numpy().copy() if isinstance(argument, torch.Tensor) else argument

"""A solution, slow and obvious, equals the package's function of the same name."""

import importlib
import inspect

import numpy as np
import pytest
from answers import EXERCISES, exercise, module

from dpo_edu.workbook.observations import alike, encode


def package_function(stem, name):
    """The package's function, where it takes the same arguments and returns numbers.

    What trains or copies models is compared in tests/package/test_solutions_*.py.
    """
    function = getattr(importlib.import_module(f"dpo_edu.{stem}"), name, None)
    if function is None:
        return None
    names = [*inspect.signature(function).parameters]
    task = exercise(stem, name)
    comparable = not task.may_change_inputs and task.observe is None
    same = names[: len(task.argument_names)] == task.argument_names
    return function if comparable and same else None


SHARED = [(stem, name) for stem, name in EXERCISES if package_function(stem, name)]


@pytest.mark.parametrize(("stem", "name"), SHARED)
def test_solution_equals_the_package(stem, name):
    task = exercise(stem, name)
    solution, fast = (
        getattr(module("solutions", stem), name),
        package_function(stem, name),
    )
    with np.errstate(all="ignore"):
        for arguments in (*task.regular, *task.extremes):
            one, other = encode(solution(*arguments)), encode(fast(*arguments))
            assert alike(one, other, relative=max(1e-9, task.relative))


def test_some_solutions_are_compared():
    assert ("dpo_loss", "dpo_loss") in SHARED
    assert ("bradley_terry", "plackett_luce_nll") in SHARED

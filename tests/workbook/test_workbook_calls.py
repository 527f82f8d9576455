"""Whatever call a message shows, a learner can make it again, arguments and all."""

import contextlib
import functools

import numpy as np
import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import check, failing, wording
from dpo_edu.workbook.answer import is_torch_generator
from dpo_edu.workbook.examine import examine
from dpo_edu.workbook.source import NoSource, source

from .exercise_material import EXERCISES, exercises, module, wrong_answers

MADE_BY_CHECKS = {"sample_token", "freeze", "dpo_step", "iterate"}
TRIED = 4  # known wrong answers of an exercise


def facts(thing) -> str:
    """Everything about an argument that a call may find, so that texts can differ."""
    if isinstance(thing, list | tuple):
        return f"{type(thing)} {[*map(facts, thing)]}"
    if isinstance(thing, dict):
        return str({key: facts(entry) for key, entry in thing.items()})
    if is_torch_generator(thing):
        return str(thing.get_state().tolist())
    if hasattr(thing, "param_groups"):
        return facts(thing.state_dict())
    if hasattr(thing, "parameters"):
        modes = [part.training for part in thing.modules()]
        return facts([modes, *thing.parameters(), *thing.buffers()])
    if hasattr(thing, "detach"):
        grad = thing.grad.tolist() if thing.grad is not None else None
        shown = thing.dtype, thing.shape, thing.requires_grad, grad, thing.tolist()
        return str(shown)
    if isinstance(thing, np.ndarray):
        return f"{thing.dtype} {thing.shape} {thing.tolist()}"
    return f"{type(thing)} {thing!r} {getattr(thing, 'assumptions0', '')}"


def noted(function, name: str):
    """``function`` under the exercise's name, and the facts of each of its calls."""
    calls: list[str] = []

    @functools.wraps(function)
    def noting(*arguments):
        calls.append(facts(arguments))
        return function(*arguments)

    noting.__name__ = name
    return noting, calls


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_probes_are_printed_as_python_that_makes_them(stem, name):
    exercise, names = exercises(stem)[name], vars(module("exercises", stem))
    for arguments in (*exercise.regular, *exercise.extremes):
        call = wording.call(name, arguments)
        assert wording.can_be_typed(arguments) != (name in MADE_BY_CHECKS), call
        if name not in MADE_BY_CHECKS:
            made = eval(call, {**names, name: lambda *arguments: arguments})
            assert facts(made) == facts(arguments)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_what_a_message_says_to_type_makes_the_failing_call(stem, name):
    for wrong in wrong_answers(stem, name)[:TRIED]:
        function, calls = noted(wrong.function, name)
        failure = examine(exercises(stem)[name], function).failure
        if failure.call:
            names = {**vars(module("exercises", stem)), name: function}
            made = [*calls]
            with contextlib.suppress(Exception):  # which was the failure
                exec(failure.again or failure.call, names)
            again = made if failure.again else []
            assert calls == [*made, *again, made[-1]], f"{wrong.id}: {failure.call}"


def test_an_optimizer_among_the_arguments_trains_the_model_among_them():
    def dpo_step(policy, reference, optimizer, batch, beta):
        raise ValueError

    policy, _, optimizer, *_ = failing(dpo_step)
    assert optimizer.param_groups[0]["params"][0] is policy.weight


def test_a_gradient_left_over_is_there_again():
    def freeze(model):
        if hasattr(model, "own"):
            raise ValueError
        return right.freeze(model)

    right = module("solutions", "training")
    (model,) = failing(freeze)
    assert model.own.grad.tolist() == [1.0, 1.0]


def test_a_generator_is_in_the_state_in_which_it_was():
    torch = pytest.importorskip("torch")

    def sample_token(logits, temperature, generator):
        drawn.append(torch.rand(3, generator=generator))
        raise ValueError

    drawn = []
    *_, generator = failing(sample_token)
    assert torch.equal(torch.rand(3, generator=generator), drawn[-1])


def test_arguments_are_those_before_the_call_that_changes_them():
    def kl_divergence(p, q):
        p[:] = 1 / len(p)
        return right.kl_divergence(p, q)

    right = module("solutions", "divergence")
    p, _ = failing(kl_divergence)
    assert np.ptp(p) > 0


def test_function_of_another_name():
    assert failing(lambda *_: 7.0, "preference_probability")


def test_no_call_fails():
    right = module("solutions", "bradley_terry")
    with pytest.raises(InputError, match="no call of preference_probability fails"):
        failing(right.preference_probability)
    with pytest.raises(InputError, match="give one function"):
        failing("preference_probability")
    with pytest.raises(InputError, match="no exercise"):
        failing(len)


@pytest.mark.parametrize(
    "thing",
    [
        [0.1, float("inf"), float("-inf"), float("nan"), -0.0, 1e-300, 10**30],
        [(), (1,), {"a": [None, True]}, "two  words\n"],
        np.zeros((0, 3)),
        np.zeros((2, 0), dtype=np.int64),
        np.array(1.5),
        np.array([1, 2], dtype=np.int32),
        np.array([[True, False]]),
        np.array([np.inf, -np.inf, np.nan, 1 / 3]),
        np.array([0.1], dtype=np.float32),
        np.float64(1.5),
        np.float32(0.1),
        np.int64(3),
        np.bool_(True),
    ],
)
def test_numbers_lists_and_arrays_have_a_source(thing):
    assert facts(eval(source(thing), {"np": np})) == facts(thing)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2), (0,), (0, 4), (2, 0)])
def test_tensors_have_a_source(shape, dtype):
    torch = pytest.importorskip("torch")
    thing = torch.full(shape, 1.1).to(getattr(torch, dtype))
    assert facts(eval(source(thing), {"torch": torch})) == facts(thing)


def test_tensor_that_asks_for_a_gradient_has_a_source():
    torch = pytest.importorskip("torch")
    thing = torch.tensor([0.1, -float("inf")], dtype=torch.float64, requires_grad=True)
    assert facts(eval(source(thing), {"torch": torch})) == facts(thing)


@pytest.mark.parametrize("thing", [len, object(), [len], np.array(["a"]), [10**5000]])
def test_other_things_have_none(thing):
    with pytest.raises((NoSource, ValueError)):
        source(thing)
    assert not wording.can_be_typed((thing,))


def test_a_call_of_a_function_with_another_name_is_told_under_that_name():
    """In the notebook the exercise's own name may be the package's function."""

    def my_freeze(model):
        raise ValueError

    failure = check(my_freeze, "freeze").results[0].failure
    assert failure.call.startswith("my_freeze(")
    assert failure.again.endswith('my_freeze(*failing(my_freeze, "freeze"))')
    names, freeze = {"my_freeze": my_freeze}, []
    names["freeze"] = freeze.append
    with pytest.raises(ValueError, match=r"^$"):
        exec(failure.again, names)
    assert not freeze


def test_a_lambda_is_told_under_the_name_of_the_exercise():
    failure = check(lambda *_: 7.0, "preference_probability").results[0].failure
    assert failure.call.startswith("preference_probability(")

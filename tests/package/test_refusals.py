"""Every public function of chapters, runs and exports against 57 kinds of bad argument.

One argument of a valid call (``good_calls``) is exchanged at a time. Then either an
``InputError`` comes, one line that names the argument, or a result without NaN: never
another exception, never an endless loop.
"""

import importlib
import inspect
import math
import pkgutil
import signal
import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from dpo_edu import CHAPTERS
from dpo_edu.failure_modes import misspecification
from dpo_edu.likelihood import NoFiniteMLE
from dpo_edu.scaling.export import finished_run
from dpo_edu.validation import InputError
from dpo_edu.variants import population

from . import good_calls, good_calls_runs
from .good_calls import MODEL, WORLD

GOOD = good_calls.GOOD | good_calls_runs.GOOD
NO_ARGUMENT_TO_SPOIL = (
    *("process_group", "leave", "word_tokenizer", "byte_tokenizer"),  # take none
    "whole_folder",  # a context, with tests of its own
    "machine_bytes",  # takes none either
    *("alone", "run_folder"),  # test_own_data_alone, test_own_data_run
    *("begin_alike", "average_gradients"),  # in processes of torchrun: test_distributed
)

# What to put in an argument's place. Some kinds are made from the good value.

JUNK = {
    "None": lambda good: None,
    "text": lambda good: "0.1",
    "bytes": lambda good: b"0.1",
    "object": lambda good: object(),
    "dict": lambda good: {"a": 1.0},
    "set": lambda good: {1.0, 2.0},
    "generator": lambda good: (x for x in (1.0, 2.0)),
    "complex": lambda good: 1 + 2j,
    "ragged list": lambda good: [[1.0], [1.0, 2.0]],
    "list of None": lambda good: [None, None],
    "array of objects": lambda good: np.array([object(), object()]),
    "complex array": lambda good: numbers(good) * 1j,
    "array of words": lambda good: numbers(good).astype(str),
    "huge int": lambda good: 10**400,
    "huge int in a list": lambda good: [10**400],
    "nan": lambda good: math.nan,
    "nan inside": lambda good: first_is(good, math.nan),
}
"""Never right, whatever the argument, unless the function takes anything there."""

DOUBTFUL = {
    "bool": lambda good: True,
    "infinity": lambda good: math.inf,
    "minus infinity": lambda good: -math.inf,
    "minus one": lambda good: -1,
    "zero": lambda good: 0,
    "half": lambda good: 0.5,
    "two": lambda good: 2,
    "1e300": lambda good: 1e300,
    "2**70": lambda good: 2**70,
    "numpy number": lambda good: np.float32(0.5),
    "0-d array": lambda good: np.array(0.5),
    "0-d tensor": lambda good: torch.tensor(0.5),
    "empty list": lambda good: [],
    "empty array": lambda good: np.zeros((0, 3)),
    "no columns": lambda good: np.zeros((3, 0)),
    "one axis more": lambda good: numbers(good)[None],
    "one axis less": lambda good: numbers(good)[0],
    "one entry less": lambda good: numbers(good)[..., :-1],
    "one entry more": lambda good: np.repeat(numbers(good), 2, axis=-1)[..., :-1],
    "transposed": lambda good: numbers(good).T[..., None],
    "int array": lambda good: numbers(good).astype(int),
    "bool array": lambda good: numbers(good) > 0,
    "float16 array": lambda good: numbers(good).astype(np.float16),
    "all two": lambda good: np.full_like(numbers(good), 2.0),
    "all minus one": lambda good: np.full_like(numbers(good), -1),
    "all a million": lambda good: np.full_like(numbers(good), 10**6),
    "all zero": lambda good: np.zeros_like(numbers(good)),
    "all minus infinity": lambda good: np.full(numbers(good).shape, -np.inf),
    "doubled": lambda good: numbers(good) * 2,
    "infinity inside": lambda good: first_is(good, math.inf),
    "minus infinity inside": lambda good: first_is(good, -math.inf),
    "1e308 inside": lambda good: first_is(good, 1e308),
    "tensor": lambda good: torch.tensor(numbers(good)),
    "int tensor": lambda good: torch.tensor(numbers(good)).long(),
    "bool tensor": lambda good: torch.tensor(numbers(good)) > 0,
    "bfloat16 tensor": lambda good: torch.tensor(numbers(good)).bfloat16(),
    "learning tensor": lambda good: torch.tensor(numbers(good) * 1.0).requires_grad_(),
    "tensor without memory": lambda good: torch.tensor(numbers(good)).to("meta"),
    "function": lambda good: lambda *_, **__: None,
}
"""Right for some arguments; then the result must have no NaN."""

TAKEN = {"text": str, "dict": dict}
"""Junk that is of the good argument's type."""

TAKES_ANYTHING = {
    "iterate": ("policy", "reference"),
    "epoch_batch": ("ref_logp",),  # a few entries are read, and only those looked at
    "pair_batch": ("ref_logp",),
    "generate": ("generator",),  # None is torch's own
    "sample_words": ("generator",),
    "complete": ("generator",),
    "at_place": ("data",),  # None: where they were
    "from_tour": ("folder",),  # None: a tour is made
    "require_one_bos": ("bos",),  # None: the model has none
    "is_message": ("value",),  # or else it is none
}


CALLED = {
    "name": "no such file",  # the file is called by its own name, for it is a user's
    "data": "no such file",
    "record": "settings.json",
    "row": "--fields",  # which field is what is for the user to say
}
"""What a refusal may say in place of the argument's name."""


class NotFor(Exception):
    """This kind of bad argument cannot be made from this good one."""


def numbers(good) -> np.ndarray:
    """The good argument as an array of numbers with at least one axis."""
    try:
        array = np.asarray(good).copy()
    except (ValueError, RuntimeError, TypeError):
        raise NotFor from None
    if array.dtype.kind not in "biuf" or not array.ndim:
        raise NotFor
    return array


def first_is(good, value) -> np.ndarray:
    spoiled = numbers(good).astype(float)
    spoiled.flat[0] = value
    return spoiled


@contextmanager
def seconds(most: float):
    """Interrupt Python code that runs longer."""

    def stop(*_):
        raise TimeoutError(f"still running after {most} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most)  # of processor time: others may work
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def call(function, arguments):
    """Call by name, or by position where the function collects what it is given."""
    parameters = inspect.signature(function).parameters
    collected = [p.name for p in parameters.values() if p.kind == p.VAR_POSITIONAL]
    if collected:
        return function(*arguments.values())
    return function(**arguments)


def fault(function, arguments, name, kind, good=None) -> str | None:
    """What is wrong with how the function takes its bad argument, if anything."""
    try:
        with seconds(10), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = call(function, arguments)
    except InputError as refusal:
        text = str(refusal)
        if "\n" in text:
            return f"refused in several lines: {text!r}"
        named = [name] if kind in JUNK else [*arguments]  # else two may not fit
        named += [CALLED[name]] if name in CALLED else []
        right = isinstance(refusal, NoFiniteMLE) or any(each in text for each in named)
        return None if right else f"refused without its name: {text}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[:1]}"
    if has_nan(result):
        return "NaN"
    default = inspect.signature(function).parameters[name].default
    fitting = (
        default is None if kind == "None" else isinstance(good, TAKEN.get(kind, ()))
    )
    return "accepted" if kind in JUNK and not fitting else None


def has_nan(result) -> bool:
    if isinstance(result, (float, np.floating, np.ndarray)):
        array = np.asarray(result)
        return array.dtype.kind == "f" and bool(np.isnan(array).any())
    if isinstance(result, torch.Tensor):
        return result.device.type != "meta" and bool(result.isnan().any())
    if isinstance(result, dict):
        return any(map(has_nan, result.values()))
    if isinstance(result, (list, tuple)):
        return any(map(has_nan, result))
    return False


def spoiled(good: dict):
    """All ways to exchange one argument: (argument's name, kind, all arguments)."""
    for name, value in good.items():
        for kind, make in (JUNK | DOUBTFUL).items():
            try:
                if kind != "function" or not callable(value):
                    yield name, kind, good | {name: make(value)}
            except (NotFor, IndexError):
                continue


def faults(function, good) -> dict[tuple[str, str], str]:
    takes_anything = TAKES_ANYTHING.get(function.__name__, ())
    found = {}
    for name, kind, arguments in spoiled(good):
        wrong = fault(function, arguments, name, kind, good[name])
        if wrong not in (
            None,
            *(("accepted", "NaN") if name in takes_anything else ()),
        ):
            found[name, kind] = wrong
    return found


@pytest.fixture(autouse=True)
def short_searches(monkeypatch):
    monkeypatch.setattr(population, "STEPS", 2)
    monkeypatch.setattr(finished_run, "build_world", lambda: WORLD)
    models = dict.fromkeys(("policy", "reference"), MODEL)
    monkeypatch.setattr(finished_run, "_trained", lambda *_: models)
    monkeypatch.setattr(misspecification, "TILTS", np.linspace(-30, 30, 61))
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)  # a call may have been asked for others


@pytest.mark.parametrize("function", GOOD, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_a_bad_argument_is_refused_by_name_or_right(function):
    found = faults(function, GOOD[function])
    assert not found, "\n".join(f"{k[0]} = {k[1]}: {v}" for k, v in found.items())


WITH_A_MODEL = (
    *("adapter", "cache", "evaluation", "fetch", "learning", "pretrained", "report"),
    *("sampling", "scoring", "whole_run"),
)
"""Rooms of chapter 17 whose arguments are a transformers model, a tokenizer, folders,
and what these have made. What they refuse is tested in ``test_real_model``."""


def public_functions():
    for stem in (*CHAPTERS, "root_finding", "own_data"):
        module = importlib.import_module(f"dpo_edu.{stem}")
        inside = f"{module.__name__}."
        inner = pkgutil.walk_packages(getattr(module, "__path__", []), inside)
        for name in (module.__name__, *(found.name for found in inner)):
            if name.split(".")[1:2] == ["real_model"] and name.endswith(WITH_A_MODEL):
                continue
            yield from own_functions(importlib.import_module(name))


def own_functions(module):
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            yield function


def test_the_table_holds_every_public_function():
    missing = [f"{f.__module__}.{f.__name__}" for f in {*public_functions()} - {*GOOD}]
    assert sorted(name.split(".")[-1] for name in missing) == sorted(
        NO_ARGUMENT_TO_SPOIL
    )

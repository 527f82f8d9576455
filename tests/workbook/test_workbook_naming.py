"""A mistake's name: what agrees with it, what is only near, what must not spoil it."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from dpo_edu.workbook.exercise import Exercise
from dpo_edu.workbook.known_wrong import KnownWrong
from dpo_edu.workbook.mistakes import CHANCE, FEW_DIGITS, name_mistake
from dpo_edu.workbook.observations import Observed, typed_to
from dpo_edu.workbook.relations import relation
from dpo_edu.workbook.surroundings import Surroundings

from .exercise_material import BY_VALUES, ROOT, verdict

RIGHT = [0.2, 0.7, 1.5]


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        (lambda x: -x, "the negative of the right one"),
        (lambda x: 1 - x, "one minus the right one"),
        (np.exp, "is a log missing"),
        (lambda x: 1 / x, "one over the right one"),
        (lambda x: x / np.log(2), "in bits instead of nats"),
        (lambda x: 3 * x, "3 times the right one"),
        (lambda x: x + 0.25, "the right one plus 0.25"),
        (lambda x: 0.4, "returns 0.4 whatever it is given"),
        (lambda x: np.sin(x), ""),
    ],
)
def test_simple_relations_are_seen(transform, words):
    seen = [float(transform(x)) for x in RIGHT]
    found = relation(seen, RIGHT)
    assert words in found
    assert bool(words) == bool(found)


def test_two_values_make_no_relation():
    assert relation([-0.2, -0.7], [0.2, 0.7]) == ""


def test_right_values_are_not_once_the_right_ones():
    assert relation(RIGHT, RIGHT) == ""


THE_NUMBER = Exercise(name="f", arguments=("x",), ordinary=tuple((x,) for x in RIGHT))


def observed(function):
    return Observed(THE_NUMBER, function)


def test_float32_is_recognized_whatever_the_exercise():
    right, few = observed(lambda x: x), observed(lambda x: float(np.float32(x)))
    assert name_mistake(few, right, [], BY_VALUES).sentence == FEW_DIGITS
    assert name_mistake(observed(lambda x: x + 0), right, [], BY_VALUES) is None


def test_answer_that_only_raises_has_no_name():
    def raising(x):
        raise TypeError

    known = [(KnownWrong("f", raising, "raises"), observed(raising))]
    assert (
        name_mistake(observed(raising), observed(lambda x: x), known, BY_VALUES) is None
    )


def test_chance_is_named_before_what_it_hits_by_chance():
    right = observed(lambda x: x)
    drawing, kept = iter(range(1, 100)), []
    known = [(KnownWrong("f", abs, "abs"), observed(abs))]
    for answer in (
        lambda x: x + next(drawing),
        lambda x: kept.append(x) or sum(kept),
    ):
        found = name_mistake(observed(answer), right, known, BY_VALUES)
        assert found.sentence == CHANCE


def test_a_known_wrong_answer_is_not_run_after_a_first_difference():
    calls = []

    def doubled(x):
        calls.append(x)
        return 2 * x

    known = [(KnownWrong("f", doubled, "doubled"), observed(doubled))]
    assert (
        name_mistake(observed(lambda x: x**3), observed(lambda x: x), known, BY_VALUES)
        is None
    )
    assert calls == RIGHT[:1]


def test_a_typed_number_is_the_one_that_rounds_to_it():
    same = typed_to(3)
    assert same(0.105, 0.10536)
    assert not same(0.106, 0.10536)
    assert same(0.162, 0.1625)  # half a unit rounds either way
    assert same(0.163, 0.1625)
    assert not same(0.0, 0.1)
    assert same(float("inf"), float("inf"))


def test_mistake_typed_to_three_digits_has_its_name():
    full = verdict("likelihood", "predict_the_floor", lambda: -math.log(0.75))
    typed = verdict("likelihood", "predict_the_floor", lambda: 0.288)
    assert full.failure.mistake
    assert typed.failure.mistake == full.failure.mistake


@pytest.mark.parametrize(
    "accident",
    [SystemExit, KeyError, lambda: print("x" * 200_000)],
    ids=["leaves", "raises", "prints"],
)
def test_an_accident_in_a_known_wrong_answer_does_not_hide_the_next(accident):
    def unlucky(x):
        if accident() is None:
            return x
        raise accident

    def doubled(x):
        """Twice."""
        return 2 * x

    around = Surroundings().restored
    functions = (unlucky, doubled)
    known = [
        (KnownWrong("f", f, "a mistake"), Observed(THE_NUMBER, f, around))
        for f in functions
    ]
    found = name_mistake(
        observed(lambda x: x + x), observed(lambda x: x), known, BY_VALUES
    )
    assert found.id == "doubled"


def test_wrong_answers_run_in_the_surroundings_as_they_were(monkeypatch, capsys):
    original = Surroundings()
    monkeypatch.setattr(np, "exp", abs)
    monkeypatch.setattr(math, "log", abs)
    monkeypatch.setattr(torch.nn.functional, "softplus", abs)
    monkeypatch.setattr(torch.Tensor, "log", abs, raising=False)
    monkeypatch.setattr(torch.Tensor, "sum", abs)
    torch.set_default_dtype(torch.float64)
    try:
        with np.errstate(all="raise"), original.restored():
            print("nobody reads this")
            zero = torch.zeros(2)
            assert zero.dtype == torch.float32
            assert zero.exp().sum().log() == torch.tensor(2.0).log()
            assert torch.nn.functional.softplus(zero)[0] == pytest.approx(math.log(2))
            assert np.exp(-1000.0) == 0
        assert np.exp is abs
        assert torch.Tensor.log is abs
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("file", "answer", "imported"),
    [
        ("solutions/01_bradley_terry.py", "compose_preferences", [False]),
        ("solutions/02_likelihood.py", "compose_preferences", [False]),
        ("solutions/01_bradley_terry.py", "find_the_bug_expected_wins", [False, True]),
    ],
    ids=["passes", "is missing", "fails"],
)
def test_known_wrong_answers_are_imported_after_a_failure(file, answer, imported):
    """The last answer fails because it is another exercise's, put under this name."""
    code = """
import sys
from dpo_edu.workbook import worker
wrong = "dpo_edu.workbook.known_wrong.bradley_terry"
name = "compose_preferences"
exercises = worker.chapter_checks("bradley_terry")

def told():
    print(wrong in sys.modules, file=sys.__stdout__, flush=True)

worker.chapter_checks = lambda stem: {sys.argv[2]: exercises[name]}
job = worker.Job("bradley_terry", sys.argv[1], (sys.argv[2],))
worker.serve([job], lambda kind, **_: kind == "result" and told())
"""
    command = [sys.executable, "-c", code, str(ROOT / file), answer]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.split() == [*map(str, imported)], done.stderr


@pytest.mark.parametrize("words", [["hint", "dpo_loss"], ["next"], ["progress"]])
def test_what_the_records_tell_needs_no_numpy(words, tmp_path):
    code = """
import sys
from dpo_edu.__main__ import main
main(sys.argv[1:])
sys.exit("numpy" in sys.modules or "torch" in sys.modules)
"""
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "01_bradley_terry.py").touch()
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

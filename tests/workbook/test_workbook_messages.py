"""The parts of a message: values, simple relations, plain HTML, the notebook's face."""

import ast
import math
from fractions import Fraction

import numpy as np
import pytest

from dpo_edu.workbook import check, kinds, wording
from dpo_edu.workbook.answer import same
from dpo_edu.workbook.examine import examine
from dpo_edu.workbook.exercise import Exercise, holds
from dpo_edu.workbook.kinds import Broken, expect_close
from dpo_edu.workbook.known_wrong import KnownWrong
from dpo_edu.workbook.mistakes import FEW_DIGITS, name_mistake, relation
from dpo_edu.workbook.observations import Observed, alike, encode, typed_to
from dpo_edu.workbook.report import DONE, Failure, Report, Result

from .exercise_material import stub, verdict

RIGHT = [0.2, 0.7, 1.5]
CYCLE = "predict_the_cycle"


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
    assert name_mistake(few, right, []).sentence == FEW_DIGITS
    assert name_mistake(observed(lambda x: x + 0), right, []) is None


def test_answer_that_only_raises_has_no_name():
    def raising(x):
        raise TypeError

    known = [(KnownWrong("f", raising, "raises"), observed(raising))]
    assert name_mistake(observed(raising), observed(lambda x: x), known) is None


def test_a_known_wrong_answer_is_not_run_after_a_first_difference():
    calls = []

    def doubled(x):
        calls.append(x)
        return 2 * x

    known = [(KnownWrong("f", doubled, "doubled"), observed(doubled))]
    assert name_mistake(observed(lambda x: x**3), observed(lambda x: x), known) is None
    assert calls == RIGHT[:1]


def test_a_typed_number_is_the_one_that_rounds_to_it():
    same = typed_to(3)
    assert same(0.105, 0.10536)
    assert not same(0.106, 0.10536)
    assert same(0.162, 0.1625)  # a half rounds either way
    assert same(0.163, 0.1625)
    assert not same(0.0, 0.1)
    assert same(float("inf"), float("inf"))


def test_vague_expectations_are_refused():
    with pytest.raises(AssertionError, match="too close to the tolerance"):
        expect_close(1e-11, 1e-11)
    with pytest.raises(Broken):
        expect_close(1e-9, 0.0)
    with pytest.raises(Broken):
        expect_close(np.ones(3), 1.0)
    with pytest.raises(Broken):
        expect_close(np.nan, np.nan)


def test_values_differ_visibly():
    assert wording.pair(0.12345678, 0.12345679) == ("0.12345678", "0.12345679")
    assert wording.pair(2.0, 1.0) == ("2.0", "1.0")
    assert len(wording.pair(np.arange(1000.0), 1.0)[0]) <= 160


def test_encoding_knows_nan_text_and_nesting():
    value = (np.array([1.0, 2.0]), True, None, "word", np.float64(np.inf))
    assert encode(value) == [[1.0, 2.0], 1.0, None, "word", math.inf]
    value = (np.array([1.0, np.nan]), np.float64(np.inf))
    assert alike(encode(value), encode(value))
    assert not alike([1.0], 1.0)


def test_integers_beyond_every_float_do_no_harm():
    huge = 10**5000
    assert encode([huge, -huge, Fraction(1, 4)]) == [math.inf, -math.inf, 0.25]
    assert wording.value([huge, 1]) == "[<int>, 1]"
    assert kinds.number.plain(2**70) == 2.0**70
    assert kinds.number.plain(-huge) == -math.inf


def test_article_goes_with_the_type():
    assert kinds.describe(ast.Eq()) == "an Eq"
    assert kinds.describe(Fraction(1, 4)) == "a Fraction"


@pytest.mark.parametrize(
    "typed", [1 / 82, 0.0122, Fraction(1, 82), np.float32(0.0122), np.array(0.0122)]
)
def test_predicted_number_may_be_of_any_type(typed):
    assert verdict("bradley_terry", CYCLE, lambda: typed).verdict == DONE


def test_predicted_tensor_is_a_number():
    torch = pytest.importorskip("torch")
    found = verdict("bradley_terry", CYCLE, lambda: torch.tensor(0.0122))
    assert found.verdict == DONE


def test_mistake_typed_to_three_digits_has_its_name():
    full = verdict("likelihood", "predict_the_floor", lambda: -math.log(0.9))
    typed = verdict("likelihood", "predict_the_floor", lambda: 0.105)
    assert full.failure.mistake
    assert typed.failure.mistake == full.failure.mistake


def test_gradient_left_in_an_argument_is_a_change():
    torch = pytest.importorskip("torch")
    one = torch.ones(2, requires_grad=True)
    other = one.detach().clone()
    assert same((one,), (other,))
    one.sum().backward()
    assert not same((one,), (other,))


def test_value_that_a_property_cannot_use_is_a_failure_not_a_fault():
    @holds("the logarithm doubles")
    def property_(answer):
        expect_close(math.log(answer(-1.0)), 1.0)

    exercise = Exercise(name="f", arguments=("x",), properties=(property_,))
    found = examine(exercise, lambda x: x)
    assert found.failure.broken.startswith("the logarithm doubles: the value cannot")


def test_html_is_plain_and_escaped():
    failure = Failure("hand example", "1 < 2", returned="<b>")
    shown = Report((Result("f", "not yet", failure=failure),))._repr_html_()
    assert "<strong>not yet</strong>: f" in shown
    assert "1 &lt; 2" in shown
    assert "<b>" not in shown
    assert "color" not in shown
    assert "style" not in shown


def test_notebook_face_reads_the_saved_file(tmp_path):
    (tmp_path / "01_bradley_terry.py").write_text(stub("bradley_terry"), "utf-8")
    report = check("preference_probability", folder=tmp_path)
    assert "to do" in report._repr_html_()
    assert str(report) == repr(report)

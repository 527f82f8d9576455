"""The parts of a message: values, expectations, plain HTML, the notebook's face."""

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
from dpo_edu.workbook.observations import alike, encode
from dpo_edu.workbook.report import DONE, Failure, Report, Result

from .exercise_material import stub, verdict

CYCLE = "predict_the_cycle"


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


def test_arguments_have_all_their_digits():
    assert wording.call("f", (0.999999999, [1 / 3])) == (
        "f(0.999999999, [0.3333333333333333])"
    )


@pytest.mark.parametrize("place", [0, 60, 198])
def test_long_values_differ_visibly_wherever_they_differ(place):
    one, other = np.zeros(200), np.zeros(200)
    other[place] = 0.125
    shown = wording.pair(one, other)
    assert shown[0] != shown[1]
    assert "0.125" in shown[1]
    assert max(map(len, shown)) <= 160


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
    "typed", [1 / 37, 0.027, Fraction(1, 37), np.float32(0.027), np.array(0.027)]
)
def test_predicted_number_may_be_of_any_type(typed):
    assert verdict("bradley_terry", CYCLE, lambda: typed).verdict == DONE


def test_predicted_tensor_is_a_number():
    torch = pytest.importorskip("torch")
    found = verdict("bradley_terry", CYCLE, lambda: torch.tensor(0.027))
    assert found.verdict == DONE


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


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), ("10", 40), ("200", 88), ("many", 88)]
)
def test_a_report_is_no_wider_than_a_narrow_terminal(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    failure = Failure("finite", "many words " * 40)
    lines = str(Result("name", "not yet", failure=failure, printed="x" * 99))
    assert width - 12 < max(map(len, lines.splitlines())) <= width

"""A notebook's own function is checked where it stands."""

import math

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import check
from dpo_edu.workbook.report import DONE, NOT_YET

SCALE = 2


def preference_probability(reward_i, reward_j):
    print("seen")
    return (1 + math.tanh((reward_i - reward_j) / SCALE)) / 2


def swapped(reward_i, reward_j):
    return 1 / (1 + math.exp(reward_i - reward_j))


def test_a_function_is_checked_by_its_name_with_its_globals():
    report = check(preference_probability)
    (result,) = report.results
    assert result.verdict == DONE
    assert result.message
    assert result.printed.startswith("seen")
    assert "<strong>done</strong>" in report._repr_html_()


def test_a_function_of_another_name_says_which_exercise():
    (result,) = check(swapped, "preference_probability").results
    assert result.verdict == NOT_YET
    assert "This is P(j beats i)" in str(result)
    assert "notebooks/01_bradley_terry.ipynb" in str(result)
    with pytest.raises(InputError, match="swapped"):
        check(swapped)


@pytest.mark.parametrize("what", [(3,), (swapped, swapped), (swapped, "a", "b")])
def test_other_things_are_refused(what):
    with pytest.raises(InputError, match="one function"):
        check(*what)

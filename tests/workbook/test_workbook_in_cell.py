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


@pytest.fixture
def cell():
    """``cell(text)`` runs a cell as a notebook does, where the magic is loaded."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell("%load_ext dpo_edu.workbook")
    yield lambda text: shell.run_cell(text)
    shell.history_manager.end_session()


RIGHT = """%%exercise preference_probability
import math
def preference_probability(reward_i, reward_j):
    return (1 + math.tanh((reward_i - reward_j) / 2)) / 2
"""


def test_an_exercise_is_written_and_checked_in_a_cell(cell, capsys):
    cell(RIGHT)
    assert "[done]    preference_probability" in capsys.readouterr().out
    cell(RIGHT.replace("reward_i - reward_j", "reward_j - reward_i"))
    assert "This is P(j beats i)" in capsys.readouterr().out


def test_a_cell_that_fails_shows_its_own_error_and_is_not_checked(cell, capsys):
    ran = cell(RIGHT.replace("import math", "import no_such_module"))
    assert ran.result is None
    assert "no_such_module" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("%%exercise nonsense\nx = 1", "nonsense"),
        ("%%exercise preference_probability\nx = 1", "defines no preference"),
    ],
)
def test_a_cell_without_its_exercise_is_refused(text, said, cell):
    cell(RIGHT)  # an answer of an older cell does not count
    ran = cell(text)
    assert isinstance(ran.error_in_exec, InputError)
    assert said in str(ran.error_in_exec)


def test_an_answer_that_is_to_do_is_what_comes_next():
    def mine(reward_i, reward_j):
        raise NotImplementedError

    assert check(mine, "preference_probability").closing == (
        "1 to do; next: preference_probability"
    )
    assert check(preference_probability).closing == "1 done; nothing is left to do"

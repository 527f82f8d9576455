"""What nbval forgives a notebook: one unit of a last digit, and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from dpo_edu.publish.printed_numbers import settled

CONFTEST = Path(__file__).parents[2] / "notebooks" / "conftest.py"

LAST_DIGIT = [
    ("loss 0.6443", "loss 0.6444"),
    ("-0.0350", "-0.0349"),
    ("−0.0350", "−0.0349"),
    ("0.999", "1.000"),
    ("J    9.9999", "J   10.0000"),  # right-aligned: one digit more, one space less
    ("[ 0.0000]", "[-0.0000]"),
    ("1,299.9", "1,300.0"),
    ("4.15e-08", "4.14e-08"),
    ("9.9e-08", "1.0e-07"),
    ("1e-06", "2e-06"),
    ("99.8 % of 0.12 nats", "99.9 % of 0.11 nats"),
    ("tensor(0.6445, dtype=torch.float64)", "tensor(0.6444, dtype=torch.float64)"),
    ("[0.12, 0.5]", "[0.1201, 0.5]"),  # rounded, then printed without zeros
]
WRONG = [
    ("loss 0.6442", "loss 0.6444"),  # two units
    ("0.6442, 0.5000", "0.6444, 0.5000"),
    ("-0.0001", "0.0001"),  # a sign
    ("−0.5", "0.5"),
    ("0.1 0.2", "0.1 0.2 0.3"),  # a number too few, too many, or elsewhere
    ("0.1 0.2 0.3", "0.1 0.2"),
    ("0.4 0.1", "0.1 0.4"),
    ("0.1 and 0.2", "0.1 or 0.2"),  # a word
    ("0.1 nats", "0.1"),
    ("0.1  nats", "0.1 nats"),
    ("J   10.0000", "J  10.0000"),  # another alignment
    ("3 prompts", "4 prompts"),  # integers
    ("3,617", "3,616"),
    ("62 %", "63 %"),
    ("[1. 2.]", "[1. 3.]"),
    ("torch 2.13.0", "torch 2.14.0"),  # not numbers
    ("y0.5", "y0.6"),
    ("0.5x", "0.6x"),
    ("4.14e-07", "4.14e-08"),  # a power of ten
    ("64.44", "6.444"),
    ("0.6", "0.6444"),  # fewer digits
    ("nan", "0.6444"),
    ("inf", "1e308"),
    ("0.6444 ± 0.01", "0.6444 ± 0.03"),
]


@pytest.mark.parametrize(("new", "stored"), LAST_DIGIT)
def test_one_unit_of_the_last_digit_is_forgiven(new, stored):
    assert new != stored
    assert settled(new, stored) == stored
    assert settled(stored, new) == new


@pytest.mark.parametrize(("new", "stored"), WRONG)
def test_whatever_else_differs_still_differs(new, stored):
    assert settled(new, stored) != stored
    assert settled(stored, new) != new


def test_each_number_is_judged_by_itself():
    assert settled("a 0.1234\nb 0.5", "a 0.1235\nb 0.7") == "a 0.1235\nb 0.5"


STORED = [  # a cell, what is stored for it, and whether nbval shall let it pass
    ("print(0.6444)", "0.6444\n", True),
    ("print(0.6444)", "0.6443\n", True),
    ("print(0.6444)", "0.6442\n", False),
    ("print(0.6444)", "-0.6444\n", False),
    ("print('0.6444 nats')", "0.6445 bits\n", False),
    ("print(8)", "9\n", False),
]


def test_the_notebooks_are_compared_by_this_rule(tmp_path):
    notebook = nbformat.v4.new_notebook()
    for source, text, _ in STORED:
        output = nbformat.v4.new_output("stream", text=text)
        kept = {"execution_count": 1, "outputs": [output]}
        notebook.cells.append(nbformat.v4.new_code_cell(source, **kept))
    nbformat.write(notebook, tmp_path / "few.ipynb")
    shutil.copy(CONFTEST, tmp_path)
    words = ["--nbval", "--nbval-current-env", "-rA", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "few.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    verdicts = re.findall(r"^(PASSED|FAILED) few.ipynb::Cell (\d)", done.stdout, re.M)
    found = {int(cell): verdict == "PASSED" for verdict, cell in verdicts}
    assert found == dict(enumerate(passes for _, _, passes in STORED)), done.stdout

"""An equation of chapter 13 or 16 has one number in notebook, code and exercises."""

import re
from pathlib import Path

import pytest

from .notebook import PATHS, Notebook

ROOT = Path(__file__).parents[2]
NOTEBOOK = Notebook(next(path for path in PATHS if path.stem.startswith("16")))
TAGS = re.findall(r"\$\$\n(.*?)\\tag\{(16\.\d)\}", NOTEBOOK.markdown, re.S)
KEYWORDS = {
    "16.1": ("nabla", "weight.grad /= dist.get_world_size()", "mean over processes"),
    "16.2": ("FLOPs", "6 * parameters * tokens"),
    "16.3": ("bytes per value", "bytes_per_value * (parameters + 3 * trainable)"),
    "16.4": (
        "bytes per GPU",
        "size / gpus if name in shared else size",
        "shared bytes / GPUs + other bytes",
    ),
}
FILES = ("budget.py", "distributed.py", "sharding.py")
CODE = [ROOT / "dpo_edu" / "scaling" / name for name in FILES]


def test_equations_are_numbered_in_the_order_in_which_they_stand():
    assert [number for _, number in TAGS] == sorted(KEYWORDS)


@pytest.mark.parametrize("number", sorted(KEYWORDS))
def test_the_notebook_gives_an_equation_the_number_of_the_code(number):
    in_notebook, *_ = KEYWORDS[number]
    formula = next(text for text, tag in TAGS if tag == number)
    assert in_notebook in formula


def numbered(file: Path):
    """(number, line) wherever a line of code ends with the number of an equation."""
    for line in file.read_text("utf-8").splitlines():
        found = re.search(r"\((16\.\d)\)\.?$", line)
        if found and ("=" in line or "#" in line):
            yield found[1], line


def test_a_number_in_the_code_stands_beside_its_own_equation():
    found = [pair for file in CODE for pair in numbered(file)]
    assert {number for number, _ in found} == set(KEYWORDS)
    for number, line in found:
        assert any(words in line for words in KEYWORDS[number]), line


def test_the_exercise_names_the_equations_that_it_asks_for():
    section = NOTEBOOK.section("Exercises")
    asked = re.search(r"\*\*1\. Arithmetic and memory\*\*.*", section)[0]
    assert re.findall(r"\((16\.\d)\)", asked) == ["16.2", "16.3"]


FAILURES = {  # chapter 13: words of the notebook's formula, and of the code's line
    "13.1": (r"\Delta", "displacement.py", "expm1(change)"),
    "13.2": (r"\arg\min", "misspecification.py", "fit_rewards(wins)"),
    "13.3": ("|y|", "misspecification.py", "the one c that normalizes"),
}


def test_chapter_13_gives_an_equation_the_number_of_the_code():
    path = next(path for path in PATHS if path.stem.startswith("13"))
    displayed = re.findall(r"\$\$\n(.*?)\n\$\$", Notebook(path).markdown, re.S)
    numbered = [text for text in displayed if "tag{" in text]
    assert [re.search(r"tag\{(.*)\}", text)[1] for text in numbered] == [*FAILURES]
    for text, (number, (formula, file, words)) in zip(
        numbered, FAILURES.items(), strict=True
    ):
        assert formula in text
        code = (ROOT / "dpo_edu" / "failure_modes" / file).read_text("utf-8")
        assert any(
            words in line for line in code.splitlines() if f"({number})" in line
        ), number


def test_equations_of_chapter_14_are_numbered_in_the_order_in_which_they_stand():
    notebook = Notebook(next(path for path in PATHS if path.stem.startswith("14")))
    numbers = re.findall(r"\\tag\{14\.(\d+)\}", notebook.markdown)
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    folder = ROOT / "dpo_edu" / "variants"
    code = "".join((folder / name).read_text() for name in ("losses.py", "optima.py"))
    assert set(re.findall(r"\(14\.(\d+)\)", code)) == set(numbers)

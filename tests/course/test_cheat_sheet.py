"""The cheat sheet says what the course computes; its page loads nothing.

That it prints on one sheet of A4 is tested in ``tests/browser``.
"""

import re
from pathlib import Path

import numpy as np

from dpo_edu.dpo_gradient import gradient_weight
from dpo_edu.dpo_loss import dpo_loss, log_ratio_gap
from dpo_edu.experiments.sequence_logprob.toy_language import SIX_BUGS, language
from dpo_edu.experiments.training.clinic import PATIENTS
from dpo_edu.publish.cheat_sheet import main, page
from dpo_edu.sequence_logprob import sequence_logprob

from .test_slides import Loads

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "cheat_sheet.md").read_text("utf-8")
SHEET = (ROOT / "docs" / "formula_sheet.md").read_text("utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = re.search(rf"(?ms)^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT)
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_worked_example_is_computed():
    four = -4.5, -4.5, -5.0, -4.0
    gap = log_ratio_gap(*four).item()
    found = [gap, 0.1 * gap, dpo_loss(*four, beta=0.1).item()]
    weight = float(gradient_weight(gap, beta=0.1))
    words = "the gap is {:.0f}, the margin {:.1f}, the loss {:.4f} and the weight"
    assert words.format(*found) in TEXT
    assert f"$\\sigma(-m) = {weight:.4f}$" in TEXT


def test_the_sums_of_the_six_bugs_are_computed():
    toy = language()
    scores = {"none": sequence_logprob, **SIX_BUGS}
    found = {
        name: f"{score(toy.logits, toy.tokens, toy.mask).exp().sum():.4f}"
        for name, score in scores.items()
    }
    table = rows("Six bugs of the score")
    told = {name.replace("`", ""): total for name, _, total in table}
    assert told == found


def test_every_formula_stands_in_its_chapter():
    for formula, _, chapter in rows("The loss"):
        assert formula.startswith("$")
        assert any((ROOT / "notebooks").glob(f"{chapter}_*.ipynb"))
    label = re.search(r"\\tag\{(.*?)\}", TEXT)[1]
    assert rf"\tag{{{label}}}" in SHEET


def test_the_key_has_a_row_for_each_patient():
    assert len(rows("Which bug is it?")) == len(PATIENTS)


def test_the_first_loss_is_log_2():
    (loss,) = [row for row in rows("Columns of a training log") if row[0] == "loss"]
    assert loss[2] == f"{np.log(2):.4f}"


def test_the_page_is_whole_and_loads_nothing():
    html = page(TEXT)
    assert not Loads(html).fetched
    assert html.count("<section>") == html.count("</section>") == TEXT.count("\n## ")
    assert html.count("</script>") == 2
    assert "<title>DPO on one page</title>" in html


def test_elsewhere_it_is_refused_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main() == 2
    assert capsys.readouterr().err == (
        "no docs/cheat_sheet.md here: run this in the project's folder\n"
    )

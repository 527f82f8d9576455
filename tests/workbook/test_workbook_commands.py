"""The learner's loop at the command line, from an empty folder on."""

import argparse
import importlib
import json

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import workspace
from dpo_edu.workbook.catalogue import chapters

FIRST = "preference_probability"
STUB = f'raise NotImplementedError("{FIRST}: P(i beats j) from two rewards")'


@pytest.fixture
def dpo_edu(tmp_path, monkeypatch, capsys):
    """``dpo_edu("check", "01")`` runs the command in a new folder: (code, output)."""
    monkeypatch.chdir(tmp_path)

    def run(name, *words):
        command = importlib.import_module(f"dpo_edu.commands.{name}")
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args(words))
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def clone(tmp_path):
    workspace.lay_down(tmp_path / "exercises")
    return tmp_path / "exercises"


def answer(clone, body):
    path = clone / "01_bradley_terry.py"
    path.write_text(path.read_text(encoding="utf-8").replace(STUB, body), "utf-8")
    return path


def test_next_offers_the_folder_and_writes_nothing_unasked(dpo_edu, tmp_path):
    code, shown = dpo_edu("next")
    assert code == 0
    assert "dpo-edu next --here" in shown
    assert not list(tmp_path.iterdir())


def test_next_welcomes_a_new_clone(dpo_edu):
    _, shown = dpo_edu("next", "--here")
    assert "Welcome." in shown
    assert "exercises/01_bradley_terry.py, line 13" in shown
    assert f"dpo-edu check {FIRST}" in shown


def test_everything_is_to_do_in_a_new_clone(dpo_edu, clone):
    assert dpo_edu("check") == (0, "Nothing is written yet. Start with: dpo-edu next\n")
    _, shown = dpo_edu("progress")
    assert "0 of" in shown
    assert "not yet" not in shown


def test_wrong_answer_is_named_and_next_stays_with_it(dpo_edu, clone):
    answer(clone, "return 1 / (1 + math.exp(reward_i - reward_j))")
    code, shown = dpo_edu("check", FIRST)
    assert code == 1
    assert "This is P(j beats i)" in shown
    assert 'notebooks/01_bradley_terry.ipynb, section "From rewards' in shown
    assert "This is P(j beats i)" in dpo_edu("next")[1]


def test_right_answer_points_to_the_next_without_running_it(dpo_edu, clone):
    answer(clone, "return (1 + math.tanh((reward_i - reward_j) / 2)) / 2")
    code, shown = dpo_edu("check", FIRST)
    assert code == 0
    assert "[done]" in shown
    assert "next: compose_preferences" in shown
    assert "1 done, 4 to do" in dpo_edu("progress")[1]


def test_check_as_json(dpo_edu, clone):
    answer(clone, "return 0.5")
    code, shown = dpo_edu("check", "01", "--json")
    record = json.loads(shown)
    assert code == 1
    assert [r["verdict"] for r in record["results"]] == ["not yet"] + ["to do"] * 4
    assert record["results"][0]["failure"]["stage"] == "hand example"


def test_hints_lead_on(dpo_edu):
    entry = chapters()[0].entries[0]
    for number, more in ((1, "hint preference_probability 2"), (3, "is explained in")):
        _, shown = dpo_edu("hint", FIRST, str(number))
        assert entry.hints[number - 1].split()[0] in shown
        assert more in shown


def test_reset_asks_keeps_a_copy_and_puts_one_stub_back(dpo_edu, clone):
    path = answer(clone, "return 0.5")
    written = path.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="--yes"):
        dpo_edu("reset", FIRST)
    assert path.read_text(encoding="utf-8") == written
    dpo_edu("reset", FIRST, "--yes")
    assert workspace.is_pristine(clone, chapters()[0])
    assert (clone / "kept" / "01_bradley_terry.1.py").read_text("utf-8") == written


def test_reset_of_a_chapter_works_when_the_file_is_not_python(dpo_edu, clone):
    path = answer(clone, "return (0.5")
    with pytest.raises(InputError, match="is not Python yet"):
        dpo_edu("reset", FIRST, "--yes")
    assert not (clone / "kept").exists()
    dpo_edu("reset", "01", "--yes")
    assert path.read_text(encoding="utf-8") == workspace.stub(chapters()[0])


def test_solution_after_success_or_on_request(dpo_edu, clone):
    with pytest.raises(InputError, match="--show"):
        dpo_edu("solution", FIRST)
    assert "def preference_probability" in dpo_edu("solution", FIRST, "--show")[1]
    answer(clone, "return (1 + math.tanh((reward_i - reward_j) / 2)) / 2")
    assert "def preference_probability" in dpo_edu("solution", FIRST)[1]


def test_next_may_be_asked_of_one_chapter(dpo_edu):
    assert "Chapter 01, preference_probability" in dpo_edu("next", "--here")[1]
    assert "Chapter 06, dpo_loss" in dpo_edu("next", "06")[1]
    with pytest.raises(InputError, match="77"):
        dpo_edu("next", "77")

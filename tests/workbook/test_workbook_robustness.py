"""Whatever a learner's file does, each exercise gets a message and the run goes on."""

import time

import pytest
import torch

from dpo_edu.workbook import catalogue, examine, process
from dpo_edu.workbook.answer import Answer
from dpo_edu.workbook.exercise import Check
from dpo_edu.workbook.folder import Folder, lay_down
from dpo_edu.workbook.kinds import Broken
from dpo_edu.workbook.report import DONE, NOT_YET, TO_DO, WAITING
from dpo_edu.workbook.running import check_selection, select

FIRST = "preference_probability"
GOOD = "return 1 / (1 + np.exp(np.float64(reward_j - reward_i)))"


@pytest.fixture
def folder(tmp_path, untouched_exercises):
    lay_down(Folder((tmp_path / "answers",)), catalogue.chapters()[:3])
    return tmp_path / "answers"


def write(folder, name, body):
    """Put ``body`` in place of the stub's raise."""
    chapter, _ = catalogue.find_one(name)
    path = folder / chapter.file
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(
        i for i, line in enumerate(lines) if f'NotImplementedError("{name}:' in line
    )
    lines[place] = "\n".join("    " + line for line in body.splitlines())
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def check(folder, *names, start=process.start_fresh):
    return check_selection(select(names or ["01"]), Folder((folder,)), start)


def message(folder, body):
    """What the learner reads about ``body`` as the first exercise of chapter 01."""
    write(folder, FIRST, body)
    result = check(folder, FIRST).results[0]
    assert result.verdict == NOT_YET
    return " ".join(str(result).split())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import sys; sys.exit()", "it tried to leave Python"),
        ("import os; os._exit(0)", "Python was left in the middle (exit code 0)"),
        ("import ctypes; ctypes.string_at(0)", "Python crashed (SIGSEGV)"),
        ("for _ in range(10**6): print('x')", "it prints far too much"),
        (
            "try:\n    while True: print('x')\nexcept Exception:\n    return 0.5",
            "it prints far too much",
        ),
        ("return float('nan')", "NaN or infinity at an ordinary input"),
        ("return None", "None (is there a `return`?)"),
        ("return 'high'", "it returned a str; the task asks for one number"),
        ("return np.array([0.5, 0.5])", "a numpy array of shape (2,)"),
        ("return np.float32(0.5)", "float32, but float64 went in"),
        ("return torch.tensor(0.5)", "name 'torch' is not defined"),
        ("return 1 / 0", "ZeroDivisionError: division by zero (line 24)"),
        ("return preference_probability(reward_i, reward_j)", "never stops"),
        ("return input()", "not input()"),
        ("yield 0.5", "a generator"),
        ("return 0.5 + 0j", "a complex"),
    ],
)
def test_each_kind_of_accident_has_its_message(folder, body, words):
    assert words in message(folder, body)


def test_run_goes_on_after_a_loop_an_exit_and_a_crash(folder, monkeypatch):
    monkeypatch.setitem(process.SECONDS, "begin", 2)
    write(folder, FIRST, "while True: pass")
    write(folder, "compose_preferences", "import os; os._exit(3)")
    write(folder, "plackett_luce_nll", "import os; os.abort()")
    write(folder, "predict_the_cycle", "return 1 / 37")
    verdicts = {r.exercise: r for r in check(folder).results}
    assert "a loop that never ends" in verdicts[FIRST].failure.broken
    assert "exit code 3" in verdicts["compose_preferences"].failure.broken
    assert "SIGABRT" in verdicts["plackett_luce_nll"].failure.broken
    assert verdicts["find_the_bug_expected_wins"].verdict == TO_DO
    assert verdicts["predict_the_cycle"].verdict == DONE


SWAPPED = "return 1 / (1 + np.e ** (reward_i - reward_j))"


def test_a_patched_library_does_not_spoil_the_name(folder):
    path = write(folder, FIRST, SWAPPED)
    source = path.read_text(encoding="utf-8")
    patched = "math.exp = math.log = np.exp = np.where = abs\n\n\ndef "
    path.write_text(source.replace("\n\n\ndef ", f"\n{patched}", 1), encoding="utf-8")
    assert "This is P(j beats i)" in str(check(folder, FIRST).results[0])


@pytest.mark.parametrize("end", ["while True: pass", "os._exit(0)"])
def test_a_verdict_stands_when_its_name_cannot_be_found(folder, monkeypatch, end):
    monkeypatch.setitem(process.SECONDS, "result", 1)
    body = f"import os\ncalls.append(1)\nif len(calls) > 25:\n    {end}\n{SWAPPED}"
    path = write(folder, FIRST, body)
    path.write_text(path.read_text(encoding="utf-8") + "\ncalls = []\n", "utf-8")
    write(folder, "predict_the_cycle", "return 1 / 37")
    verdicts = {r.exercise: r for r in check(folder).results}
    assert verdicts[FIRST].failure.stage == "hand example"
    assert verdicts[FIRST].failure.mistake == ""
    assert verdicts["predict_the_cycle"].verdict == DONE


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("def broken(:", "line 1 is not Python yet"),
        ("import nothing_of_that_name", "is the module's name misspelled?"),
        ("raise SystemExit", "it tried to leave Python"),
        ("import os; os._exit(1)", "Python was left in the middle"),
        ("x = undefined + 1", "name 'undefined' is not defined (line 1)"),
        ("while True: print('x')", "it prints far too much (line 1)"),
    ],
)
def test_file_that_does_not_load_is_one_message(folder, head, words):
    path = write(folder, FIRST, GOOD)
    path.write_text(head + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    report = check(folder, "01")
    assert words in " ".join(str(report.trouble[0]).split())
    assert {r.verdict for r in report.results} == {WAITING}
    assert report.results[0].waiting_for == ("01_bradley_terry.py",)
    assert not report.clean


def test_file_that_loads_for_ever_is_stopped(folder, monkeypatch):
    monkeypatch.setitem(process.SECONDS, "load", 1)
    path = write(folder, FIRST, GOOD)
    path.write_text("while True: pass\n" + path.read_text(encoding="utf-8"))
    assert "never ends" in check(folder).trouble[0].failure.broken


def test_missing_function_and_renamed_argument(folder):
    path = write(folder, FIRST, GOOD)
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(f"def {FIRST}", "def other"), encoding="utf-8")
    assert (
        f"has no function `{FIRST}`" in check(folder, FIRST).results[0].failure.broken
    )
    path.write_text(source.replace("(reward_i, reward_j)", "(a, b)"), encoding="utf-8")
    broken = check(folder, FIRST).results[0].failure.broken
    assert broken == "the arguments are (a, b), but the task's are (reward_i, reward_j)"


def test_only_the_stub_is_to_do_not_every_missing_feature(folder):
    write(folder, FIRST, "raise NotImplementedError")
    write(
        folder, "compose_preferences", "raise NotImplementedError('no such operator')"
    )
    first, second = check(folder, FIRST, "compose_preferences").results
    assert first.verdict == TO_DO
    assert second.verdict == NOT_YET


def test_prints_of_a_learner_are_shown_shortened(folder):
    write(folder, FIRST, f"print('gap', reward_i - reward_j)\n{GOOD}")
    result = check(folder, FIRST).results[0]
    assert result.verdict == DONE
    assert result.printed.splitlines()[0] == "gap 1.0"
    assert "more lines" in result.printed.splitlines()[-1]


def test_nothing_of_the_surroundings_changes(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    write(folder, FIRST, f"np.random.seed(3); np.seterr(all='raise')\n{GOOD}")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    check(folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert before == after


def test_untouched_files_are_not_run(folder):
    def start(request):
        raise AssertionError("nothing should have been started")

    report = check_selection(select(), Folder((folder,)), start)
    assert {r.verdict for r in report.results} == {TO_DO}
    assert report.clean
    assert report.next_up == FIRST


def test_fork_gives_the_same_verdicts(folder):
    write(folder, FIRST, "return reward_i - reward_j")
    write(folder, "compose_preferences", "import os; os._exit(3)")
    fresh, forked = check(folder), check(folder, start=process.start_forked)
    assert fresh == forked


def test_numpy_verdict_comes_quickly(folder):
    write(folder, FIRST, GOOD)
    started = time.monotonic()
    assert check(folder, FIRST).results[0].verdict == DONE
    assert time.monotonic() - started < 10  # a hang, not a benchmark: usually 0.4 s


@pytest.mark.parametrize(
    "arithmetic",
    [lambda: torch.ones(2) @ torch.ones(3), lambda: (1.0).logits, lambda: {}["a"]],
    ids=["tensors that do not fit", "an object of another kind", "a missing key"],
)
def test_a_value_that_a_check_cannot_use_is_the_answers_fault(arithmetic):
    check = Check("properties", "rows sum to 1", lambda answer: arithmetic())
    with pytest.raises(Broken, match="rows sum to 1: the value cannot be used") as end:
        examine._run(check, Answer(sum, "sum"))
    assert "\n" not in str(end.value.words)


def test_control_characters_of_a_learner_are_shown_and_not_sent(folder):
    write(folder, FIRST, "print('\\x1b[2J')\nraise ValueError('\\x1b[2J\\ud800')")
    shown = str(check(folder, FIRST).results[0])
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert "ValueError: \\x1b[2J\\ud800" in shown
    assert "printed   | \\x1b[2J" in shown

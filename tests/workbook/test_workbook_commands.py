"""The learner's loop at the command line, from an empty folder on."""

import argparse
import importlib
import json
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import Folder, confirm, is_written, lay_down, stub
from dpo_edu.workbook.process import start_fresh

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
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


pytestmark = pytest.mark.usefixtures("untouched_exercises")


@pytest.fixture
def clone(tmp_path):
    """What a clone has: the package, and the tasks beside it."""
    (tmp_path / "dpo_edu").mkdir()
    lay_down(Folder((tmp_path / "exercises",)), chapters())
    return tmp_path / "exercises"


@pytest.fixture
def answers(tmp_path):
    """An installed wheel's learner has begun: chapter 01 lies in answers/."""
    lay_down(Folder((tmp_path / "answers",)), chapters()[:1])
    return tmp_path / "answers"


def answer(place, body):
    path = place / "01_bradley_terry.py"
    path.write_text(path.read_text(encoding="utf-8").replace(STUB, body), "utf-8")
    return path


def test_next_offers_the_folder_and_writes_nothing_unasked(dpo_edu, tmp_path):
    code, shown = dpo_edu("next")
    assert code == 0
    assert "dpo-edu next --here" in shown
    assert not list(tmp_path.iterdir())


def test_next_begins_in_an_empty_folder(dpo_edu, tmp_path):
    _, shown = dpo_edu("next", "--here")
    assert "Welcome." in shown
    assert "answers/01_bradley_terry.py, line 13 (a new file)" in shown
    assert f"dpo-edu check {FIRST}" in shown
    assert [path.name for path in (tmp_path / "answers").iterdir()] == [
        "01_bradley_terry.py"
    ]
    assert "a new file" not in dpo_edu("next")[1]


def test_next_lays_a_copy_down_in_a_clone_without_asking(dpo_edu, clone):
    assert "answers/06_dpo_loss.py, line" in dpo_edu("next", "06")[1]
    assert "answers/06_dpo_loss.py" in dpo_edu("next", "06")[1]


def test_next_stays_in_exercises_with_those_who_write_there(dpo_edu, clone, tmp_path):
    answer(clone, "return 0.5")
    assert "exercises/01_bradley_terry.py, line 13" in dpo_edu("next")[1]
    assert not (tmp_path / "answers").exists()


def test_untouched_copy_hides_no_work_in_exercises(dpo_edu, clone, answers):
    answer(clone, "return 1 / (1 + math.exp(reward_i - reward_j))")
    assert "This is P(j beats i)" in dpo_edu("check")[1]


def test_of_two_answers_one_is_read_and_one_line_says_which(dpo_edu, clone, answers):
    answer(clone, "return 1 / (1 + math.exp(reward_i - reward_j))")
    answer(answers, "return (1 + math.tanh((reward_i - reward_j) / 2)) / 2")
    remark = (
        "answers/01_bradley_terry.py is read, exercises/01_bradley_terry.py is not; "
        "you have written in both"
    )
    *record, said = dpo_edu("check", "--json")[1].splitlines()
    assert json.loads("\n".join(record))["results"][0]["verdict"] == "done"
    assert said == remark
    for command in ("check", "next", "progress"):
        assert remark in dpo_edu(command)[1].splitlines()


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


def test_right_answer_points_to_the_next_without_running_it(dpo_edu, answers):
    answer(answers, "return (1 + math.tanh((reward_i - reward_j) / 2)) / 2")
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


def test_check_as_json_is_json_where_nothing_is_begun(dpo_edu, clone):
    record = json.loads(dpo_edu("check", "--json")[1])
    assert (record["clean"], record["results"]) == (True, [])


def test_check_as_json_is_json_whatever_happens(dpo_edu, tmp_path):
    code, shown = dpo_edu("check", "--json")
    assert code == 2
    assert "dpo-edu next --here" in json.loads(shown)["error"]
    lay_down(Folder((tmp_path / "answers",)), chapters()[:1])
    code, shown = dpo_edu("check", "klingon", "--json")
    assert code == 2
    assert "klingon" in json.loads(shown)["error"]


def test_json_counts_stages_so_that_shares_can_be_computed(dpo_edu, answers):
    answer(answers, "return 0.5")
    record = json.loads(dpo_edu("check", "01", "--json")[1])
    wrong, to_do = record["results"][:2]
    assert 0 < wrong["stages"] < wrong["stages_total"]
    assert wrong["failure"]["stage"] not in wrong["passed"]
    assert to_do["stages"] == 0 < to_do["stages_total"]
    assert json.loads(dpo_edu("check", "02", "--json")[1])["results"][0]["stages_total"]
    answer(answers, "return 0.5").write_text(RIGHT_FIRST, "utf-8")
    right = json.loads(dpo_edu("check", FIRST, "--json")[1])["results"][0]
    assert right["stages"] == right["stages_total"] == wrong["stages_total"]


RIGHT_FIRST = """import math


def preference_probability(reward_i, reward_j):
    return (1 + math.tanh((reward_i - reward_j) / 2)) / 2
"""


def test_strict_fails_on_undone_work(dpo_edu, answers):
    assert dpo_edu("check", "01")[0] == 0
    assert dpo_edu("check", "01", "--strict")[0] == 1
    assert dpo_edu("check", "--strict")[0] == 1
    (answers / "01_bradley_terry.py").write_text(RIGHT_FIRST, "utf-8")
    assert dpo_edu("check", FIRST, "--strict")[0] == 0
    code, shown = dpo_edu("check", "--strict", "--json")
    assert code == 1
    assert len(json.loads(shown)["results"]) == len(
        [entry for chapter in chapters() for entry in chapter.entries]
    )


def test_junit_is_xml_with_a_case_for_each_exercise(dpo_edu, answers, tmp_path):
    body = (
        'print("\\x00 \\ud800 <&>")\n    return 1 / (1 + math.exp(reward_i - reward_j))'
    )
    answer(answers, body)
    xml = tmp_path / "report.xml"
    dpo_edu("check", "01", "--junit", str(xml))
    root = ElementTree.parse(xml).getroot()
    assert root.attrib["tests"] == str(len(chapters()[0].names))
    assert root.attrib["failures"] == "1"
    assert "This is P(j beats i)" in root.find(".//failure").text
    assert len(root.findall(".//skipped")) == 4
    dpo_edu("check", "01", "--junit", str(xml), "--strict")
    assert ElementTree.parse(xml).getroot().attrib["failures"] == "5"
    (answers / "01_bradley_terry.py").write_text("def f(:", "utf-8")
    dpo_edu("check", "01", "--junit", str(xml))
    assert ElementTree.parse(xml).getroot().attrib["errors"] == "1"


def test_next_after_one_check_is_never_past_what_is_not_done(dpo_edu, answers):
    path = answer(answers, "return 0.5")
    text = path.read_text("utf-8")
    cycle = text.index('raise NotImplementedError("predict_the_cycle')
    end = text.index("\n", cycle)
    path.write_text(text[:cycle] + "return 1 / 37" + text[end:], "utf-8")
    assert "next: dpo-edu next" in dpo_edu("check", "predict_the_cycle")[1]
    assert f"[not yet] {FIRST}" in dpo_edu("next")[1]


def test_hint_and_watch_without_a_name_take_the_current_exercise(
    dpo_edu, answers, monkeypatch
):
    path = answers / "01_bradley_terry.py"
    path.write_text(path.read_text("utf-8") + "\nbegun = True\n", "utf-8")
    assert dpo_edu("hint")[1].startswith(f"{FIRST}: ")
    assert "Hint 2 of 3" in dpo_edu("hint", "2")[1]

    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    shown = []
    monkeypatch.setattr("builtins.print", lambda *words, **_: shown.extend(words))
    with pytest.raises(KeyboardInterrupt):
        dpo_edu("watch")
    assert any(f"Chapter 01, {FIRST}" in line for line in shown)


def test_outside_the_course_the_right_command_is_named_at_once(dpo_edu):
    for words in (("check",), ("watch",), ("progress",), ("hint",), ("reset", "01")):
        with pytest.raises(InputError, match="dpo-edu next --here"):
            dpo_edu(*words)


def test_hint_s_words_are_checked(dpo_edu):
    for words in ((FIRST, "4"), (FIRST, "predict_the_cycle"), ("1", "2")):
        with pytest.raises(InputError, match="give one exercise and 1, 2 or 3"):
            dpo_edu("hint", *words)


def test_a_folder_with_a_file_s_name_is_one_line(dpo_edu, tmp_path):
    (tmp_path / "answers" / "01_bradley_terry.py").mkdir(parents=True)
    lay_down(Folder((tmp_path / "answers",)), chapters()[1:2])
    for words in (("next",), ("reset", "01"), ("reset", FIRST)):
        with pytest.raises((InputError, OSError)) as refused:
            dpo_edu(*words)
        assert "01_bradley_terry.py" in str(refused.value)


def test_reset_of_what_is_defined_twice_leaves_one(dpo_edu, answers):
    path = answers / "01_bradley_terry.py"
    stubs = path.read_text("utf-8")
    path.write_text(RIGHT_FIRST + stubs, "utf-8")
    code, shown = dpo_edu("check", FIRST)
    assert code == 1
    assert "is defined 2 times (lines 4 and" in " ".join(shown.split())
    dpo_edu("reset", FIRST, "--yes")
    assert path.read_text("utf-8").count(f"def {FIRST}") == 1
    assert "[to do]" in dpo_edu("check", FIRST)[1]


def test_hints_lead_on(dpo_edu):
    entry = chapters()[0].entries[0]
    for number, more in ((1, "hint preference_probability 2"), (3, "is explained in")):
        _, shown = dpo_edu("hint", FIRST, str(number))
        assert entry.hints[number - 1].split()[0] in shown
        assert more in shown


def test_reset_asks_keeps_a_copy_and_puts_one_stub_back(dpo_edu, answers):
    path = answer(answers, "return 0.5")
    written = path.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="--yes"):
        dpo_edu("reset", FIRST)
    assert path.read_text(encoding="utf-8") == written
    dpo_edu("reset", FIRST, "--yes")
    assert not is_written(path)
    assert (answers / "kept" / "01_bradley_terry.1.py").read_text("utf-8") == written


def test_reset_of_a_chapter_works_when_the_file_is_not_python(dpo_edu, answers):
    path = answer(answers, "return (0.5")
    with pytest.raises(InputError, match="is not Python yet"):
        dpo_edu("reset", FIRST, "--yes")
    path.write_bytes(b"\xff" + path.read_bytes())
    with pytest.raises(InputError, match=r"not UTF-8 text: .*dpo-edu reset 01"):
        dpo_edu("reset", FIRST, "--yes")
    assert not (answers / "kept").exists()
    dpo_edu("reset", "01", "--yes")
    assert path.read_text(encoding="utf-8") == stub(chapters()[0])


def test_reset_lays_a_missing_file_down(dpo_edu, answers):
    assert "was missing" in dpo_edu("reset", "06")[1]
    assert not is_written(answers / "06_dpo_loss.py")


@pytest.fixture
def committed(clone, monkeypatch):
    """The clone's tasks are the course's only text, and git knows them."""
    monkeypatch.setattr(
        "dpo_edu.workbook.folder.course_folder", lambda name: clone.parent / name
    )
    me = ("-c", "user.name=me", "-c", "user.email=me@here")
    for words in (("init", "-q"), ("add", "."), (*me, "commit", "-qm", "tasks")):
        subprocess.run(["git", *words], cwd=clone.parent, check=True)
    return clone


def test_reset_in_a_clone_puts_one_task_back_and_keeps_a_copy(dpo_edu, committed):
    assert "nothing is written" in dpo_edu("reset", "01")[1]
    path = committed / "01_bradley_terry.py"
    pristine = path.read_bytes()
    answer(committed, "return 0.5")
    path.write_text(path.read_text("utf-8") + "\n\nMINE = 1\n", "utf-8")
    written = path.read_bytes()
    dpo_edu("reset", FIRST, "--yes")
    assert path.read_bytes() == pristine + b"\n\nMINE = 1\n"
    assert (committed / "kept" / "01_bradley_terry.1.py").read_bytes() == written
    dpo_edu("reset", "01", "--yes")
    assert path.read_bytes() == pristine


def test_reset_of_an_emptied_file_puts_the_tasks_back(dpo_edu, committed):
    path = committed / "01_bradley_terry.py"
    pristine = path.read_bytes()
    path.write_bytes(b"")
    dpo_edu("reset", "01", "--yes")
    assert path.read_bytes() == pristine


def test_next_lays_down_the_task_though_its_file_was_emptied(dpo_edu, committed):
    pristine = (committed / "01_bradley_terry.py").read_bytes()
    (committed / "01_bradley_terry.py").write_bytes(b"")
    dpo_edu("next", "01")
    copy = committed.parent / "answers" / "01_bradley_terry.py"
    assert copy.read_bytes() == pristine


def test_reset_without_git_names_what_git_would_do(dpo_edu, committed):
    path = answer(committed, "return 0.5")
    shutil.rmtree(committed.parent / ".git")
    with pytest.raises(InputError, match="git checkout -- exercises/01_bradley"):
        dpo_edu("reset", FIRST, "--yes")
    assert "return 0.5" in path.read_text(encoding="utf-8")


def test_reset_in_an_older_folder_of_exercises_without_a_clone(dpo_edu, tmp_path):
    (path,) = lay_down(Folder((tmp_path / "exercises",)), chapters()[:1])
    answer(path.parent, "return 0.5")
    assert "kept/01_bradley_terry.1.py" in dpo_edu("reset", "01", "--yes")[1]
    assert not is_written(path)


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


def test_reset_of_a_copy_while_the_task_itself_is_written_in(
    dpo_edu, committed, answers
):
    copy, task = answer(answers, "return 0.5"), answer(committed, "return 0.7")
    dpo_edu("reset", "01", "--yes")
    assert not is_written(copy)
    assert "return 0.7" in task.read_text(encoding="utf-8")


def test_junit_replaces_no_answers(dpo_edu, answers):
    path = answer(answers, "return 0.5")
    before = path.read_bytes()
    with pytest.raises(InputError, match="a file that is no XML"):
        dpo_edu("check", "01", "--junit", str(path))
    assert path.read_bytes() == before


def test_json_tells_of_a_report_that_cannot_be_written(dpo_edu, answers, tmp_path):
    nowhere = str(tmp_path / "no" / "report.xml")
    code, record = dpo_edu("check", "01", "--json", "--junit", nowhere)
    assert code == 2
    assert "cannot write" in json.loads(record)["error"]


def test_watch_goes_on_where_a_file_cannot_be_read_now(monkeypatch, tmp_path, capsys):
    from dpo_edu.commands import watch

    def gone(*_):
        raise PermissionError(13, "Permission denied", "x\x1b[2J")

    monkeypatch.setattr(watch, "show", gone)
    watch.look(chapters()[0], Folder((tmp_path,)), start_fresh)
    assert "01_bradley_terry.py: " in (out := capsys.readouterr().out)
    assert "\x1b" not in out
    folder = Folder((tmp_path,))
    monkeypatch.setattr(Folder, "there", lambda *_: [tmp_path / "just renamed"])
    assert watch.saved_at(folder, chapters()[:1]) == {chapters()[0]: [0]}


@pytest.mark.parametrize("number", ["06", "07", "08"])
def test_watch_checks_the_chapter_though_an_exercise_bears_its_name(
    number, tmp_path, capsys
):
    from dpo_edu.commands.watch import show

    (chapter,) = (each for each in chapters() if each.number == number)
    lay_down(Folder((tmp_path / "answers",)), [chapter])
    show(chapter, Folder((tmp_path / "answers",)), start_fresh)
    shown = capsys.readouterr().out
    assert all(name in shown for name in chapter.names)


@pytest.mark.parametrize(
    ("change", "keeps"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), b"\r\n"),
        (lambda text: text.encode("utf-8-sig"), b"\xef\xbb\xbf"),
        (lambda text: ('NOTE = "a\u2028b"\n' + text).encode(), b"\xe2\x80\xa8"),
        (lambda text: ("# page\x0c\x85\n" + text).encode(), b"page\x0c"),
        (
            lambda text: ("# coding: cp1253\n# π\n" + text).encode("cp1253"),
            b"# \xf0\n",
        ),
    ],
)
def test_reset_of_one_function_changes_no_other_byte(change, keeps, dpo_edu, answers):
    path = answers / "01_bradley_terry.py"
    untouched = change(path.read_text(encoding="utf-8"))
    path.write_bytes(untouched.replace(STUB.encode(), b"return 0.5"))
    dpo_edu("reset", FIRST, "--yes")
    assert keeps in untouched
    assert path.read_bytes() == untouched


def test_reset_of_a_chapter_takes_any_bytes_and_keeps_them(dpo_edu, answers):
    path = answers / "01_bradley_terry.py"
    odd = path.read_text(encoding="utf-8").encode("utf-16") + b"\0\xff"
    path.write_bytes(odd)
    with pytest.raises(InputError, match="dpo-edu reset 01"):
        dpo_edu("reset", FIRST, "--yes")
    assert path.read_bytes() == odd
    dpo_edu("reset", "01", "--yes")
    assert path.read_text(encoding="utf-8") == stub(chapters()[0])
    assert (answers / "kept" / "01_bradley_terry.1.py").read_bytes() == odd


@pytest.mark.parametrize("stop", [EOFError, UnicodeDecodeError("ascii", b"", 0, 1, "")])
def test_no_answer_to_a_question_is_a_no(stop, monkeypatch):
    def asked(_):
        raise stop

    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", asked)
    assert not confirm("Replace it?")

"""The learner's files are the only state: found, laid down, kept, never lost."""

import os

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import catalogue, check
from dpo_edu.workbook import folder as workplace
from dpo_edu.workbook.folder import Folder, folder_in, is_written, lay_down
from dpo_edu.workbook.python_file import (
    decoded,
    function_source,
    is_untouched,
    tasks,
    with_function,
)

CHAPTER, SECOND = catalogue.chapters()[:2]
STUB = 'import math\n\n\ndef f(x):\n    """Twice x."""\n    raise NotImplementedError'


@pytest.fixture
def folder(tmp_path, untouched_exercises):
    """A clone's exercises/ without the package beside it; answers/ is not there yet."""
    lay_down(Folder((tmp_path / "exercises",)), [CHAPTER, SECOND])
    return folder_in(tmp_path)


@pytest.fixture
def answers(folder):
    """The learner's copy of chapter 01 and 02 in answers/."""
    lay_down(folder, [CHAPTER, SECOND])
    return folder.places[0]


def write(place, text="mine = 1\n"):
    (place / CHAPTER.file).write_text(text, encoding="utf-8")
    return place / CHAPTER.file


def test_lay_down_writes_what_is_missing_and_nothing_else(folder, answers):
    path = write(answers)
    (answers / SECOND.file).unlink()
    assert lay_down(folder, [CHAPTER, SECOND]) == [answers / SECOND.file]
    assert path.read_text(encoding="utf-8") == "mine = 1\n"


def test_no_stub_is_laid_down_beside_work_in_exercises(folder):
    path = write(folder.places[1])
    assert lay_down(folder, [CHAPTER, SECOND]) == [folder.places[0] / SECOND.file]
    assert folder.file(CHAPTER) == path


def test_copy_in_answers_is_read_before_the_untouched_task(folder, answers):
    assert folder.file(CHAPTER) == answers / CHAPTER.file
    assert not folder.written(CHAPTER)


def test_work_in_exercises_is_read_before_an_untouched_copy(folder, answers):
    path = write(folder.places[1])
    assert folder.file(CHAPTER) == path
    assert folder.remarks([CHAPTER]) == []


def test_of_two_that_are_written_answers_is_read_and_one_line_says_so(folder, answers):
    write(folder.places[1])
    path = write(answers)
    assert folder.file(CHAPTER) == path
    (remark,) = folder.remarks([CHAPTER, CHAPTER, SECOND])
    assert remark.startswith(f"answers/{path.name} is read, exercises/{path.name} is")


def test_file_that_is_nowhere_belongs_in_answers(tmp_path):
    folder = folder_in(tmp_path)
    assert folder.file(CHAPTER) == tmp_path / "answers" / CHAPTER.file
    assert not folder.written(CHAPTER)


@pytest.mark.parametrize("inside", [".", "exercises", "answers", "notebooks"])
def test_folder_is_found_from_below_and_from_inside(folder, answers, inside):
    start = folder.places[0].parent / inside
    start.mkdir(exist_ok=True)
    assert workplace.find_folder(start) == folder_in(answers.parent.resolve())


def test_stranger_s_folders_of_these_names_are_not_taken(tmp_path):
    for name in ("answers", "exercises"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "01.py").write_text("")
    assert workplace.find_folder(tmp_path) is None


def test_no_folder_is_one_line_that_helps(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="dpo-edu next"):
        workplace.require_folder()


def test_untouched_survives_line_endings_and_comments_but_no_answer(answers):
    path = answers / CHAPTER.file
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert not is_written(path)
    path.write_text(text.replace("import", "# I begin\nimport"), encoding="utf-8")
    assert not is_written(path)
    path.write_text(text + "x = 1\n", encoding="utf-8")
    assert is_written(path)


@pytest.mark.parametrize(
    ("change", "untouched"),
    [
        (("", ""), True),
        (("raise NotImplementedError", "raise NotImplementedError('f: 2 x')"), True),
        (("raise NotImplementedError", 'raise NotImplementedError("f: x\'s")'), True),
        (("import math", "import math, numpy"), True),
        (("raise NotImplementedError", "raise NotImplementedError('g: 2 x')"), False),
        (("raise NotImplementedError", "return 2 * x"), False),
        (("raise NotImplementedError", "y = x; raise NotImplementedError"), False),
        (("    raise NotImplementedError", ""), False),
        (("import math", "import math\ndef g(x):\n    return x"), False),
        (("import math", "import math\nTWO = 2"), False),
        (("raise NotImplementedError", "raise NotImplementedError\nf = abs"), False),
        (
            ("NotImplementedError", "NotImplementedError\nfrom math import fabs as f"),
            False,
        ),
        (("def f", "async def f"), False),
        (("def f", "class A: pass\ndef f"), False),
    ],
)
def test_only_imports_and_stubs_below_them_are_untouched(change, untouched):
    assert is_untouched(STUB.replace(*change)) is untouched


@pytest.mark.parametrize(
    "content", [b"def f(:", b"\xff\xfe", b"x = 1\0", b"\xef\xbb\xbfx = 1", b"-" * 99999]
)
def test_odd_content_counts_as_written_so_that_the_check_says_why(answers, content):
    path = answers / CHAPTER.file
    path.write_bytes(content)
    assert is_written(path)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"# nothing yet\n"])
def test_nothing_is_nothing_written(answers, content):
    path = answers / CHAPTER.file
    path.write_bytes(content)
    assert not is_written(path)


def test_folder_with_a_file_s_name_is_no_file(folder, answers):
    (answers / CHAPTER.file).unlink()
    (answers / CHAPTER.file).mkdir()
    assert folder.file(CHAPTER) == folder.places[1] / CHAPTER.file
    assert lay_down(folder, [CHAPTER]) == []


def test_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "answers").write_text("a file")
    with pytest.raises(InputError, match=r"cannot make .*answers \(File exists\)"):
        workplace.write(tmp_path / "answers" / CHAPTER.file, "")


def test_nobody_s_answer_is_given_out_as_a_task(tmp_path, monkeypatch):
    monkeypatch.setattr(workplace, "course_folder", lambda name: tmp_path / name)
    (tmp_path / "exercises").mkdir()
    path = write(tmp_path / "exercises")
    for _ in range(2):  # written in, then removed
        with pytest.raises(InputError, match=f"git -C .* checkout -- .*{path.name}"):
            workplace.stub(CHAPTER)
        path.unlink(missing_ok=True)


def test_git_command_is_what_one_would_type(tmp_path, monkeypatch):
    path = tmp_path / "exercises" / CHAPTER.file
    away = workplace.git_command(path)
    assert away == f"git -C {tmp_path} checkout -- exercises/{CHAPTER.file}"
    monkeypatch.chdir(tmp_path)
    assert workplace.git_command(path) == f"git checkout -- exercises/{CHAPTER.file}"


def test_copies_are_numbered_and_never_overwritten(answers):
    copies = [workplace.keep_copy(write(answers, word)) for word in ("one", "two")]
    assert [copy.read_text(encoding="utf-8") for copy in copies] == ["one", "two"]
    assert len({copy.name for copy in copies}) == 2


def test_write_leaves_no_scratch_file(answers):
    before = sorted(answers.iterdir())
    workplace.write(answers / CHAPTER.file, "new = 1\n")
    assert sorted(answers.iterdir()) == before


def test_notebook_lays_a_stub_down_where_there_is_none(
    tmp_path, monkeypatch, capsys, untouched_exercises
):
    monkeypatch.chdir(tmp_path)
    report = check("02")
    assert f"new: answers{os.sep}{SECOND.file}" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "answers").iterdir()] == [SECOND.file]
    assert {result.verdict for result in report.results} == {"to do"}
    check()
    assert len([*(tmp_path / "answers").iterdir()]) == 1


def test_notebook_in_a_clone_writes_nothing(folder, monkeypatch):
    monkeypatch.chdir(folder.places[1].parent)
    check("01")
    assert not folder.places[0].exists()


def test_one_function_is_replaced_and_the_others_stay():
    text = "import math\n\n\ndef f(x):\n    return x\n\n\ndef g(x):\n    return 2 * x\n"
    new = with_function(text, "f", "def f(x):\n    return 0")
    assert new == text.replace("    return x\n", "    return 0\n")
    assert with_function(text, "h", "def h():\n    pass").endswith(
        "return 2 * x\n\n\ndef h():\n    pass\n"
    )


def test_file_that_is_not_python_is_an_input_error():
    with pytest.raises(InputError, match="line 1 is not Python yet"):
        with_function("def f(:\n", "f", "")


@pytest.mark.parametrize(
    "what",
    ["01", "1", "bradley_terry", "01_bradley_terry", "answers/01_bradley_terry.py"],
)
def test_chapter_goes_by_many_names(what):
    assert [entry.name for _, entry in catalogue.find(what)] == list(CHAPTER.names)


def test_unknown_name_suggests_a_near_one():
    with pytest.raises(InputError, match="did you mean preference_probability"):
        catalogue.find("preference_probabilty")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "odd", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
)
def test_only_python_s_line_ends_count(end, odd):
    lines = [f'NOTE = "a{odd}b"', f"# {odd}", "def f(x):", "    return x", "", "y = 1"]
    text = end.join([*lines, ""])
    new = with_function(text, "f", STUB.split("\n\n\n")[1])
    before, after = text.split(f"def f(x):{end}    return x")
    assert new.startswith(before)
    assert new.endswith(after)
    assert tasks(new) == ["f"]
    assert new.count(end) == text.count(end) + 1
    assert function_source(text, "f") == f"def f(x):{end}    return x"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_added_function_follows_after_two_blank_lines(end):
    text = f"x = 1{end}{end}"
    assert with_function(text, "f", "def f(): pass") == end.join(
        ["x = 1", "", "", "def f(): pass", ""]
    )


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("x = 'π'".encode(), "utf-8"),
        ("x = 'π'".encode("utf-8-sig"), "utf-8-sig"),
        ("# coding: latin-1\nx = 'ä'".encode("latin-1"), "iso-8859-1"),
    ],
)
def test_a_file_is_decoded_as_python_does(content, encoding):
    text, found = decoded(content)
    assert found == encoding
    assert text.encode(found) == content
    assert not text.startswith("\ufeff")


@pytest.mark.parametrize(
    "content",
    [
        "x = 1".encode("utf-16"),
        b"x = '\xe4'",
        b"# coding: klingon\nx = 1",
        b"# coding: ascii\nx = '\xe4'",
    ],
)
def test_a_file_that_is_no_text_is_an_input_error(content):
    with pytest.raises(InputError, match="not UTF-8 text"):
        decoded(content)


def test_source_without_a_line_number_says_no_line():
    with pytest.raises(InputError) as refused:
        is_untouched(b"# coding: klingon\nx = 1")
    assert "None" not in str(refused.value)


@pytest.mark.filterwarnings("error")
def test_looking_at_a_file_warns_of_nothing():
    assert not is_untouched(r"x = '\d'")


def test_a_copy_that_cannot_be_kept_is_one_line_and_leaves_no_half(
    answers, monkeypatch
):
    path = write(answers)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        workplace.keep_copy(path)
    monkeypatch.undo()
    assert not [*(answers / "kept").iterdir()]
    (answers / "kept").rmdir()
    (answers / "kept").write_text("mine")
    with pytest.raises(InputError, match="kept is a file, not a folder"):
        workplace.keep_copy(path)


# Other users' files


def owned(monkeypatch, owners):
    """Pretend that the paths that end so belong to these users."""
    work = workplace.Path.stat

    def stat(self, **options):
        found = work(self, **options)
        for end, user in owners.items():
            if str(self).endswith(end):
                fields = [*found][:10]
                fields[4] = user
                return os.stat_result(fields)
        return found

    monkeypatch.setattr(workplace.Path, "stat", stat)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps users apart by itself")
@pytest.mark.parametrize(
    ("owners", "taken"),
    [
        ({}, True),
        ({CHAPTER.file: 4242}, False),
        ({"answers": 4242}, False),
        ({"mine": 4242, "answers": 4242, CHAPTER.file: 4242}, True),  # their place
        ({"mine": 4242, "answers": 4242, CHAPTER.file: 4243}, False),
    ],
)
def test_nobody_runs_what_another_user_has_laid_down_above(
    owners, taken, tmp_path, monkeypatch, untouched_exercises
):
    lay_down(Folder((tmp_path / "answers",)), [CHAPTER])
    (tmp_path / "mine").mkdir()
    owned(monkeypatch, owners)
    assert (workplace.find_folder(tmp_path / "mine") is not None) is taken


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps users apart by itself")
def test_where_everybody_may_write_only_one_s_own_files_are_run(
    tmp_path, monkeypatch, untouched_exercises
):
    lay_down(Folder((tmp_path / "answers",)), [CHAPTER])
    tmp_path.chmod(0o1777)
    owned(monkeypatch, {tmp_path.name: 4242, "answers": 4242, CHAPTER.file: 4242})
    assert workplace.find_folder(tmp_path) is None


# A course folder that many people read


@pytest.fixture
def read_only(folder, tmp_path, monkeypatch):
    """The course's own place may not be written; the home directory may."""
    home = tmp_path / "home"
    (tmp_path / "notebooks").mkdir()
    home.mkdir()
    monkeypatch.setattr(workplace.Path, "home", lambda: home)
    heeded = lambda path, mode: mode != os.W_OK or home in (path, *path.parents)  # noqa: E731
    monkeypatch.setattr(workplace.os, "access", heeded)
    monkeypatch.chdir(tmp_path / "notebooks")
    return home / "answers"


def test_answers_are_at_home_where_the_course_is_read_only(read_only):
    found = workplace.find_folder()
    assert lay_down(found, [CHAPTER]) == [read_only / CHAPTER.file]
    path = write(read_only)
    assert workplace.find_folder().file(CHAPTER) == path


def test_a_check_lays_stubs_down_at_home(read_only, folder, capsys):
    for path in folder.places[1].iterdir():
        path.unlink()
    report = check(CHAPTER.number)
    assert (read_only / CHAPTER.file).exists()
    assert all(result.verdict == "to do" for result in report.results)

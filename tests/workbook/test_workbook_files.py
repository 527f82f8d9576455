"""The learner's files are the only state: laid down, kept, put back, never lost."""

import pytest

from dpo_edu.validation import InputError
from dpo_edu.workbook import catalogue, sources, workspace

CHAPTER = catalogue.chapters()[0]


@pytest.fixture
def folder(tmp_path):
    workspace.lay_down(tmp_path / "exercises")
    return tmp_path / "exercises"


def test_lay_down_writes_what_is_missing_and_nothing_else(folder):
    path = folder / CHAPTER.file
    path.write_text("mine = 1\n", encoding="utf-8")
    (folder / catalogue.chapters()[1].file).unlink()
    assert [p.name for p in workspace.lay_down(folder)] == [
        catalogue.chapters()[1].file
    ]
    assert path.read_text(encoding="utf-8") == "mine = 1\n"


def test_folder_is_found_from_below_and_from_inside(folder):
    notebooks = folder.parent / "notebooks"
    notebooks.mkdir()
    for start in (folder.parent, folder, notebooks):
        assert workspace.find_folder(start) == folder.resolve()


def test_no_folder_is_one_line_that_helps(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="dpo-edu next"):
        workspace.require_folder()


def test_pristine_survives_line_endings_but_no_edit(folder):
    path = folder / CHAPTER.file
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert workspace.is_pristine(folder, CHAPTER)
    path.write_text(text + "x = 1\n", encoding="utf-8")
    assert not workspace.is_pristine(folder, CHAPTER)


def test_copies_are_numbered_and_never_overwritten(folder):
    path = folder / CHAPTER.file
    copies = []
    contents = ["one", "two", "three"]
    for content in contents:
        path.write_text(content, encoding="utf-8")
        copies.append(workspace.keep_copy(path))
    assert [copy.read_text(encoding="utf-8") for copy in copies] == [
        "one",
        "two",
        "three",
    ]
    assert len({copy.name for copy in copies}) == 3


def test_write_leaves_no_scratch_file(folder):
    before = sorted(folder.iterdir())
    workspace.write(folder / CHAPTER.file, "new = 1\n")
    assert sorted(folder.iterdir()) == before


def test_one_function_is_replaced_and_the_others_stay():
    text = "import math\n\n\ndef f(x):\n    return x\n\n\ndef g(x):\n    return 2 * x\n"
    new = sources.with_function(text, "f", "def f(x):\n    return 0")
    assert new == text.replace("    return x\n", "    return 0\n")
    assert sources.with_function(text, "h", "def h():\n    pass").endswith(
        "return 2 * x\n\n\ndef h():\n    pass\n"
    )


def test_file_that_is_not_python_is_an_input_error():
    with pytest.raises(InputError, match="line 1 is not Python yet"):
        sources.with_function("def f(:\n", "f", "")


@pytest.mark.parametrize(
    "what",
    ["01", "1", "bradley_terry", "01_bradley_terry", "exercises/01_bradley_terry.py"],
)
def test_chapter_goes_by_many_names(what):
    assert [entry.name for _, entry in catalogue.find(what)] == list(CHAPTER.names)


def test_unknown_name_suggests_a_near_one():
    with pytest.raises(InputError, match="did you mean preference_probability"):
        catalogue.find("preference_probabilty")

"""``notebooks`` and ``slides`` on files that nobody of the course wrote."""

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from dpo_edu.__main__ import main
from dpo_edu.publish import notebooks
from dpo_edu.publish.lecture import build, lecture
from dpo_edu.validation import InputError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "01_mine.ipynb"


def write(path, *cells):
    nbformat.write(new_notebook(cells=[*cells]), path)
    return path


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"cells": 3}', b"[" * 100_000]
)
def test_a_file_that_is_no_notebook_is_one_line(content, path, capsys):
    path.write_bytes(content)
    assert main(["notebooks", "--folder", str(path.parent)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.read_bytes() == content


def test_a_notebook_without_cells_is_refused(path):
    with pytest.raises(InputError, match="has no cells"):
        notebooks.read(write(path))


def test_no_folder_is_made_for_slides_of_nothing(tmp_path, capsys):
    words = ["slides", "--folder", str(tmp_path), "--out", str(tmp_path / "new")]
    assert main(words) == 2
    assert "no notebooks in" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["slides", "notebooks"])
def test_nothing_is_computed_for_a_closed_folder(name, path, monkeypatch, capsys):
    write(path, new_code_cell("raise SystemExit"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    options = ["--out", str(path.parent)] if name == "slides" else []
    assert main([name, "--folder", str(path.parent), *options]) == 2
    assert "may not be written in" in capsys.readouterr().err


def test_chapters_that_are_not_there_are_named(path, capsys):
    write(path, new_code_cell(""))
    assert main(["notebooks", "77", "8", "--folder", str(path.parent)]) == 2
    assert "no notebook 77, 8: there are 01\n" in capsys.readouterr().err


def test_any_first_line_is_a_title(path):
    page = build(write(path, new_markdown_cell("# <b>&\u2028x")), stored=True)
    assert "<title>&lt;b&gt;&amp;\u2028x</title>" in page
    assert "<title>01_mine</title>" in build(
        write(path, new_code_cell("")), stored=True
    )


def test_a_slide_without_a_heading_before_it_stands_alone():
    cell = new_markdown_cell("text", metadata={"tags": ["slide"]})
    caption = new_markdown_cell("**Figure 1.** A caption.")
    assert len(lecture(new_notebook(cells=[caption, cell])).cells) == 2


def test_a_write_that_fails_leaves_the_old_notebook(path, monkeypatch):
    write(path, new_markdown_cell("# old"))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notebooks, "run_cells", lambda *_, **__: None)
    monkeypatch.setattr("dpo_edu.files.os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        notebooks.execute(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]
    monkeypatch.setattr(notebooks, "run_cells", lambda *_, **__: None)
    notebooks.execute(path)
    assert json.loads(path.read_text("utf-8"))["cells"][0]["source"] == ["# old"]


def test_cells_written_anew_keep_their_names(path, monkeypatch):
    write(
        path, new_markdown_cell("# a"), new_code_cell("x = 1"), new_markdown_cell("b")
    )
    write(path.with_name("02_next.ipynb"), new_markdown_cell("# c"))
    monkeypatch.setattr(notebooks, "run_cells", lambda *_, **__: None)
    notebooks.execute(path)
    before = path.read_bytes()
    notebooks.execute(path)
    assert path.read_bytes() == before

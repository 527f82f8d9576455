"""The first code cell: silent where the course is, and a way to get it elsewhere."""

import importlib.util

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from dpo_edu.publish.preparation import MISSING, prepare, repository, source

from .notebook import PATHS

ADDRESS = "https://example.org/a/course"


@pytest.mark.parametrize(
    ("urls", "address"),
    [("", ""), (f'[project.urls]\nRepository = "{ADDRESS}/"\n', ADDRESS)],
)
def test_the_address_is_one_setting(urls, address, tmp_path):
    assert repository(tmp_path) == ""
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\n{urls}', "utf-8")
    assert repository(tmp_path) == address


@pytest.fixture
def installed(monkeypatch):
    """What the cell at an address tells pip, line by line."""
    said = []

    def run(address):
        shell = InteractiveShell()
        shell.register_magic_function(said.append, magic_name="pip")
        shell.run_cell(source(address)).raise_error()
        return said

    return run


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_nothing_is_said_where_the_course_is(address, installed, capsys):
    assert installed(address) == []
    assert capsys.readouterr().out == ""


def test_what_is_missing_is_installed(installed, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert installed(ADDRESS) == [f'install -q "dpo-edu @ git+{ADDRESS}"']
    assert capsys.readouterr().out == ""


def test_without_an_address_a_page_is_named(installed, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert installed("") == []
    assert capsys.readouterr().out == f"{MISSING}\n"
    assert (PATHS[0].parents[1] / "docs" / "install.md").exists()


def test_the_cell_stands_before_all_code_once():
    notebook = new_notebook(cells=[new_markdown_cell("# a"), new_code_cell("x = 1")])
    names = set()
    for address in (ADDRESS, ""):
        prepare(notebook, address)
        names.add(notebook.cells[1].id)
    assert len(names) == 1
    assert [cell.source for cell in notebook.cells] == ["# a", source(""), "x = 1"]

"""What is installed with what: a light base, and extras for what only some need."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from dpo_edu.__main__ import main
from dpo_edu.validation import InputError
from dpo_edu.validation.extras import require_extra

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
INSIDE = {  # a package's name, where the module that is imported has another
    "PIL": "matplotlib",  # brings it
    "jupyter_client": "jupyterlab",
    "nbclient": "jupyterlab",
    "nbconvert": "jupyterlab",
    "nbformat": "jupyterlab",
    "huggingface_hub": "transformers",
    "tokenizers": "transformers",
    "sphinx": "sphinx",
}


def names(requirements) -> set[str]:
    """The packages that these lines name, without versions and extras."""
    return {re.match(r"[\w-]+", line)[0] for line in requirements}


def imported(tree, everywhere: bool) -> set[str]:
    """Other people's packages that a file imports, at its top or also in functions."""
    nodes = ast.walk(tree) if everywhere else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return {INSIDE.get(name, name) for name in found - {*sys.stdlib_module_names}}


def test_a_light_install_imports_every_module():
    base = names(PROJECT["dependencies"]) | {"dpo_edu"}
    for path in (ROOT / "dpo_edu").rglob("*.py"):
        if path.parent.name != "own_model":  # imported where its extra was found
            tree = ast.parse(path.read_text("utf-8"))
            assert imported(tree, everywhere=False) <= base, path


def test_what_is_imported_later_belongs_to_an_extra():
    known = names(PROJECT["dependencies"]) | {"dpo_edu"}
    known |= set().union(*map(names, EXTRAS.values()))
    for path in (ROOT / "dpo_edu").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert imported(tree, everywhere=True) <= known, path


def test_the_base_has_no_notebooks_and_no_builder():
    heavy = {"jupyterlab", "ipywidgets", "sphinx", "transformers", "playwright"}
    assert not heavy & names(PROJECT["dependencies"])


def test_every_dependency_has_a_reason():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = re.findall(r'(?m)^    "[\w-]+[^"]*==?[^"]*",(.*)$', text)
    assert len(lines) > 20
    reasons = [line for line in lines if not line.strip().startswith("#")]
    assert len(reasons) <= 3, "some lines repeat a package of another extra"


def test_make_installs_versions_that_were_tested():
    pinned = names((ROOT / "constraints.txt").read_text("utf-8").split("\n")[1:-1])
    needed = names(PROJECT["dependencies"]).union(*map(names, EXTRAS.values()))
    assert needed - pinned <= {"dpo-edu", "playwright"}


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["notebooks", "06"], "lab"),
        (["slides", "06", "--stored"], "slides"),
        (["site"], "site"),
    ],
)
def test_a_command_without_its_extra_says_how_to_get_it(
    words, extra, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("dpo_edu.validation.extras.find_spec", lambda name: None)
    words += ["--out", str(tmp_path / "out")] if words[0] != "notebooks" else []
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"pip install 'dpo-edu[{extra}]', or in a clone" in said
    assert extra in EXTRAS


def test_the_citation_names_a_release_of_the_changelog():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    version = re.search(r"(?m)^version: (.+)$", citation)[1]
    day = re.search(r"(?m)^date-released: (.+)$", citation)[1]
    assert f"## {version} ({day})" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_an_extra_that_is_there_is_not_missed():
    require_extra("lab", "these need", "ast", "re")
    with pytest.raises(InputError, match="these need no_such: pip install 'dpo-edu"):
        require_extra("lab", "these need", "ast", "no_such")

"""The layout that lets a reader guess: one stem a chapter, imports only backwards."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dpo_edu

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dpo_edu"
MODULES = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem[0] != "_"}
OUTSIDE = ("figures", "experiments", "workbook", "commands", "slides")
LIBRARIES = ("numpy", "torch", "sympy", "matplotlib")


def _imported(path: Path) -> set[str]:
    """Modules of the package that this file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [name.name for name in node.names]
            found |= {name.split(".")[0] for name in names}
    return found


def _reach(stem: str) -> set[str]:
    """All modules that importing ``stem`` can bring along, itself included."""
    reached, waiting = set(), [stem]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += _imported(MODULES[here]) if here in MODULES else []
    return reached


@pytest.mark.parametrize("stem", dpo_edu.CHAPTERS)
def test_a_chapter_reaches_only_earlier_chapters(stem):
    later = set(dpo_edu.CHAPTERS[dpo_edu.CHAPTERS.index(stem) + 1 :])
    assert not _reach(stem) & later
    assert not _reach(stem) & set(OUTSIDE)


@pytest.mark.parametrize("stem", sorted(MODULES))
def test_no_module_imports_itself_in_a_circle(stem):
    assert stem not in set().union(*map(_reach, _imported(MODULES[stem])))


@pytest.mark.parametrize("stem", dpo_edu.CHAPTERS)
def test_one_stem_finds_all_files_of_a_chapter(stem):
    number = f"{dpo_edu.CHAPTERS.index(stem) + 1:02d}"
    for place in (
        f"dpo_edu/{stem}.py",
        f"dpo_edu/figures/{stem}.py",
        f"dpo_edu/workbook/chapters/{stem}.py",
        f"notebooks/{number}_{stem}.ipynb",
        f"exercises/{number}_{stem}.py",
        f"solutions/{number}_{stem}.py",
        f"tests/exercises/test_{number}_{stem}.py",
        f"tests/known_wrong/{number}_{stem}.py",
        f"tests/package/test_{stem}.py",
    ):
        assert (ROOT / place).is_file(), place


def test_no_numbered_file_belongs_to_no_chapter():
    known = {f"{n:02d}_{stem}" for n, stem in enumerate(dpo_edu.CHAPTERS, start=1)}
    for folder in ("notebooks", "exercises", "solutions", "tests/known_wrong"):
        found = {path.stem for path in (ROOT / folder).glob("[0-9][0-9]_*")}
        assert found <= known | {"00_start_here"}, folder


def test_importing_the_package_loads_no_library():
    _assert_not_loaded("dpo_edu", LIBRARIES)


@pytest.mark.parametrize("stem", dpo_edu.CHAPTERS[:5])
def test_the_first_five_chapters_need_numpy_alone(stem):
    _assert_not_loaded(f"dpo_edu.{stem}", LIBRARIES[1:])


def _assert_not_loaded(module: str, libraries) -> None:
    code = f"import sys, {module}; print([x for x in {libraries} if x in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_package_speaks_of_itself_alone():
    words = re.compile(r"\b(TODO|FIXME|XXX)\b|COURSE\.md|/work/|\.\./shared")
    for folder in ("dpo_edu", "exercises", "solutions", "notebooks"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".ipynb", ".md", ".json"):
                assert not words.search(path.read_text("utf-8")), path

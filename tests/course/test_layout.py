"""The layout that lets a reader guess: one stem per chapter, imports that run down.

``MAY_IMPORT`` is the whole rule. A room is an entry of ``dpo_edu/``: a module, or a
folder with all that is in it.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

import dpo_edu
from dpo_edu import CHAPTERS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dpo_edu"
LIBRARIES = ("numpy", "torch", "sympy", "matplotlib")

# Room: the rooms that it may import besides itself. Chapters stand in reading order.
GROUND = ("validation", "root_finding", "reading", "files", "progress")
UP_TO_TRAINING = CHAPTERS[: CHAPTERS.index("training") + 1]
MAY_IMPORT = {
    "validation": (),
    "root_finding": ("validation",),
    "reading": (),
    "progress": (),
    "files": ("validation",),
    **{stem: GROUND + CHAPTERS[:n] for n, stem in enumerate(CHAPTERS)},
    "own_data": GROUND + UP_TO_TRAINING,
    "own_model": (*GROUND, *UP_TO_TRAINING, "scaling", "own_data", "real_model"),
    "trainer_checks": GROUND + CHAPTERS,
    "verify": (*GROUND, *CHAPTERS, "figures", "experiments"),  # what is stored counts
    "figures": GROUND + CHAPTERS,  # they draw and run nothing
    "tour": (*GROUND, *UP_TO_TRAINING, "figures", "verify"),
    "experiments": (*GROUND, *CHAPTERS, "own_data"),
    "workbook": GROUND,  # a check shares no code with what it checks
    "publish": (*GROUND, "figures"),  # the colors of the roles
    "commands": None,  # anything; nobody but the command line imports them
    "__main__": ("commands", "validation"),
}
MAY_IMPORT["scaling"] += ("own_data",)  # an export takes along what a run was fed


def rooms() -> list[str]:
    """The names directly in the package that hold code."""
    found = [path.stem for path in PACKAGE.iterdir() if path.name[0] not in "_."]
    return sorted({*found, "__main__"} - {"data"})


def files_of(room: str) -> list[Path]:
    """All Python files of a room."""
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]


def modules_imported(path: Path) -> set[tuple[str, ...]]:
    """Modules of the package that this file imports, wherever in it.

    ``from ..boltzmann import frontier`` may name a module or what a module defines:
    whichever file exists decides.
    """
    home = ("dpo_edu", *path.relative_to(PACKAGE).parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {tuple(name.name.split(".")) for name in node.names}
        if isinstance(node, ast.ImportFrom):
            base = home[: len(home) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            whole = {(*base, name.name) for name in node.names}
            found |= {parts if is_module(parts[1:]) else base for parts in whole}
    return {parts[1:] for parts in found if parts[0] == "dpo_edu" and parts[1:]}


def is_module(parts: tuple[str, ...]) -> bool:
    place = PACKAGE.joinpath(*parts)
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def rooms_imported(room: str) -> set[str]:
    """The other rooms that a room's files import."""
    found = set().union(*(modules_imported(path) for path in files_of(room)))
    return {parts[0] for parts in found} - {room}


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_only_what_the_table_allows(room):
    assert room in MAY_IMPORT, f"{room} stands in no line of the table"
    allowed = MAY_IMPORT[room]
    if allowed is not None:
        assert rooms_imported(room) <= set(allowed)


def test_the_table_names_no_room_that_is_not_there():
    assert set(MAY_IMPORT) == set(rooms())


def test_no_rooms_and_no_files_import_each_other_in_a_circle():
    below = {room: rooms_imported(room) for room in rooms()}
    assert not circle(below)
    inside = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        is_door = parts[-1] == "__init__"
        inside[parts[:-1] if is_door else parts] = modules_imported(path)
    assert not circle(inside)


def circle(graph: dict) -> list:
    """The names that are left when all that import nothing left are taken away."""
    left = dict(graph)
    while True:
        free = [name for name in left if not graph[name] & left.keys() - {name}]
        if not free:
            return sorted(left)
        for name in free:
            del left[name]


@pytest.mark.parametrize("path", files_of("figures"), ids=lambda path: path.stem)
def test_a_file_of_figures_bears_the_name_of_what_it_shows(path):
    rooms_shown = (*CHAPTERS, "tour", "start_here")
    for_all = "__init__", "style", "intervals"
    assert path.stem in for_all or path.stem.startswith(rooms_shown)


def test_the_house_has_room():
    entries = {path.stem for path in PACKAGE.iterdir()} - {"__pycache__"}
    # 17: own_model stands above own_data and real_model, and so in neither.
    # 18: trainer_checks, which the pytest of other projects loads by its name.
    assert len(entries - {*CHAPTERS}) <= 18


@pytest.mark.parametrize("stem", CHAPTERS)
def test_one_stem_finds_all_files_of_a_chapter(stem):
    number = f"{CHAPTERS.index(stem) + 1:02d}"
    assert is_module((stem,))
    for place in (
        f"dpo_edu/figures/{stem}.py",
        f"dpo_edu/workbook/checks/{stem}.py",
        f"dpo_edu/workbook/known_wrong/{stem}.py",
        f"dpo_edu/workbook/records/{stem}.py",
        f"notebooks/{number}_{stem}.ipynb",
        f"exercises/{number}_{stem}.py",
        f"solutions/{number}_{stem}.py",
        f"tests/right_answers/{stem}.py",
        f"tests/package/test_{stem}.py",
    ):
        assert (ROOT / place).is_file(), place


@pytest.mark.parametrize("door", sorted(PACKAGE.glob("*/__init__.py")), ids=str)
def test_a_door_is_short_and_a_chapter_s_hands_out_names_alone(door):
    source = door.read_text("utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) < 40
    if door.parent.name in CHAPTERS:
        body = ast.parse(source).body[1:]
        assert all(isinstance(node, ast.ImportFrom) for node in body)


def test_no_numbered_file_belongs_to_no_chapter():
    known = {f"{n:02d}_{stem}" for n, stem in enumerate(CHAPTERS, start=1)}
    for folder in ("notebooks", "exercises", "solutions"):
        found = {path.stem for path in (ROOT / folder).glob("[0-9][0-9]_*")}
        assert found <= known | {"00_start_here"}, folder


def test_importing_the_package_loads_no_library():
    _assert_not_loaded("dpo_edu", LIBRARIES)


@pytest.mark.parametrize("stem", CHAPTERS[:5])
def test_the_first_five_chapters_need_numpy_alone(stem):
    _assert_not_loaded(f"dpo_edu.{stem}", LIBRARIES[1:])


@pytest.mark.parametrize(
    "stem", ["preference_world", "failure_modes", "online", "scaling"]
)
def test_a_door_that_needs_no_torch_loads_none(stem):
    _assert_not_loaded(f"dpo_edu.{stem}", ("torch",))


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


def test_the_rules_themselves_can_fail():
    assert circle({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == ["a", "b", "c"]
    assert not circle({"a": {"b"}, "b": set()})
    up = modules_imported(PACKAGE / "commands" / "check.py")
    assert any(parts[0] == "workbook" for parts in up)
    spelled = PACKAGE / "boltzmann" / "spelled.py"  # a file that is not there
    sources = {
        "import dpo_edu.files": ("files",),
        "from dpo_edu import files": ("files",),
        "from dpo_edu.boltzmann import tilt": ("boltzmann", "tilt"),
        "from dpo_edu.boltzmann.tilt import objective": ("boltzmann", "tilt"),
        "from .tilt import objective": ("boltzmann", "tilt"),
        "from . import tilt": ("boltzmann", "tilt"),
        "from ..files import write_json": ("files",),
        "from .. import files": ("files",),
    }
    for source, wanted in sources.items():
        with patch.object(Path, "read_text", return_value=source):
            assert modules_imported(spelled) == {wanted}, source
    assert "boltzmann" in rooms_imported("cancellation")
    assert dpo_edu.CHAPTERS == CHAPTERS

"""The README is a test: its snippet prints what it says, what it names exists.

The same holds for the pages in ``docs/`` that say more.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from dpo_edu import CHAPTERS
from dpo_edu.commands import COMMANDS
from dpo_edu.preference_world import build_world
from dpo_edu.tour import moving_picture
from dpo_edu.workbook import known_wrong

from .notebook import PATHS, Notebook
from .test_notebooks import minutes

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "docs"
COURSE, INSTALL, PACKAGE, PRACTICE = (
    (DOCS / f"{name}.md").read_text("utf-8")
    for name in ("course", "install", "package", "practice")
)
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def targets(text: str) -> list[str]:
    """Where links and pictures of a page lead, without what stands after #."""
    found = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    found += re.findall(r'(?:src|srcset|href)="([^"#]+)"', text)
    return [target for target in found if not target.startswith("https://")]


def test_the_snippet_prints_what_stands_below_it():
    code, output = re.search(
        r"```python\n(.*?)```\n```\n(.*?)```", README, re.DOTALL
    ).groups()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == output


@each_page
def test_every_command_named_exists(page):
    known = {name for names in COMMANDS.values() for name in names}
    text = page.read_text("utf-8")
    assert set(re.findall(r"dpo-edu ([a-z]+)", text)) <= known


@each_page
def test_every_make_target_named_exists(page):
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?m)(?:`|^)make ([a-z-]+)", page.read_text("utf-8")))
    assert named <= known


@each_page
def test_every_link_leads_to_a_file(page):
    lost = [
        t for t in targets(page.read_text("utf-8")) if not (page.parent / t).exists()
    ]
    assert not lost


def test_the_readme_links_and_leads_to_every_page():
    """From the README in two steps at most, so that nothing is out of sight."""
    near = {(ROOT / target).resolve() for target in targets(README)}
    assert (ROOT / "notebooks" / "afternoon.ipynb") in near
    pages = [path for path in near if path.suffix == ".md" and path.parent == DOCS]
    for page in pages:
        text = page.read_text("utf-8")
        near |= {(page.parent / target).resolve() for target in targets(text)}
    assert set(DOCS.glob("*.md")) <= near


@pytest.mark.parametrize("text", [README, PACKAGE], ids=["README", "package"])
def test_every_module_named_exists(text):
    named = set(re.findall(r"`([\w/]+\.py|\w+/)`", text))
    for name in named - {"answers/"}:  # a reader's own, which `dpo-edu next` makes
        assert any((ROOT / place / name).exists() for place in ("dpo_edu", ".")), name


def test_every_part_of_the_package_has_its_line():
    rooms = {path.stem for path in (ROOT / "dpo_edu").iterdir()} - {*CHAPTERS, "data"}
    for room in rooms:
        if not room.startswith("_"):
            assert re.search(rf"`{room}(/|\.py)", PACKAGE), room


def test_every_extra_has_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = set(re.findall(r"(?m)^\| `(\w+)` \|", INSTALL))
    assert lines == set(project["optional-dependencies"])


def test_the_first_screen_has_a_door_for_each_reader():
    doors = re.findall(r"(?m)^- \*\*(To \w+).*?:\*\* \[[^]]+\]\(([^)]+)\)", README)
    assert doors[:3] == [
        ("To learn", "notebooks/afternoon.ipynb"),
        ("To teach", "docs/lecturers.md"),
        ("To test", "docs/trainer_checks.md"),
    ]
    assert f"{len(PATHS)} lectures" in README
    assert f"{len(CHAPTERS)} chapters and an introduction" in README
    afternoon = Notebook(ROOT / "notebooks" / "afternoon.ipynb").markdown
    whole = re.search(r"\*\*Time\.\*\* (\d+ minutes) in all", afternoon)[1]
    assert f"takes {whole}" in README


def test_nothing_names_an_address_that_is_not_set():
    """Badges and buttons come with ``[project.urls]``; the license alone has a link."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    if not project.get("urls"):
        assert "http" not in README


def test_the_world_is_as_small_as_the_readme_says():
    assert f"{build_world().reward.shape[1]:,} answers to each prompt" in README


def test_hundreds_of_wrong_answers_are_known():
    files = Path(known_wrong.__file__).parent.glob("*.py")
    known = sum(path.read_text("utf-8").count("\n@wrong(") for path in files)
    assert known >= 200
    assert "hundreds of wrong answers" in README


def test_the_moving_picture_is_small_and_shows_what_the_table_says():
    first = {}
    for name in moving_picture.NAMES:
        file = moving_picture.FOLDER / name
        assert f"notebooks/images/{name}" in README
        assert file.stat().st_size <= 1_500_000
        with Image.open(file) as picture:
            assert picture.n_frames >= 30
            first[name] = json.loads(picture.info["comment"])
            assert picture.size == (900, 450)
    before, after = (first["learning.gif"][when] for when in ("before", "after"))
    assert first["learning_dark.gif"] == first["learning.gif"]
    assert f"| before DPO | {' | '.join(before)} |" in README
    assert f"same random numbers | {' | '.join(after)} |" in README


def test_every_chapter_stands_in_the_table():
    for number, stem in enumerate(CHAPTERS, start=1):
        assert f"(../notebooks/{number:02d}_{stem}.ipynb)" in COURSE


def test_minutes_of_the_table_are_those_of_the_notebooks():
    rows = re.findall(r"(?m)^\| (\d\d) \| .*?\) \| (\d+) \| (\d*) \|", COURSE)
    table = {number: (int(read), int(write or 0)) for number, read, write in rows}
    for path in PATHS:
        told = minutes(Notebook(path))
        write = told.pop("exercises", 0)
        assert table[path.name[:2]] == (sum(told.values()), write), path.name
    hours = [sum(column) / 60 for column in zip(*table.values(), strict=True)]
    words = "{:.0f} hours of reading and {:.0f} hours of exercises".format(*hours)
    assert words in " ".join(COURSE.split())
    assert words in " ".join(README.split())


def test_ci_runs_the_commands_of_the_readme():
    section = re.search(r"(?ms)^## Test\n(.*)", README)[1]
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "set -euo pipefail" in lines, "so that CI fails if one of them fails"
    assert lines[-2:] == ["make test", "make test-elsewhere"]
    assert "```\nmake test\n```" in section
    assert "`make test-elsewhere`" in section


def test_numbers_of_the_table_are_worked_examples():
    from dpo_edu.verify.worked_examples import verify

    rows = verify()
    right = {row.rounded for row in rows if row.verdict == "confirmed"}
    wrong = {row.example.printed for row in rows if row.verdict == "wrong"}
    assert {"0.6444", "0.4750", "0.1838", "0.1920", "1.1090", "0.7778"} <= right
    assert {"0.6762", "0.2686"} <= wrong


def test_the_number_of_chapter_16_is_the_largest_difference_of_the_losses():
    from dpo_edu.experiments.grid import stored

    apart = float(stored("scaling", "trl_side_by_side")["largest difference"]["loss"])
    row = re.search(r"(?m)^\| 16 \| .*equal to (\d\.\de-\d)", COURSE)
    assert row[1] == f"{apart:.1e}".replace("e-0", "e-")


def test_what_it_says_of_grading_is_declared(tmp_path):
    import argparse

    from dpo_edu.commands import check

    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    words = re.search(r"To grade, run `dpo-edu check ([^`]*)`", PRACTICE)[1].split()
    args = parser.parse_args([*words, "--junit", str(tmp_path / "report.xml")])
    assert args.strict
    assert args.json
    assert "`--junit FILE`" in PRACTICE
    options = (ROOT / "tests" / "exercises" / "conftest.py").read_text("utf-8")
    assert '"--strict-exercises"' in options
    assert "`pytest tests/exercises --strict-exercises`" in PRACTICE

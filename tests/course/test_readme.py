"""The README is a test: its snippet prints what it says, what it names exists."""

import re
import subprocess
import sys
from pathlib import Path

from dpo_edu import CHAPTERS
from dpo_edu.commands import COMMANDS

from .notebook import PATHS, Notebook
from .test_notebooks import minutes

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_snippet_prints_what_stands_below_it():
    code, output = re.search(
        r"```python\n(.*?)```\n```\n(.*?)```", README, re.DOTALL
    ).groups()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == output


def test_every_command_named_exists():
    known = {name for names in COMMANDS.values() for name in names}
    assert set(re.findall(r"dpo-edu ([a-z]+)", README)) <= known


def test_every_make_target_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) - {"s"} <= targets


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert not [target for target in links if not (ROOT / target).exists()]


def test_every_link_of_a_page_leads_to_a_file():
    pages = sorted((ROOT / "docs").glob("*.md"))
    assert pages
    for page in pages:
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        lost = [link for link in links if not (page.parent / link).exists()]
        assert not lost, f"{page.name}: {lost}"


def test_every_module_named_exists():
    named = set(re.findall(r"`([\w/]+\.py|\w+/)`", README))
    for name in named - {"answers/"}:  # a reader's own, which `dpo-edu next` makes
        assert any((ROOT / place / name).exists() for place in ("dpo_edu", ".")), name


def test_every_chapter_stands_in_the_table():
    for number, stem in enumerate(CHAPTERS, start=1):
        assert f"(notebooks/{number:02d}_{stem}.ipynb)" in README


def test_minutes_of_the_table_are_those_of_the_notebooks():
    rows = re.findall(r"(?m)^\| (\d\d) \| .*?\) \| (\d+) \| (\d*) \|", README)
    table = {number: (int(read), int(write or 0)) for number, read, write in rows}
    for path in PATHS:
        told = minutes(Notebook(path))
        write = told.pop("exercises", 0)
        assert table[path.name[:2]] == (sum(told.values()), write), path.name
    hours = [sum(column) / 60 for column in zip(*table.values(), strict=True)]
    words = "{:.0f} hours of reading and {:.0f} hours of exercises".format(*hours)
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
    row = re.search(r"(?m)^\| 16 \| .*equal to (\d\.\de-\d)", README)
    assert row[1] == f"{apart:.1e}".replace("e-0", "e-")


def test_what_it_says_of_grading_is_declared(tmp_path):
    import argparse

    from dpo_edu.commands import check

    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    words = re.search(r"To grade, run `dpo-edu check ([^`]*)`", README)[1].split()
    args = parser.parse_args([*words, "--junit", str(tmp_path / "report.xml")])
    assert args.strict
    assert args.json
    assert "`--junit FILE`" in README
    options = (ROOT / "tests" / "exercises" / "conftest.py").read_text("utf-8")
    assert '"--strict-exercises"' in options
    assert "`pytest tests/exercises --strict-exercises`" in README

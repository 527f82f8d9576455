"""The check-up from outside: by pytest and by ``python -m``, on adapters in files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dpo_edu.trainer_checks import wrong_losses, wrong_scores
from dpo_edu.trainer_checks.__main__ import main
from dpo_edu.trainer_checks.examination import CHECKS

from .trainers import RIGHT

PAGE = Path(__file__).parents[2] / "docs" / "trainer_checks.md"


def adapter_of_the_page() -> str:
    """The first block of Python on the page."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Go to a folder with the page's adapter, and one that forgets the shift."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    right = adapter_of_the_page()
    (tmp_path / "my_adapter.py").write_text(right, "utf-8")
    shifted = "logits[:, :-1]", "tokens[:, 1:", "mask[:, 1:]"
    assert all(piece in right for piece in shifted)
    for piece in shifted:
        right = right.replace(piece, re.sub(r":-?1", ":", piece.replace("1:", ":")))
    (tmp_path / "no_shift.py").write_text(right, "utf-8")
    return tmp_path


def run(folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def report(folder, capsys):
    """What ``python -m dpo_edu.trainer_checks`` does, without a process of its own."""

    def of(adapter):
        code = main([adapter])
        return code, *capsys.readouterr()

    return of


def pytest_on(folder, adapter, *more):
    plugin = "-p", "dpo_edu.trainer_checks", "-p", "no:cacheprovider", "-p", "no:nbval"
    whole = "--pyargs", "dpo_edu.trainer_checks", "--trainer", adapter
    return run(folder, "pytest", *plugin, *whole, *more)


def test_the_adapter_of_the_page_is_short_and_right(report):
    lines = [line for line in adapter_of_the_page().splitlines() if line.strip()]
    assert len(lines) <= 15
    code, out, err = report("my_adapter")
    assert (code, err) == (0, "")
    assert "found " not in out
    assert out.count("right  ") == 9


def test_the_page_lists_the_checks_and_counts_the_mistakes():
    page = PAGE.read_text("utf-8")
    rows = re.findall(r"(?m)^\| ([^|]+?) \|[^|]*\|[^|]*\|$", page)
    assert [name.replace("`", "") for name in rows[1:]][: len(CHECKS)] == [
        check.name for check in CHECKS
    ]
    slips = f"one of {len(wrong_scores.SENTENCES)} slips in a score"
    assert f"{slips}, one of {len(wrong_losses.SENTENCES)} in a loss" in page
    assert len(RIGHT) == 9
    assert "in nine styles" in page


def test_a_finding_is_printed_and_the_exit_code_is_1(report):
    code, out, _ = report("no_shift.py")
    assert code == 1
    shown = re.findall(r"(?ms)^```\n(found .*?)```", PAGE.read_text("utf-8"))
    assert out.startswith(shown[0])
    assert re.search(r"not asked +rows alone\n +it builds on", out)


def test_pytest_runs_a_case_for_each_check(folder):
    code, out, _ = pytest_on(folder, "my_adapter", "-q")
    assert code == 0
    assert re.search(r"9 passed, 7 skipped", out)


def test_pytest_says_what_was_found(folder):
    code, out, _ = pytest_on(folder, "no_shift.py", "-q", "-k", "sum")
    assert code == 1
    assert 'AssertionError: probabilities sum to 1: "no shift"' in out


def test_what_cannot_be_loaded_is_one_line(folder):
    code, _, err = run(folder, "dpo_edu.trainer_checks", "not_there")
    assert code == 2
    assert len(err.splitlines()) == 1
    code, _, err = pytest_on(folder, "not_there.py")
    assert code == 4
    assert "ERROR: --trainer: there is no file not_there.py" in err
    code, out, _ = pytest_on(folder, "")
    assert code == 2
    assert "name an adapter: --trainer" in out


def test_loading_the_plugin_loads_no_torch():
    code = "import sys, dpo_edu.trainer_checks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr

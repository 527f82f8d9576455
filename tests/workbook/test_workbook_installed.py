"""What a wheel installs: the package with exercises and solutions inside, no clone."""

import os
import shutil
import subprocess
import sys

import pytest

from .exercise_material import ROOT

pytestmark = pytest.mark.usefixtures("untouched_exercises")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of installed packages, filled as pyproject.toml fills a wheel."""
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    site = tmp_path_factory.mktemp("site")
    parts = {name: name for name in wheel["packages"]} | wheel["force-include"]
    for source, target in parts.items():
        ignored = shutil.ignore_patterns("__pycache__", "kept")
        shutil.copytree(ROOT / source, site / target, ignore=ignored)
    return site


@pytest.fixture
def dpo_edu(site, tmp_path):
    """``dpo_edu("next")`` is what the installed package says in an empty folder."""

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", "dpo_edu", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(site)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    return run


def test_learner_s_loop_works_in_an_empty_folder(dpo_edu, tmp_path):
    assert "dpo-edu next --here" in dpo_edu("next")
    assert "answers/01_bradley_terry.py" in dpo_edu("next", "--here")
    path = tmp_path / "answers" / "01_bradley_terry.py"
    assert path.read_bytes() == (ROOT / "exercises" / path.name).read_bytes()
    path.write_text(path.read_text("utf-8") + "\nbegun = True\n", encoding="utf-8")
    assert "5 to do; next: preference_probability" in dpo_edu("check")
    assert "def preference_probability" in dpo_edu(
        "solution", "preference_probability", "--show"
    )
    assert "kept/01_bradley_terry.1.py" in dpo_edu("reset", "01", "--yes")
    assert path.read_bytes() == (ROOT / "exercises" / path.name).read_bytes()
    assert "Hint 1 of 3" in dpo_edu("hint", "preference_probability")

"""``pytest tests/exercises`` as a teacher runs it: undone work, green or red.

Each run is a process of its own, in a copy of the course's folder.
"""

import os
import shutil
import subprocess
import sys

import pytest

from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import Folder, course_folder, lay_down, stub

STUB = 'raise NotImplementedError("preference_probability: P(i beats j) from two'
RIGHT = "    return 1 / (1 + np.exp(np.float64(reward_j - reward_i)))"
CLONE = course_folder("exercises").parent

pytestmark = pytest.mark.usefixtures("untouched_exercises")


@pytest.fixture
def course(tmp_path):
    """A copy of what these tests read, chapter 01 laid down in it and not begun."""
    shutil.copytree(CLONE / "tests" / "exercises", tmp_path / "tests" / "exercises")
    shutil.copy(CLONE / "pyproject.toml", tmp_path)
    lay_down(Folder((tmp_path / "answers",)), chapters()[:1])
    return tmp_path


def answer(course, line):
    """Write chapter 01's stubs with ``line`` as the body of the first."""
    path = course / "answers" / "01_bradley_terry.py"
    lines = stub(chapters()[0]).split("\n")
    lines[next(n for n, old in enumerate(lines) if STUB in old)] = line
    path.write_text("\n".join(lines), "utf-8")


def run(course, *options):
    """(exit code, what is printed) of the tests of chapter 01."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs"]
    words += ["tests/exercises", "-k", "01", *options]
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # it starts in half the time
    environment = os.environ | {"PYTHONPATH": str(CLONE)} | alone
    done = subprocess.run(
        words, cwd=course, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_undone_work_is_skipped_and_fails_where_it_is_due(course):
    code, shown = run(course)
    assert code == 0, shown
    assert "5 skipped" in shown
    assert "[to do]   preference_probability" in shown
    code, shown = run(course, "--strict-exercises")
    assert code == 1, shown
    assert "5 failed" in shown
    assert "[to do]   preference_probability" in shown


def test_right_answers_pass_and_wrong_ones_fail_either_way(course):
    answer(course, RIGHT)
    code, shown = run(course, "--strict-exercises")
    assert (code, "4 failed, 1 passed" in shown) == (1, True), shown
    answer(course, "    return 0.25")
    code, shown = run(course)
    assert (code, "1 failed, 4 skipped" in shown) == (1, True), shown
    assert "[not yet] preference_probability" in shown


def test_all_done_is_green_where_everything_is_due(course):
    done = course_folder("solutions") / "01_bradley_terry.py"
    shutil.copy(done, course / "answers")
    code, shown = run(course, "--strict-exercises")
    assert (code, "5 passed" in shown) == (0, True), shown

"""Where there is no ``os.fork``, as on Windows, and where the parent is killed.

The commands run as processes of their own; in those without forks ``os.fork`` and its
like are really gone, in the parent and in its children.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dpo_edu.workbook.folder import course_folder

from .exercise_material import ROOT

WITHOUT = """
import os, signal
for name in ("fork", "forkpty", "getuid", "setsid", "O_DIRECTORY"):
    delattr(os, name)
del signal.SIGHUP
"""
LOOP = """
    import os, pathlib, time
    if not pathlib.Path("running").exists():
        pathlib.Path("running.new").write_text(str(os.getpid()))
        os.replace("running.new", "running")
    while True:
        time.sleep(0.01)
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs forks to remove")


@pytest.fixture
def place(tmp_path):
    """A learner's folder: 01 with a wrong answer and an exit, 06 all right."""
    (tmp_path / "answers").mkdir()
    for number in ("01", "06"):
        (path,) = course_folder("solutions").glob(f"{number}_*.py")
        shutil.copy(path, tmp_path / "answers")
    spoil(tmp_path, "01", "preference_probability", "    return 0.25\n")
    return tmp_path


def spoil(place, number, name, body):
    """Add another definition of a function, with ``body``, to a chapter's answers."""
    (path,) = (place / "answers").glob(f"{number}_*.py")
    text = path.read_text("utf-8")
    head = re.search(rf"def {name}\([^)]*\)[^:]*:\n", text).group()
    path.write_text(f"{text}\n\n{head}{body}", "utf-8")


@pytest.fixture(params=["forks", "no forks"])
def start(request, place, tmp_path_factory):
    """``start("check", "01")`` begins the command, with forks and without."""
    started = []
    paths = [str(ROOT)]
    if request.param == "no forks":
        removing = tmp_path_factory.mktemp("site")
        (removing / "sitecustomize.py").write_text(WITHOUT, "utf-8")
        paths = [str(removing), *paths]
    variables = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}

    def begin(*words):
        command = [sys.executable, "-m", "dpo_edu", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        environment = os.environ | variables
        options = {"cwd": place, "env": environment, "text": True}
        started.append(subprocess.Popen(command, **pipes, **options))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def shown(process) -> str:
    """What it prints; exit code 1 says that something is not right yet."""
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1, output
    return output


def test_os_fork_is_really_gone(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT, "utf-8")
    words = [sys.executable, "-c", "import os; print(hasattr(os, 'fork'))"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    assert subprocess.check_output(words, env=environment, text=True) == "False\n"


def test_check_says_the_same_with_forks_and_without(start, place):
    spoil(place, "01", "compose_preferences", "    import os\n    os._exit(3)\n")
    spoil(place, "01", "plackett_luce_nll", "    np.exp = np.log\n    return np.exp\n")
    told = shown(start("check", "01", "06"))
    assert "Your function returns 0.25 whatever it is given." in told
    assert "Python was left in the middle (exit code 3)" in told
    assert "it returned an ufunc" in told
    assert told.count("[not yet]") == 3
    assert told.count("[done]") == 6


def test_check_of_a_torch_chapter(start, place):
    spoil(place, "06", "dpo_loss", "    return 2 * (logp_chosen * beta).sum()\n")
    told = shown(start("check", "06"))
    assert "[not yet] dpo_loss" in told
    assert "expected  0.644397" in told
    assert told.count("[done]") == 3


def lines_until(process, sign: str) -> str:
    """What it prints up to the line with ``sign``."""
    told = ""
    for line in process.stdout:
        told += line
        if sign in line:
            return told
    raise AssertionError(told)


def test_watch_starts_and_checks_what_is_saved(start, place):
    process = start("watch", "01")
    lines_until(process, "Ctrl-C ends this.")
    spoil(place, "01", "compose_preferences", "    return 0.5\n")
    told = lines_until(process, "next:")
    assert told.count("[not yet]") == 2
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130


def gone(process_id: int) -> bool:
    """Whether a process has ended; whoever inherited it may not have looked yet."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{process_id}/stat")
    return state.exists() and state.read_text().rsplit(")")[-1].split()[0] == "Z"


def wait_until(true, seconds: float = 60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


def test_nothing_runs_on_when_check_is_killed(start, place):
    spoil(place, "01", "compose_preferences", LOOP)
    process = start("check", "01")
    wait_until((place / "running").exists)
    process.kill()
    process.wait()
    worker = int((place / "running").read_text())
    wait_until(lambda: gone(worker), 5)  # and not the 10 s that an exercise may take


def test_nothing_runs_on_when_watch_is_killed(start, place):
    process = start("watch", "01")
    lines_until(process, "Ctrl-C ends this.")
    spoil(place, "01", "compose_preferences", LOOP)
    wait_until((place / "running").exists)
    process.kill()
    process.wait()
    worker = int((place / "running").read_text())
    wait_until(lambda: gone(worker), 5)

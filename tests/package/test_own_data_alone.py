"""Two processes and one run: the second is told, and a dead one is in nobody's way."""

import os
import re
import subprocess
import sys

import pytest

from dpo_edu.own_data.alone import RUNNING, alone, is_at_work
from dpo_edu.validation import InputError

HOLD = """
import sys
from pathlib import Path
from dpo_edu.own_data.alone import alone
with alone(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that is at work on the folder; it ends with its input."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.communicate()


def left(folder):
    return [path.name for path in folder.glob(f"{RUNNING}*")]


def test_the_second_is_refused_in_one_line_and_the_first_goes_on(other, tmp_path):
    before = left(tmp_path)
    with pytest.raises(InputError) as refused, alone(tmp_path):
        raise AssertionError("it went on")
    assert f"process {other.pid} is at work on {tmp_path}" in str(refused.value)
    assert re.search(rf"delete {before[0]} in that folder$", str(refused.value))
    assert left(tmp_path) == before


def test_after_its_end_the_folder_is_free(other, tmp_path):
    other.communicate("")
    assert left(tmp_path) == []
    with alone(tmp_path):
        assert len(left(tmp_path)) == 1
    assert left(tmp_path) == []


def test_what_a_killed_process_has_left_is_removed(other, tmp_path):
    other.kill()
    other.wait()
    assert left(tmp_path)[0].endswith(f"-{other.pid}")
    with alone(tmp_path):
        (mine,) = left(tmp_path)
        assert mine.endswith(f"-{os.getpid()}")
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["00000000-1", "x", "1-99999999999999999999", "-"])
def test_what_cannot_be_known_to_be_dead_is_refused(name, tmp_path):
    (tmp_path / f"{RUNNING}{name}").touch()
    with pytest.raises(InputError, match=r"another machine.*delete"), alone(tmp_path):
        raise AssertionError("it went on")


def test_a_stop_frees_the_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), alone(tmp_path):
        raise KeyboardInterrupt
    assert left(tmp_path) == []


def test_others_can_see_who_is_at_work(other, tmp_path):
    assert is_at_work(tmp_path)
    other.kill()
    other.communicate()
    assert left(tmp_path)
    assert not is_at_work(tmp_path)
    (tmp_path / f"{RUNNING}another-1").touch()
    assert is_at_work(tmp_path)

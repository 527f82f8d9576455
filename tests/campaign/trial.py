"""One command, run in a fork of this process under odd circumstances, and judged.

A fork has torch in memory already, so that a case takes tenths of a second. It has the
streams, limits, user and signals that a real process would have.
"""

import io
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import dpo_edu.own_data.run
import dpo_edu.scaling.export.finished_run
import dpo_edu.scaling.export.transformers_files
import dpo_edu.tour.acts
import dpo_edu.workbook.running  # noqa: F401
from dpo_edu.__main__ import main
from dpo_edu.files import UNFINISHED
from dpo_edu.validation.interrupts import STOPS

RIGHT, REFUSED, BAD = "right", "one line", "bad"
PROGRESS = re.compile(r"\w+: step [\d,]+ of [\d,]+(, |$)")  # comes on a slow machine
SECONDS = 120  # after which a case counts as hanging


class Verdict(NamedTuple):
    """What became of a case."""

    kind: str
    words: str = ""


class Ending(NamedTuple):
    """How a command ended."""

    code: int
    output: str
    errors: str


def bad(words: str) -> Verdict:
    return Verdict(BAD, " ".join(words.split())[-300:])


def run(
    words,
    place: Path,
    prepare: Callable[[], object] = lambda: None,
    encoding: str = "utf-8",
    during: Callable[[int], object] = lambda process: None,
) -> Ending:
    """Run the command in ``place``; ``prepare()`` in the fork, ``during(pid)`` here."""
    logs = [place.parent / f"{place.name}.{name}" for name in ("out", "err")]
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        os._exit(_in_fork(words, place, prepare, encoding, logs))
    during(process)
    code = _wait(process)
    texts = [log.read_bytes().decode(encoding, "replace") for log in logs]
    for log in logs:
        log.unlink()
    return Ending(code, *texts)


def _in_fork(words, place, prepare, encoding, logs) -> int:
    os.setsid()
    os.chdir(place)
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    flags = os.O_WRONLY | os.O_CREAT
    for number, log in enumerate(logs, start=1):
        os.dup2(os.open(log, flags), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        prepare()
        _open_streams(encoding)
        code = main([*words])
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except (OSError, ValueError):
        code = 120  # as Python does at exit
    return code


def _open_streams(encoding: str) -> None:
    """Python's own streams over the descriptors, None where they are closed."""
    modes = {"stdin": "r", "stdout": "w", "stderr": "w"}
    for number, (name, mode) in enumerate(modes.items()):
        try:
            file = io.FileIO(number, mode, closefd=False)
        except OSError:
            setattr(sys, name, None)
            continue
        buffer = io.BufferedReader(file) if mode == "r" else io.BufferedWriter(file)
        errors = "backslashreplace" if name == "stderr" else "strict"
        wrapped = io.TextIOWrapper(buffer, encoding, errors, line_buffering=number == 2)
        setattr(sys, name, wrapped)


def _wait(process: int) -> int:
    """The exit code; a process that hangs is killed, which counts as -9."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return -9


def judged(ending: Ending, place: Path, right=(0,)) -> Verdict:
    """Right with one of these codes, or refused in one line; leaving nothing behind."""
    left = [str(path) for path in place.rglob(f"{UNFINISHED}*")]
    lines = [line for line in ending.errors.split("\n") if line.strip()]
    lines = [line for line in lines if not PROGRESS.match(line)]
    for sign in ("Traceback", "Exception ignored", "Error in sys.excepthook"):
        if sign in ending.errors + ending.output:
            return bad(ending.errors + ending.output)
    if ending.code == -9:
        return bad(f"no end after {SECONDS} seconds")
    if left:
        return bad(f"left behind: {left}")
    if ending.code in right:
        return Verdict(RIGHT)
    usage = lines and lines[0].startswith("usage:")
    if ending.code == 2 and (usage or len(lines) <= 1):
        return Verdict(REFUSED, lines[-1] if lines else "")
    return bad(f"exit code {ending.code}: {ending.errors}")

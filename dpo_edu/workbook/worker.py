"""The child process that runs learners' files, and tells the parent line by line.

    python -m dpo_edu.workbook.worker '{"jobs": [{"chapter", "path", "names"}, ...]}'

Events are JSON lines: import, load, begin, result, trouble. If the child dies or hangs,
the parent knows from the last event where. What the learner prints is captured up to a
cap; the real stdout carries only events.
"""

import gc
import importlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path

from .explaining import TooMuchOutput, explain_loading
from .record import NOT_YET, Failure, Result

MOST_CHARACTERS = 100_000
LINES_SHOWN, WIDTH_SHOWN = 3, 70


class Capture(io.StringIO):
    """Keeps what is printed and stops whoever prints without end."""

    def write(self, text: str) -> int:
        """Refuse, with an exception that no `except Exception` hides, above the cap."""
        if self.tell() + len(text) > MOST_CHARACTERS:
            raise TooMuchOutput
        return super().write(text)

    def take(self) -> str:
        """The first lines printed since the last call."""
        lines = [line[:WIDTH_SHOWN] for line in self.getvalue().splitlines()]
        self.seek(0)
        self.truncate()
        more = [f"... and {len(lines) - LINES_SHOWN} more lines"]
        return "\n".join(lines[:LINES_SHOWN] + more * (len(lines) > LINES_SHOWN))


def chapter_checks(stem: str) -> dict:
    """The exercises that a chapter's check file declares, by name."""
    module = importlib.import_module(f"{__package__}.chapters.{stem}")
    return {exercise.name: exercise for exercise in module.EXERCISES}


def serve(jobs: list[dict], emit: Callable) -> None:
    """Do all jobs; a fault of the checks themselves is not blamed on the learner."""
    for job in jobs:
        stem = job["chapter"]
        try:
            emit("import", chapter=stem)
            _check_file(stem, Path(job["path"]), job["names"], emit)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
            words = f"a fault in the course's checks, not in yours: {fault}"
            emit("trouble", chapter=stem, words=words)


def _check_file(stem: str, path: Path, names: list[str], emit: Callable) -> None:
    """Load one file and check the named exercises in it."""
    from .catalogue import load
    from .checking import examine
    from .python_file import load_file

    exercises, stored = chapter_checks(stem), load(stem).observations
    capture = Capture()
    with redirect_stdout(capture), redirect_stderr(capture):
        emit("load", chapter=stem)
        try:
            module = load_file(path)
        except (Exception, SystemExit, TooMuchOutput) as error:
            return emit("trouble", chapter=stem, words=explain_loading(error, path))
        capture.take()
        for name in names:
            emit("begin", chapter=stem, name=name)
            if hasattr(module, name):
                function = getattr(module, name)
                result = examine(exercises[name], function, stored[name])
            else:
                result = _missing(name, path)
            result = asdict(replace(result, printed=capture.take()))
            emit("result", chapter=stem, result=result)


def _missing(name: str, path: Path) -> Result:
    words = f"{path.name} has no function `{name}`; `dpo-edu reset {name}` adds it"
    return Result(name, NOT_YET, failure=Failure("imports", words))


def serve_and_leave(request: dict, descriptor: int) -> None:
    """Serve with events to an open descriptor; leave without lingering threads."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:

        def emit(kind: str, **facts) -> None:
            print(json.dumps({"event": kind, **facts}), file=stream, flush=True)

        serve(request["jobs"], emit)
    os._exit(0)


if __name__ == "__main__":
    gc.disable()  # a short process; collecting makes importing torch 0.3 s slower
    serve_and_leave(json.loads(sys.argv[1]), os.dup(1))

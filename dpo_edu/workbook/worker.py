"""The child process that runs learners' files, and tells the parent line by line.

    python -m dpo_edu.workbook.worker '[{"chapter", "path", "names"}, ...]'

Events are JSON lines: import, load, begin, result, trouble. If the child dies or hangs,
the parent knows from the last event where. A wrong answer's result comes twice, the
second time with the mistake's name if there is one. What the learner prints is captured
up to a cap; the real stdout carries only events.
"""

import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .report import NOT_YET, Failure, Result


@dataclass(frozen=True)
class Job:
    """One file to load and the exercises to check in it."""

    chapter: str  # its stem
    path: str
    names: tuple[str, ...]


def chapter_checks(stem: str) -> dict:
    """The exercises that a chapter's check file declares, by name."""
    module = importlib.import_module(f"{__package__}.checks.{stem}")
    return {exercise.name: exercise for exercise in module.EXERCISES}


def serve(jobs: list[Job], emit: Callable) -> None:
    """Do all jobs; a fault of the checks themselves is not blamed on the learner."""
    for job in jobs:
        try:
            emit("import", chapter=job.chapter)
            _check_file(job, emit)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
            words = f"a fault in the course's checks, not in yours: {fault}"
            emit("trouble", chapter=job.chapter, words=words)


def _check_file(job: Job, emit: Callable) -> None:
    """Load one file and check the named exercises in it."""
    from .examine import examined
    from .python_file import load_file
    from .surroundings import Surroundings, TooMuchOutput, captured
    from .wording import explain_loading

    exercises, path = chapter_checks(job.chapter), Path(job.path)
    original = Surroundings()

    def tell(result: Result) -> None:
        emit("result", chapter=job.chapter, result=asdict(result))

    with captured() as capture:
        emit("load", chapter=job.chapter)
        try:
            module = load_file(path)
        except (Exception, SystemExit, TooMuchOutput) as error:
            words = explain_loading(error, path)
            return emit("trouble", chapter=job.chapter, words=words)
        capture.take()
        for name in job.names:
            emit("begin", chapter=job.chapter, name=name)
            if not hasattr(module, name):
                tell(_missing(name, path))
                continue
            function = getattr(module, name)
            result, stopped = examined(exercises[name], function)
            result = replace(result, printed=capture.take())
            tell(result)
            if result.failure:
                search = job.chapter, exercises[name], function, original, stopped
                tell(with_mistake(result, _mistake(*search)))


def _missing(name: str, path: Path) -> Result:
    words = f"{path.name} has no function `{name}`; `dpo-edu reset {name}` adds it"
    return Result(name, NOT_YET, failure=Failure("imports", words))


def _mistake(*search):
    """The mistake, if it can be told; whatever goes wrong, the verdict stands."""
    from .mistakes import find_mistake

    try:
        return find_mistake(*search)
    except Exception:
        return None


def with_mistake(result: Result, mistake) -> Result:
    """A failed result with what the learner probably did, if that is known."""
    if mistake is None or result.failure is None:
        return result
    named = replace(
        result.failure,
        mistake=mistake.sentence,
        mistake_id=mistake.id,
        read=mistake.read,
    )
    return replace(result, failure=named)


def serve_and_leave(jobs: list[Job], descriptor: int) -> None:
    """Serve with events to an open descriptor; leave without lingering threads."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:

        def emit(kind: str, **facts) -> None:
            print(json.dumps({"event": kind, **facts}), file=stream, flush=True)

        serve(jobs, emit)
    os._exit(0)


if __name__ == "__main__":
    gc.disable()  # a short process; collecting makes importing torch 0.3 s slower
    serve_and_leave([Job(**job) for job in json.loads(sys.argv[1])], os.dup(1))

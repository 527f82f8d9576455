"""The child process that runs learners' files, and tells the parent line by line.

    python -m dpo_edu.workbook.worker < request.json

The request is one line with the jobs, {"chapter", "path", "names"}, and a token; once
its pipe is closed, because the parent is gone, this process ends. Events are lines of
the token and JSON: import, load, begin, result, trouble, end. The token tells them from
what a learner's file writes to their descriptor; neither arguments nor environment show
it. If the child dies or hangs, the parent knows from the last event where. A wrong
answer's result comes twice, the second time with the mistake's name if there is one.
What the learner prints is captured up to a cap.
"""

import gc
import importlib
import inspect
import json
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from .python_file import defined_twice, load_file
from .report import NOT_YET, TO_DO, Failure, Result


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
    """Do all jobs, each in a process of its own where there are forks.

    So whatever a file does to Python and its libraries, the next one meets them as they
    were. The checks are imported before, once.
    """
    for job in jobs:
        try:
            emit("import", chapter=job.chapter)
            exercises = chapter_checks(job.chapter)
            importlib.import_module(f"{__package__}.examine")  # once for all forks
        except Exception as error:
            emit("trouble", chapter=job.chapter, words=_fault(error))
            continue
        _apart(partial(_check_file, job, exercises, emit))


def _apart(work: Callable[[], None]) -> None:
    """Run ``work`` in a fork; if that does not come to its end, neither do we."""
    if not hasattr(os, "fork"):
        return work()
    finished, finish = os.pipe()
    child = fork()
    if child == 0:
        try:
            work()
            os.write(finish, b"1")
        finally:
            os._exit(1)  # which says nothing after the 1
    os.close(finish)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(finished, "rb", buffering=0) as pipe:
        os.set_blocking(pipe.fileno(), False)  # a grandchild may hold the other end
        if pipe.read(1):
            return None
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def fork() -> int:
    """``os.fork`` without the warning of Python 3.12: our other threads only wait."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def _fault(error: BaseException) -> str:
    """Words for what should never happen: the checks themselves raised."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    fault = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
    return f"a fault in the course's checks, not in yours: {fault[:300]}"


def _check_file(job: Job, exercises: dict, emit: Callable) -> None:
    """Load one file and check the named exercises in it."""
    from .surroundings import Surroundings, captured
    from .wording import explain_loading

    original, path = Surroundings(), Path(job.path)
    content = path.read_bytes()
    with captured() as capture:
        emit("load", chapter=job.chapter)
        try:
            module = load_beside(path)
        except BaseException as error:  # SystemExit, and whatever a file may raise
            original.put_back()
            words = explain_loading(error, path)
            return emit("trouble", chapter=job.chapter, words=words)
        undone = original.put_back()
        capture.take()
        for name in job.names:
            emit("begin", chapter=job.chapter, name=name)
            note, printed = defined_twice(content, name), ""
            for result in _results(job, name, exercises[name], module, original):
                printed = printed or capture.take()
                result = _noted(result, note, undone, printed)
                emit("result", chapter=job.chapter, result=asdict(result))
            original.put_back()


def _results(job: Job, name, exercise, module, original) -> Iterator[Result]:
    """The verdict, and again with the mistake's name if it failed and has one."""
    from .examine import examined

    if not hasattr(module, name):
        file = Path(job.path).name
        words = f"{file} has no function `{name}`; `dpo-edu reset {name}` adds it"
        yield Result(name, NOT_YET, failure=Failure("imports", words))
        return
    function = getattr(module, name)
    try:
        result, stopped = examined(exercise, function)
    except Exception as error:
        replaced = original.replaced()
        original.put_back()
        words = _uncheckable(error, replaced)
        yield Result(name, NOT_YET, failure=Failure("finite", words))
        return
    yield result
    if stopped and not inspect.iscoroutinefunction(function):
        yield named(result, job.chapter, exercise, function, original, stopped)


def _uncheckable(error: Exception, replaced: list[str]) -> str:
    """Words for an error of the checks, which a library turned upside down explains."""
    if replaced:
        more = f" and {len(replaced) - 1} more" * (len(replaced) > 1)
        words = f"it replaces or deletes {replaced[0]}{more}, which checks need"
        return f"{words}: leave the libraries as they are"
    return f"what it does cannot be checked. If it is sound, this is {_fault(error)}"


def load_beside(path: Path):
    """Load the file; modules that lie beside it can be imported, after all others."""
    sys.path.append(str(path.parent))
    return load_file(path)


def _noted(result: Result, twice: str, undone: str, printed: str) -> Result:
    """With remarks on the file; a stub that hides an answer above is not "to do"."""
    if result.verdict == TO_DO and twice:
        failure = Failure("imports", "the stub below hides what you wrote above it")
        result = replace(result, verdict=NOT_YET, failure=failure)
    note = "; ".join(filter(None, (twice, undone if result.failure else "")))
    return replace(result, note=note, printed=printed)


def named(result: Result, *search) -> Result:
    """With the mistake, if it can be told; whatever goes wrong, the verdict stands."""
    from .mistakes import find_mistake

    try:
        return with_mistake(result, find_mistake(*search))
    except Exception:
        return result


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


def serve_and_leave(jobs: list[Job], descriptor: int, token: str, alive: int) -> None:
    """Serve with events to an open descriptor; leave without lingering threads.

    Nothing comes through the pipe ``alive``; when it is closed, whoever wants to know
    is gone.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:

        def emit(kind: str, **facts) -> None:
            event = json.dumps({"event": kind, **facts})
            print(f"\n{token} {event}", file=stream, flush=True)  # whatever came before

        serve(jobs, emit)
        emit("end")  # a process that a file leaves may hold the descriptor
    os._exit(0)


def _end_with(pipe: int) -> None:
    """Wait until the pipe is closed; then end, with what a learner's code may run."""
    while os.read(pipe, 1):
        pass
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    gc.disable()  # a short process; collecting makes importing torch 0.3 s slower
    request = json.loads(sys.stdin.readline())
    files = [Job(**job) for job in request["jobs"]]
    serve_and_leave(files, os.dup(1), request["token"], os.dup(0))

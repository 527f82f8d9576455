"""Have learners' files checked in child processes, with time limits.

A function that never returns, leaves Python or crashes costs only its own verdict:
the child is replaced and the next exercise goes on.
"""

import queue
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from .children import Child, start_fresh
from .record import NOT_YET, Failure, Result

SECONDS = {"import": 60, "load": 10, "begin": 10}
"""How long each step may take: the course's imports, the file, one exercise."""


@dataclass(frozen=True)
class Job:
    """One file to load and the exercises to check in it."""

    chapter: str
    path: str
    names: tuple[str, ...]


@dataclass
class Outcome:
    """What came of a job."""

    results: list[Result] = field(default_factory=list)
    trouble: str = ""  # why the file could not be loaded


def run(jobs: list[Job], start: Callable[[dict], Child] = start_fresh) -> list[Outcome]:
    """One outcome per job; one child does all of them unless something stops it."""
    outcomes = {job.chapter: Outcome() for job in jobs}
    while remaining := _remaining(jobs, outcomes):
        _follow(start({"jobs": remaining}), outcomes)
    return list(outcomes.values())


def _remaining(jobs: list[Job], outcomes: dict[str, Outcome]) -> list[dict]:
    """What no child has answered yet, as plain data."""
    left = []
    for job in jobs:
        outcome = outcomes[job.chapter]
        answered = {result.exercise for result in outcome.results}
        names = [name for name in job.names if name not in answered]
        if names and not outcome.trouble:
            left.append({"chapter": job.chapter, "path": job.path, "names": names})
    return left


def _follow(child: Child, outcomes: dict[str, Outcome]) -> None:
    """Collect results until the child ends or is late; then blame what it was doing."""
    event: dict = {"event": "import"}
    words = ""
    try:
        while latest := child.next_event(SECONDS.get(event["event"], 60)):
            event = latest
            if event["event"] == "result":
                outcome = outcomes[event["chapter"]]
                outcome.results.append(Result.from_json(event["result"]))
            elif event["event"] == "trouble":
                outcomes[event["chapter"]].trouble = event["words"]
        words = _how_it_ended(child.wait())
    except queue.Empty:
        limit = SECONDS.get(event["event"], 60)
        words = f"no answer after {limit} seconds: is there a loop that never ends?"
    finally:
        child.stop()
    if "chapter" not in event:
        raise RuntimeError(f"the checks could not be started: {words}")
    _blame(event, words, outcomes[event["chapter"]])


def _blame(event: dict, words: str, outcome: Outcome) -> None:
    """Turn an end in the middle of something into that thing's verdict."""
    if event["event"] in ("import", "load"):
        outcome.trouble = f"the file cannot be loaded, {words}"
    elif event["event"] == "begin":
        failure = Failure("finite", words)
        outcome.results.append(Result(event["name"], NOT_YET, failure=failure))


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"Python crashed ({signal.Signals(-status).name})"
    return f"Python was left in the middle (exit code {status}): remove that call"

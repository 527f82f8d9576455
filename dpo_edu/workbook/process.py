"""Have learners' files checked in child processes, with time limits.

A function that never returns, leaves Python or crashes costs only its own verdict:
the child is replaced and the next exercise goes on. A child is a fresh Python, or a
fork of this one, which starts at once with everything already imported; ``watch`` uses
forks, where the operating system has them. Both send the same events; see ``worker``.
What else comes down their pipe, of whoever writes to every descriptor, is passed over.
Another pipe is open as long as this process lives: no child outlives it.
"""

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ..validation import InputError
from . import worker
from .report import NOT_YET, Failure, Result
from .worker import Job

SECONDS = {"import": 60, "load": 10, "begin": 10, "result": 5}
"""How long each step may take: the course's imports, the file, one exercise; and after
a verdict, the search for the mistake's name, without which the verdict stands."""
LONGEST = (
    2**20
)  # of a line; an event has a thousand characters, a learner's may not end


class Child:
    """A running worker: its events, and a way to end it."""

    def __init__(self, process_id: int, stream, wait: Callable, token: str, alive):
        """Read ``token``'s events from ``stream``; ``wait()`` is the exit status.

        Once ``alive`` is closed, by us or by our end, the child ends.
        """
        self.process_id, self.wait, self.token = process_id, wait, token
        self.alive = alive
        self.events: queue.Queue = queue.Queue()
        reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        reader.start()

    def _read(self, stream) -> None:
        with stream:
            for line in iter(lambda: stream.readline(LONGEST), b""):
                if event := _event_in(line, self.token):
                    self.events.put(event)
        self.events.put(None)

    def next_event(self, seconds: float) -> dict | None:
        """The next event, or None at the end; raises ``queue.Empty`` when late."""
        return self.events.get(timeout=seconds)

    def stop(self) -> None:
        """Kill it with everything it started, if it still runs."""
        with contextlib.suppress(OSError):  # it has ended already
            if os.name == "posix":
                os.killpg(self.process_id, signal.SIGKILL)
            else:
                os.kill(self.process_id, signal.SIGTERM)
        with contextlib.suppress(OSError):  # of what it never read
            self.alive.close()
        self.wait()


def _event_in(line: bytes, token: str) -> dict | None:
    """The event in a line, if the line begins with the token."""
    told, _, event = line.partition(b" ")
    if told != token.encode():
        return None
    try:
        return json.loads(event)
    except ValueError:  # somebody else's words inside
        return None


@dataclass
class Outcome:
    """What came of a job."""

    results: dict[str, Result] = field(default_factory=dict)  # by exercise
    trouble: str = ""  # why the file could not be loaded


def start_fresh(jobs: list[Job]) -> Child:
    """A new Python process; works everywhere."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",  # a random.py in the learner's folder is not ours
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", worker.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
        start_new_session=True,  # Ctrl-C reaches the parent alone, which stops it
    )
    token = secrets.token_hex()
    request = {"jobs": [asdict(job) for job in jobs], "token": token}
    assert process.stdin is not None, "a pipe, as asked for"
    with contextlib.suppress(OSError):  # it may have ended
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    return Child(process.pid, process.stdout, process.wait, token, process.stdin)


def start_forked(jobs: list[Job]) -> Child:
    """A copy of this process, with torch and the checks as they are in memory."""
    (events, tell), (watched, held) = os.pipe(), os.pipe()
    token = secrets.token_hex()
    process_id = worker.fork()
    if process_id == 0:
        os.setsid()
        os.close(events)
        os.close(held)
        worker.serve_and_leave(jobs, tell, token, watched)
    os.close(tell)
    os.close(watched)
    stream, alive = os.fdopen(events, "rb"), os.fdopen(held, "wb")
    return Child(process_id, stream, _waiter(process_id), token, alive)


def _waiter(process_id: int) -> Callable[[], int]:
    """``wait`` for a forked child; the status is collected once and remembered."""
    status: list[int] = []

    def wait() -> int:
        if not status:
            _, code = os.waitpid(process_id, 0)
            status.append(os.waitstatus_to_exitcode(code))
        return status[0]

    return wait


def run(jobs: list[Job], start: Callable[[list[Job]], Child]) -> list[Outcome]:
    """One outcome per job; one child does all of them unless something stops it.

    Where it cannot fork, it would carry what a file has changed to the next one.
    """
    outcomes = {job.chapter: Outcome() for job in jobs}
    while remaining := _remaining(jobs, outcomes):
        at_once = len(jobs) if hasattr(os, "fork") else 1
        _follow(start(remaining[:at_once]), outcomes)
    return list(outcomes.values())


def _remaining(jobs: list[Job], outcomes: dict[str, Outcome]) -> list[Job]:
    """What no child has answered yet."""
    left = []
    for job in jobs:
        outcome = outcomes[job.chapter]
        names = [name for name in job.names if name not in outcome.results]
        if names and not outcome.trouble:
            left.append(replace(job, names=tuple(names)))
    return left


def _follow(child: Child, outcomes: dict[str, Outcome]) -> None:
    """Collect results until the child ends or is late; then blame what it was doing."""
    event: dict = {"event": "import"}
    words = ""
    try:
        while latest := child.next_event(SECONDS.get(event["event"], 60)):
            if latest["event"] == "end":
                return
            event = latest
            _note(event, outcomes)
        words = _how_it_ended(child.wait())
    except queue.Empty:
        limit = SECONDS.get(event["event"], 60)
        words = (
            f"no answer after {limit} seconds: is there a loop that never ends, or is "
            f"it only slow? ({limit} seconds are for all inputs together)"
        )
    finally:
        child.stop()
    if "chapter" not in event:
        raise InputError(f"the checks could not be started: {words}")
    _blame(event, words, outcomes[event["chapter"]])


def _note(event: dict, outcomes: dict[str, Outcome]) -> None:
    """Keep what an event tells; a second result is the first with a mistake's name."""
    if event["event"] == "result":
        result = Result.from_json(event["result"])
        outcomes[event["chapter"]].results[result.exercise] = result
    elif event["event"] == "trouble":
        outcomes[event["chapter"]].trouble = event["words"]


def _blame(event: dict, words: str, outcome: Outcome) -> None:
    """Turn an end in the middle of something into that thing's verdict."""
    if event["event"] in ("import", "load"):
        outcome.trouble = f"the file cannot be loaded, {words}"
    elif event["event"] == "begin":
        name, failure = event["name"], Failure("finite", words)
        outcome.results[name] = Result(name, NOT_YET, failure=failure)


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"Python crashed ({_signal_name(-status)})"
    return f"Python was left in the middle (exit code {status}): remove that call"


def _signal_name(number: int) -> str:
    known = number in {*signal.Signals}  # those of real time have no names
    return signal.Signals(number).name if known else f"signal {number}"

"""Child processes that run learners' files: a fresh Python, or a fork of this one.

A fork starts at once with everything already imported; ``watch`` uses it, where the
operating system has it. Both send the same events; see ``worker``.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from . import worker


class Child:
    """A running worker: its events, and a way to end it."""

    def __init__(self, process_id: int, stream, wait: Callable[[], int]):
        """Read events from ``stream``; ``wait()`` returns the exit status."""
        self.process_id, self.wait = process_id, wait
        self.events: queue.Queue = queue.Queue()
        reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        reader.start()

    def _read(self, stream) -> None:
        with stream:
            for line in stream:
                self.events.put(json.loads(line))
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
        self.wait()


def start_fresh(request: dict) -> Child:
    """A new Python process; works everywhere."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",  # a random.py in the learner's folder is not ours
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", worker.__name__, json.dumps(request)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C reaches the parent alone, which stops it
    )
    return Child(process.pid, process.stdout, process.wait)


def start_forked(request: dict) -> Child:
    """A copy of this process, with torch and the checks as they are in memory."""
    readable, writable = os.pipe()
    process_id = os.fork()
    if process_id == 0:
        os.setsid()
        os.close(readable)
        worker.serve_and_leave(request, writable)
    os.close(writable)
    stream = os.fdopen(readable, encoding="utf-8")
    return Child(process_id, stream, _waiter(process_id))


def _waiter(process_id: int) -> Callable[[], int]:
    """``wait`` for a forked child; the status is collected once and remembered."""
    status: list[int] = []

    def wait() -> int:
        if not status:
            _, code = os.waitpid(process_id, 0)
            status.append(os.waitstatus_to_exitcode(code))
        return status[0]

    return wait

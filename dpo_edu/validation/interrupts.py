"""Ctrl-C, ``kill`` and a closed terminal become KeyboardInterrupt, between imports.

In the middle of an import the interrupt would come up in the C++ of a library, which
can make anything of it, a crash of the process included. So it waits for the import.
"""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

STOPS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]
"""What asks a program to end. Windows has no SIGHUP."""

PATIENCE = 10.0  # seconds after the first signal in which an import may end
RETRY = 0.05  # seconds
_IMPORT = "<frozen importlib"  # the file that the import system's frames name


@contextmanager
def stoppable():
    """Inside, whoever asks the program to end raises KeyboardInterrupt.

    Yields the list of signals that came. What is ignored, as by ``nohup``, stays so.
    """
    came: list[int] = []
    first = 0.0

    def stop(number, frame):
        nonlocal first
        first = first or time.monotonic()
        came.append(number)
        if importing(frame) and time.monotonic() - first < PATIENCE:
            _again(number)
        else:
            raise KeyboardInterrupt

    with heeded_by(stop):
        yield came


@contextmanager
def heeded_by(handler: Callable):
    """Inside, ``handler(number, frame)`` is called for a stop, unless it is ignored.

    Python lets the main thread alone have handlers: in another one nothing changes.
    """
    in_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in STOPS if in_main}
    heeded = [n for n, old in before.items() if old not in (signal.SIG_IGN, None)]
    for number in heeded:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


def importing(frame) -> bool:
    """Tell whether ``frame`` runs, at whatever depth, because of an import."""
    while frame is not None and not frame.f_code.co_filename.startswith(_IMPORT):
        frame = frame.f_back
    return frame is not None


def _again(number: int) -> None:
    """Send the signal to this thread, the main one, once more, a little later."""
    main = threading.get_ident()

    def send():
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, number)  # wakes it where it waits, too
        else:
            signal.raise_signal(number)

    timer = threading.Timer(RETRY, send)
    timer.daemon = True  # a program that has ended waits for nobody
    timer.start()

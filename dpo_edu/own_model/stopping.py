"""Ctrl-C, a kill, a terminal that closes: the step is finished, the run is saved.

A second signal, seconds later, ends at once, and the run goes on from the last step
that was saved. With several processes all leave after the same step. This module does
not save.
"""

import time
from contextlib import contextmanager

from ..validation.interrupts import heeded_by

ECHO = 2.0  # seconds: torchrun sends on what the terminal has sent already


class Stop:
    """Whether a run is to be left."""

    came = False  # a signal has come, to this process
    since = 0.0  # when
    agreed = False  # all processes leave after this step


@contextmanager
def after_this_step():
    """Inside, the first signal sets ``came`` of what is yielded; a later one raises."""
    stop = Stop()

    def note(number, frame):
        if not stop.came:
            stop.came, stop.since = True, time.monotonic()
        elif time.monotonic() - stop.since > ECHO:
            raise KeyboardInterrupt

    with heeded_by(note):
        yield stop

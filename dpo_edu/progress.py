"""Progress of long work: one way to show it, one way to be told of a step.

On a terminal it is a bar on standard error; elsewhere, as in a log, a line there every
``SECONDS``, so that nobody waits in silence. This module does not know what is done.
"""

import sys
import time
from contextlib import contextmanager

EVERY = 20  # steps between two looks at the numbers
SECONDS = 20  # between two lines where there is no terminal


@contextmanager
def progress_bar(title: str, steps: int, done: int = 0):
    """Show ``steps``, ``done`` of them behind us; yields what advances that.

    That is a function of a report with fields ``step`` and ``record`` ({name: number}),
    such as ``minimize`` gives after every step.
    """
    if not sys.stderr.isatty():
        yield _lines(title, steps)
        return
    from tqdm.auto import tqdm  # a tenth of a second, which --help does without

    bar = tqdm(total=steps, initial=done, desc=title, leave=False)

    def after_step(report):
        bar.update()
        if report.step % EVERY == 0 or report.step + 1 == steps:
            bar.set_postfix(_shown(report))

    with bar:
        yield after_step


def _lines(title: str, steps: int):
    """What tells of a step by a line now and then."""
    told = time.monotonic()

    def after_step(report):
        nonlocal told
        if time.monotonic() - told > SECONDS:
            told = time.monotonic()
            numbers = ", ".join(f"{n} {value}" for n, value in _shown(report).items())
            words = f"{title}: step {report.step + 1:,} of {steps:,}, {numbers}"
            print(words.removesuffix(", "), file=sys.stderr, flush=True)

    return after_step


def _shown(report) -> dict[str, str]:
    return {name: f"{value:.3f}" for name, value in report.record.items()}

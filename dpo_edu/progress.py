"""Progress bars for long work: one way to make one, one way to be told of a step.

A bar is drawn on standard error, and only where that is a terminal. This module does
not know what is being done.
"""

from contextlib import contextmanager

EVERY = 20  # steps between two looks at the numbers


@contextmanager
def progress_bar(title: str, steps: int, done: int = 0):
    """A bar of ``steps``, ``done`` of them behind us; yields what advances it.

    That is a function of a report with fields ``step`` and ``record`` ({name: number}),
    such as ``minimize`` gives after every step.
    """
    from tqdm.auto import tqdm  # a tenth of a second, which --help does without

    bar = tqdm(total=steps, initial=done, desc=title, leave=False, disable=None)

    def after_step(report):
        bar.update()
        if report.step % EVERY == 0 or report.step + 1 == steps:
            shown = {name: f"{value:.3f}" for name, value in report.record.items()}
            bar.set_postfix(shown)

    with bar:
        yield after_step

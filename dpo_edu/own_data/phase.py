"""One phase of a run, SFT or DPO: watched, logged, saved on the way, gone on with.

It stops at the first loss that is no number; from there no step leads back. This module
does not know what the phase learns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from ..files import save_weights, write_json_lines
from ..progress import progress_bar
from ..training import StepReport
from ..validation import require, require_callable, require_type, require_whole
from .checkpoint import Origin, load_checkpoint, save_checkpoint

SAVE_EVERY = 50  # steps between checkpoints


@dataclass(frozen=True)
class Phase:
    """What a phase is called, how long it takes and where it writes."""

    title: str  # SFT or DPO
    steps: int
    folder: Path  # of the run
    origin: Origin
    options: str  # what to lower if it diverges
    stopping: Callable[[], bool] = lambda: False  # is it to be left after this step?
    shown: tuple[str, ...] = ()  # columns of the log in the bar; none named: all

    def __post_init__(self):
        require_type(str, title=self.title, options=self.options)
        require_whole(0, steps=self.steps)
        require_type(Path, folder=self.folder)
        require_type(Origin, origin=self.origin)
        require_callable(stopping=self.stopping)
        require_type(tuple, shown=self.shown)

    def file(self, kind: str) -> Path:
        """Its file of this kind: checkpoint, jsonl or safetensors."""
        return self.folder / f"{self.origin.phase}.{kind}"


def carry_out(phase: Phase, learn: Callable):
    """The model that ``learn(after_step=..., checkpoint=...)`` returns.

    Goes on from the phase's checkpoint, if there is one.
    """
    require_type(Phase, phase=phase)
    require_callable(learn=learn)
    path, checkpoint, records = phase.file("checkpoint"), None, []
    if path.exists():
        checkpoint, records = load_checkpoint(path, phase.origin)
    done = checkpoint.step if checkpoint else 0
    with progress_bar(phase.title, phase.steps, done) as advance:

        def after_step(report: StepReport):
            _require_numbers(phase, report)
            records.append({"step": report.step, **report.record})
            named = {name: report.record[name] for name in phase.shown}
            advance(report._replace(record=named or report.record))
            due = (report.step + 1) % SAVE_EVERY == 0 or report.step + 1 == phase.steps
            if due or phase.stopping():
                _require_weights(phase, report)
                write_json_lines(phase.file("jsonl"), records)
                save_checkpoint(path, report, phase.origin, records)
            if phase.stopping():
                raise KeyboardInterrupt

        model = learn(after_step=after_step, checkpoint=checkpoint)
    if records:  # also of a phase that was over before: its log may be lost
        write_json_lines(phase.file("jsonl"), records)
    save_weights(phase.file("safetensors"), model)
    return model


def _require_numbers(phase: Phase, report: StepReport) -> None:
    """Raise unless all that was measured at this step is finite."""
    for name, value in report.record.items():
        words = f"{name} is {value} at step {report.step}"
        require(isfinite(value), _diverged(phase, words))


def _require_weights(phase: Phase, report: StepReport) -> None:
    """Raise unless the weights are finite: a loss shows a step's harm one step late."""
    finite = all(bool(value.isfinite().all()) for value in report.model.parameters())
    require(finite, _diverged(phase, f"a weight is infinite after step {report.step}"))


def _diverged(phase: Phase, words: str) -> str:
    return f"{phase.title} diverged, {words}: start again with a lower {phase.options}"

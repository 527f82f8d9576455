"""A run on a pretrained model: report, reference, DPO, held-out verdict; stop, go on.

    the reference is the model at the start: its log-probabilities are computed once

With an adapter that is the adapter switched off, with all weights it is the model
before the first step. A run is its folder, as one of the small model is: settings, the
weights that learned, log, report. Whoever stops it goes on with ``--resume``.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ..files import remove_all, write_json
from ..own_data.checkpoint import Origin, load_checkpoint
from ..own_data.phase import Phase, carry_out
from ..own_data.run_folder import run_folder
from ..own_data.settings import CHECKPOINTS, FILE, settings_hash
from ..real_model.learning import as_groups
from ..real_model.scoring import CLOSE, Group, scorer_for
from ..validation import counted
from . import report
from .intake import Taken, parted
from .intake import report as report_data
from .learning import Team, logp_of, prepared, schedule_of, train
from .memory import require_memory
from .settings import ModelSettings
from .start import Base, learner
from .stopping import after_this_step

COARSE = 0.3  # nats by which log-probabilities of few tokens differ in bfloat16
SHOWN = "loss", "rewards/margins", "rewards/accuracies"
ADVICE = "lower --at-once or --max-length, or take --precision bfloat16"


class Material(NamedTuple):
    """What is trained on and what is held out."""

    taken: Taken
    training: list[Group]
    held_out: list[Group]
    held_out_rows: list[int]  # numbers of the rows of ``taken``
    record: dict  # of the data


def material(settings: ModelSettings, base: Base) -> Material:
    """Report and split the pairs; InputError where they cannot be trained on."""
    taken = report_data(settings, base)
    parts, record = parted(taken, settings)
    groups = as_groups([row.tokens for row in taken.rows])
    sides = [[groups[n] for n in part] for part in parts]
    return Material(taken, *sides, parts.held_out.tolist(), record)


def run(
    settings: ModelSettings, base: Base, accelerator, out: Path, stopped=None
) -> Path:
    """Prepare, train, report; ``stopped``: the folder of a run to go on with.

    The first process alone makes the run's folder and writes into it. Returns it.
    """
    data = material(settings, base)
    if accelerator.device.type == "cpu":
        require_memory(data.record["step_bytes"])
    if not accelerator.is_main_process:
        _carry_out(settings, base, data, accelerator, stopped)
        return stopped or out
    with run_folder(out, stopped, ADVICE) as folder:
        write_json(folder / FILE, asdict(settings))
        many, few = counted(len(data.training), "pair"), len(data.held_out)
        print(f"{many} to train on, {few} held out, in {folder}", flush=True)
        _carry_out(settings, base, data, accelerator, folder)
        remove_all(folder, *CHECKPOINTS)
    return folder


def _carry_out(settings, base: Base, data: Material, accelerator, folder) -> None:
    """Load, score the reference, train, measure, show."""
    main = accelerator.is_main_process
    team = team_of(settings, accelerator)
    before = logp_of(team, data.training, settings.at_once)
    held_out = logp_of(team, data.held_out, settings.at_once)
    samples = report.samples(settings, base, data, team) if main else []
    _learn(settings, data, team, before, folder if main else None, folder)
    after = logp_of(team, data.held_out, settings.at_once)
    if main and folder:
        prompts = report.prompts_of(data)
        found = report.measure(settings, held_out, after, prompts, data.record)
        found["samples"] = report.beside(samples, settings, base, data, team)
        found["processes"] = accelerator.num_processes
        write_json(folder / "report.json", found)
        report.show(found, folder)
    accelerator.wait_for_everyone()


def team_of(settings: ModelSettings, accelerator) -> Team:
    """The model, ready to learn, in the hands of all processes."""
    if settings.precision == "medium":
        torch.set_float32_matmul_precision("medium")
    model = learner(settings)
    coarse = settings.precision == "bfloat16"
    return prepared(accelerator, scorer_for(model, close=COARSE if coarse else CLOSE))


def _learn(settings, data: Material, team: Team, ref_logp, folder, seen) -> None:
    """The steps; the process with a ``folder`` logs and saves there.

    ``seen``: the folder of a stopped run, which all processes read.
    """
    steps = schedule_of(settings, len(data.training)).steps
    origin = Origin("policy", settings_hash(settings), settings.fingerprint)

    with after_this_step() as stop:

        def learn(**watched):
            words = team, data.training, ref_logp, settings, stop
            return train(*words, **watched)

        if folder is None:
            _without_folder(learn, seen, origin, stop)
            return
        words = "DPO", steps, folder, origin, "--learning-rate or --beta"
        phase = Phase(*words, stopping=lambda: stop.agreed, shown=SHOWN)
        carry_out(phase, learn)


def _without_folder(learn, seen: Path | None, origin: Origin, stop) -> None:
    """The same steps in a process that writes nothing."""
    path = seen / f"{origin.phase}.checkpoint" if seen else None
    there = path is not None and path.exists()
    checkpoint = load_checkpoint(path, origin)[0] if path and there else None

    def after_step(step_report: Any) -> None:
        if stop.agreed:
            raise KeyboardInterrupt

    learn(after_step=after_step, checkpoint=checkpoint)

"""From the words of the command to a run: settings, processes, the model's name.

Only the first of several processes speaks. This module does not train.
"""

import os
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from ..real_model.fetch import require_extra
from ..scaling.devices import use_threads
from ..scaling.distributed import leave as leave_at_once
from ..scaling.mixed_precision import slow_advice
from .intake import report
from .settings import ModelSettings, new_settings, stopped_settings
from .start import NEEDED, Base, base_of, known_by, require_same


def carry_out(args, asked: dict, runs: Path) -> int:
    """Train as asked, or only report; the exit code."""
    require_extra(*NEEDED)
    from . import processes  # Accelerate, which may not be there

    settings, base = _settings(args, asked)
    if args.report_only:
        report(settings, base)
        return 0
    use_threads(args.threads)
    team = processes.join(args.device, settings.precision)
    from .run import run

    with _one_voice(team.is_main_process):
        print(processes.told(team))
        print(slow_advice(settings.precision, team.device), end="")
        run(settings, base, team, args.out or runs, args.resume)
    if team.num_processes > 1:
        processes.leave()
        leave_at_once()
    return 0


def _settings(args, asked: dict) -> tuple[ModelSettings, Base]:
    """Those of a new run or of a stopped one, and what is known of their model."""
    if args.resume is not None:
        settings = stopped_settings(args.resume, asked)
        base = base_of(settings.model)
        require_same(base, settings)
        return settings, base
    base = base_of(asked["model"])
    has_template = base.tokenizer.chat_template is not None
    plain = {"plain_prompts": "chat" if has_template else "text"}
    return new_settings(plain | asked | {"base": known_by(base)}), base


@contextmanager
def _one_voice(speaks: bool):
    """Inside, a process that does not speak prints nothing."""
    if speaks:
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield
    sys.stdout.flush()

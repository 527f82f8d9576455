"""Grids of runs: done side by side, stored as small JSON, compared with what is stored.

    python -m dpo_edu.experiments                      # every grid again, then store
    python -m dpo_edu.experiments training online      # these two
    python -m dpo_edu.experiments --compare training   # run it, store nothing

A chapter with runs too long for its notebook has ``experiments/STEM/plan.py`` with a
function ``everything()``; its results lie beside it in ``stored.json``. Runs are rows
(dicts with a "step"), or whatever else JSON knows. This module does not know what a run
is.
"""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from .. import CHAPTERS
from ..files import write_atomically

FOLDER = Path(__file__).parent
WORKERS = 2  # processes, one thread each: fastest for models this small
# glibc hands a step's arrays back to the system and asks for them again at the next.
# A process that is told at its start to keep them takes a tenth less time.
KEEP_MEMORY = dict.fromkeys(
    ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(2**30)
)


def _file(stem: str, name: str = "stored") -> Path:
    return FOLDER / stem / f"{name}.json"


def stored(stem: str, name: str = "stored"):
    """Read the results of the last full run of a chapter's grid; None before it."""
    file = _file(stem, name)
    if not file.exists():
        return None
    return json.loads(file.read_text(encoding="utf-8"), object_hook=_rows)


def store(stem: str, results, name: str = "stored") -> None:
    """Write a chapter's results where ``stored`` finds them."""
    text = json.dumps(compact(results), separators=(",", ":"))
    write_atomically(_file(stem, name), text)


def run(stem: str):
    """Everything a chapter stores, computed again; as ``stored`` would return it."""
    results = import_module(f"{__package__}.{stem}.plan").everything()
    return json.loads(json.dumps(compact(results)), object_hook=_rows)


ON_REQUEST = ("real_model",)
"""Grids that run when they are named: they take long and need a fetched model."""


def stems() -> list[str]:
    """The chapters with grids, in reading order, but for those on request."""
    found = [stem for stem in CHAPTERS if (FOLDER / stem / "plan.py").exists()]
    return [stem for stem in found if stem not in ON_REQUEST]


def in_parallel(tasks: Mapping[Any, tuple]) -> dict:
    """Run ``tasks``, {key: (function, *arguments)}, in two processes: {key: result}.

    A task is a function of a module and arguments, and they and the result can be
    pickled. What all runs share it builds itself, once per process, by
    ``functools.cache``.
    """
    runs = {key: _processes().submit(*task) for key, task in tasks.items()}
    try:
        return {key: run.result() for key, run in runs.items()}
    except Exception:  # heard now, and not when all the others are through
        for run in runs.values():
            run.cancel()
        raise


def over_seeds(functions: Mapping[str, tuple], seeds: Sequence[int]) -> dict[str, list]:
    """Run {name: (function, *arguments)}, two at a time: {name: a result per seed}.

    Called is ``function(seed, *arguments)``.
    """
    tasks = {
        (name, seed): (function, seed, *arguments)
        for seed in seeds
        for name, (function, *arguments) in functions.items()
    }
    found = in_parallel(tasks)
    return {name: [found[name, seed] for seed in seeds] for name in functions}


@cache
def _processes() -> ProcessPoolExecutor:
    """The same two for every grid, so that what they have built is built once."""
    os.environ.update(KEEP_MEMORY)
    context = get_context("spawn")
    return ProcessPoolExecutor(WORKERS, context, initializer=_begin)


def _begin() -> None:
    """In each process: one thread, and Ctrl-C ends the run that is under way."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    one_thread()


def one_thread() -> None:
    """A second thread slows matrices this small down, and may change last digits."""
    import torch  # readers of stored results do without it

    torch.set_num_threads(1)


def compact(value):
    """Rows as columns, which repeat no names, and six digits after the point."""
    if isinstance(value, dict):
        return {str(key): compact(each) for key, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        if "step" not in value[0]:
            return [compact(each) for each in value]
        names = sorted(set().union(*value))
        return {name: [compact(row.get(name)) for row in value] for name in names}
    if isinstance(value, list | tuple):
        return [compact(each) for each in value]
    exact = value is None or isinstance(value, int | str)
    return value if exact else round(float(value), 6)


def _rows(record: dict):
    """Undo ``compact``: columns, one of them the steps, become rows."""
    if not isinstance(record.get("step"), list):
        return record
    rows = zip(*record.values(), strict=True)
    pairs = [zip(record, row, strict=True) for row in rows]
    return [{name: x for name, x in pair if x is not None} for pair in pairs]

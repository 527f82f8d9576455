"""Measurements, each in a process of its own, in rounds that take turns.

A job names a function of this folder and its arguments. The process that runs it prints
what the function returns, numbers by name, as one line of JSON. Rounds are interleaved,
so that a busy minute of the machine meets every row alike. This module does not know
what is measured.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
QUIET = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class Job(NamedTuple):
    """One row: what it is called, and what its process calls."""

    row: str
    function: str  # "module.function" in this folder
    words: dict  # the function's arguments
    environment: dict | None = None  # more of it, for its process


def in_rounds(jobs: Iterable[Job], rounds: int, title: str) -> dict[str, list[dict]]:
    """What every job returned in every round; without the jobs that always failed."""
    jobs = [*jobs]
    found: dict[str, list[dict]] = {job.row: [] for job in jobs}
    for number in range(1, rounds + 1):
        for job in jobs:
            print(f"{title}, round {number} of {rounds}: {job.row}", file=sys.stderr)
            try:
                found[job.row].append(fresh(job))
            except RuntimeError as error:  # one trick less, and not a night's work
                print(error, file=sys.stderr)
    return {row: rounds for row, rounds in found.items() if rounds}


def fresh(job: Job) -> dict:
    """What the job returns in a new process; its last words if it fails."""
    asked = json.dumps([job.function, job.words])
    done = subprocess.run(
        [sys.executable, "-m", f"{__package__}.rounds", asked],
        env=os.environ | ONE_THREAD | QUIET | (job.environment or {}),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if done.returncode:
        raise RuntimeError(f"{job.row} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def least(rows: list[dict], what: str) -> float:
    """The best round: another process can only make a run slower."""
    return min(row[what] for row in rows)


def middle(rows: list[dict], what: str) -> float:
    """The median round."""
    return median(row[what] for row in rows)


def main() -> None:
    """The child: call what is asked for and print what it returns."""
    function, words = json.loads(sys.argv[1])
    module, name = function.split(".")
    found = getattr(import_module(f"{__package__}.{module}"), name)(**words)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

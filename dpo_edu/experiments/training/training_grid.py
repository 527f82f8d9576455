"""Which runs chapter 11 stores: one function a part, all on the same reference.

A run is its part, its setting (a beta, a number of pairs or a trainer's name) and a
seed. This module does not know how results are laid out.
"""

from .. import bench as training_runs
from ..bench import set_up as bench
from . import clinic as broken_runs
from .nudge import nudge
from .sure_table import sure_table


def part(name: str, setting, seed: int):
    """Run one part at one setting."""
    return PARTS[name](setting, seed)


def soft(beta: float, seed: int) -> list[dict]:
    """Soft labels: in full at beta 1, shorter and with smaller groups elsewhere."""
    shorter = {} if beta == 1.0 else {"steps": 900, "group": 16}
    return training_runs.soft_run(bench(), beta, **shorter)


def hard(count: int, seed: int) -> list[dict]:
    """Twenty epochs, or fewer, of so many pairs with one verdict each."""
    return training_runs.hard_run(bench(), count, seed, training_runs.steps_for(count))


def long(count: int, seed: int) -> list[dict]:
    """The same pairs over and over, for 3,000 steps."""
    return training_runs.hard_run(bench(), count, seed, steps=3_000)


def sure(beta: float, seed: int) -> list[dict]:
    """Labels that are never in doubt."""
    return training_runs.sure_run(bench(), beta)


def table(beta: float, seed: int) -> list[dict]:
    """Sure labels in a free table."""
    return sure_table(bench(), beta)


def broken(trainer: str, seed: int) -> dict:
    """A trainer with one part wrong: its log, and what answers to a nudge."""
    parts = broken_runs.TRAINERS[trainer]
    log = broken_runs.run(bench(), parts)
    return {"log": log, "nudge": nudge(bench(), parts)}


PARTS = {
    "soft": soft,
    "hard": hard,
    "long": long,
    "sure": sure,
    "table": table,
    "broken": broken,
}

"""Offline and online, tuned alike: as many labels, one rule, one budget of places.

Every side begins at START and tries at most BUDGET places, each on both tuning seeds,
which are not the seeds that are judged. The score is J, which only an observer can
compute: each side is shown at the best place that its search found. Only the learning
rate and the number of steps are searched, for no side beta, batch, rounds or warm-up.
"""

from functools import partial

import numpy as np

from ..tuning import tune
from ..unfinished import kept
from .runs import side_run

START = {"learning_rate": 5e-3, "steps": 256.0}  # steps of all rounds together
BUDGET = 10  # places per side
TUNING, JUDGED = (100, 101), (0, 1, 2, 3, 4)


def tuned_side(side: str) -> dict:
    """The setting found, what was tried, and the rows of one run per judged seed."""
    run = partial(kept, "online", side_run, side)

    def mean_objective(place):
        ends = [run(*place.values(), seed)[-1] for seed in TUNING]
        return float(np.mean([end["objective"] for end in ends]))

    found = tune(mean_objective, START, BUDGET)
    runs = [run(*found.best.values(), seed) for seed in JUDGED]
    return {
        "setting": found.best,
        "unsettled": found.unsettled,
        "tried": found.tried,
        "runs": runs,
    }

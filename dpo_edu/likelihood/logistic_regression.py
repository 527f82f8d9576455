"""Newton's method for sums of -log sigmoid.

A Bradley-Terry fit is a logistic regression whose rows are +1 for the winner and -1
for the loser. This module knows rows and counts, neither items nor games.
"""

import numpy as np

from ..bradley_terry import sigmoid
from ..validation import (
    InputError,
    require,
    require_not_negative,
    require_shape,
    require_whole,
)
from ..validation.arrays import finite, indices, not_negative

MOST_STEPS = 1000  # a gap takes about one step a nat; float64 counts allow 709 nats
SETTLED = 1e-9  # Newton squares the error: the change after this one is about 1e-18
APART = "counts (wins, ridge, rows) too many orders of magnitude apart"


def fit_logistic(rows, counts, ridge):
    """argmin_t of sum_n counts_n * -log sigmoid(rows_n @ t) + ridge/2 |t|^2.

    rows (N, D), counts (N,) to (D,). Directions that no row sees stay at 0. No margin
    moves by more than 1 nat a step: within that the curvature changes by at most a
    factor e, so every step goes down; unlimited steps can diverge.
    """
    rows, counts = _checked(rows, counts)
    require_not_negative(ridge=ridge)
    t = np.zeros(rows.shape[1])
    seen = rows.T @ rows
    require(np.isfinite(seen).all(), APART)
    directions = np.linalg.matrix_rank(seen)  # how many the rows see
    for _ in range(MOST_STEPS):
        wrong = sigmoid(-rows @ t)  # probability of the outcome that was not seen
        gradient = ridge * t - rows.T @ (counts * wrong)
        curvature = curvature_matrix(rows, counts, t) + ridge * np.eye(len(t))
        if not (np.isfinite(curvature).all() and np.isfinite(gradient).all()):
            break
        step, _, rank, _ = np.linalg.lstsq(curvature, gradient, rcond=None)  # shortest
        if rank < directions:
            break
        change = np.abs(rows @ step).max(initial=0)
        t -= step / max(1.0, change)
        if change < SETTLED:
            return t
    raise InputError(APART)


def curvature_matrix(rows, counts, t):
    """sum_n counts_n p_n (1 - p_n) row_n row_n^T: Hessian and Fisher information."""
    rows, counts = _checked(rows, counts)
    t = finite(t=t)
    require_shape(rows.shape[1:], t=t)
    margin = rows @ t
    weight = counts * sigmoid(margin) * sigmoid(-margin)
    return (rows.T * weight) @ rows


def gap_rows(first, second, items):
    """One row per pair, +1 at ``first`` and -1 at ``second``: row @ r is their gap."""
    require_whole(1, 10_000, items=items)
    first, second = indices(items, first=first, second=second)
    return np.eye(items)[first] - np.eye(items)[second]


def _checked(rows, counts):
    rows, counts = finite(rows=rows), not_negative(counts=counts)
    require_shape((len(counts) if counts.ndim else None, None), rows=rows)
    require_shape(rows.shape[:1], counts=counts)
    return rows, counts

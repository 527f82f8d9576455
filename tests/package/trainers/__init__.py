"""Trainers for the check-up: right ones in many styles, broken ones with one mistake.

``BROKEN`` holds an adapter for each mistake, and what its findings must say, check ->
words. Checks that are not listed must find nothing. An adapter has only the functions
that its mistake needs.
"""

from .broken_batches import BATCHES
from .broken_losses import LOSSES
from .broken_runs import ACCUMULATION, RESUMED
from .broken_scores import SCORES
from .right import RIGHT as RIGHT
from .right import Right as Right

BROKEN = {
    f"{kind}: {name}": each
    for kind, group in {
        "score": SCORES,
        "loss": LOSSES,
        "batch": BATCHES,
        "parts": ACCUMULATION,
        "run": RESUMED,
    }.items()
    for name, each in group.items()
}

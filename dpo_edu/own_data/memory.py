"""What a run on pairs of these lengths asks of the machine, before it is begun.

Attention's tables are what grows: T^2 numbers for a text of T tokens, per head and
layer, kept for the gradient. This module does not train.
"""

import os

from ..validation import require, require_list_of, require_type
from .comparison import TextPair
from .lengths import lengths, longest
from .settings import OwnSettings

NUMBER, CELL = 4, 9  # bytes of a float32; of a token's number and its mask
KEPT = 2  # tables for the gradient, and those that are made on the way


def machine_bytes() -> float:
    """Memory of this machine; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


def table_bytes(pairs: list[TextPair]) -> float:
    """The table of all texts, each as wide as the longest."""
    require_list_of(TextPair, pairs=pairs)
    require(pairs, "pairs must be a list that is not empty")
    return 2.0 * len(pairs) * max(map(longest, pairs)) * CELL


def step_bytes(pairs: list[TextPair], settings: OwnSettings) -> int:
    """One step on the longest pairs that a batch can hold."""
    require_list_of(TextPair, pairs=pairs)
    require_type(OwnSettings, settings=settings)
    squares = sorted(sum(n**2 for n in lengths(pair).values()) for pair in pairs)
    tables = KEPT * settings.layers * settings.heads
    return NUMBER * tables * sum(squares[-settings.batch_size :])


def require_memory(pairs: list[TextPair], settings: OwnSettings) -> None:
    """Raise where one step, or the table of all pairs, would not fit into memory."""
    require_list_of(TextPair, pairs=pairs)
    require_type(OwnSettings, settings=settings)
    needs = {
        f"{len(pairs):,} pairs as long as the longest": table_bytes(pairs),
        f"a step of {settings.batch_size} pairs": step_bytes(pairs, settings),
    }
    there = machine_bytes()
    for what, needed in needs.items():
        require(
            needed < there,
            f"{settings.data}: {what} take {needed / 1e9:,.0f} GB, this machine has "
            f"{there / 1e9:,.0f}: lower --batch-size, or leave out the longest with "
            "--max-length",
        )

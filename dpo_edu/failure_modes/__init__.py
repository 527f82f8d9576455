"""Chapter 13: where the probability went, and which assumption failed.

Rooms: ``displacement`` (measures of failure), ``misspecification`` (labels that no
reward explains), ``winners`` (how far the optimum moves them).
"""

from .displacement import (
    ROLES,
    correlation,
    displacement,
    mass_ledger,
    mass_moved,
    mean_log_ratios,
    role_in_pairs,
    table_limit,
)

"""Chapter 15: compare what the policy says now, train, and do it again.

Rooms: ``rounds`` (exact rounds), ``judges`` (who labels), ``world_round`` (a round for
transformers; needs torch).
"""

from .rounds import (
    effective_beta,
    exact_round,
    fixed_reference,
    iterate,
    mixed_reference,
    moving_reference,
    rounds_logp,
)

"""Chapter 14: the variants of DPO.

Rooms: ``losses``, ``optima`` (each one's optimum on a pair), ``population`` (on many),
``table`` (the register: which piece changed, and what comparisons need).
"""

from .losses import (
    cdpo_loss,
    dpop_loss,
    hinge_loss,
    ipo_loss,
    kto_loss,
    length_normalized_loss,
    orpo_loss,
    plackett_luce_loss,
    rdpo_loss,
    rpo_loss,
    simpo_loss,
)

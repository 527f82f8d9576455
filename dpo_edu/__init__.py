"""dpo_edu: Direct Preference Optimization, taught by code that checks itself.

Read the modules in the order of ``CHAPTERS``; each imports only earlier ones.
Importing the package itself loads nothing else: no numpy, torch, sympy, matplotlib.
"""

__version__ = "0.2.0"

CHAPTERS = (
    "bradley_terry",
    "likelihood",
    "divergence",
    "boltzmann",
    "cancellation",
    "dpo_loss",
    "dpo_gradient",
    "sequence_logprob",
    "tiny_transformer",
    "preference_world",
    "training",
    "policy_gradient",
    "failure_modes",
    "variants",
    "online",
    "scaling",
    "real_model",
)
"""Chapters 01, 02, ... in reading order, which is import order."""

"""Chapter 05: the reward is a log-ratio plus a constant, and the constant cancels.

Rooms: ``inversion`` (the cancellation), ``partition_estimates`` (the price of Monte
Carlo), ``other_divergences`` (what else cancels).
"""

from .inversion import (
    chain_logp,
    derive_cancellation,
    effect_of_prompt_constant,
    implicit_reward,
    log10_responses,
    monte_carlo_partition,
    normalized_reward,
    soft_bellman,
)

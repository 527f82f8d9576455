"""Chapter 04: the RLHF objective and the policy that solves it exactly.

Rooms: ``tilt`` (objective and optimum), ``evidence`` (log Z as evidence), ``frontier``
(reward against KL), ``best_of_n``.
"""

from .tilt import (
    Step,
    derive_optimal_policy,
    expected_reward,
    log_partition,
    objective,
    optimal_logp,
    regret,
    reward_covariance,
    win_rate,
)

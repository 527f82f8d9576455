"""Chapter 12: RLHF the long way, by gradients of sampled averages.

Rooms: ``gradients`` (formulas), ``moments`` and ``discrete_sampling`` (what estimators
cost), ``reward_model``, ``rollout``, ``reinforce``, ``ppo``, ``grpo`` (training),
``grpo_optimum`` (where GRPO comes to rest), ``cost`` and ``frontier_distance`` (the
bill and the verdict).
"""

from .gradients import (
    clipped_objective,
    generalized_advantages,
    group_centered_advantages,
    group_normalized_advantages,
    importance_second_moment,
    leave_one_out_advantages,
    penalized_reward,
    policy_gradient,
    scores,
)

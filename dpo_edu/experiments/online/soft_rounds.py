"""Rounds with soft labels, many and fresh: how near does a transformer come to (15.1)?

Each step draws new responses of the round's first policy and labels them with the
annotators' probability, so that a round is nearly exact, and what is left is what the
network and its steps make of it. On chapter 11's reference. Only the rows know pi*.
"""

from collections.abc import Callable
from itertools import count

import torch

from ...boltzmann import expected_reward, optimal_logp
from ...divergence import kl_from_logs
from ...online import effective_beta, iterate
from ...training import Schedule, model_logp, train_pairs
from ...training.world_batches import compared_batch
from ...training.world_run import Stage, stage
from ..shared_start import shared_start

BETA, ROUNDS, STEPS, GROUP_SIZE = 2.0, 6, 150, 16
COLUMNS = (
    "step",
    "reward",
    "kl_from_reference",
    "kl_to_fixed",
    "kl_to_moved",
    "kl_of_round",
)


def soft_rounds(seed: int, moves: Callable, beta: float = BETA) -> list[dict]:
    """A row after each round; ``moves``: ``fixed_reference`` or another of ``online``.

    ``kl_to_fixed`` and ``kl_to_moved``: to where exact rounds of either kind would be;
    ``kl_of_round``: to what this round was asked for, given the policy and reference
    that the rounds before it have left.
    """
    streams, wanted = count(100 * seed), []  # random numbers, exact rounds: one each
    data, start, _ = shared_start()
    reward = data.world.reward

    def learn(policy: Stage, reference: Stage) -> Stage:
        wanted.append(optimal_logp(reference.logp, reward, beta))
        return _round(data, policy, reference, beta, next(streams))

    policies = iterate(start, start, moves(learn), ROUNDS)
    rows = []
    for k, policy in enumerate(policies[1:], start=1):
        moved = optimal_logp(start.logp, reward, effective_beta(beta, k))
        targets = start.logp, wanted[0], moved, wanted[k - 1]
        distances = [kl_from_logs(policy.logp, each).mean() for each in targets]
        earned = expected_reward(policy.logp, reward).mean()
        rows.append(dict(zip(COLUMNS, (k, earned, *distances), strict=True)))
    return rows


def _round(data, policy: Stage, reference: Stage, beta, seed: int) -> Stage:
    def batch_at(step):
        batch = compared_batch(data, policy.logp, GROUP_SIZE, seed, step)  # whose words
        with torch.no_grad():  # and against whom they are measured
            ref_logp = model_logp(reference.model, batch.tokens, batch.mask)
        return batch._replace(ref_logp=ref_logp)

    model = train_pairs(policy.model, batch_at, Schedule(STEPS, 1e-2), beta)
    return stage(model, data.world)

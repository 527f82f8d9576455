"""Runs of chapter 15: rounds under a condition; offline training is one round.

The seed decides pairs and verdicts. Each run returns rows for its policies; what a row
holds is said in ``contrarians``.
"""

from dataclasses import replace

import numpy as np

from ...online import iterate
from ...online.world_round import online_round
from .conditions import SIDES, Condition
from .contrarians import fresh_row, held_out_row, judge_wins, verdict_row


def rounds_run(seed: int, condition: Condition, stop: int | None = None) -> list[dict]:
    """A row for the reference and for the policy after each round, ``stop`` at most.

    A row's ``fresh`` signals are the policy's opinion on the next round's verdicts,
    about its own responses, before it learns.
    """
    labels, start = [], condition.start()
    generator = np.random.default_rng([15, 2, seed])
    learn = online_round(
        start.data, condition.judge, labels, condition.settings, generator
    )
    rounds = condition.rounds if stop is None else stop
    first = start.reference
    policies = iterate(first, first, condition.moves(learn), rounds)
    return [
        {"step": k}
        | verdict_row(policy.logp, start)
        | held_out_row(policy.logp, start)
        | {"judge_wins": judge_wins(condition.judge(policy), policy.logp, start)}
        | (fresh_row(policy.logp, labels[k], start) if k < rounds else {})
        for k, policy in enumerate(policies)
    ]


def side_run(side: str, learning_rate: float, steps: float, seed: int) -> list[dict]:
    """The rows of one of ``SIDES`` with a learning rate and a number of steps."""
    condition = replace(SIDES[side], learning_rate=learning_rate, steps=int(steps))
    return rounds_run(seed, condition)

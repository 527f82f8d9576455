"""Runs of chapter 15: rounds under a condition, and offline training beside them.

The seed decides pairs and verdicts. Each run returns rows for its policies; what a row
holds is said in ``contrarians``.
"""

import numpy as np

from ...online import iterate
from ...online.judges import judged_pairs
from ...online.world_round import online_round, train_round
from ...preference_world import hard_labels
from .conditions import Condition, annotators
from .contrarians import (
    contrarian_start,
    fresh_row,
    held_out_row,
    judge_wins,
    verdict_row,
)

LENGTHS = (75, 150, 300, 600)  # steps of offline trainings


def rounds_run(seed: int, condition: Condition, stop: int | None = None) -> list[dict]:
    """A row for the reference and for the policy after each round, ``stop`` at most.

    A row's ``fresh`` signals are the policy's opinion on the next round's verdicts,
    about its own responses, before it learns.
    """
    (data, start, _), labels = contrarian_start(), []
    generator = np.random.default_rng([15, 2, seed])
    learn = online_round(data, condition.judge, labels, condition.settings, generator)
    rounds = condition.rounds if stop is None else stop
    policies = iterate(start, start, condition.moves(learn), rounds)
    return [
        {"step": k}
        | verdict_row(policy.logp)
        | held_out_row(policy.logp)
        | {"judge_wins": judge_wins(condition.judge(policy), policy.logp)}
        | (fresh_row(policy.logp, labels[k]) if k < rounds else {})
        for k, policy in enumerate(policies)
    ]


def offline_run(seed: int, lengths=LENGTHS) -> list[dict]:
    """All labels on the reference's responses; each row a training of its own.

    ``step`` is its length, at whose end the learning rate is 0. A trainer can choose
    a row by its held-out loss. The row of the reference says what is in the pairs.
    """
    data, start, _ = contrarian_start()
    generator = np.random.default_rng([15, 2, seed])
    pairs = judged_pairs(start.logp, annotators(start), Condition.labels, generator)
    pairs = hard_labels(pairs, generator)
    rows = [{"step": 0} | verdict_row(start.logp) | fresh_row(start.logp, pairs)]
    for steps in lengths:
        settings = Condition(rounds=1, steps=steps).settings
        logp = train_round(data, start, start, pairs, settings).logp
        rows.append({"step": steps} | verdict_row(logp) | held_out_row(logp))
    return rows

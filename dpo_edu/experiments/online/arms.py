"""The arms of chapter 15: kinds of runs, which differ in a part or two.

All are judged by the pi* of beta = TARGET. Exactly, a fixed reference at this beta ends
there, and four moving rounds at four times as much; eight of those go beyond, and so do
moving rounds at TARGET. Labels and steps are shared out evenly among the rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...online import fixed_reference, iterate, moving_reference
from ...online.judges import (
    Judge,
    judged_pairs,
    reward_judge,
    reward_of_length,
    reward_without_not,
    self_judge,
    slipping,
)
from ...online.world_round import (
    RoundSettings,
    all_labels,
    newest_labels,
    online_round,
    train_round,
)
from ...preference_world import hard_labels
from .runs import TARGET, Bench, exact_row, fresh_row, held_out_row, judge_wins

LENGTHS = (75, 150, 300, 600)  # steps of offline trainings


def annotators(bench: Bench, policy) -> Judge:
    """Those of chapter 10, whoever the policy is."""
    return reward_judge(bench.data.world.reward)


def careless(rate: float, bench: Bench, policy) -> Judge:
    """Annotators who turn their verdict around with probability ``rate``."""
    return slipping(annotators(bench, policy), rate)


def likes_length(bench: Bench, policy) -> Judge:
    """A judge to whom each word is worth 1 more."""
    return reward_judge(reward_of_length(bench.data.world, 1.0))


def overlooks_not(bench: Bench, policy) -> Judge:
    """A judge who reads past the word ``not``."""
    return reward_judge(reward_without_not(bench.data.world))


def itself(bench: Bench, policy) -> Judge:
    """Annotators in the first round; later the policy, which has an opinion by then."""
    if policy is bench.reference:
        return annotators(bench, policy)
    return self_judge(policy.logp, bench.reference.logp, TARGET)


@dataclass(frozen=True)
class Arm:
    """What the runs of one kind share; the seed draws their pairs and verdicts."""

    rounds: int = 4
    moves: Callable = fixed_reference
    beta: float = TARGET  # of each round
    keep: Callable = all_labels
    judge: Callable = annotators
    labels: int = 4_000
    steps: int = 600

    @property
    def settings(self) -> RoundSettings:
        """What each round gets."""
        pairs, steps = self.labels // self.rounds, self.steps // self.rounds
        return RoundSettings(self.beta, pairs, self.keep, steps)


_moving = partial(Arm, moves=moving_reference, beta=4 * TARGET)
_twice = partial(Arm, keep=newest_labels, labels=8_000, steps=800)
ARMS = {
    "fixed, all labels": Arm(),
    "fixed, newest labels": Arm(keep=newest_labels),
    "moving, all labels": _moving(),
    "moving, newest labels": _moving(keep=newest_labels),
    "fixed, 8 rounds": Arm(rounds=8),
    "moving, 8 rounds": _moving(rounds=8, keep=newest_labels),
    "slips 0.2": Arm(judge=partial(careless, 0.2)),
    "slips 0.3": Arm(judge=partial(careless, 0.3)),
    "1,440 labels": Arm(labels=1_440, steps=216),
    "likes length": Arm(judge=likes_length),
    "overlooks not": Arm(judge=overlooks_not),
    "itself, fixed": _twice(judge=itself),
    "itself, moving": _twice(judge=itself, moves=moving_reference),
    "annotators, fixed": _twice(),  # and nothing else differs
    "annotators, moving": _twice(moves=moving_reference),
}


def rounds_run(bench: Bench, arm: Arm, seed: int, stop=None) -> list[dict]:
    """A row for the reference and for the policy after each round, ``stop`` at most.

    The seed decides pairs and verdicts. A row's ``fresh`` signals are the policy's
    opinion on the next round's verdicts, about its own responses, before it learns.
    """
    labels, generator = [], np.random.default_rng([15, 2, seed])
    judge_for = partial(arm.judge, bench)
    learn = online_round(bench.data, judge_for, labels, arm.settings, generator)
    start = bench.reference
    rounds = arm.rounds if stop is None else stop
    policies = iterate(start, start, arm.moves(learn), rounds)
    return [
        {"step": k}
        | exact_row(bench, policy.logp)
        | held_out_row(bench, policy.logp)
        | {"judge_wins": judge_wins(bench, judge_for(policy), policy.logp)}
        | (fresh_row(bench, policy.logp, labels[k]) if k < rounds else {})
        for k, policy in enumerate(policies)
    ]


def offline_run(bench: Bench, seed: int, lengths=LENGTHS) -> list[dict]:
    """All labels on the reference's responses; each row a training of its own.

    ``step`` is its length, at whose end the learning rate is 0. A trainer can choose
    a row by its held-out loss. The row of the reference says what is in the pairs.
    """
    start, generator = bench.reference, np.random.default_rng([15, 2, seed])
    judge = annotators(bench, start)
    pairs = judged_pairs(start.logp, judge, Arm.labels, generator)
    pairs = hard_labels(pairs, generator)
    rows = [
        {"step": 0} | exact_row(bench, start.logp) | fresh_row(bench, start.logp, pairs)
    ]
    for steps in lengths:
        settings = Arm(rounds=1, steps=steps).settings
        logp = train_round(bench.data, start, start, pairs, settings).logp
        row = exact_row(bench, logp) | held_out_row(bench, logp)
        rows.append({"step": steps} | row)
    return rows

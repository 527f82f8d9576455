"""The arms of chapter 15: runs of 4,000 verdicts that differ in one part each.

Every arm aims at the same pi*, that of beta = TARGET: with a fixed reference each round
has this beta, with a moving one each of four rounds has four times as much. Labels and
steps are shared out evenly among the rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..judges import (
    Judge,
    judged_pairs,
    reward_judge,
    reward_of_length,
    reward_without_not,
    self_judge,
    slipping,
)
from ..online import fixed_reference, iterate, moving_reference
from ..online_training import (
    RoundSettings,
    all_labels,
    newest_labels,
    online_round,
    train_round,
)
from ..preference_world import hard_labels
from ..story import policy_logp
from .online_runs import (
    TARGET,
    Bench,
    exact_row,
    fresh_row,
    held_out_row,
    judge_wins,
)


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
    """The parts of a run; an arm says which of them are not the usual ones."""

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
_itself = partial(Arm, judge=itself, keep=newest_labels, labels=8_000, steps=800)
ARMS = {
    "fixed": Arm(),
    "fixed, newest labels": Arm(keep=newest_labels),
    "moving": _moving(),
    "moving, newest labels": _moving(keep=newest_labels),
    "fixed, 8 rounds": Arm(rounds=8),
    "moving, 8 rounds": _moving(rounds=8, keep=newest_labels),
    "slips 0.2": Arm(judge=partial(careless, 0.2)),
    "slips 0.3": Arm(judge=partial(careless, 0.3)),
    "1,440 labels": Arm(labels=1_440, steps=216),
    "likes length": Arm(judge=likes_length),
    "overlooks not": Arm(judge=overlooks_not),
    "itself, fixed": _itself(),
    "itself, moving": _itself(moves=moving_reference),
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


def offline_run(bench: Bench, seed: int, every: int = 50) -> list[dict]:
    """All labels on the reference's responses, one training: a row ``every`` steps."""
    arm, start = Arm(rounds=1), bench.reference
    generator = np.random.default_rng([15, 2, seed])
    judge = annotators(bench, start)
    pairs = judged_pairs(start.logp, judge, arm.labels, generator)
    pairs = hard_labels(pairs, generator)
    rows = [
        {"step": 0} | exact_row(bench, start.logp) | fresh_row(bench, start.logp, pairs)
    ]

    def after_step(step, model):
        if (step + 1) % every == 0:
            logp = policy_logp(model, bench.data.world)
            row = exact_row(bench, logp) | held_out_row(bench, logp)
            rows.append({"step": step + 1} | row)

    train_round(bench.data, start, start, pairs, arm.settings, after_step)
    return rows

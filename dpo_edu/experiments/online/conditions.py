"""The conditions of chapter 15: kinds of runs, which differ in a part or two.

``SIDES`` are compared with each other and tuned first, each for itself (``tuned``).
``CONDITIONS`` stay at the settings below and are compared with "fixed, all labels" or
with each other. All are judged by the pi* of beta = TARGET. Exactly, a fixed reference
at this beta ends there, and four moving rounds at four times as much; eight of those go
beyond, and so do moving rounds at TARGET. Labels and steps are shared out evenly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from ...online import fixed_reference, moving_reference
from ...online.judges import (
    Judge,
    reward_judge,
    reward_of_length,
    reward_without_not,
    self_judge,
    slipping,
)
from ...online.world_round import RoundSettings, all_labels, newest_labels
from ...preference_world import build_world
from ...training.world_run import Stage
from ..shared_start import Start, shared_start
from .contrarians import TARGET, contrarian_start

world = cache(build_world)


def annotators(policy: Stage) -> Judge:
    """Those of chapter 10, whoever the policy is."""
    return reward_judge(world().reward)


def careless(rate: float, policy: Stage) -> Judge:
    """Annotators who turn their verdict around with probability ``rate``."""
    return slipping(annotators(policy), rate)


def likes_length(policy: Stage) -> Judge:
    """A judge to whom each word is worth 1 more."""
    return reward_judge(reward_of_length(world(), 1.0))


def overlooks_not(policy: Stage) -> Judge:
    """A judge who reads past the word ``not``."""
    return reward_judge(reward_without_not(world()))


def own_opinion(policy: Stage) -> Judge:
    """Annotators in the first round; later the policy, which has an opinion by then."""
    reference = contrarian_start().reference
    if policy is reference:
        return annotators(policy)
    return self_judge(policy.logp, reference.logp, TARGET)


@dataclass(frozen=True)
class Condition:
    """What the runs of one kind share; the seed draws their pairs and verdicts."""

    rounds: int = 4
    moves: Callable = fixed_reference
    beta: float = TARGET  # of each round
    keep: Callable = all_labels
    judge: Callable = annotators
    labels: int = 4_000
    steps: int = 600
    learning_rate: float = 5e-3
    start: Callable[[], Start] = contrarian_start

    @property
    def settings(self) -> RoundSettings:
        """What each round gets."""
        pairs, steps = self.labels // self.rounds, self.steps // self.rounds
        return RoundSettings(self.beta, pairs, self.keep, steps, self.learning_rate)


_moving = partial(Condition, moves=moving_reference, beta=4 * TARGET)
_twice = partial(Condition, keep=newest_labels, labels=8_000, steps=800)
CONDITIONS = {
    "fixed, all labels": Condition(),
    "fixed, 8 rounds": Condition(rounds=8),
    "moving, 8 rounds": _moving(rounds=8, keep=newest_labels),
    "slips 0.2": Condition(judge=partial(careless, 0.2)),
    "slips 0.3": Condition(judge=partial(careless, 0.3)),
    "1,440 labels": Condition(labels=1_440, steps=216),
    "likes length": Condition(judge=likes_length),
    "overlooks not": Condition(judge=overlooks_not),
    "itself, fixed": _twice(judge=own_opinion),
    "itself, moving": _twice(judge=own_opinion, moves=moving_reference),
    "annotators, fixed": _twice(),  # and nothing else differs
    "annotators, moving": _twice(moves=moving_reference),
}
SIDES = {
    "offline": Condition(rounds=1),
    "fixed, all labels": Condition(),
    "fixed, newest labels": Condition(keep=newest_labels),
    "ordinary, offline": Condition(rounds=1, start=shared_start),
    "ordinary, fixed, all labels": Condition(start=shared_start),
}

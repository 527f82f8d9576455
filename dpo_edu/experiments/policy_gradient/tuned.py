"""Every method tuned alike: beta and learning rate, by one rule, on one budget.

DPO has its ten epochs on 5,000 pairs; all others climb a reward model of these pairs
with ``CLIMB`` passes. The score is the share of J at beta 1, which only an observer can
compute: each method is shown at the place that is best for it on a draw of pairs that
judges nobody.
"""

from functools import partial

import numpy as np

from ...divergence import kl_from_logs
from ...policy_gradient.grpo import FORMS
from ..shared_start import shared_start
from ..tuning import tune
from ..unfinished import kept
from .methods import TRAINERS, dpo, drawn, judge, rl_settings, rlhf
from .rest import AT_REST, reward_of
from .runs import PAIRS, ten_epochs

METHODS = ("DPO", *TRAINERS)
CLIMB = 160_000  # passes of RL on the reward model
START = {"beta": 1.0, "learning_rate": 1e-2}
BUDGET, TUNING, JUDGED = 8, 100, (0, 1, 2, 3, 4)  # places; seeds


def tuned(method: str) -> dict[str, list[dict]]:
    """The setting found, what was tried, and the rows of one run per judged seed."""
    run = partial(kept, "policy_gradient", tuned_run, method)

    def share_at(place):
        return run(*place.values(), TUNING)["share"]

    found = tune(share_at, START, BUDGET)
    runs = [run(*found.best.values(), seed) for seed in JUDGED]
    row = {"method": method, "setting": found.best, "unsettled": found.unsettled}
    return {"tuned": [row | {"tried": found.tried, "runs": runs}]}


def tuned_run(method: str, beta: float, learning_rate: float, seed: int) -> dict:
    """One run, judged at beta 1; of RL also its KL to where it would come to rest."""
    if method == "DPO":
        pairs, passes = drawn(PAIRS, seed), ten_epochs(PAIRS)
        return {"seed": seed} | judge(dpo(pairs, passes, seed, beta, learning_rate))
    learned = reward_of(seed)
    settings = rl_settings(method, CLIMB, seed, beta, learning_rate)
    logp, _ = rlhf(method, learned, settings)
    missed = kl_from_logs(logp, rest_of(method, learned, beta)).mean()
    return {"seed": seed} | judge(logp) | {"kl_to_own_optimum": float(missed)}


def rest_of(method: str, learned, beta: float) -> np.ndarray:
    """Where RL would come to rest, a response being one choice: (P, R)."""
    kind = "exact"
    if form := FORMS.get(method):
        kind = "GRPO" if form.by_deviation else "Dr. GRPO"
    return AT_REST[kind](shared_start().reference.logp, learned, beta)

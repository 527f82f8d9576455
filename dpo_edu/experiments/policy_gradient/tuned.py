"""Sampling methods tuned alike: beta and learning rate, by one rule, on one budget.

Each climbs a reward model of 5,000 pairs with ``CLIMB`` passes. The score is the share
of J at beta 1, which only an observer can compute: each method is shown at the place
that is best for it on a draw of pairs that judges nobody.
"""

from functools import partial

from ...divergence import kl_from_logs
from ...policy_gradient.grpo import FORMS
from ..shared_start import shared_start
from ..tuning import tune
from ..unfinished import kept
from .methods import judge, rl_settings, rlhf
from .rest import AT_REST, reward_of

METHODS = ("REINFORCE", "GRPO", "Dr. GRPO")
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
    """One run, judged at beta 1, and its KL to where its method would come to rest."""
    learned, ref_logp = reward_of(seed), shared_start().reference.logp
    settings = rl_settings(method, CLIMB, seed, beta, learning_rate)
    logp, _ = rlhf(method, learned, settings)
    rest = AT_REST[method if method in FORMS else "exact"]
    missed = float(kl_from_logs(logp, rest(ref_logp, learned, beta)).mean())
    return {"seed": seed} | judge(logp) | {"kl_to_own_optimum": missed}

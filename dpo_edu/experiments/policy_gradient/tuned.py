"""Every method tuned alike: its own beta and learning rate, by one rule, on one budget.

5,000 pairs with one verdict each. DPO has the passes of ten epochs; the others have a
reward model of ten epochs. ``AT_REST`` are the policies at which perfect methods end on
it, by enumeration; RL climbs it with ``CLIMB`` passes more. The score is the share of J
at beta 1, which only an observer can compute: each method is shown at the place that is
best for it on a draw of pairs that judges nobody.
"""

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from ...boltzmann import optimal_logp
from ...divergence import kl_from_logs
from ...policy_gradient.grpo import FORMS
from ...policy_gradient.grpo_optimum import forward_kl_optimal_logp, grpo_optimal_logp
from ..shared_start import shared_start
from ..tuning import tune
from ..unfinished import kept
from .methods import dpo, drawn, judge, learned_reward, rl_settings, rlhf
from .runs import PAIRS, ten_epochs

AT_REST = {
    "exact": optimal_logp,  # of the reward model, where REINFORCE and PPO end
    "GRPO at rest": grpo_optimal_logp,
    "Dr. GRPO at rest": forward_kl_optimal_logp,
}
RL = ("REINFORCE", "PPO", *FORMS)
METHODS = ("DPO", *AT_REST, *RL)
CLIMB = 160_000  # passes of RL on the reward model
BUDGET, TUNING, JUDGED = 8, 100, (0, 1, 2, 3, 4)  # places; seeds
RATES = {"DPO": 5e-3} | dict.fromkeys(RL, 1e-2)  # where the search begins


def tuned(method: str) -> dict[str, list[dict]]:
    """The setting found, what was tried, and the rows of one run per judged seed."""
    run = partial(kept, "policy_gradient", tuned_run, method)
    start = {"beta": 1.0}
    if method in RATES:  # what is computed has no learning rate
        start["learning_rate"] = RATES[method]

    def share_at(place):
        return run(*place.values(), TUNING)["share"]

    found = tune(share_at, start, BUDGET)
    runs = [run(*found.best.values(), seed) for seed in JUDGED]
    return {
        "tuned": [
            {"method": method, "setting": found.best, "unsettled": found.unsettled}
            | {"tried": found.tried, "runs": runs}
        ]
    }


def tuned_run(method: str, beta: float, *rate_and_seed) -> dict[str, float]:
    """One run, judged at beta 1; arguments: beta, the rate if any, and the seed."""
    *rate, seed = rate_and_seed
    pairs = drawn(PAIRS, seed)
    if method == "DPO":
        logp = dpo(pairs, ten_epochs(PAIRS), seed, beta, *rate)
        return {"seed": seed} | judge(logp)
    learned, ref_logp = reward_of(seed), shared_start().reference.logp
    own = rest_of(method)(ref_logp, learned, beta)
    logp = own
    if method in RL:
        logp, _ = rlhf(method, learned, rl_settings(method, CLIMB, seed, beta, *rate))
    missed = {"kl_to_own_optimum": float(kl_from_logs(logp, own).mean())}
    return {"seed": seed} | judge(logp) | missed


def rest_of(method: str) -> Callable:
    """Where a method would end, without noise and with time (lengths aside)."""
    if method in FORMS:
        by = FORMS[method].by_deviation
        return AT_REST["GRPO at rest" if by else "Dr. GRPO at rest"]
    return AT_REST.get(method, optimal_logp)


@cache
def reward_of(seed: int) -> np.ndarray:
    """The reward model of a seed's pairs, as a table of all responses (P, R)."""
    return np.array(kept("policy_gradient", reward_rows, seed))


def reward_rows(seed: int) -> list[list[float]]:
    """``reward_of`` as lists, which are kept until the whole grid is stored."""
    return learned_reward(drawn(PAIRS, seed), ten_epochs(PAIRS), seed).tolist()

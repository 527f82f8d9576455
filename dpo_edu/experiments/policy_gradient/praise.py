"""A reward model that saw pairs of praise only, and its control that saw pairs of all.

Both get 1,000 pairs and the same 120 steps. Then four roads away from the reference:
the exact optima of the reward model from cautious to greedy, REINFORCE and PPO at a
small beta, and DPO on the same pairs. ``UNSEEN`` words are in no response of a pair of
praise. This module does not know what the runs will show.
"""

import numpy as np

from ...boltzmann import optimal_logp
from ...policy_gradient.cost import PAIR, REFERENCE
from ...policy_gradient.reward_model import reward_error
from ...preference_world import WORDS, Pairs
from ...training.world_run import policy_logp
from .runs import BATCH, bench, climb, dpo, drawn, learned_reward, track

UNSEEN = ("fine", "bad", "awful")
PRAISE, STEPS = 1_000, 120
SMALL_BETA, SMALL_RATE = 0.05, 5e-3
CLIMB = 75_000  # passes of RL
BETAS = sorted([1.0, *np.geomspace(10, 0.03, 24)], reverse=True)
DPO_STEPS, DPO_BETA = 180, 0.1
WAYS = {"praise": ("REINFORCE", "PPO"), "all": ("REINFORCE",)}  # of RL


def wrong_reward(seed: int) -> dict[str, list[dict]]:
    """Both reward models of a seed: their errors, their exact optima, and the roads."""
    wrong, roads = [], []
    for seen in WAYS:
        pairs = seen_pairs(seen, seed)
        learned = learned_reward(pairs, PAIR * BATCH * STEPS, seed)
        known = {"seen": seen, "seed": seed}
        wrong.append(known | {"errors": _errors(learned), "exact": _optima(learned)})
        roads.append(known | _roads(seen, pairs, learned, seed))
    return {"wrong": wrong, "roads": roads}


def _optima(learned) -> list[dict]:
    """The exact optima of a reward table, from cautious to greedy."""
    ref_logp, rows = bench().reference.logp, []
    for step, beta in enumerate(BETAS):
        best = optimal_logp(ref_logp, learned, beta)
        rows.append({"step": step, "beta": beta} | track(best, learned, beta))
    return rows


def _roads(seen: str, pairs: Pairs, learned, seed: int) -> dict[str, list[dict]]:
    """Rows along each road that learns step by step: DPO's on the pairs, and RL's."""
    settings = {"beta": SMALL_BETA, "every": 5, "rate": SMALL_RATE}
    runs = {way: climb(way, learned, CLIMB, seed, **settings)[1] for way in WAYS[seen]}
    return {"DPO": _dpo_path(pairs, seed)} | runs


def _dpo_path(pairs: Pairs, seed: int) -> list[dict]:
    """DPO at a small beta: gold and KL every 15 steps."""
    here, rows = bench(), []

    def watch(step, policy):
        if (step + 1) % 15 == 0:
            logp = policy_logp(policy, here.data.world)
            row = track(logp, logp - here.reference.logp, DPO_BETA)  # its own reward
            rows.append({"step": step + 1} | row)

    budget = PAIR * BATCH * DPO_STEPS + REFERENCE * len(pairs.prompt)
    dpo(pairs, budget, seed, DPO_BETA, watch)
    return rows


def seen_pairs(seen: str, seed: int) -> Pairs:
    """The first pairs without any word of ``UNSEEN``, or simply the first ones."""
    many = drawn(5 * PRAISE, seed)
    fits = is_praise() if seen == "praise" else np.ones_like(is_praise())
    kept = np.flatnonzero(fits[many.chosen] & fits[many.rejected])[:PRAISE]
    return Pairs(*(field[kept] for field in many))


def is_praise() -> np.ndarray:
    """Which responses have no word of ``UNSEEN``: (R,)."""
    words = {WORDS.index(word) for word in UNSEEN}
    return np.array([words.isdisjoint(y) for y in bench().data.world.responses])


def _errors(learned) -> dict[str, float]:
    """Error of the reward under the reference, on praise and off it."""
    here, errors = bench(), {}
    for name, fits in (("on_praise", is_praise()), ("off_praise", ~is_praise())):
        logp = np.where(fits, here.reference.logp, -np.inf)
        logp = logp - np.logaddexp.reduce(logp, axis=-1, keepdims=True)
        errors[name] = reward_error(learned, here.data.world.reward, logp).mean()
    return errors

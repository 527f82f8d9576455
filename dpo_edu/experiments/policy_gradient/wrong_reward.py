"""A reward model that saw pairs of praise only, and its control that saw pairs of all.

Both get 1,000 pairs and the same 120 steps. Then four roads away from the reference:
the exact optima of the reward model from cautious to greedy, REINFORCE and PPO at a
small beta, and DPO on the same pairs. ``UNSEEN`` words are in no response of a pair of
praise. This module does not know what the runs will show.
"""

import numpy as np

from ...boltzmann import optimal_logp
from ...divergence import normalized
from ...policy_gradient.cost import PAIR, REFERENCE
from ...policy_gradient.reward_model import reward_error
from ...preference_world import WORDS, Pairs
from ...training.world_run import policy_logp
from ..shared_start import BATCH_SIZE, shared_start
from .methods import dpo, drawn, learned_reward, rl_settings, rlhf, track

UNSEEN = ("fine", "bad", "awful")
PRAISE, STEPS = 1_000, 120
RL_METHODS = {"praise": ("REINFORCE", "PPO"), "all": ("REINFORCE",)}
RL_BUDGET = {"REINFORCE": 100_000, "PPO": 84_400}  # passes
RL_EVERY = 5  # batches from row to row
RL_BETA, RL_LEARNING_RATE = 0.05, 5e-3
OPTIMA_BETAS = sorted([1.0, *np.geomspace(10, 0.03, 24)], reverse=True)
DPO_STEPS, DPO_BETA, DPO_EVERY = 180, 0.1, 15


def wrong_reward(seed: int) -> dict[str, list[dict]]:
    """Both reward models of a seed: their errors, their exact optima, and the roads."""
    wrong, roads = [], []
    for seen in RL_METHODS:
        pairs = seen_pairs(seen, seed)
        learned = learned_reward(pairs, PAIR * BATCH_SIZE * STEPS, seed)
        known = {"seen": seen, "seed": seed}
        wrong.append(known | {"errors": _errors(learned), "exact": _optima(learned)})
        roads.append(known | _roads(seen, pairs, learned, seed))
    return {"wrong": wrong, "roads": roads}


def _optima(learned) -> list[dict]:
    """The exact optima of a reward table, from cautious to greedy."""
    ref_logp, rows = shared_start().reference.logp, []
    for step, beta in enumerate(OPTIMA_BETAS):
        best = optimal_logp(ref_logp, learned, beta)
        rows.append({"step": step, "beta": beta} | track(best, learned, beta))
    return rows


def _roads(seen: str, pairs: Pairs, learned, seed: int) -> dict[str, list[dict]]:
    """Rows along each road that learns step by step: DPO's on the pairs, and RL's."""
    runs = {"DPO": _dpo_path(pairs, seed)}
    wanted = seed, RL_BETA, RL_LEARNING_RATE
    for method in RL_METHODS[seen]:
        settings = rl_settings(method, RL_BUDGET[method], *wanted)
        _, runs[method] = rlhf(method, learned, settings, RL_EVERY)
    return runs


def _dpo_path(pairs: Pairs, seed: int) -> list[dict]:
    """DPO at a small beta: gold and KL every 15 steps."""
    (data, reference, _), rows = shared_start(), []

    def after_step(report):
        done = report.step + 1
        if done % DPO_EVERY == 0:
            logp = policy_logp(report.model, data.world)
            row = track(logp, logp - reference.logp, DPO_BETA)  # its own reward
            rows.append({"step": done} | row)

    budget = PAIR * BATCH_SIZE * DPO_STEPS + REFERENCE * len(pairs.prompt)
    dpo(pairs, budget, seed, DPO_BETA, after_step=after_step)
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
    return np.array([words.isdisjoint(y) for y in shared_start().data.world.responses])


def _errors(learned) -> dict[str, float]:
    """Error of the reward under the reference, on praise and off it."""
    (data, reference, _), errors = shared_start(), {}
    for name, fits in (("on_praise", is_praise()), ("off_praise", ~is_praise())):
        logp = normalized(np.where(fits, reference.logp, -np.inf))
        errors[name] = reward_error(learned, data.world.reward, logp).mean()
    return errors

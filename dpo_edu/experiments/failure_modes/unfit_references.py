"""References that do not fit: one that never read a text, one with another style.

The pairs of a team with other habits, and a network fresh from its random start. Both
runs end in a policy; the questions are how good it is and how foreign it sounds.
"""

import numpy as np

from ...boltzmann import optimal_logp
from ...divergence import normalized
from ...preference_world import WORDS, Pairs
from ...training import Schedule, freeze, train_texts
from ...training.world_run import Stage, new_model, stage
from ..shared_start import in_epochs, shared_start
from .material import BETA, learn, measures, verdict_pairs
from .runs import accounts


def no_sft(seed: int) -> dict:
    """The same pairs, but the reference is a fresh network that never read a text."""
    model = freeze(new_model(shared_start().data, seed))
    fresh = stage(model, shared_start().data.world)
    logp = learn(in_epochs(verdict_pairs(seed), seed, fresh), start=fresh)
    goal = optimal_logp(fresh.logp, shared_start().data.world.reward, BETA)
    each = {"before": fresh.logp, "after": logp, "optimal": goal}
    return {name: measures(policy, fresh.logp) for name, policy in each.items()}


def about_things() -> np.ndarray:
    """Another style: the reference, with "tea ...", "it ..." e^3 times as frequent."""
    nouns = WORDS.index("is")  # the words before it
    first = [bool(y) and y[0] < nouns for y in shared_start().data.world.responses]
    return normalized(shared_start().reference.logp + 3.0 * np.array(first))


def sft_on_chosen(pairs: Pairs, seed: int, steps=100) -> Stage:
    """Imitate the chosen responses for a while; the result is a new reference."""
    batch_at = in_epochs(pairs, seed)

    def texts_at(step):
        batch = batch_at(step)
        return batch.tokens[batch.chosen], batch.mask[batch.chosen]

    start, schedule = shared_start().reference.model, Schedule(steps, 3e-3)
    return stage(
        freeze(train_texts(start, texts_at, schedule)), shared_start().data.world
    )


def off_style(seed: int, sft_first=False) -> dict[str, float]:
    """Pairs from other people's pens; with ``sft_first`` on a reference made theirs.

    Everything is measured against the reference that training started from.
    """
    pairs = verdict_pairs(seed, source=about_things())
    start = sft_on_chosen(pairs, seed) if sft_first else shared_start().reference
    logp = learn(in_epochs(pairs, seed, start), start=start)
    moved = accounts(pairs, logp, start.logp)
    names = ("chosen", "rejected", "chosen_fell", "both_fell", "displaced")
    start_reward = measures(start.logp, start.logp)["reward"]
    verdict = measures(logp, start.logp) | {"start_reward": start_reward}
    return verdict | {name: moved[name] for name in names}

"""Chapter 13's material: pairs, labels and losses with one thing wrong each.

Every run starts from the reference of chapter 11 and lasts 200 steps, unless its name
says otherwise. Training sees pairs; ``learn`` then lists all responses of what came
out. What is wrong in which run is decided in ``runs`` and the modules beside it.
"""

from functools import cache

import numpy as np

from ...boltzmann import expected_reward
from ...divergence import normalized
from ...dpo_loss import dpo_loss
from ...online.judges import Judge
from ...preference_world import (
    WORDS,
    Pairs,
    hard_labels,
    sample_pairs,
    sample_responses,
)
from ...preference_world.writers import writers_logp
from ...training import Schedule, model_logp, pair_loss, train_pairs
from ...training.evaluation import evaluate
from ...training.world_batches import pair_batch
from ...training.world_run import Stage, policy_logp
from ..shared_start import shared_start

STEPS, PAIRS, LEARNING_RATE, BETA = 200, 5_000, 5e-3, 1.0
TOKENS = 2.7  # scored in a response of the reference, on average


@cache
def writers() -> np.ndarray:
    """The log-probabilities (P, R) of the people whose language SFT imitates."""
    return writers_logp(shared_start().data.world)


def learn(batch_at, steps=STEPS, loss=pair_loss, start: Stage | None = None):
    """Train a copy of ``start`` (the reference); its log-probabilities (P, R)."""
    start = start or shared_start().reference
    schedule = Schedule(steps, LEARNING_RATE)
    policy = train_pairs(start.model, batch_at, schedule, BETA, loss)
    return policy_logp(policy, shared_start().data.world)


def measures(logp, ref_logp=None) -> dict[str, float]:
    """What an observer who lists all responses says, averaged over prompts.

    ``evaluate``; E[words]; and E[-log p], nats that the writers' language model needs
    for a response: how foreign it sounds.
    """
    ref_logp = shared_start().reference.logp if ref_logp is None else ref_logp
    world = shared_start().data.world
    return evaluate(logp, ref_logp, world.reward, BETA)._asdict() | {
        "words": expected_reward(logp, world.lengths).mean(),
        "foreign": -expected_reward(logp, writers()).mean(),
    }


def verdict_pairs(seed: int, count=PAIRS, flips=0.0, source=None) -> Pairs:
    """Pairs with one verdict each; a share ``flips`` of the verdicts is reversed.

    source: the log-probabilities (P, R) that wrote the responses, or the reference.
    """
    source = shared_start().reference.logp if source is None else source
    generator = np.random.default_rng([seed, count, 13])
    drawn = sample_pairs(shared_start().data.world, source, count, generator)
    pairs = hard_labels(drawn, generator)
    reverse = generator.random(count) < flips
    chosen = np.where(reverse, pairs.rejected, pairs.chosen)
    rejected = np.where(reverse, pairs.chosen, pairs.rejected)
    return pairs._replace(chosen=chosen, rejected=rejected)


def judged_batches(seed: int, judge: Judge, source=None, group_size=16):
    """Fresh groups of responses at each step, all pairs compared; step to batch.

    judge: one of ``judges``, (prompt, first, second) -> P(first is preferred).
    """
    data, ref_logp = shared_start().data, shared_start().reference.logp
    source = ref_logp if source is None else source
    rows = np.arange(len(data.world.prompts))
    one, other = np.triu_indices(group_size, 1)

    def batch_at(step):
        generator = np.random.default_rng([seed, step, 13])
        drawn = sample_responses(source, rows.repeat(group_size), generator)
        drawn = drawn.reshape(-1, group_size)  # (P, group_size)
        prompt = rows.repeat(len(one))
        first, second = drawn[:, one].ravel(), drawn[:, other].ravel()
        label = judge(prompt, first, second)
        return pair_batch(data, Pairs(prompt, first, second, label), ref_logp)

    return batch_at


def says(*words) -> np.ndarray:
    """Which responses contain one of these words: (R,) of bool."""
    numbers = {WORDS.index(word) for word in words}
    return np.array([bool(numbers & {*y}) for y in shared_start().data.world.responses])


def without(forbidden) -> np.ndarray:
    """The reference restricted to responses that are not ``forbidden`` (R,)."""
    return normalized(np.where(forbidden, -np.inf, shared_start().reference.logp))


def averaged_loss(policy, batch, beta):
    """The DPO loss with every log-ratio divided by its number of scored tokens.

    beta is multiplied by their average, so that a response of average length weighs
    what it weighs in a sum.
    """
    tokens = batch.mask.sum(-1)  # (S,)
    logp = model_logp(policy, batch.tokens, batch.mask) / tokens
    ref_logp = batch.ref_logp / tokens
    policy_sides = logp[batch.chosen], logp[batch.rejected]  # (B,)
    ref_sides = ref_logp[batch.chosen], ref_logp[batch.rejected]
    loss = dpo_loss(*policy_sides, *ref_sides, TOKENS * beta, label=batch.label)
    return loss, {}

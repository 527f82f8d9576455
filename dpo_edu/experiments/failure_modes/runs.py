"""Chapter 13's runs, each with one thing wrong: a seed in, measures of a policy out.

The seed draws pairs, verdicts and their order. ``material`` says how pairs are made and
policies trained; this module decides what is wrong and what is measured. Where wrong
labels lead is known to ``misspecification``.
"""

import numpy as np

from ...boltzmann import optimal_logp
from ...bradley_terry import preference_matrix
from ...divergence import kl_from_logs
from ...failure_modes import (
    ROLES,
    displacement,
    mass_ledger,
    role_in_pairs,
    table_limit,
)
from ...failure_modes.misspecification import pooled_policy
from ...online.judges import reward_judge
from ...preference_world import PROMPTS, meaning
from ...training import Schedule, pair_loss
from ..shared_start import follow, in_epochs, of_pairs, shared_start
from ..training.sure_table import LEVELS
from . import material
from .material import BETA, learn, measures, verdict_pairs

LONG = 400  # steps of the runs that are followed
STRONG = [abs(meaning(prompt.split()) or 0) == 2 for prompt in PROMPTS]  # want "great"
BREVITY, SHARE = 4.0, 0.4  # the second group's dislike of a word, and how many it is
KEPT = ("step", "loss", "reward", "kl_from_reference", "share", "held_out_loss")


def best(taste=0.0) -> np.ndarray:
    """The optimum pi* of annotators who add ``taste`` per word: (P, R)."""
    return optimal_logp(shared_start().reference.logp, reward_with(taste), BETA)


def reward_with(taste: float) -> np.ndarray:
    """What annotators go by who add ``taste`` per word: (P, R)."""
    world = shared_start().data.world
    return world.reward + taste * world.lengths


def accounts(pairs, logp, ref_logp) -> dict:
    """What became of the pairs' responses, and the ledger by role and level."""
    before = np.stack(of_pairs(pairs, ref_logp), axis=-1)  # (pairs, 2)
    after = np.stack(of_pairs(pairs, logp), axis=-1)
    change = after - before
    reward = shared_start().data.world.reward
    role = role_in_pairs(pairs.prompt, pairs.chosen, pairs.rejected, reward.shape)
    group = role * len(LEVELS) + np.searchsorted(LEVELS, reward)
    shape = len(ROLES), len(LEVELS)
    ledger = mass_ledger(ref_logp, logp, group, len(ROLES) * len(LEVELS))
    return {
        "chosen": change[:, 0].mean(),
        "rejected": change[:, 1].mean(),
        "chosen_fell": np.mean(change[:, 0] < 0),
        "both_fell": np.mean((change < 0).all(axis=-1)),
        "displaced": displacement(before, after).share,
        "ledger": ledger.after.reshape(shape).tolist(),
    }


def trained_on(pairs, seed: int, steps=material.STEPS) -> dict:
    """Train on fixed pairs; measures, and the accounts before, after and at pi*."""
    logp, ref_logp = learn(in_epochs(pairs, seed), steps), shared_start().reference.logp
    policies = {"before": ref_logp, "after": logp, "optimal": best()}
    return measures(logp) | {
        name: accounts(pairs, each, ref_logp) for name, each in policies.items()
    }


def plain(seed: int) -> dict:
    """Nothing wrong: 5,000 pairs with one verdict each, five epochs."""
    return trained_on(verdict_pairs(seed), seed)


def few(seed: int) -> dict:
    """100 pairs, 400 epochs."""
    return trained_on(verdict_pairs(seed, 100), seed, LONG)


def judged(seed: int, taste=0.0, source=None, loss=pair_loss) -> dict[str, float]:
    """Soft labels of annotators who like words by ``taste``; from ``source``."""
    judge = reward_judge(reward_with(taste))
    logp = learn(material.judged_batches(seed, judge, source), loss=loss)
    strongest = material.says("great", "awful")
    return measures(logp) | {
        "kl_to_own_optimum": kl_from_logs(logp, best(taste)).mean(),
        "great_or_awful": np.exp(logp)[STRONG][:, strongest].sum(-1).mean(),
    }


def left_out(seed: int) -> dict[str, float]:
    """As ``judged``, but nobody compares a response with "great" or "awful" in it."""
    return judged(seed, source=material.without(material.says("great", "awful")))


def left_out_table() -> np.ndarray:
    """The same in a free table, from the reference by small steps: (P, R), exact."""
    unseen = material.says("great", "awful")
    component = np.where(unseen, np.arange(len(unseen)), -1)  # unseen: each alone
    reference, reward = shared_start().reference.logp, shared_start().data.world.reward
    return table_limit(reference, reward, component, BETA)


def length_wins(taste: float) -> float:
    """Correlation between how much longer a response is and whether it wins: exact.

    Over all pairs drawn from the reference; annotators add ``taste`` a word.
    """
    reference, world = shared_start().reference.logp, shared_start().data.world
    product, square = 0.0, 0.0
    for logp, values in zip(reference, world.reward, strict=True):
        kinds, kind = np.unique([values, world.lengths], axis=1, return_inverse=True)
        mass = np.bincount(kind.reshape(-1), np.exp(logp))
        often, longer = np.outer(mass, mass), np.subtract.outer(kinds[1], kinds[1])
        verdict = 2 * preference_matrix(kinds[0] + taste * kinds[1]) - 1  # mean of +-1
        product += (often * longer * verdict).sum()
        square += (often * longer**2).sum()
    return product / np.sqrt(square * len(reference))  # a verdict's square is 1


def averaged(seed: int) -> dict[str, float]:
    """As ``judged``, with log-ratios divided by the number of tokens."""
    return judged(seed, loss=material.averaged_loss)


def followed(seed: int, count: int) -> list[dict]:
    """A set of ``count`` pairs gone over for 400 steps, watched every 20."""
    batch_at = in_epochs(verdict_pairs(seed, count), seed)
    rows = follow(batch_at, Schedule(LONG, material.LEARNING_RATE), BETA, every=20)
    return [{name: row[name] for name in KEPT if name in row} for row in rows]


def flipped_verdicts(seed: int, rate: float) -> dict[str, float]:
    """Verdicts of which a share ``rate`` was turned around."""
    return measures(learn(in_epochs(verdict_pairs(seed, flips=rate), seed)))


def two_groups() -> np.ndarray:
    """Rewards of two groups of annotators, (2, P, R): the rule; the fewer words."""
    world = shared_start().data.world
    brevity = np.broadcast_to(-BREVITY * world.lengths, world.reward.shape)
    return np.stack([world.reward, brevity])


def pooled_optima() -> tuple[np.ndarray, np.ndarray]:
    """What DPO aims at on pooled labels; the optimum for the mean reward: (P, R)."""
    rewards, ref_logp = two_groups(), shared_start().reference.logp
    weights = [1 - SHARE, SHARE]
    pooled = [
        pooled_policy(ref_logp[x], rewards[:, x], weights, BETA)
        for x in range(len(ref_logp))
    ]
    mean = np.average(rewards, axis=0, weights=weights)
    return np.stack(pooled), optimal_logp(ref_logp, mean, BETA)


def pooled(seed: int) -> dict[str, float]:
    """Soft labels that are averages over two groups who want different things."""
    judges = [reward_judge(reward) for reward in two_groups()]

    def judge(*pair):
        return (1 - SHARE) * judges[0](*pair) + SHARE * judges[1](*pair)

    logp = learn(material.judged_batches(seed, judge))
    names = ("kl_to_pooled", "kl_to_mean_reward")
    return measures(logp) | {
        name: kl_from_logs(logp, each).mean()
        for name, each in zip(names, pooled_optima(), strict=True)
    }

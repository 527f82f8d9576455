"""Chapter 13's runs, each with one thing wrong: a seed in, measures of a policy out.

The seed draws pairs, verdicts and their order. ``material`` says how pairs are
made and policies trained; this module decides what is wrong and what is measured.
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
from ...online.judges import reward_judge
from ...preference_world import PROMPTS, meaning
from ...training import Schedule, pair_loss
from ..bench import follow, of_pairs
from ..training.sure_table import LEVELS
from . import material as made
from .material import BETA, bench, in_epochs, learn, measures, verdict_pairs

LONG = 400  # steps of the runs that are followed
STRONG = [abs(meaning(prompt.split()) or 0) == 2 for prompt in PROMPTS]  # want "great"
KEPT = ("step", "loss", "reward", "kl_from_reference", "share", "held_out_loss")


def best(taste=0.0) -> np.ndarray:
    """The optimum pi* of annotators who add ``taste`` per word: (P, R)."""
    reward = bench().data.world.reward + taste * made.lengths()
    return optimal_logp(bench().reference.logp, reward, BETA)


def accounts(pairs, logp, ref_logp) -> dict:
    """What became of the pairs' responses, and the ledger by role and level."""
    four = np.stack(of_pairs(pairs, ref_logp, logp), axis=-1)  # (pairs, 4)
    before, after = four[:, :2], four[:, 2:]
    change = after - before
    reward = bench().data.world.reward
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


def trained_on(pairs, seed: int, steps=made.STEPS) -> dict:
    """Train on fixed pairs; measures, and the accounts before, after and at pi*."""
    logp, ref_logp = learn(in_epochs(pairs, seed), steps), bench().reference.logp
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
    judge = reward_judge(bench().data.world.reward + taste * made.lengths())
    logp = learn(made.judged_batches(seed, judge, source), loss=loss)
    strongest = made.says("great", "awful")
    return measures(logp) | {
        "kl_to_own_optimum": kl_from_logs(logp, best(taste)).mean(),
        "great_or_awful": np.exp(logp)[STRONG][:, strongest].sum(-1).mean(),
    }


def left_out(seed: int) -> dict[str, float]:
    """As ``judged``, but nobody compares a response with "great" or "awful" in it."""
    return judged(seed, source=made.without(made.says("great", "awful")))


def left_out_table() -> np.ndarray:
    """The same in a free table, from the reference by small steps: (P, R), exact."""
    unseen = made.says("great", "awful")
    component = np.where(unseen, np.arange(len(unseen)), -1)  # unseen: each alone
    reference, reward = bench().reference.logp, bench().data.world.reward
    return table_limit(reference, reward, component, BETA)


def length_wins(taste: float) -> float:
    """Correlation between how much longer a response is and whether it wins: exact.

    Over all pairs drawn from the reference; annotators add ``taste`` a word.
    """
    reference, reward = bench().reference.logp, bench().data.world.reward
    product, square = 0.0, 0.0
    for logp, values in zip(reference, reward, strict=True):
        kinds, kind = np.unique([values, made.lengths()], axis=1, return_inverse=True)
        mass = np.bincount(kind.reshape(-1), np.exp(logp))
        often, longer = np.outer(mass, mass), np.subtract.outer(kinds[1], kinds[1])
        verdict = 2 * preference_matrix(kinds[0] + taste * kinds[1]) - 1  # mean of +-1
        product += (often * longer * verdict).sum()
        square += (often * longer**2).sum()
    return product / np.sqrt(square * len(reference))  # a verdict's square is 1


def averaged(seed: int) -> dict[str, float]:
    """As ``judged``, with log-ratios divided by the number of tokens."""
    return judged(seed, loss=made.averaged_loss)


def followed(seed: int, count: int) -> list[dict]:
    """A set of ``count`` pairs gone over for 400 steps, watched every 20."""
    batch_at = in_epochs(verdict_pairs(seed, count), seed)
    rows = follow(bench(), batch_at, Schedule(LONG, made.LEARNING_RATE), BETA, every=20)
    return [{name: row[name] for name in KEPT if name in row} for row in rows]

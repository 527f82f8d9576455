"""The bench of chapter 15: a reference that contradicts, and what is noted of a policy.

The reference is SFT on the text of contrarians: the writers of chapter 10, whose every
response has become e^reward times rarer. It hardly ever says what was asked. Held-out
and fresh losses are a trainer's to see; exact rows are an observer's. This module does
not know what a round is.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from ...boltzmann import optimal_logp
from ...bradley_terry import flipped, preference_matrix
from ...dpo_loss import dpo_loss, implicit_reward_accuracy
from ...failure_modes.misspecification import population_policy
from ...online.judges import Judge, judged_pairs, reward_judge
from ...preference_world import Pairs, World, build_world, hard_labels, sample_responses
from ...preference_world.writers import writers_logp
from ...training import Settings
from ...training.evaluation import evaluate
from ...training.world_batches import WorldData, world_data
from ...training.world_run import Stage, make_reference
from ..bench import of_pairs

TARGET = 0.5  # the beta of the objective: all runs are judged by the same pi*


class Bench(NamedTuple):
    """What all runs share: the world, the reference, reference pairs held out."""

    data: WorldData
    reference: Stage
    held_out: Pairs


@cache
def set_up() -> Bench:
    """SFT on the contrarians' text, in float64, and 1,000 verdicts kept apart."""
    torch.set_num_threads(1)
    data = world_data(build_world())
    reference = make_reference(data, Settings(), text_logp=contrarian_logp(data.world))
    generator = np.random.default_rng([15, 1])
    judge = reward_judge(data.world.reward)
    pairs = judged_pairs(reference.logp, judge, 1_000, generator)
    return Bench(data, reference, hard_labels(pairs, generator))


def contrarian_logp(world: World) -> np.ndarray:
    """The writers' text, tilted by -reward: (P, R)."""
    tilted = writers_logp(world) - world.reward
    return tilted - np.logaddexp.reduce(tilted, -1)[:, None]


def exact_row(bench: Bench, logp) -> dict[str, float]:
    """What an observer who can list every response says about a policy (P, R)."""
    world, ref_logp = bench.data.world, bench.reference.logp
    words = np.array([len(response) for response in world.responses])
    return evaluate(logp, ref_logp, world.reward, TARGET)._asdict() | {
        "best": np.exp(logp)[world.reward == world.reward.max()].sum() / len(logp),
        "words": (np.exp(logp) @ words).mean(),
    }


def held_out_row(bench: Bench, logp) -> dict[str, float]:
    """What 1,000 verdicts on the reference's responses say of a policy."""
    return {"held_out_loss": scored(bench, logp, bench.held_out)[0]}


def fresh_row(bench: Bench, logp, pairs: Pairs) -> dict[str, float]:
    """What verdicts on a policy's own responses say of it, and what is in the pairs.

    ``covered``: share of pairs that hold a best response; ``identical``: one twice.
    """
    loss, accuracy = scored(bench, logp, pairs)
    reward = bench.data.world.reward
    best = [reward[pairs.prompt, y] == reward.max() for y in pairs[1:3]]
    return {
        "fresh_loss": loss,
        "fresh_accuracy": accuracy,
        "covered": np.logical_or(*best).mean(),
        "identical": (pairs.chosen == pairs.rejected).mean(),
    }


def judge_wins(bench: Bench, judge: Judge, logp, count: int = 2_000) -> float:
    """How often the judge prefers the policy's response to the reference's."""
    generator = np.random.default_rng([15, 3])
    prompt = generator.integers(len(logp), size=count)
    ours = sample_responses(logp, prompt, generator)
    theirs = sample_responses(bench.reference.logp, prompt, generator)
    return judge(prompt, ours, theirs).mean()


def scored(bench: Bench, logp, pairs: Pairs) -> tuple[float, float]:
    """Loss and accuracy of TARGET log(pi / pi_ref) on verdicts not yet learned from."""
    four = of_pairs(pairs, logp, bench.reference.logp)
    return dpo_loss(*four, TARGET).item(), implicit_reward_accuracy(*four).item()


def limit_of_slips(bench: Bench, rate, drawn_from, beta=TARGET) -> np.ndarray:
    """Where infinitely many verdicts with slips lead a free table: (P, R).

    Slips are not Bradley-Terry, so it matters which pairs are asked about: those of
    the policy ``drawn_from`` (P, R). Responses of one reward are one item.
    """
    policies = []
    for r, drawn, ref_logp in zip(
        bench.data.world.reward, drawn_from, bench.reference.logp, strict=True
    ):
        levels, level = np.unique(r, return_inverse=True)
        mass = np.bincount(level, np.exp(drawn))
        heard = flipped(preference_matrix(levels), rate)
        best = population_policy(np.zeros(len(levels)), heard, np.outer(mass, mass), 1)
        policies.append(optimal_logp(ref_logp, best[level], beta))  # (13.2)
    return np.array(policies)

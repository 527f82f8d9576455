"""Where chapter 15's runs begin: a reference that contradicts; and what is noted.

The reference is SFT on the text of contrarians: the writers of chapter 10, tilted by
e^(-reward) and normalized. It hardly ever says what was asked. Held-out and fresh
losses are a trainer's to see; verdict rows are an observer's. This module does not know
what a round is.
"""

from functools import cache

import numpy as np
import torch

from ...boltzmann import optimal_logp
from ...bradley_terry import flipped, preference_matrix
from ...divergence import normalized
from ...dpo_loss import implicit_reward_accuracy
from ...failure_modes.misspecification import population_policy
from ...online.judges import Judge, judged_pairs, reward_judge
from ...preference_world import Pairs, World, build_world, hard_labels, sample_responses
from ...preference_world.writers import writers_logp
from ...training import Settings
from ...training.evaluation import evaluate
from ...training.world_batches import world_data
from ...training.world_run import make_reference
from ..shared_start import Start, held_out_loss, of_pairs

TARGET = 0.5  # the beta of the objective: all runs are judged by the same pi*


@cache
def contrarian_start() -> Start:
    """SFT on the contrarians' text, in float64, and 1,000 verdicts kept apart."""
    torch.set_num_threads(1)
    data = world_data(build_world())
    reference = make_reference(data, Settings(), text_logp=contrarian_logp(data.world))
    generator = np.random.default_rng([15, 1])
    judge = reward_judge(data.world.reward)
    pairs = judged_pairs(reference.logp, judge, 1_000, generator)
    return Start(data, reference, hard_labels(pairs, generator))


def contrarian_logp(world: World) -> np.ndarray:
    """The writers' text, tilted by -reward: (P, R)."""
    return normalized(writers_logp(world) - world.reward)


def verdict_row(logp, start: Start | None = None) -> dict[str, float]:
    """What an observer who can list every response says about a policy (P, R).

    ``evaluate``; ``best``: probability of a best response; ``words``: E[words]. Here
    and below ``start`` is where the policy comes from, the contrarians if not given.
    """
    data, reference, _ = start or contrarian_start()
    reward = data.world.reward
    return evaluate(logp, reference.logp, reward, TARGET)._asdict() | {
        "best": np.exp(logp)[reward == reward.max()].sum() / len(logp),
        "words": (np.exp(logp) @ data.world.lengths).mean(),
    }


def held_out_row(logp, start: Start | None = None) -> dict[str, float]:
    """What verdicts on the reference's responses, kept apart, say of a policy."""
    start = start or contrarian_start()
    return {"held_out_loss": _loss(logp, start.held_out, start)}


def fresh_row(logp, pairs: Pairs, start: Start | None = None) -> dict[str, float]:
    """What verdicts on a policy's own responses say of it, and what is in the pairs.

    ``covered``: share of pairs that hold a best response; ``identical``: one twice.
    """
    start = start or contrarian_start()
    data, reference, _ = start
    best_chosen, best_rejected = (
        reward == data.world.reward.max()
        for reward in of_pairs(pairs, data.world.reward)
    )
    accuracy = implicit_reward_accuracy(*of_pairs(pairs, logp, reference.logp))
    return {
        "fresh_loss": _loss(logp, pairs, start),
        "fresh_accuracy": accuracy.item(),
        "covered": (best_chosen | best_rejected).mean(),
        "identical": (pairs.chosen == pairs.rejected).mean(),
    }


def _loss(logp, pairs: Pairs, start: Start) -> float:
    """Loss of TARGET log(pi / pi_ref) on verdicts not yet learned from."""
    return held_out_loss(TARGET * (logp - start.reference.logp), pairs)


def judge_wins(judge: Judge, logp, start: Start | None = None, count=2_000) -> float:
    """How often the judge prefers the policy's response to the reference's."""
    generator = np.random.default_rng([15, 3])
    prompt = generator.integers(len(logp), size=count)
    ours = sample_responses(logp, prompt, generator)
    reference = (start or contrarian_start()).reference
    theirs = sample_responses(reference.logp, prompt, generator)
    return judge(prompt, ours, theirs).mean()


def limit_of_slips(reward, ref_logp, rate, drawn_from, beta=TARGET) -> np.ndarray:
    """Where infinitely many verdicts with slips lead a free table: (P, R).

    Slips are not Bradley-Terry, so it matters which pairs are asked about: those of
    the policy ``drawn_from``. Reward and policies: (P, R). Responses of one reward are
    one item.
    """
    policies = []
    for prompt_reward, drawn, prompt_ref in zip(
        reward, drawn_from, ref_logp, strict=True
    ):
        levels, level = np.unique(prompt_reward, return_inverse=True)
        mass = np.bincount(level, np.exp(drawn))
        heard = flipped(preference_matrix(levels), rate)
        uniform = np.full(len(levels), -np.log(len(levels)))
        best = population_policy(uniform, heard, np.outer(mass, mass), 1)
        policies.append(optimal_logp(prompt_ref, best[level], beta))  # (13.2)
    return np.array(policies)

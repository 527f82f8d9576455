"""The same story on the toy: answers sampled, judged, paired, one epoch, the verdict.

Beside the real model's estimates stand exact values, since every response is known: the
reward gained, KL, length, the reference's log-probability, how many of so many answers
differ. The judge is as certain as a rule: the better response always wins.
"""

from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from ...boltzmann import expected_reward
from ...divergence import kl_from_logs
from ...dpo_loss import dpo_loss
from ...preference_world import Pairs, sample_responses
from ...real_model.pairs import best_beside_worst
from ...real_model.rules import new_words
from ...training import Schedule, epoch_steps, model_logp, pair_loss, train_pairs
from ...training.scoring import log_record
from ...training.world_batches import epoch_batch
from ...training.world_run import policy_logp
from ..shared_start import shared_start

ANSWERS = 96  # how many the toy's policy gives where distinct ones are counted


@dataclass(frozen=True)
class ToySettings:
    """What decides a toy run; the names are those of the real one."""

    beta: float = 0.1
    prompts: int = 240  # drawn from the world's eight
    count: int = 4  # responses to each
    pairs_per_prompt: int = 2
    most_pairs: int = 384
    batch_size: int = 32  # so that an epoch has twelve steps, about as many as there
    epochs: int = 1
    learning_rate: float = 5e-3
    seed: int = 0


def toy_pairs(settings: ToySettings) -> Pairs:
    """Pairs on which the reward decides, drawn from the reference, labels 1."""
    data, reference, _ = shared_start()
    generator = np.random.default_rng([settings.seed, 17])
    asked = generator.integers(len(data.world.prompts), size=settings.prompts)
    drawn = sample_responses(
        reference.logp, asked.repeat(settings.count), generator
    ).reshape(settings.prompts, settings.count)
    found = []
    for prompt, responses in zip(asked, drawn, strict=True):
        scores = data.world.reward[prompt, responses]
        for two in best_beside_worst(scores, settings.pairs_per_prompt):
            found.append((prompt, *(responses[n] for n in two)))
    columns = np.array(found[: settings.most_pairs]).T  # (3, pairs)
    return Pairs(*columns, label=np.ones(columns.shape[1]))


def varied(settings: ToySettings, name: str) -> ToySettings:
    """The settings of a variation, by the names of the plan."""
    changes = {
        "two epochs": {"epochs": 2 * settings.epochs},
        "labels by a coin": {"epochs": 3 * settings.epochs},
        "learning rate x 10": {"learning_rate": 10 * settings.learning_rate},
    }
    return replace(settings, **changes.get(name, {}))


def spoiled(name: str, pairs: Pairs, seed: int) -> Pairs:
    """The pairs as a variation reads them: all, half by chance, or none reversed."""
    back = np.zeros(len(pairs.prompt), dtype=bool)
    if name == "chosen and rejected swapped":
        back[:] = True
    if name == "labels by a coin":
        back = np.random.default_rng([seed, 18]).random(len(back)) < 0.5
    chosen = np.where(back, pairs.rejected, pairs.chosen)
    rejected = np.where(back, pairs.chosen, pairs.rejected)
    return pairs._replace(chosen=chosen, rejected=rejected)


def aliased_loss(policy, batch, beta):
    """``pair_loss`` by a trainer whose reference is the policy itself."""
    logp = model_logp(policy, batch.tokens, batch.mask)  # (S,)
    sides = batch.chosen, batch.rejected
    four = [each[rows] for each in (logp, logp.detach()) for rows in sides]
    loss = dpo_loss(*four, beta, label=batch.label)
    return loss, log_record(loss, *four, beta=beta)


def toy_run(name: str = "", settings: ToySettings | None = None) -> dict:
    """Train and judge; ``name``: a variation of the plan, none if empty."""
    data, reference, _ = shared_start()
    settings = varied(settings or ToySettings(), name)
    pairs = spoiled(name, toy_pairs(settings), settings.seed)
    count, size = len(pairs.prompt), settings.batch_size
    batch_at = partial(epoch_batch, data, pairs, reference.logp, size, settings.seed)
    steps = epoch_steps(count, size, settings.epochs)
    schedule = Schedule(
        steps, settings.learning_rate, warmup=5, betas=(0.9, 0.999), clip=1.0
    )
    log: list[dict] = []
    policy = train_pairs(
        reference.model,
        batch_at,
        schedule,
        settings.beta,
        loss=aliased_loss if name == "adapter left on in the reference" else pair_loss,
        after_step=lambda report: log.append({"step": report.step, **report.record}),
    )
    logp = policy_logp(policy, data.world)
    return {
        "pairs": count,
        "batch_size": size,
        "log": log,
        "verdict": exact_verdict(logp, pairs),
    }


def exact_verdict(logp, pairs: Pairs) -> dict:
    """What the real model's verdict estimates; ``logp``: of the policy, (P, R)."""
    data, reference, _ = shared_start()
    pi, moved = np.exp(logp), logp - reference.logp  # (P, R)
    sides = {"chosen": pairs.chosen, "rejected": pairs.rejected}
    return {
        "reward": expected_reward(logp, data.world.reward).mean(),
        "gain": (
            expected_reward(logp, data.world.reward)
            - expected_reward(reference.logp, data.world.reward)
        ).mean(),
        "kl": kl_from_logs(logp, reference.logp).mean(),
        "log_ratios": {
            side: moved[pairs.prompt, y].mean() for side, y in sides.items()
        },
        "tokens": (pi @ _lengths()).mean(),
        "new_words": (pi @ _new_words()).mean(),
        "ref_logp": (pi * reference.logp).sum(-1).mean(),
        "distinct": (1 - (1 - pi.mean(0)) ** ANSWERS).sum() / ANSWERS,
    }


def reference_verdict() -> dict:
    """The same of the reference, before any training."""
    _, reference, _ = shared_start()
    return exact_verdict(reference.logp, toy_pairs(ToySettings()))


@cache
def _lengths() -> np.ndarray:
    """Tokens of every response: its words, and the end mark that it needs: (R,)."""
    world = shared_start().data.world
    return np.minimum(world.lengths + 1, world.max_words)


@cache
def _new_words() -> np.ndarray:
    """The untrained rule of the real model, applied to every response: (R,)."""
    world = shared_start().data.world
    return np.array([new_words(world.text(n)) for n in range(len(world.responses))])

"""Our log of a run that another trainer can repeat, under that trainer's names.

2,048 distinct pairs, one verdict each, in a fixed order, 64 per step, in float32. TRL's
side is ``trl_side_by_side``, which alone needs TRL.
"""

import numpy as np
import torch

from ...preference_world import Pairs
from ...scaling.trainer_log import log_columns, token_columns
from ...sequence_logprob import sequence_logprob
from ...training import Schedule, freeze, pair_loss, train_pairs
from ...training.world_batches import pair_batch, world_data
from ..shared_start import shared_start, verdicts

BETA, BATCH_SIZE, SAMPLED = 0.5, 64, 2_200
SCHEDULE = Schedule(steps=32, learning_rate=5e-3, warmup=5)


def distinct_pairs() -> Pairs:
    """The first 2,048 of a sample, no two the same, none of a response with itself."""
    data, reference, _ = shared_start()
    pairs = verdicts(data, reference, SAMPLED, seed=0)
    numbers = np.stack([pairs.prompt, pairs.chosen, pairs.rejected], axis=1)
    first = np.sort(np.unique(numbers, axis=0, return_index=True)[1])
    kept = first[pairs.chosen[first] != pairs.rejected[first]]
    return Pairs(*(field[kept[: SCHEDULE.steps * BATCH_SIZE]] for field in pairs))


def part(pairs: Pairs, step: int) -> Pairs:
    """Batch number ``step``, in the order of the pairs."""
    now = slice(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
    return Pairs(*(field[now] for field in pairs))


def ours(pairs: Pairs, steps=SCHEDULE.steps) -> list[dict]:
    """Our log of the run in float32, one row per step, under their names."""
    data = world_data(shared_start().data.world, dtype=torch.float32)
    ref_logp = shared_start().reference.logp
    reference = freeze(shared_start().reference.model).float()
    rows = []

    def batch_at(step):
        return pair_batch(data, part(pairs, step), ref_logp)

    def loss(policy, batch, beta):
        rows.append({"step": len(rows)} | all_columns(policy, reference, batch))
        return pair_loss(policy, batch, beta)

    def after_step(report):
        # Clipping at infinity changes nothing and returns the norm.
        weights = report.model.parameters()
        norm = torch.nn.utils.clip_grad_norm_(weights, float("inf"))
        rows[-1]["grad_norm"] = norm.item()
        rows[-1]["learning_rate"] = SCHEDULE.learning_rate_at(report.step)

    watched = {"after_step": after_step, "steps": steps}
    train_pairs(reference, batch_at, SCHEDULE, BETA, loss, **watched)
    return rows


@torch.no_grad()
def all_columns(policy, reference, batch) -> dict[str, float]:
    """What a trainer logs of a batch, from logits and log-probabilities."""
    rows = torch.cat([batch.chosen, batch.rejected])  # (2B,)
    tokens, mask = batch.tokens[rows], batch.mask[rows]
    logits = policy(tokens)  # (2B, T, V)
    logp = sequence_logprob(logits, tokens, mask).chunk(2)  # chosen, rejected: (B,)
    ref_logp = sequence_logprob(reference(tokens), tokens, mask).chunk(2)
    halves = zip(logits.chunk(2), tokens.chunk(2), mask.chunk(2), strict=True)
    chosen, rejected = (token_columns(*half) for half in halves)
    return log_columns(*logp, *ref_logp, BETA) | {
        "logits/chosen": chosen["logits"],
        "logits/rejected": rejected["logits"],
        "mean_token_accuracy": chosen["mean_token_accuracy"],
        "entropy": token_columns(logits, tokens, mask)["entropy"],
    }

"""A test for runs that leave the same log: move the policy by hand, see what answers.

With beta = 0 the log-ratios leave 0 and the margins do not; with an aliased reference
neither does. This module does not train.
"""

import torch

from ...training.world_batches import epoch_batch
from ..bench import Bench, verdicts
from .clinic import PAIRS, Trainer, score


def nudge(bench: Bench, trainer: Trainer) -> dict[str, float]:
    """Move every weight of a fresh policy a little by hand: which columns answer?

    Returns mean absolute log-ratio and margin of the first batch, both in nats.
    """
    model = bench.reference.model
    pairs = verdicts(bench.data, bench.reference, PAIRS, seed=0)
    batch = epoch_batch(bench.data, pairs, bench.reference.logp, 128, 0, 0)
    policy, generator = trainer.policy(model), torch.Generator().manual_seed(0)
    mask = trainer.mask(batch.mask)
    with torch.no_grad():
        for weight in policy.parameters():
            noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
            weight += 0.02 * noise
        ref_logp = trainer.reference(policy, model, batch.tokens, mask)
        moved = score(policy, batch.tokens, mask) - ref_logp  # (S,)
    gap = moved[batch.chosen] - moved[batch.rejected]
    return {
        "log_ratio": moved.abs().mean().item(),
        "margin": (trainer.beta * gap).abs().mean().item(),
    }

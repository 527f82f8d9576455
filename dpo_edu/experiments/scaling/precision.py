"""One DPO run in three precisions, judged by what it reaches.

Only the arithmetic differs: same reference, same batches, same steps. The verdict is
computed in float64 from the weights that training left.
"""

import torch

from ...scaling.mixed_precision import Bfloat16
from ...training import Schedule, freeze, pair_loss, train_pairs
from ...training.evaluation import evaluate
from ...training.world_batches import compared_batch, world_data
from ...training.world_run import policy_logp
from ..shared_start import shared_start

SEEDS = (0, 1, 2, 3, 4)
LEARNING_RATES = (1e-2, 1e-3, 1e-4)
STEPS = 300
KINDS = {
    # name: (precision of the weights and of Adam, the policy as it is called)
    "float32": (torch.float32, lambda model: model),
    "bfloat16 products": (torch.float32, Bfloat16),
    "bfloat16 weights": (torch.bfloat16, lambda model: model),
}


def precision_run(kind: str, learning_rate: float, seed: int) -> dict[str, float]:
    """Soft labels in one precision: the share reached, and the first and last loss."""
    dtype, called_as = KINDS[kind]
    world, reference = shared_start().data.world, shared_start().reference
    data = world_data(world, dtype=torch.float32)  # labels, reference, loss
    losses = []

    def batch_at(step):
        return compared_batch(data, reference.logp, 16, seed, step)

    def loss(model, batch, beta):
        return pair_loss(called_as(model), batch, beta)

    def after_step(report):
        losses.append(report.record["loss"])

    start = freeze(reference.model).to(dtype)
    schedule = Schedule(STEPS, learning_rate)
    model = train_pairs(start, batch_at, schedule, 1.0, loss, after_step=after_step)
    logp = policy_logp(freeze(model).double(), world)
    share = evaluate(logp, reference.logp, world.reward, beta=1.0).share
    return {"share": share, "first loss": losses[0], "last loss": losses[-1]}

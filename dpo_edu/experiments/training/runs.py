"""DPO with soft, hard and sure labels, each a run that an observer follows.

A soft label is the annotators' probability, a hard one a single verdict, a sure one
says that the better response always wins.
"""

from functools import partial

from ...training import Schedule, epoch_steps
from ...training.world_batches import compared_batch
from ..shared_start import BATCH_SIZE, follow, in_epochs, shared_start, verdicts


def soft_run(beta: float = 1.0, steps: int = 3_000, group_size: int = 32) -> list[dict]:
    """Fresh responses at every step, labeled with the annotators' probability."""
    data, reference, _ = shared_start()
    batch_at = partial(compared_batch, data, reference.logp, group_size, 0)
    return follow(batch_at, Schedule(steps, 1e-2), beta, every=steps // 60)


def hard_run(count: int, seed: int, steps: int) -> list[dict]:
    """A fixed set of pairs with one verdict each, gone over again and again."""
    data, reference, _ = shared_start()
    batch_at = in_epochs(verdicts(data, reference, count, seed), seed)
    return follow(batch_at, Schedule(steps, 5e-3), 1.0, every=max(steps // 40, 4))


def steps_for(count: int) -> int:
    """Twenty epochs of the pairs, but no more steps than 5,000 pairs need."""
    return epoch_steps(min(count, 5_000), BATCH_SIZE, epochs=20)


def sure_run(beta: float, steps: int = 1_500, group_size: int = 16) -> list[dict]:
    """As ``soft_run``, but the better response always wins: 1, or 1/2 on a tie."""
    data, reference, _ = shared_start()

    def batch_at(step):
        batch = compared_batch(data, reference.logp, group_size, 0, step)
        return batch._replace(label=batch.label.gt(0.5).to(batch.label) / 2 + 0.5)

    schedule = Schedule(steps, 2e-3, falls=False)  # so that what grows is seen growing
    return follow(batch_at, schedule, beta, every=steps // 50)

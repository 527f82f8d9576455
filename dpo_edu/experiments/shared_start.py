"""What all runs share: one world, one reference, and pairs that nobody trains on.

Training sees pairs only. Beside it an observer lists every response and says what is
true of the policy: ``exact_row``, and ``follow`` for a whole run. In float64, so that
the numbers hold. This module does not know which runs there are.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from ..divergence import kl_from_logs
from ..dpo_loss import dpo_loss, log_ratio_gap
from ..preference_world import Pairs, build_world, hard_labels, sample_pairs
from ..training import Settings, train_pairs
from ..training.evaluation import evaluate
from ..training.world_batches import WorldData, epoch_batch, world_data
from ..training.world_run import Stage, make_reference, policy_logp

BATCH_SIZE = 128  # pairs per step from a fixed set


class Start(NamedTuple):
    """Where runs begin: the world as tensors, the reference, pairs held out."""

    data: WorldData
    reference: Stage
    held_out: Pairs


@cache
def shared_start() -> Start:
    """SFT in float64, then 2,000 pairs with one verdict each; made once per process."""
    data = world_data(build_world())
    reference = make_reference(data, Settings())
    return Start(data, reference, verdicts(data, reference, 2_000, seed=-1))


def verdicts(data: WorldData, reference: Stage, count: int, seed: int) -> Pairs:
    """Sample ``count`` pairs from the reference, with one annotator's verdict each."""
    generator = np.random.default_rng([count, seed + 1])
    return hard_labels(
        sample_pairs(data.world, reference.logp, count, generator), generator
    )


def in_epochs(
    pairs: Pairs, seed: int, reference: Stage | None = None, size: int = BATCH_SIZE
) -> Callable:
    """Batches of the pairs, over and over, in a new order each epoch; step to batch.

    reference: against whom they are measured; that of ``shared_start`` if not given.
    size: pairs per step.
    """
    data, usual, _ = shared_start()
    ref_logp = (reference or usual).logp
    return partial(epoch_batch, data, pairs, ref_logp, size, seed)


def of_pairs(pairs: Pairs, *tables) -> list[np.ndarray]:
    """What tables (P, R) hold for pairs: chosen, rejected of the first, of the second.

    ``of_pairs(pairs, logp, ref_logp)`` is what ``dpo_loss`` asks for, in its order.
    """
    places = [(pairs.prompt, y) for y in (pairs.chosen, pairs.rejected)]
    return [table[place] for table in tables for place in places]  # each (N,)


def held_out_loss(reward, pairs: Pairs | None = None) -> float:
    """Bradley-Terry loss of a reward table (P, R), learned or implicit, in nats.

    pairs: with one verdict each; those of ``shared_start`` unless others are given. It
    is the DPO loss, at beta 1, of log-ratios that equal the reward.
    """
    held_out = shared_start().held_out if pairs is None else pairs
    log_ratios = of_pairs(held_out, reward, np.zeros_like(reward))
    return dpo_loss(*log_ratios, beta=1.0).item()


def exact_row(logp, beta: float) -> dict[str, float]:
    """What an observer who can list every response says about a policy (P, R)."""
    data, reference, held_out = shared_start()
    gap = log_ratio_gap(*of_pairs(held_out, logp, reference.logp))
    return evaluate(logp, reference.logp, data.world.reward, beta)._asdict() | {
        "kl_of_reference": kl_from_logs(reference.logp, logp).mean(),
        "held_out_loss": held_out_loss(beta * (logp - reference.logp)),
        "held_out_gap": gap.mean().item(),
    }


def follow(batch_at, schedule, beta: float, every: int) -> list[dict]:
    """Run DPO and note the log and the exact row at the start and ``every`` steps."""
    data, reference, _ = shared_start()
    rows = [{"step": 0} | exact_row(reference.logp, beta)]

    def after_step(report):
        done = report.step + 1
        if done % every == 0 or done == schedule.steps:
            exact = exact_row(policy_logp(report.model, data.world), beta)
            rows.append({"step": done} | report.record | exact)

    train_pairs(reference.model, batch_at, schedule, beta, after_step=after_step)
    return rows

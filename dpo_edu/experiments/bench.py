"""DPO with soft, hard and sure labels, watched by an observer who knows the truth.

The trainer is the package's own and sees pairs only; ``exact_row`` lists all responses
beside it. A soft label is the annotators' probability, a hard one a single verdict, a
sure one says that the better response always wins. In float64, so that the numbers
hold. This module does not know which runs the notebook shows.
"""

from functools import cache, partial
from typing import NamedTuple

import numpy as np

from ..divergence import kl_from_logs
from ..dpo_loss import dpo_loss, log_ratio_gap
from ..preference_world import Pairs, build_world, hard_labels, sample_pairs
from ..training import Schedule, Settings, epoch_steps, train_pairs
from ..training.evaluation import evaluate
from ..training.world_batches import WorldData, compared_batch, epoch_batch, world_data
from ..training.world_run import Stage, make_reference, policy_logp


class Bench(NamedTuple):
    """What all runs share: the world as tensors, the reference, pairs held out."""

    data: WorldData
    reference: Stage
    held_out: Pairs


@cache
def set_up(settings: Settings = Settings()) -> Bench:  # noqa: B008, frozen
    """SFT in float64, then 2,000 pairs with one verdict each that nobody trains on.

    Made once a process for each settings.
    """
    data = world_data(build_world())
    reference = make_reference(data, settings)
    return Bench(data, reference, verdicts(data, reference, 2_000, seed=-1))


def verdicts(data, reference, count: int, seed: int) -> Pairs:
    """Sample ``count`` pairs from the reference, with one annotator's verdict each."""
    generator = np.random.default_rng([count, seed + 1])
    return hard_labels(
        sample_pairs(data.world, reference.logp, count, generator), generator
    )


def exact_row(bench: Bench, logp, beta: float) -> dict[str, float]:
    """What an observer who can list every response says about a policy (P, R)."""
    reward, ref_logp = bench.data.world.reward, bench.reference.logp
    verdict = evaluate(logp, ref_logp, reward, beta)._asdict()
    four = of_pairs(bench.held_out, logp, ref_logp)
    return verdict | {
        "kl_of_reference": kl_from_logs(ref_logp, logp).mean(),
        "held_out_loss": dpo_loss(*four, beta).item(),
        "held_out_gap": log_ratio_gap(*four).mean().item(),
    }


def of_pairs(pairs: Pairs, *tables) -> list[np.ndarray]:
    """What tables (P, R) hold for pairs: chosen, rejected of the first, of the second.

    ``of_pairs(pairs, logp, ref_logp)`` is what ``dpo_loss`` asks for, in its order.
    """
    places = [(pairs.prompt, y) for y in (pairs.chosen, pairs.rejected)]
    return [table[place] for table in tables for place in places]  # each (N,)


def follow(bench: Bench, batch_at, schedule, beta, every: int) -> list[dict]:
    """Run DPO and note the log and the exact row at the start and ``every`` steps."""
    rows = [{"step": 0} | exact_row(bench, bench.reference.logp, beta)]

    def after_step(report):
        done = report.step + 1
        if done % every == 0 or done == schedule.steps:
            exact = exact_row(bench, policy_logp(report.model, bench.data.world), beta)
            rows.append({"step": done} | report.record | exact)

    train_pairs(bench.reference.model, batch_at, schedule, beta, after_step=after_step)
    return rows


def soft_run(bench: Bench, beta=1.0, steps=3_000, group_size=32) -> list[dict]:
    """Fresh responses at every step, labeled with the annotators' probability."""
    batch_at = partial(compared_batch, bench.data, bench.reference.logp, group_size, 0)
    return follow(bench, batch_at, Schedule(steps, 1e-2), beta, every=steps // 60)


def hard_run(bench: Bench, count: int, seed: int, steps: int) -> list[dict]:
    """A fixed set of pairs with one verdict each, gone over again and again."""
    pairs = verdicts(bench.data, bench.reference, count, seed)
    batch_at = partial(epoch_batch, bench.data, pairs, bench.reference.logp, 128, seed)
    return follow(bench, batch_at, Schedule(steps, 5e-3), 1.0, max(steps // 40, 4))


def steps_for(count: int) -> int:
    """Twenty epochs of 128 pairs a step, but no more steps than 5,000 pairs need."""
    return epoch_steps(min(count, 5_000), 128, epochs=20)


def sure_run(bench: Bench, beta: float, steps=1_500, group_size=16) -> list[dict]:
    """As ``soft_run``, but the better response always wins: 1, or 1/2 on a tie."""

    def batch_at(step):
        batch = compared_batch(bench.data, bench.reference.logp, group_size, 0, step)
        return batch._replace(label=batch.label.gt(0.5).to(batch.label) / 2 + 0.5)

    schedule = Schedule(steps, 2e-3, falls=False)  # so that what grows is seen growing
    return follow(bench, batch_at, schedule, beta, every=steps // 50)

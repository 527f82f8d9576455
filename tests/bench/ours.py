"""Our DPO steps, timed: from the first weights, the first step to warm up."""

import time
from contextlib import ExitStack

import torch

from dpo_edu.scaling.mixed_precision import called_in
from dpo_edu.training import Schedule, minimize, pair_loss

from .material import Material, material, useful_flops
from .tricks import enter

BETA, LEARNING_RATE = 0.1, 3e-4


def schedule(steps: int) -> Schedule:
    """What TRL's trainer does unless told: AdamW, clipping at 1, a linear fall."""
    return Schedule(
        *(steps, LEARNING_RATE), warmup=0, betas=(0.9, 0.999), weight_decay=0.0, clip=1
    )


class Clock:
    """Seconds of work and of waiting since the first step that was marked."""

    def __init__(self):
        self.marks: list[tuple[float, float]] = []

    def mark(self, *_args, **_words) -> None:
        """A step is over."""
        self.marks.append((time.process_time(), time.perf_counter()))

    def a_step(self) -> dict[str, float]:
        """Seconds a step, without the first, which warms up."""
        cpu, wall = zip(self.marks[0], self.marks[-1], strict=True)
        steps = len(self.marks) - 1
        return {"cpu": (cpu[1] - cpu[0]) / steps, "wall": (wall[1] - wall[0]) / steps}


def ours(kind, layers, width, steps, precision="float32", trick=None) -> dict:
    """Seconds a step of our trainer and its losses; ``trick`` names a variant."""
    torch.set_num_threads(1)
    made = material(kind, layers, width, steps, precision)
    with ExitStack() as changed:
        if trick:
            enter(trick, made.model, changed)
        losses, seconds = _train(made, steps, called_in(precision))
    flops = [
        useful_flops(made.batch_at(step), layers, width, made.model.config.vocabulary)
        for step in range(1, steps)
    ]
    return seconds | {"losses": losses, "flops": sum(flops) / len(flops)}


def _train(made: Material, steps: int, called_as) -> tuple[list[float], dict]:
    clock, policy, losses = Clock(), called_as(made.model), []

    def after_step(report):
        losses.append(report.record["loss"])
        clock.mark()

    def loss_at(step):
        return pair_loss(policy, made.batch_at(step), BETA)

    minimize(made.model, loss_at, schedule(steps), after_step)
    return losses, clock.a_step()


def peak(size: int = 2_048, seconds: float = 1.0) -> dict:
    """The machine's own float32 matrix product, one thread: FLOPs a second."""
    torch.set_num_threads(1)
    one, other, best = torch.randn(size, size), torch.randn(size, size), float("inf")
    stop = time.process_time() + seconds
    while time.process_time() < stop:
        start = time.process_time()
        one @ other
        best = min(best, time.process_time() - start)
    return {"cpu": best, "wall": best, "flops": 2 * size**3 / best}

"""How a step's CPU time grows when one size is doubled and the others stay."""

from math import log2

import torch

from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import PairBatch, minimize, pair_loss

from .ours import BETA, Clock, schedule
from .rounds import Job, least

USUAL = {"pairs": 16, "length": 128, "width": 64, "layers": 2, "vocabulary": 257}
DOUBLED = {
    "pairs": (8, 16, 32, 64, 128),
    "length": (32, 64, 128, 256, 512),
    "width": (32, 64, 128, 256),
    "layers": (1, 2, 4, 8),
    "vocabulary": (64, 256, 1_024, 4_096),
}
STEPS = 4


def jobs() -> list[Job]:
    """A process for each size."""
    return [
        Job(f"{name} {size}", "growth.step", USUAL | {name: size})
        for name, sizes in DOUBLED.items()
        for size in sizes
    ]


def step(pairs, length, width, layers, vocabulary) -> dict:
    """Seconds a step on ``pairs`` pairs of random tokens, all of one length."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes = {"width": width, "layers": layers, "heads": 4}
    model, clock = TinyTransformer(ModelConfig(vocabulary, length, **sizes)), Clock()
    batch = _batch(pairs, length, vocabulary)
    minimize(
        model, lambda _: pair_loss(model, batch, BETA), schedule(STEPS), clock.mark
    )
    return clock.a_step()


def _batch(pairs: int, length: int, vocabulary: int) -> PairBatch:
    """A quarter of every row is prompt."""
    tokens = torch.randint(vocabulary, (2 * pairs, length))
    mask = (torch.arange(length) >= length // 4).expand_as(tokens)
    chosen, rejected = torch.arange(2 * pairs).chunk(2)
    return PairBatch(
        tokens, mask, torch.zeros(2 * pairs), chosen, rejected, torch.ones(pairs)
    )


def exponents(found: dict, name: str) -> list[tuple[int, float]]:
    """(size reached, exponent) of every doubling of ``name``."""
    sizes = DOUBLED[name]
    seconds = [least(found[f"{name} {size}"], "cpu") for size in sizes]
    return [
        (sizes[n], log2(seconds[n] / seconds[n - 1]) / log2(sizes[n] / sizes[n - 1]))
        for n in range(1, len(sizes))
    ]


def table(found: dict) -> str:
    """A row per size that grows: an exponent of 1 is "twice as much, twice as long"."""
    lines = ["| what grows | from | exponent up to each size |", "|---|---|---|"]
    for name, sizes in DOUBLED.items():
        grown = ", ".join(
            f"{size}: {power:.2f}" for size, power in exponents(found, name)
        )
        lines.append(f"| {name} | {sizes[0]} | {grown} |")
    return "\n".join(lines)

"""Every response's probability, from thousands of responses to a hundred million."""

import resource
import time

import torch

from dpo_edu.preference_world import WORDS, build_world
from dpo_edu.preference_world.prefix_tree import response_logp
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer

from .rounds import Job, least, middle

MOST_MEMORY = 2e9  # bytes; 10^8 responses must need less
TREES = {  # prompts, words, words in a response
    "8 x 3,616": (8, len(WORDS), 3),
    "8 x 54,241": (8, len(WORDS), 4),
    "1 x 954,305": (1, 31, 4),
    "1 x 10,013,305": (1, 56, 4),
    "1 x 30,397,351": (1, 74, 4),
    "1 x 101,010,101": (1, 100, 4),
}


def jobs() -> list[Job]:
    """A process for each tree."""
    names = "prompts", "words", "most"
    return [
        Job(row, "exact.tree", dict(zip(names, sizes, strict=True)))
        for row, sizes in TREES.items()
    ]


def tree(prompts: int, words: int, most: int) -> dict:
    """Seconds, memory at the most and before, and how far the sum is from 1."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    asked = build_world(1).prompts if prompts > 1 else [(0,)]
    model = TinyTransformer(ModelConfig(words + 1, len(asked[0]) + most, heads=4))
    before, cpu, wall = memory(), time.process_time(), time.perf_counter()
    logp = response_logp(model, asked, words, most)
    found = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "before": before,
        "memory": memory(),
        "responses": logp.numel(),
    }
    return found | {"off": (logp.exp_().sum(1) - 1).abs().max().item()}


def memory() -> float:
    """Bytes that this process has held at the most."""
    return 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def table(found: dict) -> str:
    """A row per tree."""
    lines = [
        "| prompts × responses | CPU s | median | wall s | memory MB, before | at most "
        "| sum of π off by |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, rounds in found.items():
        seconds = f"{least(rounds, 'cpu'):.2f} | {middle(rounds, 'cpu'):.2f}"
        wall, off = least(rounds, "wall"), max(each["off"] for each in rounds)
        base, most = (max(each[x] for each in rounds) for x in ("before", "memory"))
        lines.append(
            f"| {row} | {seconds} | {wall:.2f} | {base / 1e6:.0f} | {most / 1e6:.0f} "
            f"| {off:.0e} |"
        )
    return "\n".join(lines)

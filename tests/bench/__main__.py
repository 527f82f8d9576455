"""How fast are imports, commands and exact evaluation on this machine? ``make bench``.

Not a test: a table to read. Every row is the best of several interleaved repetitions,
because another process can only make a run slower.
"""

import subprocess
import sys
import time

import torch

from dpo_edu.preference_world import WORDS, build_world
from dpo_edu.preference_world.prefix_tree import response_logp
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer

from .dpo_step import step_tables

ROUNDS = 3
COMMANDS = {
    "import dpo_edu": ("-c", "import dpo_edu"),
    "python alone": ("-c", "pass"),
    "import torch": ("-c", "import torch"),
    "dpo-edu --help": ("-m", "dpo_edu", "--help"),
    "dpo-edu verify": ("-m", "dpo_edu", "verify"),
}


def _model(words: int, prompt: int, most: int) -> TinyTransformer:
    return TinyTransformer(ModelConfig(words + 1, prompt + most, heads=4))


def _evaluations():
    """Name and function of each exact evaluation."""
    prompts = build_world(1).prompts
    for most in (3, 4):
        model = _model(len(WORDS), 2, most)
        yield (
            f"8 prompts, up to {most} words",
            lambda model=model, most=most: response_logp(
                model, prompts, len(WORDS), most
            ),
        )
    large = _model(31, 1, 4)
    yield "1 prompt x 954,305", lambda: response_logp(large, [(0,)], 31, 4)


def _seconds(function) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    jobs = {
        name: lambda words=words: subprocess.run(
            [sys.executable, *words], check=True, capture_output=True
        )
        for name, words in COMMANDS.items()
    }
    jobs |= dict(_evaluations())
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            best[name] = min(best[name], _seconds(job))
    print(f"{torch.get_num_threads()} threads, best of {ROUNDS}, float32")
    for name, seconds in best.items():
        print(f"{name:<28}{seconds * 1000:>10.0f} ms")
    step_tables()


if __name__ == "__main__":
    main()

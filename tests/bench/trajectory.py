"""Thirty steps of TRL's trainer in float64, and our loop told to do the same.

    python -m tests.bench.trajectory            # side by side; needs the extra trl
    python -m tests.bench.trajectory --store    # and stores TRL's losses for the test

Both start from weights and read pairs that whole numbers give, the same on any machine.
Our loop is told by its public settings alone: ``Schedule`` and beta.
"""

import json
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from dpo_edu.preference_world import WORDS, Pairs, build_world
from dpo_edu.scaling.export.transformers_files import word_tokenizer, world_text
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import Schedule, train_pairs
from dpo_edu.training.world_batches import pair_batch, world_data
from dpo_edu.training.world_run import policy_logp

from .material import Material

STORED = Path(__file__).parents[1] / "package" / "trl_trajectory.json"
STEPS, BATCH, BETA = 30, 16, 0.25
SCHEDULE = Schedule(STEPS, 2e-3, warmup=0, betas=(0.9, 0.999), clip=1.0)


def start() -> Material:
    """Model, pairs and batches in float64; every weight is one of float32, too."""
    data = world_data(build_world())
    sizes = {"width": 32, "layers": 2, "heads": 4}
    config = ModelConfig(len(WORDS) + 1, context=data.tokens.shape[1], **sizes)
    model = given_weights(TinyTransformer(config)).double()
    pairs, logp = given_pairs(data.world), policy_logp(model, data.world)

    def batch_at(step):
        here = slice(step * BATCH, (step + 1) * BATCH)
        return pair_batch(data, Pairs(*(field[here] for field in pairs)), logp)

    text = world_text(data.world, pairs)
    return Material(model, word_tokenizer(), text, batch_at, data.world.max_words)


@torch.no_grad()
def given_weights(model: TinyTransformer) -> TinyTransformer:
    """Weights between -0.3 and 0.3 (1 more in norms), the remainders of multiples."""
    for number, (name, weight) in enumerate(model.named_parameters()):
        remainder = (torch.arange(weight.numel()) * 7_919 + number * 271) % 1_009
        center = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        weight.copy_((center + 0.6 * (remainder / 1_008 - 0.5)).view_as(weight))
    return model


def given_pairs(world) -> Pairs:
    """Pairs whose numbers are remainders, too; short responses more often."""
    prompts, responses = world.reward.shape
    number = np.arange(STEPS * BATCH)
    chosen, rejected = (
        ((number * factor + 11) % responses) ** 3 // responses**2
        for factor in (1_237, 733)
    )
    rejected = np.where(rejected == chosen, chosen + 1, rejected)
    return Pairs(number % prompts, chosen, rejected, np.ones(len(number)))


def ours(**changed) -> list[float]:
    """Our losses; ``changed``: fields of the schedule that are not TRL's."""
    made, losses = start(), []
    train_pairs(
        made.model,
        made.batch_at,
        replace(SCHEDULE, **changed),
        BETA,
        after_step=lambda report: losses.append(report.record["loss"]),
    )
    return losses


def theirs() -> list[float]:
    """TRL's losses under its own optimizer, clipping and linear decay."""
    from .theirs import Clock, quiet, trainer

    quiet()
    settings = {
        "beta": BETA,
        "learning_rate": SCHEDULE.learning_rate,
        "per_device_train_batch_size": BATCH,
        "gradient_checkpointing": False,
        "bf16": False,
    }
    with tempfile.TemporaryDirectory() as place:
        run = trainer(start(), Clock(), Path(place), settings, "float64")
        run.train()
    return [row["loss"] for row in run.state.log_history if "loss" in row]


def apart(one: list[float], other: list[float]) -> float:
    """The largest difference of two rows of losses."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def compare() -> dict:
    """For a process of its own: the largest difference of a loss, TRL run live."""
    torch.set_num_threads(1)
    return {"apart": apart(ours(), theirs())}


def main() -> None:
    """Show both; with ``--store`` keep TRL's."""
    torch.set_num_threads(1)
    one, other = ours(), theirs()
    print(f"{STEPS} losses, largest difference {apart(one, other):.1e}")
    if "--store" in sys.argv[1:]:
        names = "trl", "transformers", "accelerate", "torch"
        made = {
            "what": "losses of TRL's DPOTrainer in float64",
            "made by": "python -m tests.bench.trajectory --store",
            "versions": {name: version(name) for name in names},
            "losses": other,
        }
        STORED.write_text(json.dumps(made, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

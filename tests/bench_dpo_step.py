"""How long does one DPO step take, here and in TRL? The last tables of ``make bench``.

Same weights, same pairs, 64 a step, one process; batches are built inside the clock on
both sides. Every variant takes a few steps in turn, round after round; the best round
counts, because another process can only make a run slower. Reference log-probabilities
that are computed once are computed before the clock starts, on both sides.
"""

import os
import tempfile
import time
import warnings
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from dpo_edu.export import byte_tokenizer, checkpoint, word_tokenizer, world_text
from dpo_edu.export_files import write_folder
from dpo_edu.mixed_precision import Bfloat16
from dpo_edu.own_pairs import BYTES_EOS, logp_of_all, own_batch, pair_data
from dpo_edu.pairs_file import TextPair
from dpo_edu.preference_world import WORDS, Pairs, build_world, sample_pairs
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import Schedule, freeze, minimize, pair_loss
from dpo_edu.world_data import pair_batch, world_data
from dpo_edu.writers import writers_logp

EXTRA = "one DPO step beside TRL's: pip install -e '.[trl]', then again"
BATCH, STEPS, ROUNDS, LONGEST = 64, 8, 6, 96
COUNT = BATCH * (STEPS + 1)  # pairs: the first step warms up, the others are timed
DEFAULTS = {"bf16": True, "gradient_checkpointing": True}
LEAN = {"gradient_checkpointing": False, "precompute_ref_log_probs": True}
THEIRS = {
    "TRL, its defaults": DEFAULTS,
    "TRL, defaults in float32": DEFAULTS | {"bf16": False},
    "TRL, float32, best": LEAN | {"bf16": False},
    "TRL, bfloat16, best": LEAN | {"bf16": True},
}
OURS = {"ours, float32": lambda model: model, "ours, bfloat16": Bfloat16}


class Material(NamedTuple):
    """A model, the pairs as text for TRL, and our own batches of them."""

    model: TinyTransformer
    tokenizer: dict
    text: list[TextPair]
    batch_at: object  # step -> PairBatch


def world_material(layers: int, width: int) -> Material:
    """Pairs of the world: 3 to 6 tokens a row."""
    data = world_data(build_world(), dtype=torch.float32)
    logp, generator = writers_logp(data.world), np.random.default_rng(0)
    pairs = sample_pairs(data.world, logp, COUNT, generator)
    sizes = {"width": width, "layers": layers, "heads": 4}
    model = TinyTransformer(ModelConfig(len(WORDS) + 1, data.tokens.shape[1], **sizes))

    def batch_at(step):
        here = slice(step * BATCH, (step + 1) * BATCH)
        return pair_batch(data, Pairs(*(field[here] for field in pairs)), logp)

    return Material(model, word_tokenizer(), world_text(data.world, pairs), batch_at)


def byte_material(layers: int, width: int) -> Material:
    """Random letters: 18 to 90 tokens a row."""
    generator = np.random.default_rng(0)

    def words(most):
        letters = generator.choice(list("abc defgh"), generator.integers(8, most))
        return "".join(letters)

    text = [
        TextPair(words(25) + ":", words(65) + "w", words(65) + "l")
        for _ in range(COUNT)
    ]
    sizes = {"width": width, "layers": layers, "heads": 4}
    model = TinyTransformer(ModelConfig(BYTES_EOS + 1, LONGEST, **sizes))
    data = pair_data(text, LONGEST, "bench")
    ref_logp = logp_of_all(freeze(model), data)

    def batch_at(step):
        rows = np.arange(step * BATCH, (step + 1) * BATCH)
        return own_batch(data, ref_logp, rows)

    return Material(model, byte_tokenizer(), text, batch_at)


TABLES = {
    "2 layers x 64, the world's pairs": lambda: world_material(2, 64),
    "4 layers x 128, the world's pairs": lambda: world_material(4, 128),
    "2 layers x 64, texts of up to 90 bytes": lambda: byte_material(2, 64),
}


def our_steps(made: Material, called_as):
    """A function that trains from the first weights and returns seconds a step."""

    def seconds():
        learner, marks = freeze(made.model).requires_grad_(True), []
        policy = called_as(learner)
        minimize(
            learner,
            lambda step: pair_loss(policy, made.batch_at(step), 0.1),
            Schedule(STEPS + 1, 1e-4),
            after_step=lambda *_: marks.append(time.perf_counter()),
        )
        return (marks[-1] - marks[0]) / STEPS

    return seconds


def their_steps(made: Material, settings: dict, place: Path):
    """The same with TRL's trainer, made once; its own callback holds the clock."""
    trl, transformers = import_module("trl"), import_module("transformers")
    files = checkpoint(made.model, made.tokenizer, made.text)
    write_folder(place / "start", files, replace=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(place / "start")
    marks = []

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, *_, **__):
            marks.append(time.perf_counter())

    trainer = trl.DPOTrainer(
        model=model,
        ref_model=deepcopy(model),
        args=trl.DPOConfig(
            output_dir=str(place / "out"),
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            **settings,
        ),
        train_dataset=import_module("datasets").Dataset.from_list(
            [pair._asdict() for pair in made.text]
        ),
        processing_class=transformers.AutoTokenizer.from_pretrained(place / "start"),
        callbacks=[Clock()],
    )
    trainer.remove_callback(transformers.PrinterCallback)

    def seconds():
        marks.clear()
        trainer.train()
        return (marks[-1] - marks[0]) / STEPS

    return seconds


def step_tables() -> None:
    """Print milliseconds a step and how many times each of ours goes into it."""
    if find_spec("trl") is None:
        print(EXTRA)
        return
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    warnings.simplefilter("ignore", FutureWarning)  # TRL by old names of transformers
    import_module("datasets").disable_progress_bars()
    quiet = import_module("transformers").utils.logging
    quiet.disable_progress_bar()
    quiet.set_verbosity_error()
    for name, make in TABLES.items():
        torch.manual_seed(0)
        made = make()
        with tempfile.TemporaryDirectory() as place:
            timed = {row: our_steps(made, how) for row, how in OURS.items()}
            for row, settings in THEIRS.items():
                timed[row] = their_steps(made, settings, Path(place))
            best = dict.fromkeys(timed, float("inf"))
            for _ in range(ROUNDS):
                for row, seconds in timed.items():
                    best[row] = min(best[row], seconds())
        print(
            f"\none DPO step, {name}, {BATCH} pairs; times ours, float32 and bfloat16"
        )
        for row, seconds in best.items():
            ratios = "".join(f"{seconds / best[ours]:>9.2f}" for ours in OURS)
            print(f"{row:<28}{seconds * 1000:>10.1f} ms{ratios}", flush=True)


if __name__ == "__main__":
    step_tables()

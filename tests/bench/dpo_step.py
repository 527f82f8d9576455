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

import torch

from dpo_edu.scaling.export.folder import write_folder
from dpo_edu.scaling.export.transformers_files import checkpoint
from dpo_edu.scaling.mixed_precision import Bfloat16
from dpo_edu.training import Schedule, freeze, minimize, pair_loss

from .material import BATCH, STEPS, Material, byte_material, world_material

EXTRA = "one DPO step beside TRL's: pip install -e '.[trl]', then again"
ROUNDS = 6
DEFAULTS = {"bf16": True, "gradient_checkpointing": True}
LEAN = {"gradient_checkpointing": False, "precompute_ref_log_probs": True}
THEIRS = {
    "TRL, its defaults": DEFAULTS,
    "TRL, defaults in float32": DEFAULTS | {"bf16": False},
    "TRL, float32, best": LEAN | {"bf16": False},
    "TRL, bfloat16, best": LEAN | {"bf16": True},
}
OURS = {"ours, float32": lambda model: model, "ours, bfloat16": Bfloat16}
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
    marks = []
    trainer = _trainer(made, settings, place, marks)

    def seconds():
        marks.clear()
        trainer.train()
        return (marks[-1] - marks[0]) / STEPS

    return seconds


def _trainer(made: Material, settings: dict, place: Path, marks: list):
    """A DPOTrainer that starts from the exported model and notes when steps end."""
    trl, transformers = import_module("trl"), import_module("transformers")
    start, rows = place / "start", [pair._asdict() for pair in made.text]
    write_folder(start, checkpoint(made.model, made.tokenizer, made.text))
    model = transformers.AutoModelForCausalLM.from_pretrained(start)

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, *_, **__):
            marks.append(time.perf_counter())

    trainer = trl.DPOTrainer(
        model=model,
        ref_model=deepcopy(model),
        args=_arguments(settings, place / "out"),
        train_dataset=import_module("datasets").Dataset.from_list(rows),
        processing_class=transformers.AutoTokenizer.from_pretrained(start),
        callbacks=[Clock()],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    return trainer


def _arguments(settings: dict, out: Path):
    return import_module("trl").DPOConfig(
        output_dir=str(out),
        per_device_train_batch_size=BATCH,
        num_train_epochs=1,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **settings,
    )


def step_tables() -> None:
    """Print milliseconds a step and how many times each of ours goes into it."""
    if find_spec("trl") is None:
        print(EXTRA)
        return
    _quiet()
    for name, make in TABLES.items():
        torch.manual_seed(0)
        best = _best(make())
        print(f"\none DPO step, {name}, {BATCH} pairs; times ours, float32, bfloat16")
        for row, seconds in best.items():
            ratios = "".join(f"{seconds / best[ours]:>9.2f}" for ours in OURS)
            print(f"{row:<28}{seconds * 1000:>10.1f} ms{ratios}", flush=True)


def _quiet() -> None:
    """No downloads, no progress bars, no warnings that are not about us."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    warnings.simplefilter("ignore", FutureWarning)  # TRL by old names of transformers
    import_module("datasets").disable_progress_bars()
    logging = import_module("transformers.utils.logging")
    logging.disable_progress_bar()
    logging.set_verbosity_error()


def _best(made: Material) -> dict[str, float]:
    """Seconds a step of every variant, in its best round."""
    with tempfile.TemporaryDirectory() as place:
        timed = {row: our_steps(made, how) for row, how in OURS.items()}
        for row, settings in THEIRS.items():
            timed[row] = their_steps(made, settings, Path(place))
        best = dict.fromkeys(timed, float("inf"))
        for _ in range(ROUNDS):
            for row, seconds in timed.items():
                best[row] = min(best[row], seconds())
    return best


if __name__ == "__main__":
    step_tables()

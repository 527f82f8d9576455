"""The same steps by TRL's ``DPOTrainer``, from the exported model and its texts."""

import tempfile
import warnings
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import torch

from dpo_edu.scaling.export.folder import write_folder
from dpo_edu.scaling.export.transformers_files import checkpoint

from .material import BATCH, Material, material
from .ours import BETA, LEARNING_RATE, Clock

DEFAULTS = {"gradient_checkpointing": True, "bf16": False}
BEST = {
    "gradient_checkpointing": False,
    "precompute_ref_log_probs": True,
    "bf16": False,
}


def theirs(kind, layers, width, steps, settings, precision="float32") -> dict:
    """Seconds a step of TRL's trainer under ``settings``, and its losses."""
    torch.set_num_threads(1)
    quiet()
    if precision == "medium":
        torch.set_float32_matmul_precision("medium")
    settings = settings | {"bf16": precision == "bfloat16"}
    made, clock = material(kind, layers, width, steps), Clock()
    with tempfile.TemporaryDirectory() as place:
        run = trainer(made, clock, Path(place), settings)
        run.train()
    losses = [row["loss"] for row in run.state.log_history if "loss" in row]
    return clock.a_step() | {"losses": losses}


def trainer(made: Material, clock: Clock, place: Path, settings: dict, dtype="float32"):
    """A DPOTrainer whose callback marks the end of every step."""
    trl, transformers = import_module("trl"), import_module("transformers")
    start, rows = place / "start", [pair._asdict() for pair in made.text]
    write_folder(start, checkpoint(made.model, made.tokenizer, made.text))
    model = transformers.AutoModelForCausalLM.from_pretrained(start, dtype=dtype)
    hook = type("Marks", (transformers.TrainerCallback,), {"on_step_end": clock.mark})
    made_by_trl = trl.DPOTrainer(
        model=model,
        ref_model=deepcopy(model),
        args=arguments(place / "out", settings),
        train_dataset=import_module("datasets").Dataset.from_list(rows),
        processing_class=transformers.AutoTokenizer.from_pretrained(start),
        data_collator=_collator(made),
        callbacks=[hook()],
    )
    made_by_trl.remove_callback(transformers.PrinterCallback)
    return made_by_trl


def arguments(out: Path, settings: dict):
    """TRL's settings: its own optimizer, the pairs in order, every loss logged."""
    usual = {
        "beta": BETA,
        "learning_rate": LEARNING_RATE,
        "per_device_train_batch_size": BATCH,
        "num_train_epochs": 1,
        "train_sampling_strategy": "sequential",
        "logging_steps": 1,
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }
    return import_module("trl").DPOConfig(output_dir=str(out), **(usual | settings))


def _collator(made: Material):
    """TRL's, less the <eos> that it appends where the world's language forces one."""
    name = "trl.trainer.dpo_trainer"
    collate = import_module(name).DataCollatorForPreference(
        pad_token_id=made.model.config.vocabulary - 1
    )
    sides = "chosen_ids", "rejected_ids"

    def cut(examples):
        rows = [{side: row[side][: made.most] for side in sides} for row in examples]
        return collate([row | r for row, r in zip(examples, rows, strict=True)])

    return collate if made.most is None else cut


def quiet() -> None:
    """No progress bars, no warnings that are not about us."""
    warnings.simplefilter("ignore", FutureWarning)  # TRL by old names of transformers
    import_module("datasets").disable_progress_bars()
    logging = import_module("transformers.utils.logging")
    logging.disable_progress_bar()
    logging.set_verbosity_error()

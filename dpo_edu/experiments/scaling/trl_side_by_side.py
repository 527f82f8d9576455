"""The same pairs through another trainer: TRL's DPOTrainer beside ours, step by step.

    pip install -e '.[trl]'
    python -m dpo_edu.experiments.scaling.trl_side_by_side            # 1 minute; shows
    python -m dpo_edu.experiments.scaling.trl_side_by_side --store    # and stores

Both start from one exported checkpoint and read the same pairs in the same order, with
the same beta and optimizer, in float32. Theirs sees GPT2LMHeadModel, strings and its
own masks; ours the transformer of chapter 09 and the world's numbers. Nothing is
downloaded.
"""

import os
import sys
import tempfile
from copy import deepcopy
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch

from ...preference_world import EOS, Pairs
from ...scaling.export.folder import write_folder
from ...scaling.export.gpt2 import gpt2_weights
from ...scaling.export.transformers_files import checkpoint, word_tokenizer, world_text
from ...tiny_transformer import TinyTransformer
from ...training import Schedule, train_pairs
from ...training.world_batches import pair_batch
from ...validation import require
from ..grid import store
from ..shared_start import shared_start
from .our_log import BATCH_SIZE, BETA, SCHEDULE, distinct_pairs, ours, part

LEFT_OUT = ("epoch", "num_tokens")  # TRL's progress: epochs done, tokens read so far
EXTRA = "this comparison needs TRL: pip install -e '.[trl]'"


OUR_WAY = {"max_grad_norm": 1e9}  # default: 1; the rest is our optimizer's
THEIR_WAY = {"learning_rate": 5e-3}  # and its own AdamW, clipping and linear decay
THEIRS = Schedule(30, 5e-3, warmup=0, betas=(0.9, 0.999), clip=1.0)  # the same, ours


def theirs(pairs: Pairs, dtype, settings: dict, optimizer=lambda model: (None, None)):
    """TRL's log of the same run, its names, one row per step; and its model."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    from transformers import AutoModelForCausalLM, AutoTokenizer

    datasets, trl = import_module("datasets"), import_module("trl")
    datasets.disable_progress_bars()
    data, reference, _ = shared_start()
    text = world_text(data.world, pairs)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "reference"
        files = checkpoint(reference.model, word_tokenizer(), text)
        write_folder(folder, files)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        trainer = trl.DPOTrainer(
            model=model,
            ref_model=deepcopy(model),  # default: loaded once more from ``folder``
            args=_arguments(place, settings),
            train_dataset=datasets.Dataset.from_list([pair._asdict() for pair in text]),
            processing_class=AutoTokenizer.from_pretrained(folder),
            data_collator=_collator(data.world.max_words),
            optimizers=optimizer(model),
        )
        trainer.train()
    return [row for row in trainer.state.log_history if "loss" in row], model


def _arguments(place: str, settings: dict):
    """TRL's settings: the defaults that change a number, and what they cost."""
    return import_module("trl").DPOConfig(
        output_dir=place,
        beta=BETA,
        per_device_train_batch_size=BATCH_SIZE,
        num_train_epochs=1,
        train_sampling_strategy="sequential",  # default: shuffled
        bf16=False,  # default: on
        gradient_checkpointing=False,  # default: on; the same numbers, slower
        logging_steps=1,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **settings,
    )


def _collator(max_words: int):
    """TRL's, without the forced <eos>: TRL appends one to every response."""
    collator = import_module("trl.trainer.dpo_trainer").DataCollatorForPreference
    collate = collator(pad_token_id=EOS)
    sides = "chosen_ids", "rejected_ids"

    def without_forced_eos(examples):
        cut = [{side: row[side][:max_words] for side in sides} for row in examples]
        return collate([row | c for row, c in zip(examples, cut, strict=True)])

    return without_forced_eos


def _optimizer(model):
    """Adam and the learning rate of every step, as in ``training.minimize``."""
    adam = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.95), fused=True)
    return adam, torch.optim.lr_scheduler.LambdaLR(adam, SCHEDULE.learning_rate_at)


def compare() -> dict:
    """Both logs, and the largest difference in each column."""
    pairs = distinct_pairs()
    mine = ours(pairs)
    other, _ = theirs(pairs, torch.float32, OUR_WAY, _optimizer)
    names = columns(mine[0], other[0])
    apart = {
        name: max(abs(a[name] - b[name]) for a, b in zip(mine, other, strict=True))
        for name in names
    }
    return {
        "versions": {name: version(name) for name in ("trl", "transformers", "torch")},
        "distinct pairs": len(pairs.prompt),
        "largest difference": {name: f"{value:.1e}" for name, value in apart.items()},
        "followed": follow(pairs),
        "trl": [
            {"step": n} | {name: row[name] for name in names}
            for n, row in enumerate(other)
        ],
    }


def follow(pairs: Pairs) -> dict[str, str]:
    """The other way round: our loop, told by ``THEIRS``, after TRL's own optimizer.

    In float64; the largest differences of a loss and of a weight after 30 steps.
    """
    pairs = Pairs(*(field[: THEIRS.steps * BATCH_SIZE] for field in pairs))
    losses, policy = _ours_told(pairs)
    rows, model = theirs(pairs, torch.float64, THEIR_WAY)
    weights = model.state_dict()
    apart = {
        "loss": max(abs(a - b["loss"]) for a, b in zip(losses, rows, strict=True)),
        "weight": max(
            (weights[name] - value).abs().max().item()
            for name, value in gpt2_weights(policy).items()
        ),
    }
    return {name: f"{value:.1e}" for name, value in apart.items()}


def _ours_told(pairs: Pairs) -> tuple[list[float], TinyTransformer]:
    """Our loop under ``THEIRS``: every loss, and the policy that came out."""
    data, reference, _ = shared_start()
    losses: list[float] = []

    def batch_at(step):
        return pair_batch(data, part(pairs, step), reference.logp)

    def after_step(report):
        losses.append(report.record["loss"])

    watched = {"after_step": after_step}
    return losses, train_pairs(reference.model, batch_at, THEIRS, BETA, **watched)


def columns(mine: dict, other: dict) -> list[str]:
    """What is compared: every column of ours, and of theirs all but ``LEFT_OUT``.

    Raises InputError where another release has renamed, added or dropped one.
    """
    names = [name for name in mine if name != "step"]
    changed = sorted({*names, *LEFT_OUT} ^ (other.keys() - {"step"}))
    require(not changed, f"TRL's log has other columns: look at {', '.join(changed)}")
    return names


def main() -> int:
    """Compare, print, store if asked."""
    if find_spec("trl") is None:
        print(EXTRA, file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    result = compare()
    print(f"{result['distinct pairs']} distinct pairs, {len(result['trl'])} steps")
    print(f"of TRL's columns left out: {', '.join(LEFT_OUT)}")
    for name, difference in result["largest difference"].items():
        print(f"{name:<20} largest difference {difference}")
    for name, difference in result["followed"].items():
        print(f"TRL's own optimizer, followed: {name} {difference}")
    if "--store" in sys.argv[1:]:
        store("scaling", result, "trl_side_by_side")
    return 0


if __name__ == "__main__":
    sys.exit(main())

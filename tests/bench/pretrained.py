"""`dpo-edu train --model` beside TRL's trainer: SmolLM2, and random Llamas on bytes.

Both read the same pairs in the same order from the same weights, with the same AdamW.
The texts are words and letters of random lengths: what they say costs no time. SmolLM2
is measured where ``dpo-edu model smollm2`` has fetched it, in bfloat16 only where the
processor has units for it: elsewhere a step would take minutes.
"""

import json
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from dpo_edu.real_model.cache import place
from dpo_edu.real_model.prompts import PROMPTS
from dpo_edu.scaling.mixed_precision import has_bfloat16_units

from .material import random_pairs
from .ours import Clock
from .rounds import Job, least, middle

LLAMAS = {"2x64": (2, 64), "4x128": (4, 128)}
SMOLLM2, LONGEST = "smollm2", 255  # bytes of prompt and answer, for the Llamas
ANSWER = (8, 90)  # words of SmolLM2's answers, at least and at most
PRECISIONS = "float32", "bfloat16"
SIZES = {SMOLLM2: (8, 3), "2x64": (32, 6), "4x128": (32, 4)}  # pairs per step, steps
TRAINERS = {"ours": "pretrained.ours", "TRL, best": "pretrained.theirs"}
CLOSE = {"float32": 1e-4, "bfloat16": 5e-2}  # losses that count as equal


def jobs(with_trl: bool) -> list[Job]:
    """Of every model and precision the trainers in turn."""
    found = []
    for kind, precision in rows():
        for name, function in TRAINERS.items():
            if name == "ours" or with_trl:
                words = {"kind": kind, "precision": precision}
                found.append(Job(f"{kind}, {precision}, {name}", function, words))
    return found


def rows() -> Iterator[tuple[str, str]]:
    """Model and precision; SmolLM2 only where it is, and where that is not in vain."""
    fast = has_bfloat16_units(torch.device("cpu"))
    for kind in SIZES:
        for precision in PRECISIONS:
            here = place(SMOLLM2).is_dir() and (precision == "float32" or fast)
            if kind != SMOLLM2 or here:
                yield kind, precision


def settings_of(kind: str, precision: str, folder: Path, **changed):
    """Of a run on a model, which is made, and on pairs, which are written here."""
    from dpo_edu.own_model.settings import new_settings

    batch, steps = SIZES[kind]
    real = kind == SMOLLM2
    found = _english(batch * steps) if real else _bytes(batch * steps)
    data = folder / "pairs.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in found))
    asked = {"data": str(data), "base": "known", "batch_size": batch, "warmup": 0.0}
    asked |= {"plain_prompts": "chat" if real else "text", "lora": 8 if real else 0}
    asked |= {} if real else {"learning_rate": 1e-3}
    asked |= {"model": SMOLLM2 if real else str(_llama(kind, folder / "model"))}
    return new_settings(asked | {"precision": precision} | changed)


def _english(count: int) -> list[dict[str, str]]:
    """Questions of chapter 17, answered with words out of them."""
    chance = np.random.default_rng(0)
    words = " ".join(PROMPTS).split()

    def answer() -> str:
        return " ".join(chance.choice(words, chance.integers(*ANSWER)))

    return [
        {"prompt": PROMPTS[n % len(PROMPTS)], "chosen": answer(), "rejected": answer()}
        for n in range(count)
    ]


def _bytes(count: int) -> list[dict[str, str]]:
    return [pair._asdict() for pair in random_pairs(count, LONGEST)]


def _llama(size: str, folder: Path) -> Path:
    """A Llama of random weights that reads bytes, as a folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from dpo_edu.scaling.export.transformers_files import byte_tokenizer

    layers, width = LLAMAS[size]
    config = LlamaConfig(
        vocab_size=257,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=2 * LONGEST,
        bos_token_id=256,
        eos_token_id=256,
        pad_token_id=256,
    )
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(byte_tokenizer()))
    names = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<eos>"}
    names |= {"pad_token": "<eos>", "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(names))
    return folder


def ours(kind: str, precision: str) -> dict:
    """Seconds a step of our loop, its losses, and the memory of the process."""
    from dpo_edu.own_model import intake, learning, processes, run, start
    from dpo_edu.own_model.stopping import Stop
    from dpo_edu.real_model.learning import as_groups

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(kind, precision, Path(folder))
        taken = intake.take(settings, start.base_of(settings.model))
        groups = as_groups([row.tokens for row in taken.rows])
        team = run.team_of(settings, processes.join("cpu", precision))
        ref_logp = learning.logp_of(team, groups, settings.at_once)
        clock, losses, before = Clock(), [], memory()

        def after_step(report):
            clock.mark()
            losses.append(report.record["loss"])

        words = team, groups, ref_logp, settings, Stop()
        learning.train(*words, after_step=after_step)
    return clock.a_step() | {"losses": losses, "before": before, "memory": memory()}


def theirs(kind: str, precision: str) -> dict:
    """The same of TRL's trainer, the reference computed once."""
    from dpo_edu.own_model import intake, start

    torch.set_num_threads(1)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(kind, precision, Path(folder))
        base = start.base_of(settings.model)
        taken = intake.take(settings, base)
        made = trainer(settings, taken, base, Path(folder), clock)
        before = memory()
        made.train()
    losses = [row["loss"] for row in made.state.log_history if "loss" in row]
    return clock.a_step() | {"losses": losses, "before": before, "memory": memory()}


def trainer(settings, taken, base, folder: Path, clock: Clock):
    """TRL's, told as ours is; its dataset holds the pairs in the order of our steps."""
    import datasets
    import transformers
    import trl

    from dpo_edu.own_model import export, start
    from dpo_edu.training import epoch_rows

    from .theirs import quiet

    quiet()
    count = len(taken.rows)
    order = epoch_rows(count, count, settings.seed, 0)  # one batch of all
    found = [export.as_row(settings)(taken.rows[n]) for n in order]
    hook = type("Marks", (transformers.TrainerCallback,), {"on_step_end": clock.mark})
    made = trl.DPOTrainer(
        model=start.learner(settings),
        args=_arguments(settings, folder),
        train_dataset=datasets.Dataset.from_list(found),
        processing_class=base.tokenizer,
        callbacks=[hook()],
    )
    made.remove_callback(transformers.PrinterCallback)
    return made


def _arguments(settings, folder: Path):
    """TRL's settings: the same AdamW, clipping and linear fall, every loss logged."""
    import trl

    return trl.DPOConfig(
        output_dir=str(folder / "out"),
        beta=settings.beta,
        learning_rate=settings.learning_rate,
        max_grad_norm=settings.clip,
        per_device_train_batch_size=settings.batch_size,
        num_train_epochs=1,
        train_sampling_strategy="sequential",
        precompute_ref_log_probs=True,
        max_length=None,
        logging_steps=1,
        bf16=settings.precision == "bfloat16",
        gradient_checkpointing=False,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def memory() -> float:
    """Bytes that this process has had at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most * (1 if sys.platform == "darwin" else 1024))


def apart(found: dict, one: str, other: str) -> float:
    """The largest difference of two rows' losses."""
    pairs = zip(found[one][0]["losses"], found[other][0]["losses"], strict=True)
    return max(abs(a - b) for a, b in pairs)


def table(found: dict) -> str:
    """A row per model and precision."""
    lines = [
        "| model, precision | ours, CPU s | median | wall s | TRL at its best, times "
        "ours (of medians) | losses apart | memory in GB: ours | TRL |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, precision in rows():
        row, other = (f"{kind}, {precision}, {name}" for name in TRAINERS)
        if row in found:
            mine = found[row]
            lines.append(
                f"| {kind.replace('x', ' × ')}, {precision} | {least(mine, 'cpu'):.3f} "
                f"| {middle(mine, 'cpu'):.3f} | {least(mine, 'wall'):.3f} "
                f"| {_times(found, other, row, CLOSE[precision])} "
                f"| {least(mine, 'memory') / 1e9:.2f} | {_memory(found, other)} |"
            )
    return "\n".join(lines)


def _times(found: dict, theirs: str, ours: str, close: float) -> str:
    """'1.50 (1.52) | 3e-07', or that losses differ."""
    if theirs not in found:
        return "TRL not there | "
    off = apart(found, theirs, ours)
    if not off < close:
        return f"losses differ | {off:.0e}"
    parts = (
        of(found[theirs], "cpu") / of(found[ours], "cpu") for of in (least, middle)
    )
    return "{:.2f} ({:.2f})".format(*parts) + f" | {off:.0e}"


def _memory(found: dict, row: str) -> str:
    return f"{least(found[row], 'memory') / 1e9:.2f}" if row in found else ""

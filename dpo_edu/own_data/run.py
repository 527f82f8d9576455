"""Training on your own pairs: SFT on the chosen texts, freeze, DPO; stop and go on.

A run is its folder: settings, the data's fingerprint, a checkpoint every ``SAVE_EVERY``
steps. The batch at a step depends on the seed and the step, so a run that was stopped,
even by force, continues from its checkpoint and ends with the same weights.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from ..files import (
    new_folder,
    read_json_lines,
    save_weights,
    write_json,
    write_json_lines,
)
from ..progress import progress_bar
from ..tiny_transformer import ModelConfig, TinyTransformer
from ..training import (
    Schedule,
    epoch_rows,
    epoch_steps,
    freeze,
    train_pairs,
    train_texts,
)
from ..validation import require
from .batches import BYTES_EOS, PairData, logp_of_all, own_batch, pair_data
from .checkpoint import load_progress, save_progress
from .pairs import read_pairs
from .report import report
from .settings import FILE, OwnSettings

SAVE_EVERY = 50  # steps between checkpoints
FEW_STEPS = 200  # of SFT, after which a fresh model still writes gibberish


def run(settings: OwnSettings, device, out: Path, stopped: Path | None = None) -> Path:
    """Read, split, train, report; ``stopped``: the folder of a run to go on with.

    Returns the run's folder, a new one in ``out`` unless it goes on.
    """
    pairs = read_pairs(Path(settings.data))
    require(len(pairs) > 1, f"{settings.data}: one pair is too few, one is held out")
    data = pair_data(pairs, settings.context, settings.data).to(device)
    training, held_out = split(len(pairs), settings.held_out, settings.seed)
    folder = stopped or _new_run(out, settings)
    print(
        f"{len(training)} pairs to train on, {len(held_out)} held out, in {folder}",
        flush=True,
    )
    _warn_if_few(settings, len(training))
    reference, policy = train(settings, data.take(training), folder)
    prompts = [pairs[number].prompt for number in held_out]
    report(settings, reference, policy, data.take(held_out), prompts, folder)
    for checkpoint in folder.glob("*.checkpoint"):  # of a run that needs them no more
        checkpoint.unlink()
    return folder


def split(count: int, held_out: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(training, held-out) numbers of the pairs: at least one of each."""
    order = np.random.default_rng([seed, 4]).permutation(count)
    kept = min(max(round(held_out * count), 1), count - 1)
    return order[kept:], order[:kept]


def train(settings: OwnSettings, data: PairData, folder: Path):
    """(reference, policy) of the pairs; a Ctrl-C says how to go on."""
    try:
        reference = train_reference(settings, data, folder)
        return reference, train_policy(settings, reference, data, folder)
    except KeyboardInterrupt:
        going_on = f"Go on with: dpo-edu train --resume {folder}"
        raise KeyboardInterrupt(going_on) from None


def train_reference(settings, data: PairData, folder: Path) -> TinyTransformer:
    """SFT on the chosen texts; with no SFT epochs, a fresh model."""
    torch.manual_seed(settings.seed)
    sizes = {name: asdict(settings)[name] for name in ("width", "layers", "heads")}
    config = ModelConfig(vocabulary=BYTES_EOS + 1, context=settings.context, **sizes)
    start = TinyTransformer(config).to(data.tokens.device)

    def texts_at(step):
        rows = epoch_rows(data.pairs, settings.batch_size, settings.seed, step)
        rows = torch.as_tensor(rows, device=data.tokens.device)
        return data.tokens[rows], data.mask[rows]

    steps = epoch_steps(data.pairs, settings.batch_size, settings.sft_epochs)
    schedule = Schedule(steps, settings.sft_learning_rate)

    def learn(**watched):
        return train_texts(start, texts_at, schedule, **watched)

    return freeze(_phase("reference", "SFT", learn, steps, folder))


def train_policy(settings, reference, data: PairData, folder: Path) -> TinyTransformer:
    """DPO from the reference, whose log-probabilities are computed once."""
    ref_logp = logp_of_all(reference, data)

    def batch_at(step):
        rows = epoch_rows(data.pairs, settings.batch_size, settings.seed, step)
        return own_batch(data, ref_logp, rows)

    steps = epoch_steps(data.pairs, settings.batch_size, settings.epochs)
    schedule = Schedule(steps, settings.learning_rate)

    def learn(**watched):
        return train_pairs(reference, batch_at, schedule, settings.beta, **watched)

    return _phase("policy", "DPO", learn, steps, folder)


def _phase(name: str, title: str, learn: Callable, steps: int, folder: Path):
    """One training with checkpoints; goes on from the phase's checkpoint, if any."""
    checkpoint, log = folder / f"{name}.checkpoint", folder / f"{name}.jsonl"
    progress = load_progress(checkpoint) if checkpoint.exists() else None
    done = progress.step if progress else 0
    # A run killed between two writes may have logged steps that it will take again.
    records = read_json_lines(log)[:done] if progress else []

    with progress_bar(title, steps, done) as advance:

        def after_step(report):
            records.append({"step": report.step, **report.record})
            advance(report)
            if (report.step + 1) % SAVE_EVERY == 0 or report.step + 1 == steps:
                write_json_lines(log, records)
                save_progress(checkpoint, report)

        model = learn(after_step=after_step, progress=progress)
    save_weights(folder / f"{name}.safetensors", model)
    return model


def _new_run(out: Path, settings: OwnSettings) -> Path:
    folder = new_folder(out, "train")
    write_json(folder / FILE, asdict(settings))
    return folder


def _warn_if_few(settings: OwnSettings, pairs: int) -> None:
    steps = epoch_steps(pairs, settings.batch_size, settings.sft_epochs)
    if 0 < steps < FEW_STEPS:
        print(f"{steps} steps of SFT: if the samples are gibberish, raise --sft-epochs")

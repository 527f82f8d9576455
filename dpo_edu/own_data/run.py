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

from ..files import read_json_lines, save_weights, write_json_lines
from ..tiny_transformer import ModelConfig, TinyTransformer
from ..training import PairBatch, Schedule, freeze, minimize, pair_loss, sft_loss
from .batches import BYTES_EOS, PairData, epoch_rows, logp_of_all, own_batch
from .checkpoint import load_progress, save_progress

SAVE_EVERY = 50  # steps between checkpoints


def split(pairs: list, held_out: float, seed: int) -> tuple[list, list]:
    """(training pairs, held-out pairs): at least one of each, drawn by ``seed``."""
    order = np.random.default_rng([seed, 4]).permutation(len(pairs))
    count = min(max(round(held_out * len(pairs)), 1), len(pairs) - 1)
    shuffled = [pairs[place] for place in order]
    return shuffled[count:], shuffled[:count]


def train_reference(settings, data: PairData, folder: Path, show) -> TinyTransformer:
    """SFT on the chosen texts; with no SFT epochs, a fresh model."""
    torch.manual_seed(settings.seed)
    sizes = {name: asdict(settings)[name] for name in ("width", "layers", "heads")}
    config = ModelConfig(vocabulary=BYTES_EOS + 1, context=settings.context, **sizes)
    model = TinyTransformer(config).to(data.tokens.device)

    def loss_at(step):
        rows = epoch_rows(data.pairs, settings.batch, settings.seed, step)
        rows = torch.as_tensor(rows, device=data.tokens.device)
        loss = sft_loss(model, data.tokens[rows], data.mask[rows])
        return loss, {"loss": loss.item()}

    schedule = _schedule(
        settings, data, settings.sft_epochs, settings.sft_learning_rate
    )
    _phase(model, loss_at, schedule, folder, "reference", show)
    return freeze(model)


def train_policy(settings, reference, data: PairData, folder: Path, show):
    """DPO from the reference, whose log-probabilities are computed once."""
    policy = TinyTransformer(reference.config).to(data.tokens.device)
    policy.load_state_dict(reference.state_dict())
    ref_logp = logp_of_all(reference, data)

    def batch_at(step) -> PairBatch:
        rows = epoch_rows(data.pairs, settings.batch, settings.seed, step)
        return own_batch(data, ref_logp, rows)

    def loss_at(step):
        return pair_loss(policy, batch_at(step), settings.beta)

    schedule = _schedule(settings, data, settings.epochs, settings.learning_rate)
    _phase(policy, loss_at, schedule, folder, "policy", show)
    return policy


def held_out_record(policy, reference, data: PairData, beta) -> dict[str, float]:
    """Loss, margin, accuracy on pairs that training never saw."""
    rows = np.arange(data.pairs)
    with torch.no_grad():
        batch = own_batch(data, logp_of_all(reference, data), rows)
        return pair_loss(policy, batch, beta)[1]


def _schedule(settings, data, epochs: int, peak: float) -> Schedule:
    return Schedule(epochs * -(-data.pairs // settings.batch), peak)


def _phase(model, loss_at, schedule, folder, name, show: Callable) -> None:
    """Minimize with checkpoints; go on from the phase's checkpoint if there is one."""
    checkpoint, log = folder / f"{name}.checkpoint", folder / f"{name}.jsonl"
    progress = load_progress(checkpoint, model) if checkpoint.exists() else None
    start = progress.step if progress else 0
    # A run killed between two writes may have logged steps that it will take again.
    records = read_json_lines(log)[:start] if progress else []
    advance = show(name, schedule.steps, start)

    def after_step(step, record, optimizer):
        records.append({"step": step, **record})
        advance(step, record)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == schedule.steps:
            write_json_lines(log, records)
            save_progress(checkpoint, model, optimizer, step + 1)

    minimize(model, loss_at, schedule, progress, after_step)
    save_weights(folder / f"{name}.safetensors", model)


def finish(folder: Path) -> None:
    """Remove the checkpoints of a run that needs them no more."""
    for checkpoint in folder.glob("*.checkpoint"):
        checkpoint.unlink()

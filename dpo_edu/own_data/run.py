"""Training on your own pairs: SFT on the chosen texts, freeze, DPO; stop and go on.

A run is its folder: settings, the data's fingerprint, a checkpoint every 50 steps. The
batch at a step depends on the seed and the step, so a run that was stopped, even by
force, continues from its checkpoint and ends with the same weights.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from ..files import remove_all, write_json
from ..tiny_transformer import ModelConfig, TinyTransformer
from ..training import (
    Schedule,
    epoch_rows,
    epoch_steps,
    freeze,
    pair_loss,
    sft_loss,
    train_pairs,
    train_texts,
)
from ..training.fused_attention import attention_for
from ..validation import counted, require_callable, require_type
from .batches import BYTES_EOS, PairData, logp_of_all, own_batch
from .checkpoint import Origin
from .phase import Phase, carry_out
from .preparation import Prepared, prepare
from .report import measure, show
from .run_folder import run_folder
from .settings import CHECKPOINTS, FILE, OwnSettings, settings_hash

ADVICE = "lower --batch-size, or leave out the longest texts"  # where memory is short


def itself(model: TinyTransformer) -> TinyTransformer:
    """The model as it is, in its own precision."""
    require_type(TinyTransformer, model=model)
    return model


def run(
    settings: OwnSettings,
    device,
    out: Path,
    stopped: Path | None = None,
    called_as: Callable = itself,
) -> Path:
    """Prepare, train, report; ``stopped``: the folder of a run to go on with.

    ``called_as(model)`` is what scores the texts in training: the model, or a wrapper
    in another precision. Returns the run's folder, a new one in ``out`` unless it goes
    on.
    """
    require_type(Path, out=out)
    require_type((Path, type(None)), stopped=stopped)
    require_callable(called_as=called_as)
    pairs = prepare(settings, device)
    with run_folder(out, stopped, ADVICE) as folder:
        _carry_out(settings, pairs, folder, called_as)
    return folder


def _carry_out(settings, pairs: Prepared, folder: Path, called_as: Callable) -> None:
    """Train, report and show."""
    write_json(folder / FILE, asdict(settings))
    many, few = pairs.training.pairs, pairs.held_out.pairs
    first = f"{counted(many, 'pair')} to train on, {few} held out, in {folder}"
    print(first, *pairs.notes, sep="\n", flush=True)
    reference = train_reference(settings, pairs.training, folder, called_as)
    policy = train_policy(settings, reference, pairs.training, folder, called_as)
    called = called_as(policy)
    found = measure(settings, reference, policy, called, pairs)
    write_json(folder / "report.json", found)
    remove_all(folder, *CHECKPOINTS)
    show(settings, reference, policy, found, pairs.prompts, folder)


def train_reference(
    settings, data: PairData, folder: Path, called_as: Callable = itself
) -> TinyTransformer:
    """SFT on the chosen texts; with no SFT epochs, a fresh model."""
    _require_phase(settings, data, folder, called_as)
    torch.manual_seed(settings.seed)
    sizes = {name: asdict(settings)[name] for name in ("width", "layers", "heads")}
    config = ModelConfig(vocabulary=BYTES_EOS + 1, context=settings.context, **sizes)
    attend = attention_for(settings.precision)
    start = TinyTransformer(config, attend).to(data.tokens.device)

    def texts_at(step):
        rows = epoch_rows(data.pairs, settings.batch_size, settings.seed, step)
        return data.texts(rows)  # row i is chosen i

    steps = epoch_steps(data.pairs, settings.batch_size, settings.sft_epochs)
    schedule = Schedule(steps, settings.sft_learning_rate)

    def loss(model, tokens, mask):
        return sft_loss(called_as(model), tokens, mask)

    def learn(**watched):
        return train_texts(start, texts_at, schedule, loss, **watched)

    origin = Origin("reference", settings_hash(settings), settings.fingerprint)
    phase = Phase("SFT", steps, folder, origin, "--sft-learning-rate")
    return freeze(carry_out(phase, learn))


def train_policy(
    settings, reference, data: PairData, folder: Path, called_as: Callable = itself
) -> TinyTransformer:
    """DPO from the reference, whose log-probabilities are computed once."""
    _require_phase(settings, data, folder, called_as)
    require_type(TinyTransformer, reference=reference)
    ref_logp = logp_of_all(called_as(reference), data)

    def batch_at(step):
        rows = epoch_rows(data.pairs, settings.batch_size, settings.seed, step)
        return own_batch(data, ref_logp, rows)

    steps = epoch_steps(data.pairs, settings.batch_size, settings.epochs)
    schedule = Schedule(steps, settings.learning_rate)

    def loss(policy, batch, beta):
        return pair_loss(called_as(policy), batch, beta)

    def learn(**watched):
        beta = settings.beta
        return train_pairs(reference, batch_at, schedule, beta, loss, **watched)

    origin = Origin("policy", settings_hash(settings), settings.fingerprint)
    phase = Phase("DPO", steps, folder, origin, "--learning-rate or --beta")
    return carry_out(phase, learn)


def _require_phase(settings, data, folder, called_as) -> None:
    require_type(OwnSettings, settings=settings)
    require_type(PairData, data=data)
    require_type(Path, folder=folder)
    require_callable(called_as=called_as)

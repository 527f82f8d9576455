"""From the pairs of a file to batches: what is trained on and what is held out.

All pairs of a prompt are on one side. This module does not know how a file is read.
"""

from typing import NamedTuple

from ..training import epoch_steps
from ..validation import counted
from ..validation.tensors import as_device
from .batches import PairData, pair_data
from .intake import report
from .memory import require_memory
from .settings import OwnSettings
from .splitting import shared_prompts, split, together

FEW_STEPS = 200  # of SFT, after which a fresh model still writes gibberish


class Prepared(NamedTuple):
    """The pairs of a run, ready for its model."""

    training: PairData
    held_out: PairData
    prompts: list[str]  # of the held-out pairs
    record: dict  # the report of the data
    notes: list[str]  # what is good to know before training


def prepare(settings: OwnSettings, device) -> Prepared:
    """Report and split the pairs; InputError where they cannot be trained on."""
    device, taken = as_device(device), report(settings)
    if device.type == "cpu":
        require_memory(taken.pairs, settings)
    parts = split(together(taken.pairs), settings.held_out, settings.seed)
    data = pair_data(taken.pairs, settings.context, settings.data).to(device)
    training, held_out = (data.take(part) for part in parts)
    sides = {"training": training.pairs, "held_out": held_out.pairs}
    sides["prompts_on_both_sides"] = shared_prompts(taken.pairs, parts)
    prompts = [taken.pairs[number].prompt for number in parts.held_out]
    notes = _notes(settings, sides)
    return Prepared(training, held_out, prompts, taken.record | sides, notes)


def _notes(settings: OwnSettings, sides: dict) -> list[str]:
    """What the user may not know of the run, a line each."""
    steps = epoch_steps(sides["training"], settings.batch_size, settings.sft_epochs)
    gibberish = "if the samples are gibberish, raise --sft-epochs"
    notes = [
        (
            sides["prompts_on_both_sides"],
            "all pairs have one prompt: what is held out are other answers to it",
        ),
        (0 < steps < FEW_STEPS, f"{counted(steps, 'step')} of SFT: {gibberish}"),
    ]
    return [note for holds, note in notes if holds]

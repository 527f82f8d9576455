"""From a file of pairs to what is trained on and what is held out.

Equal pairs stay on one side of that split, so that no pair is judged that was trained
on. Whatever cannot be trained on is refused here, before anything is written, and what
the user may not know about the file is put into notes.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..training import epoch_steps
from ..validation import (
    require,
    require_inside,
    require_list_of,
    require_type,
    require_whole,
)
from ..validation.tensors import as_device
from .batches import PairData, encode, pair_data, require_no_eos
from .pairs import PairsFile, TextPair, listed, read_file
from .settings import OwnSettings

FEW_STEPS = 200  # of SFT, after which a fresh model still writes gibberish
MUCH = 2e9  # bytes of memory for one step, of which the user is told


class Prepared(NamedTuple):
    """The pairs of a run, ready for its model."""

    training: PairData
    held_out: PairData
    prompts: list[str]  # of the held-out pairs
    notes: list[str]  # what is good to know before training


def prepare(settings: OwnSettings, device) -> Prepared:
    """Read, check and split the pairs; InputError where they cannot be trained on."""
    require_type(OwnSettings, settings=settings)
    device = as_device(device)
    file = read_file(Path(settings.data))
    groups = equal_pairs(file.pairs)
    require(len(file.pairs) > 1, f"{settings.data}: one pair is too few")
    require(len(groups) > 1, f"{settings.data}: all pairs are the same")
    require_no_eos(file.pairs, [f"{settings.data}, line {n}" for n in file.lines])
    _require_memory(file.pairs, settings)
    data = pair_data(file.pairs, settings.context, settings.data, file.lines)
    data = data.to(device)
    training, held_out = split(groups, settings.held_out, settings.seed)
    return Prepared(
        data.take(training),
        data.take(held_out),
        [file.pairs[number].prompt for number in held_out],
        _notes(settings, file, groups, training),
    )


def equal_pairs(pairs: list[TextPair]) -> list[list[int]]:
    """Numbers of the pairs, those together that compare the same two responses."""
    require_list_of(TextPair, pairs=pairs)
    groups: dict[tuple, list[int]] = {}
    for number, (prompt, *responses) in enumerate(pairs):
        groups.setdefault((prompt, *sorted(responses)), []).append(number)
    return [*groups.values()]


def split(groups, held_out: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(training, held-out) numbers of the pairs: at least one group of each."""
    require_list_of(list, groups=groups)
    for group in groups:
        require_list_of(int, **{"each of groups": group})
    require(len(groups) > 1, f"groups must be two or more, got {len(groups)}")
    require_inside(0, 1, held_out=held_out)
    require_whole(0, 2**63 - 1, seed=seed)
    order = np.random.default_rng([seed, 4]).permutation(len(groups))
    kept = min(max(round(held_out * len(groups)), 1), len(groups) - 1)
    training, held = (
        np.concatenate([groups[number] for number in part])
        for part in (order[kept:], order[:kept])
    )
    return training, held


def _require_memory(pairs: list[TextPair], settings: OwnSettings) -> None:
    """Raise where the table of all pairs would not fit into this machine."""
    needed = 2 * len(pairs) * _longest(pairs, settings) * 9  # a number and a mask
    there = _memory()
    require(
        needed < there,
        f"{settings.data}: {len(pairs):,} pairs as long as the longest take "
        f"{needed / 1e9:.0f} GB, this machine has {there / 1e9:.0f}: leave out the "
        "longest",
    )


def _longest(pairs: list[TextPair], settings: OwnSettings) -> int:
    """Tokens of the longest sequence that is trained on."""
    lengths = (len(encode(x)) + len(encode(y)) + 1 for x, *ys in pairs for y in ys)
    return min(max(lengths), settings.context)


def _memory() -> float:
    """Bytes of memory in this machine; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


def _notes(settings, file: PairsFile, groups, training) -> list[str]:
    """What the user may not know, a line each."""
    steps = epoch_steps(len(training), settings.batch_size, settings.sft_epochs)
    again = len(file.pairs) - len(set(file.pairs))
    both = sum(len({file.pairs[number] for number in group}) > 1 for group in groups)
    bytes_a_step = _step_bytes(file.pairs, settings)
    notes = [
        (file.unread, f"not read: {listed(file.unread)}"),
        (again, f"{again} pairs are there again: equal pairs are held out together"),
        (both, f"{both} comparisons are there in both directions: no policy fits both"),
        (
            bytes_a_step > MUCH,
            f"a step may take {bytes_a_step / 1e9:.0f} GB: lower --batch-size, or "
            "leave out the longest texts",
        ),
        (
            0 < steps < FEW_STEPS,
            f"{steps} steps of SFT: if the samples are gibberish, raise --sft-epochs",
        ),
    ]
    return [note for holds, note in notes if holds]


def _step_bytes(pairs: list[TextPair], settings: OwnSettings) -> float:
    """Attention's tables of one step, where each layer keeps two for its gradient."""
    rows = 2 * min(settings.batch_size, len(pairs))
    tables = 2 * settings.layers * settings.heads
    return 4.0 * tables * rows * _longest(pairs, settings) ** 2

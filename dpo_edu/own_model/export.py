"""A finished run as a folder that transformers and peft load, with pairs and card.

With an adapter the folder holds the adapter, or, merged, whole weights: base + (alpha /
rank) B A. With ``--full`` the weights are whole anyway. The tokenizer and its chat
template go along, the pairs as they were trained on, and the licence of the model that
was fetched. This module does not train.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..files import json_lines, read_json, read_tensors, require_finite, write_new
from ..own_data.settings import at_place, own_settings
from ..real_model.adapter import learning_weights, put_back
from ..scaling.export.folder import whole_folder
from ..validation import InputError, counted, require
from .card import card
from .intake import Row, take
from .settings import ModelSettings
from .start import Base, base_of, learner, require_same
from .tokens import as_messages, is_chat

LEGAL = ("LICENSE*", "NOTICE*")  # of the model that the run began with


class Finished(NamedTuple):
    """A finished run: its settings, its model and what it measured."""

    folder: Path
    settings: ModelSettings
    base: Base
    found: dict  # report.json


def finished(folder: Path, record: dict, data: str | None = None) -> Finished:
    """The run in ``folder``, whose settings.json was read as ``record``.

    ``data`` may say where the pairs are now. Raises InputError where the run is not
    finished, its model is another one by now, or its pairs are.
    """
    settings = at_place(own_settings(folder, record, ModelSettings), folder, data)
    base = base_of(settings.model)
    require_same(base, settings)
    try:
        found = read_json((folder / "report.json").read_text("utf-8"))
        require(isinstance(found, dict), "it is no JSON object")
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}/report.json cannot be read: {error}") from None
    return Finished(folder, settings, base, found)


def learned(run: Finished):
    """The model as the run left it; every weight in float32."""
    whole = replace(run.settings, precision="float32")
    model, path = learner(whole), run.folder / "policy.safetensors"
    values, _ = read_tensors(path)
    require_finite(path, values)
    names = learning_weights(model).keys()
    words = f"{path} holds the weights of another model, or of another adapter"
    require(names == values.keys(), words)
    put_back(model, values)
    return model.eval()


def write(run: Finished, out: Path, merged: bool = False) -> str:
    """Write the folder ``out``, whole or not at all; a line that says what it holds.

    Raises InputError where there is no adapter to merge, or the folder is not empty.
    """
    lora = run.settings.lora
    require(lora or not merged, "--merged goes with an adapter: this run has none")
    rows = take(run.settings, run.base).rows
    model: Any = learned(run)
    kind = "adapter" if lora and not merged else "weights"
    if merged:
        model = model.merge_and_unload()
    with whole_folder(out) as new:
        model.save_pretrained(new)
        run.base.tokenizer.save_pretrained(new)
        if kind == "weights":
            _copy_legal(run.base.where, new)
        (new / "README.md").unlink(missing_ok=True)  # peft's, which says little
        write_new(new / "README.md", card(run, kind))
        write_new(new / "pairs.jsonl", json_lines(map(as_row(run.settings), rows)))
        for path in new.iterdir():  # some libraries write what only the owner may read
            shutil.copymode(new / "README.md", path)
    return (
        f"{out}: the {kind} and {counted(len(rows), 'pair')}; README.md there says more"
    )


def _copy_legal(where: str, new: Path) -> None:
    """The licence of the model, and who made it, where its folder holds them."""
    for pattern in LEGAL:
        for path in Path(where).glob(pattern):
            shutil.copy(path, new)


def as_row(settings: ModelSettings):
    """A function of a row: the pair as it was written for the model.

    As a conversation where the chat template wrote it, so that another trainer reads it
    the same way.
    """

    def row_of(row: Row) -> dict:
        pair = row.pair
        if not is_chat(pair, settings.plain_prompts):
            return pair._asdict()
        sides = {"chosen": pair.chosen, "rejected": pair.rejected}
        said = {k: [{"role": "assistant", "content": v}] for k, v in sides.items()}
        return {"prompt": as_messages(pair.prompt)} | said

    return row_of

"""One valid call of every public function of the training loop, of runs and exports.

As ``good_calls``; what is read or written lies in a folder that ends with the process.
"""

import math
import tempfile
from dataclasses import asdict
from pathlib import Path

import torch

from dpo_edu.files import save_weights, write_json
from dpo_edu.own_data import (
    alone,
    batches,
    checkpoint,
    comparison,
    data_file,
    data_report,
    intake,
    lengths,
    memory,
    pairs,
    phase,
    preparation,
    report,
    run,
    settings,
    splitting,
)
from dpo_edu.own_data.comparison import Message, Pair, TextPair
from dpo_edu.own_data.formats import containers, dialogues, names, rows
from dpo_edu.scaling.export import finished_run, folder, gpt2, transformers_files
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import Schedule, Settings, StepReport, loop, scoring

from .good_calls import BATCH, DATA, MODEL, ONE, PAIRS, WORLD, torch_generator

PLACE = tempfile.TemporaryDirectory(prefix="dpo-edu-calls-")
HERE = Path(PLACE.name).resolve()

# A loop: the world's model, one step at a time.

LEARNER = scoring.learner(MODEL)
OPTIMIZER = torch.optim.SGD([torch.zeros(1, requires_grad=True)])  # moves no model
ONES = torch.ones((), requires_grad=True)
TEXTS = DATA.tokens[:3], DATA.mask[:3]


def loss_at(step):
    return scoring.sft_loss(LEARNER, *TEXTS), {}


LOGP = {
    name: torch.tensor([-3.0, -4.0]).double()
    for name in ("logp_chosen", "logp_rejected", "ref_logp_chosen", "ref_logp_rejected")
}

# A run on three pairs: its file, its folder, a checkpoint, a finished run, a tour's.

THREE = [TextPair("a", "b", "c"), TextPair("d", "e", "f"), TextPair("g", "h", "i")]
FILE = HERE / "pairs.jsonl"
pairs.write_pairs(FILE, THREE)
ASKED = {"data": str(FILE), "context": 8, "width": 4, "layers": 1, "heads": 2}
OWN = settings.new_settings(ASKED | {"epochs": 1, "sft_epochs": 1})
RUN, STOPPED = HERE / "finished", HERE / "stopped"
TAKEN, PREPARED = intake.take(OWN), preparation.prepare(OWN, "cpu")
PREPARED_PARTS = splitting.split([[0], [1, 2]], 0.5, 0)
ROW, TURN = THREE[0]._asdict(), {"role": "user", "content": "a"}
FAULTY = pairs.PairsFile("JSON Lines", "line", 1, faults={1: "not JSON"})
TOKENIZED = batches.pair_data(THREE, 8, "three pairs")
BYTES = TinyTransformer(ModelConfig(257, 8, 4, 1, 2))
BYTES_LOGP = torch.zeros(6)
ORIGIN = checkpoint.Origin("policy", settings.settings_hash(OWN), OWN.fingerprint)
REPORT = StepReport(0, {"loss": 0.5}, BYTES, torch.optim.Adam(BYTES.parameters()))


def _folders():
    """What a stopped and a finished run leave."""
    for place in (RUN, STOPPED):
        place.mkdir()
        write_json(place / settings.FILE, asdict(OWN))
    for name in settings.MODELS:
        save_weights(RUN / f"{name}.safetensors", BYTES)
    checkpoint.save_checkpoint(STOPPED / "policy.checkpoint", REPORT, ORIGIN, [])
    for name in settings.MODELS:
        save_weights(HERE / f"{name}.safetensors", scoring.freeze(MODEL).float())


_folders()
PHASE = phase.Phase("DPO", 1, HERE / "stopped", ORIGIN, "--beta")
RECORD = settings.read_settings(RUN)

GOOD = {
    # training.loop
    Schedule: {
        "steps": 1,
        "learning_rate": 1e-3,
        "warmup": 2,
        "falls": True,
        "betas": (0.9, 0.95),
        "weight_decay": 0.1,
        "clip": 1.0,
    },
    Settings: {
        "beta": 1.0,
        "sft": ONE,
        "sft_batch_size": 4,
        "dpo": ONE,
        "group_size": 2,
        "batch_size": 4,
        "seed": 0,
    },
    loop.dpo_step: {
        "policy": LEARNER,
        "reference": MODEL,
        "optimizer": OPTIMIZER,
        "batch": BATCH,
        "beta": 0.5,
    },
    loop.take_step: {
        "optimizer": OPTIMIZER,
        "loss": torch.ones((), requires_grad=True),
        "clip": math.inf,
    },
    loop.minimize: {
        "model": LEARNER,
        "loss_at": loss_at,
        "schedule": ONE,
        "after_step": None,
        "checkpoint": None,
        "steps": 1,
    },
    loop.train_texts: {
        "start": MODEL,
        "texts_at": lambda step: TEXTS,
        "schedule": ONE,
        "loss": scoring.sft_loss,
    },
    loop.train_pairs: {
        "start": MODEL,
        "batch_at": lambda step: BATCH,
        "schedule": ONE,
        "beta": 0.5,
        "loss": scoring.pair_loss,
    },
    loop.epoch_rows: {"count": 5, "size": 2, "seed": 0, "step": 1},
    loop.epoch_steps: {"count": 5, "size": 2, "epochs": 1},
    # training.scoring
    scoring.freeze: {"model": MODEL},
    scoring.learner: {"model": MODEL},
    scoring.model_logp: {"model": MODEL, "tokens": TEXTS[0], "mask": TEXTS[1]},
    scoring.sft_loss: {"model": MODEL, "tokens": TEXTS[0], "mask": TEXTS[1]},
    scoring.pair_loss: {"policy": LEARNER, "batch": BATCH, "beta": 0.5},
    scoring.log_record: {"loss": torch.tensor(0.5), **LOGP, "beta": 0.5},
    # own_data
    batches.encode: {"text": "a"},
    batches.decode: {"tokens": [97, 256]},
    batches.pair_data: {"pairs": THREE, "context": 8, "where": "three pairs"},
    batches.own_batch: {"data": TOKENIZED, "ref_logp": BYTES_LOGP, "numbers": [0, 2]},
    batches.logp_of_all: {"model": BYTES, "data": TOKENIZED},
    batches.complete: {
        "model": BYTES,
        "prompt": "a",
        "limit": 3,
        "generator": torch_generator(),
    },
    checkpoint.save_checkpoint: {
        "path": HERE / "new.checkpoint",
        "report": REPORT,
        "origin": ORIGIN,
        "records": [{"loss": 0.5}],
    },
    checkpoint.load_checkpoint: {
        "path": STOPPED / "policy.checkpoint",
        "origin": ORIGIN,
    },
    comparison.as_text: {"pair": Pair((Message("user", "a"),), "b", "c")},
    comparison.require_no_eos: {"pairs": THREE, "called": ["1", "2", "3"]},
    comparison.listed: {"names": ["a", "b"]},
    comparison.numbers_shown: {"numbers": [1, 2]},
    data_file.data_file: {"name": str(FILE)},
    data_file.fingerprint_of: {"path": FILE},
    data_report.described: {
        "file": TAKEN.file,
        "pairs": THREE,
        "places": [1, 2, 3],
        "lengths": data_report.byte_lengths(THREE, OWN),
    },
    data_report.byte_lengths: {"pairs": THREE, "settings": OWN},
    data_report.summary: {"record": TAKEN.record},
    data_report.doubts: {"record": TAKEN.record},
    containers.read_rows: {"path": FILE},
    dialogues.is_message: {"value": {"role": "user"}},
    dialogues.messages_of: {"messages": [TURN], "name": "prompt"},
    dialogues.text_of: {"message": TURN, "name": "prompt"},
    dialogues.joined: {
        "answers": ("b", "c"),
        "names": ("chosen", "rejected"),
        "asked": "a",
        "system": "d",
    },
    names.fields_asked: {"fields": "prompt=question"},
    names.find_sides: {"row": ROW, "fields": {}},
    rows.pairs_of: {"row": ROW, "fields": {}},
    intake.take: {"settings": OWN},
    intake.report: {"settings": OWN},
    lengths.lengths: {"pair": THREE[0]},
    lengths.longest: {"pair": THREE[0]},
    lengths.fit: {"pairs": THREE, "limit": 8, "policy": "cut"},
    lengths.too_long: {"pairs": THREE, "context": 2, "called": ["1", "2", "3"]},
    memory.table_bytes: {"pairs": THREE},
    memory.step_bytes: {"pairs": THREE, "settings": OWN},
    memory.require_memory: {"pairs": THREE, "settings": OWN},
    pairs.read_pairs: {"path": FILE},
    pairs.read_file: {"path": FILE, "fields": "prompt=prompt"},
    pairs.told: {"file": FAULTY},
    pairs.write_pairs: {"path": HERE / "new.jsonl", "pairs": THREE},
    phase.Phase: {
        "title": "DPO",
        "steps": 1,
        "folder": HERE,
        "origin": ORIGIN,
        "options": "--beta",
    },
    phase.carry_out: {"phase": PHASE, "learn": lambda **watched: BYTES},
    preparation.prepare: {"settings": OWN, "device": "cpu"},
    splitting.together: {"pairs": THREE},
    splitting.same_prompt: {"pairs": THREE},
    splitting.equal_pairs: {"pairs": THREE},
    splitting.shared_prompts: {"pairs": THREE, "parts": PREPARED_PARTS},
    splitting.split: {"groups": [[0], [1, 2]], "held_out": 0.5, "seed": 0},
    report.measure: {
        "settings": OWN,
        "reference": BYTES,
        "policy": BYTES,
        "called": BYTES,
        "pairs": PREPARED,
    },
    report.show: {
        "settings": OWN,
        "reference": BYTES,
        "policy": BYTES,
        "found": report.measure(OWN, BYTES, BYTES, BYTES, PREPARED),
        "prompts": ["a"],
        "folder": RUN,
    },
    report.held_out_record: {
        "logp": torch.tensor([-1.0, -2.0]),
        "ref_logp": torch.tensor([-2.0, -1.0]),
        "beta": 0.5,
    },
    run.itself: {"model": BYTES},
    run.run: {
        "settings": OWN,
        "device": "cpu",
        "out": HERE / "runs",
        "stopped": None,
        "called_as": run.itself,
    },
    run.train_reference: {
        "settings": OWN,
        "data": TOKENIZED,
        "folder": STOPPED,
        "called_as": run.itself,
    },
    run.train_policy: {
        "settings": OWN,
        "reference": BYTES,
        "data": TOKENIZED,
        "folder": HERE,
        "called_as": run.itself,
    },
    settings.new_settings: {"asked": ASKED},
    settings.stopped_settings: {"folder": STOPPED, "asked": {"beta": 0.1}},
    settings.at_place: {"settings": OWN, "folder": RUN, "data": str(FILE)},
    settings.require_unfinished: {"folder": STOPPED},
    alone.is_at_work: {"folder": STOPPED},
    settings.read_settings: {"folder": RUN},
    settings.own_settings: {"folder": RUN, "record": RECORD},
    settings.option: {"name": "held_out"},
    settings.settings_hash: {"settings": OWN},
    # scaling.export
    finished_run.finished_settings: {"folder": RUN},
    finished_run.tour_models: {"folder": HERE, "world": WORLD},
    finished_run.from_own_run: {
        "folder": RUN,
        "record": RECORD,
        "name": "policy",
        "data": str(FILE),
    },
    finished_run.from_tour: {"folder": HERE, "name": "policy", "count": 9, "seed": 0},
    folder.require_free: {"folder": HERE / "free"},
    folder.write_folder: {"folder": HERE / "written", "files": {"a": "b"}},
    gpt2.gpt2_config: {"config": ModelConfig(257, 8, 4, 1, 2)},
    gpt2.gpt2_weights: {"model": BYTES},
    transformers_files.checkpoint: {
        "model": BYTES,
        "tokenizer": transformers_files.byte_tokenizer(),
        "pairs": THREE,
    },
    transformers_files.world_text: {"world": WORLD, "pairs": PAIRS},
    transformers_files.own_text: {"pairs": THREE},
}

"""A stopped run whose files were damaged, exchanged or edited: refused, or the same."""

import json
import shutil
from pathlib import Path

from dpo_edu.own_data.settings import OwnSettings

from . import material
from .trial import RIGHT, bad, judged, run


def _flipped(old: bytes, place: int) -> bytes:
    return old[:place] + bytes([old[place] ^ 1]) + old[place + 1 :]


BYTES = {
    "empty": lambda old: b"",
    "cut in half": lambda old: old[: len(old) // 2],
    "one byte short": lambda old: old[:-1],
    "one byte more": lambda old: old + b"x",
    "first byte": lambda old: b"\xff" + old[1:],
    "bit in the header": lambda old: _flipped(old, 60),
    "bit in the middle": lambda old: _flipped(old, len(old) // 2),
    "last bit": lambda old: _flipped(old, len(old) - 1),
    "zeros": lambda old: bytes(len(old)),
    "a pickle": lambda old: b"\x80\x04}q\x00.",
    "JSON": lambda old: b'{"step": 3}\n',
    "deep JSON": lambda old: b"[" * 100_000,
    "a blank line": lambda old: b"\n" + old,
    "missing": lambda old: None,
}
VALUES = (0, -1, 10**12, 10**400, 1e308, float("nan"), "x", "", None, True, [], {}, 7)


def cases(parent: Path):
    place = material.new_place(parent)
    stopped = material.with_run(place, material.stop_at("policy"))
    run_again = material.copy_of(stopped, parent, "whole")
    words = ["train", "--resume", str(run_again)]
    assert run(words, place, material.save_often).code == 0
    whole = material.contents(run_again)
    for number, (title, change) in enumerate(_changes(stopped)):
        folder = material.copy_of(stopped, parent, number)
        change(folder)
        ending = run(["train", "--resume", str(folder)], place, material.save_often)
        verdict = judged(ending, folder)
        if verdict.kind == RIGHT and material.contents(folder) != whole:
            verdict = bad("another result, and nobody is told")
        yield title, verdict
        shutil.rmtree(folder)


def _changes(stopped: Path):
    for path in sorted(stopped.iterdir()):
        for title, change in BYTES.items():
            yield f"{path.name}: {title}", _rewriting(path.name, change)
    for one in ("reference", "policy"):
        other = {"reference": "policy", "policy": "reference"}[one]
        for kind in ("checkpoint", "jsonl"):
            names = f"{one}.{kind}", f"{other}.{kind}"
            yield f"{names[0]} over {names[1]}", _copying(*names)
    for field in OwnSettings.__dataclass_fields__:
        for value in VALUES:
            yield f"settings: {field} = {str(value)[:20]}", _setting(field, value)
        yield f"settings without {field}", _setting(field)
    yield "settings of a newer version", _setting("dropout", 0.1)


def _rewriting(name: str, change):
    def do(folder):
        new = change((folder / name).read_bytes())
        if new is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(new)

    return do


def _copying(source: str, target: str):
    return lambda folder: shutil.copy(folder / source, folder / target)


def _setting(field: str, *value):
    def do(folder):
        path = folder / "settings.json"
        record = json.loads(path.read_text())
        record.pop(field, None)
        record |= dict.fromkeys([field], *value) if value else {}
        path.write_text(json.dumps(record))

    return do

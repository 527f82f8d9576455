"""Exports to odd places and of damaged runs."""

import json
import os
import shutil
from pathlib import Path

from . import material
from .corruption import BYTES, VALUES, _rewriting, _setting
from .trial import RIGHT, bad, judged, run

FIELDS = ("context", "width", "layers", "heads", "data", "fingerprint")


def _targets(place: Path):
    """Names, and what is there before."""
    (place / "file").write_text("mine")
    (place / "full").mkdir()
    (place / "full" / "mine").write_text("mine")
    (place / "empty").mkdir()
    (place / "loop").symlink_to("loop")
    (place / "link").symlink_to("empty")
    (place / "broken").symlink_to("nowhere/deep")
    os.mkfifo(place / "pipe")
    return (
        *("file", "full", "empty", "loop", "link", "broken", "pipe", "new", "a/b/c"),
        *("n" * 255, "n" * 256, "ünï", "new\nline", "\x1b[2J"),
        *(".", "..", "/", "", "x/"),
    )


def cases(parent: Path):
    place = material.new_place(parent)
    finished = material.with_run(place)
    for name in _targets(place):
        ending = run(["export", name, "--run", str(finished)], place)
        verdict = judged(ending, place)
        model = place / name / "model.safetensors"
        if verdict.kind == RIGHT and not model.is_file():
            verdict = bad("nothing is there")
        if (place / "full" / "mine").read_text() != "mine":
            verdict = bad("something was lost")
        yield f"to {name!r}", verdict
    changes = {
        f"{path.name}: {title}": _rewriting(path.name, change)
        for path in (finished / "policy.safetensors", finished / "settings.json")
        for title, change in BYTES.items()
    }
    changes |= {
        f"{field} = {str(value)[:20]}": _setting(field, value)
        for field in FIELDS
        for value in VALUES
    }
    settings = json.loads((finished / "settings.json").read_text())
    for number, (title, change) in enumerate(changes.items()):
        folder = material.copy_of(finished, parent, number)
        change(folder)
        out = parent / f"out-{number}"
        ending = run(["export", str(out), "--run", str(folder)], place)
        verdict = judged(ending, parent / f"copy-{number}")
        same = json.loads((folder / "settings.json").read_text()) if out.exists() else 0
        if verdict.kind == RIGHT and "safetensors" in title:
            verdict = _noticed(title, verdict)
        elif verdict.kind == RIGHT and same != settings:
            verdict = bad("an edited run was exported")
        yield title, verdict
        shutil.rmtree(folder)


def _noticed(title: str, verdict):
    """A bit of a weight may be another number; that alone nobody can know."""
    return verdict if "bit" in title else bad("a damaged model was exported")

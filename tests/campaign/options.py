"""Every option with every odd value, and places that are not what they should be."""

import os
from pathlib import Path

from dpo_edu.commands.train import _HELP
from dpo_edu.own_data.settings import option

from . import material
from .trial import judged, run

VALUES = (
    *("0", "-1", "-0", "1", "0.5", "nan", "inf", "-inf", "1e308", "1e-320", "1e400"),
    *("1e30", str(2**31), str(2**63), str(2**64), str(2**70), "1" * 400, "1" * 5_000),
    *("", " ", "abc", "π", "\ud800", "1_0", "0x10", "--", "None", "１"),
)
PLACES = (
    *("", ".", "..", "/", "/dev/null", "/dev/full", "/dev/zero", "/proc/self/mem"),
    *("nowhere/x", "loop", "pipe", "n" * 300, "answers", "\udcff", "new\nline"),
)
CHAPTERS_OR_NAMES = ("check", "hint", "reset", "solution", "next", "slides")


def _before_telling():
    """The tour is accepted and ends here."""
    material.stop_before_training()

    def stop(*_):
        raise KeyboardInterrupt

    import dpo_edu.scaling.export.finished_run as finished
    import dpo_edu.tour.acts as acts

    acts.numbers = finished._trained = stop


def _words():
    train = [*material.TRAIN, "--data", "pairs.jsonl"]
    for name in _HELP:
        for value in VALUES:
            yield [*train, option(name), value]
    for value in VALUES:
        yield ["tour", "--seed", value]
        for name in ("--seed", "--pairs", "--model"):
            yield ["export", "model", name, value]
        for name in CHAPTERS_OR_NAMES:
            yield [name, value]
        yield ["tour", "--device", value]
        yield [value]
    for place in PLACES:
        yield [*material.TRAIN, "--data", place]
        if place != "/":  # where root could write
            yield [*train, "--out", place]
        yield ["train", "--resume", place]
        yield ["export", place]
        yield ["export", "model", "--run", place]
        yield ["slides", "--folder", place]
        yield ["notebooks", "--folder", place]


def cases(parent: Path):
    place = material.new_place(parent)
    (place / "loop").symlink_to("loop")
    os.mkfifo(place / "pipe")
    for words in _words():
        ending = run(words, place, _before_telling)
        title = " ".join(words[-3:])[:60].encode("ascii", "backslashreplace").decode()
        yield title, judged(ending, place, (0, 1, 130))

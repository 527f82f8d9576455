"""Commands x surroundings: environment, encodings, streams, limits, a lost folder."""

import os
import resource
import shutil
from pathlib import Path

from . import material
from .trial import judged, run

COMMANDS = {
    "overview": (),
    "help": ("train", "--help"),
    "no command": ("nope",),
    "verify": ("verify",),
    "next": ("next",),
    "check": ("check", "01"),
    "check json": ("check", "--json"),
    "progress": ("progress",),
    "hint": ("hint", "dpo_loss"),
    "solution": ("solution", "dpo_loss", "--show"),
    "reset": ("reset", "preference_probability", "--yes"),
    "train": (*material.TRAIN, "--data", "pairs.jsonl"),
    "tour": ("tour", "--out", "runs"),
    "export": ("export", "model", "--pairs", "20"),
    "slides": ("slides",),
}


def _environment(**changed):
    def prepare():
        for name, value in changed.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

    return prepare


def _stream(number: int, path: str):
    def prepare():
        os.dup2(os.open(path, os.O_RDWR), number)

    return prepare


def _closed(number: int):
    return lambda: os.close(number)


def _pipe_without_reader():
    readable, writable = os.pipe()
    os.dup2(writable, 1)
    os.close(readable)


def _largest_file(size: int):
    """As on a disk with that much room: a longer write fails."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _gone():
    shutil.rmtree(Path.cwd())


SURROUNDINGS = {
    "as usual": lambda: None,
    "no HOME": _environment(HOME=None, XDG_CACHE_HOME=None),
    "HOME nowhere": _environment(HOME="/nowhere"),
    "narrow": _environment(COLUMNS="20", TERM="dumb", NO_COLOR="1"),
    "absurd width": _environment(COLUMNS="-5", LINES="abc"),
    "stdout full": _stream(1, "/dev/full"),
    "stderr full": _stream(2, "/dev/full"),
    "stdin closed": _closed(0),
    "stdout closed": _closed(1),
    "stderr closed": _closed(2),
    "pipe without a reader": _pipe_without_reader,
    "no byte left": _largest_file(0),
    "1 kB left": _largest_file(1_000),
    "10 kB left": _largest_file(10_000),
    "folder gone": _gone,
}
ENCODINGS = ("ascii", "cp1252", "latin-1", "utf-16")


def _short_tour():
    """The tour with a hundredth of its steps."""
    from dpo_edu.scaling.export import finished_run
    from dpo_edu.tour import acts, price_of_data
    from dpo_edu.training import Schedule, Settings

    def short(seed):
        sft, dpo = Schedule(20, 3e-3), Schedule(20, 1e-2)
        return Settings(sft=sft, dpo=dpo, seed=seed)

    acts.Settings = finished_run.Settings = short
    price_of_data.RUNS = ((64, 1),)


def cases(parent: Path):
    number = 0
    for title, words in COMMANDS.items():
        variants = {name: (do, "utf-8") for name, do in SURROUNDINGS.items()}
        variants |= {name: (lambda: None, name) for name in ENCODINGS}
        if title in ("tour", "export"):  # they train for seconds
            kept = ("cp1252", "stdout full", "1 kB left", "pipe without a reader")
            variants = {name: variants[name] for name in kept}
        for name, (prepare, encoding) in variants.items():
            number += 1
            place = material.new_place(parent, number)

            def ready(prepare=prepare):
                _short_tour()
                prepare()

            ending = run(words, place, ready, encoding)
            right = (0, 1, 141) if "pipe" in name else (0, 1)
            place.mkdir(exist_ok=True)
            yield f"{title}, {name}", judged(ending, place, right)
            shutil.rmtree(place)

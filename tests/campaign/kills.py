"""Runs that are killed at every one of their writes, and at random, and resumed."""

import os
import random
import signal
import time
from pathlib import Path

from dpo_edu.files import UNFINISHED

from . import material
from .trial import RIGHT, bad, judged, run

RANDOM = 12


def _dies_at(count: int):
    """Dies when it is about to flush for the ``count``-th time: half is on the disk."""

    def prepare():
        material.save_often()
        work, calls = os.fsync, []

        def flush(descriptor):
            calls.append(descriptor)
            if len(calls) == count:
                os._exit(137)
            work(descriptor)

        os.fsync = flush

    return prepare


def _killed_within(seconds: float):
    def during(process):
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)

    return during


def cases(parent: Path):
    whole = material.contents(material.with_run(material.new_place(parent)))
    words = [*material.TRAIN, "--data", "pairs.jsonl"]
    dice = random.Random(1)
    for number in range(1, 100):
        place = material.new_place(parent, number)
        ending = run(words, place, _dies_at(number))
        yield f"write {number}", _resumed(place, whole, ending)
        if ending.code == 0:
            break
    for number in range(100, 100 + RANDOM):
        place = material.new_place(parent, number)
        during = _killed_within(dice.uniform(0.05, 1.5))
        ending = run(words, place, material.save_often, during=during)
        yield f"kill {number}", _resumed(place, whole, ending)


def _resumed(place: Path, whole: dict, killed):
    folder = place / "runs" / "train-001"
    if killed.code not in (0, 137, -9):
        return bad(f"before the kill: {killed}")
    if not (folder / "settings.json").exists():  # nothing was begun
        return judged(killed._replace(code=0), place / "answers")
    if killed.code != 0:
        ending = run(["train", "--resume", str(folder)], place, material.save_often)
        verdict = judged(ending, place)
        finished = "is finished" in verdict.words
        if verdict.kind != RIGHT and not finished:
            return bad(f"not resumed: {ending}")
    if [*folder.glob(f"{UNFINISHED}*"), *folder.glob("*.checkpoint")]:
        return bad(f"left: {sorted(path.name for path in folder.iterdir())}")
    if material.contents(folder) != whole:
        return bad("another result")
    return judged(killed._replace(code=0), place / "answers")

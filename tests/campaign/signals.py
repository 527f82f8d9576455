"""Signals at random times to real processes: one line, and nothing half-written."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from dpo_edu.validation.interrupts import STOPS

from . import material
from .trial import Ending, bad, judged

COMMANDS = (
    ("verify",),
    ("check", "01"),
    (*material.TRAIN, "--data", "pairs.jsonl", "--epochs", "500"),
    ("export", "model", "--pairs", "50"),
    ("tour", "--out", "runs"),
)
TIMES = 4  # of each signal to each command


def cases(parent: Path):
    dice = random.Random(1)
    for number, (words, stop) in enumerate(
        (words, stop) for words in COMMANDS for stop in STOPS for _ in range(TIMES)
    ):
        place = material.new_place(parent, number)
        process = subprocess.Popen(
            [sys.executable, "-m", "dpo_edu", *words],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heed,
        )
        time.sleep(dice.uniform(0.3, 6))
        process.send_signal(stop)
        try:
            texts = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            yield f"{words[0]}, {stop.name}", bad("it does not stop")
            continue
        ending = Ending(process.returncode, *texts)
        # Without a word: before Python ran the command, or after. With the line: the
        # interrupt came through an exec(), after which Python ends by the signal.
        verdict = judged(ending, place, (0, 1, 130, *(-stop for stop in STOPS)))
        hint = "Go on with: dpo-edu train --resume" in ending.errors
        made = (place / "runs" / "train-001").is_dir()
        if words[0] == "train" and made and ending.errors and not hint:
            verdict = bad(f"how to go on is not said: {ending.errors}")
        yield f"{words[0]}, {stop.name}", verdict


def _heed():
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)

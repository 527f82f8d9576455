"""What every user waits for: imports, commands, checks of exercises, the tour."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .rounds import ROOT, Job, least, middle

COMMANDS = {
    "python alone": ("-c", "pass"),
    "import dpo_edu": ("-c", "import dpo_edu"),
    "import torch": ("-c", "import torch"),
    "dpo-edu --help": ("-m", "dpo_edu", "--help"),
    "dpo-edu verify": ("-m", "dpo_edu", "verify"),
    "dpo-edu verify 06": ("-m", "dpo_edu", "verify", "06"),
    "dpo-edu tour": ("-m", "dpo_edu", "tour", "--out", "runs"),
}
CHAPTERS = {
    "01": "01_bradley_terry.py",
    "06": "06_dpo_loss.py",
    "11": "11_training.py",
}


def jobs() -> list[Job]:
    """A process of its own for each command, and one around it that holds the clock."""
    commands = [
        Job(row, "commands.command", {"words": words})
        for row, words in COMMANDS.items()
    ]
    checks = [
        Job(
            f"dpo-edu check {number}, {name}",
            "commands.check",
            {"number": number, "wrong": name == "wrong"},
        )
        for number in CHAPTERS
        for name in ("right", "wrong")
    ]
    row = "dpo-edu watch 06, save to verdict"
    watched = Job(row, "commands.watch", {"number": "06"})
    return [*commands, *checks, watched]


def command(words: list[str], folder: str | None = None) -> dict:
    """Seconds of ``python WORDS``, started in an empty folder unless one is given."""
    with tempfile.TemporaryDirectory() as empty:
        before, wall = os.times(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, *words], cwd=folder or empty, env=_here(), **_silent()
        )
        after = os.times()
    work = after.children_user + after.children_system
    spent = work - before.children_user - before.children_system
    return {"cpu": spent, "wall": time.perf_counter() - wall, "code": done.returncode}


def check(number: str, wrong: bool) -> dict:
    """Seconds until a whole chapter's answers are judged."""
    with tempfile.TemporaryDirectory() as folder:
        answer(Path(folder), number, wrong)
        found = command(["-m", "dpo_edu", "check", number], folder)
    if found["code"] != wrong:
        raise SystemExit(f"check {number} ended with {found['code']}")
    return found


def answer(folder: Path, number: str, wrong: bool) -> Path:
    """Our solutions as a learner's answers; wrong: every result is 1 larger."""
    path = folder / "answers" / CHAPTERS[number]
    path.parent.mkdir(exist_ok=True)
    text = (ROOT / "solutions" / path.name).read_text("utf-8")
    path.write_text(text.replace("    return ", "    return 1 + ") if wrong else text)
    return path


def watch(number: str) -> dict:
    """Seconds from saving an answer to its verdict, once all is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        path = answer(Path(folder), number, wrong=True)
        words = [sys.executable, "-m", "dpo_edu", "watch", number]
        child = subprocess.Popen(
            words, cwd=folder, env=_here(), text=True, stdout=subprocess.PIPE
        )
        try:
            seconds = _until_verdict(child, path)
        finally:
            child.terminate()
            child.wait()
    return {"cpu": float("nan"), "wall": seconds}


def _until_verdict(child, path: Path) -> float:
    while "Ctrl-C" not in child.stdout.readline():
        pass
    start = time.perf_counter()
    shutil.copy(ROOT / "solutions" / path.name, path)
    while path.name not in child.stdout.readline():
        pass
    return time.perf_counter() - start


def _here() -> dict:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def _silent() -> dict:
    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def table(found: dict) -> str:
    """A row per command."""
    lines = ["| what | wall s | median | CPU s |", "|---|---|---|---|"]
    for row, rounds in found.items():
        wall, cpu = least(rounds, "wall"), least(rounds, "cpu")
        spent = "" if cpu != cpu else f"{cpu:.2f}"
        lines.append(f"| {row} | {wall:.2f} | {middle(rounds, 'wall'):.2f} | {spent} |")
    return "\n".join(lines)

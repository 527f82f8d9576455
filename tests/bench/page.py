"""``docs/speed.md``: what was measured, how, and where the aim was missed."""

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from dpo_edu.validation import require

from . import commands, exact, growth, pretrained, steps, train, tried
from .aims import aims_table
from .picture import draw
from .rounds import ROOT

DOCS = ROOT / "docs"


class Group(NamedTuple):
    """What belongs together on the page."""

    title: str
    jobs: Callable  # of whether TRL is there
    table: Callable[[dict], str]
    words: str = ""


def steps_tables(found: dict) -> str:
    """In float32, then each trainer's fastest."""
    return f"{steps.table(found)}\n\n{FASTER}\n\n{steps.fast_table(found)}"


FASTER = """With coarser products on both sides (`--precision bfloat16` or `medium`):"""
GROUPS = {
    "steps": Group(
        "One step of DPO",
        steps.jobs,
        steps_tables,
        "64 pairs per step, one thread, least CPU time of all rounds (ratios of the "
        "medians in brackets). The share of peak counts the products that no trainer "
        "can leave out, over what the same machine does in one large product.",
    ),
    "train": Group(
        "A whole run",
        train.jobs,
        train.table,
        "From a file of 2,000 pairs of up to 255 bytes to a folder: `dpo-edu train` "
        "beside a script for TRL. Both train a fresh model of 2 × 64 on 1,800 of the "
        "pairs, 16 per step, for one epoch and without SFT. Ours also judges the 200 "
        "other pairs and samples; the script does neither. Imports count.",
    ),
    "exact": Group(
        "Exact evaluation",
        lambda _: exact.jobs(),
        exact.table,
        "log π(y|x) of every response that there is, read off the prefix tree.",
    ),
    "real": Group(
        "A pretrained model",
        pretrained.jobs,
        pretrained.table,
        "`dpo-edu train --model` beside TRL's trainer with the reference computed "
        "once. SmolLM2 (135 million weights) learns by LoRA of rank 8 from 8 pairs of "
        "chats per step, answers of 8 to 90 words; the Llamas of random weights learn "
        "with all weights from 32 pairs of up to 255 bytes per step. One thread. The "
        "memory is the most that the whole process had, libraries included.",
    ),
    "fixed": Group(
        "What everybody waits for", lambda _: commands.jobs(), commands.table
    ),
    "growth": Group(
        "How a step grows",
        lambda _: growth.jobs(),
        growth.table,
        "16 pairs of 128 tokens, 2 × 64, 257 tokens known, but for what is doubled. An "
        "exponent of 1 means that twice as much takes twice as long.",
    ),
    "tried": Group(
        "Tried, kept and not kept",
        lambda _: tried.jobs(),
        tried.table,
        "CPU time of a step as it is over that with one thing changed, 2 × 64 and "
        "float32. Below 1 in the upper rows: taking it back costs so much. Above 1 in "
        "the lower rows: it would gain so much. What differs from 1 by less than a "
        "fifth is not resolved on a machine that others use, too.",
    ),
}


def machine() -> dict[str, str]:
    """Where and when this is, and with which versions."""
    with_them = "numpy", "torch", "trl", "transformers"
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: _version(name) for name in with_them},
        "date": time.strftime("%Y-%m-%d"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.split(":")[1].strip() for line in lines if "model name" in line)
    return next(named, platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not there"


def write(numbers: dict) -> None:
    """The page and its picture, from the numbers of all groups."""
    missing = ", ".join(GROUPS.keys() - numbers.keys())
    require(not missing, f"the page needs {missing}, too: measure them first")
    DOCS.mkdir(exist_ok=True)
    found = {name: numbers[name]["found"] for name in GROUPS}
    draw(found, DOCS / "speed.png")
    parts = [HEAD, _where(numbers["steps"]["machine"]), METHOD, PICTURE]
    parts += ["## Aims", aims_table(found)]
    for name, group in GROUPS.items():
        parts += [f"## {group.title}", group.words.strip(), group.table(found[name])]
    text = "\n\n".join(part for part in parts if part)
    (DOCS / "speed.md").write_text(text + "\n", "utf-8")


def _where(here: dict) -> str:
    names = ", ".join(f"{name} {here[name]}" for name in ("python", "numpy", "torch"))
    theirs = ", ".join(f"{name} {here[name]}" for name in ("trl", "transformers"))
    return (
        f"Measured on {here['date']} on {here['processor']} (load {here['load']} as it "
        f"began), one thread, with {names}; {theirs}."
    )


HEAD = """# How fast it is

Written by `python -m tests.bench --write` (`make bench` prints the tables alone)."""
METHOD = """Every number comes from a process of its own, and the rounds take turns, \
so that a busy minute of the machine meets every row alike. Both trainers start from \
the same weights and read the same pairs in the same order with the same AdamW, \
clipping and linear decay; the batches are made inside the clock, the reference's \
log-probabilities before it where a trainer computes them once. The first step warms \
up and does not count. CPU time counts the kernel's work, too; the least of the rounds \
is shown, because another process can only make a run slower. In the first table, in \
float32, a ratio stands only if the first losses agree to 2e-6 and later ones to 1e-5; \
else the row says "losses differ". Rows in bfloat16 and whole runs state how far their \
losses differ."""
PICTURE = """![Bars: how many times as much CPU time TRL's trainer takes per step as \
ours, for three kinds of pairs and three sizes of model.](speed.png)"""

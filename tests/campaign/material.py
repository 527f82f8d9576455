"""What the cases work on: a learner's folder, pairs, a finished and a stopped run."""

import json
import shutil
from pathlib import Path

from dpo_edu.own_data import phase
from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import folder_in, lay_down

from .trial import run

TRAIN = ("train", "--sft-epochs", "3", "--epochs", "3", "--batch-size", "4")
TRAIN += ("--context", "40", "--out", "runs")
STUB = 'raise NotImplementedError("preference_probability: P(i beats j) from two'


def save_often() -> None:
    """Checkpoints every third step."""
    phase.SAVE_EVERY = 3


def stop_at(fraction: str):
    """A stop by Ctrl-C in this phase, after something was saved."""

    def prepare():
        save_often()
        work = phase.save_checkpoint

        def save_then_stop(path, report, origin, records):
            work(path, report, origin, records)
            if origin.phase == fraction:
                raise KeyboardInterrupt

        phase.save_checkpoint = save_then_stop

    return prepare


def stop_before_training() -> None:
    """What is read and accepted ends here, with exit code 130."""

    def stop(*_):
        raise KeyboardInterrupt

    import dpo_edu.own_data.run as module

    module.train_reference = stop


def new_place(parent: Path, number: int = 0) -> Path:
    """A folder with answers, one of them wrong, and a file of pairs."""
    place = parent / f"case-{number}"
    place.mkdir()
    place.chmod(0o755)
    (path,) = lay_down(folder_in(place), chapters()[:1])
    lines = path.read_text("utf-8").split("\n")
    first = next(n for n, line in enumerate(lines) if STUB in line)
    lines[first] = "    return 0.25"
    path.write_text("\n".join(lines), "utf-8")
    write_pairs(place / "pairs.jsonl")
    return place


def write_pairs(path: Path, count: int = 12) -> None:
    """Pairs that train in a second, in letters that not every encoding has."""
    pairs = [
        {"prompt": f"{n} π ", "chosen": f"number {n}", "rejected": f"no {n}"}
        for n in range(count)
    ]
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))


def with_run(place: Path, prepare=save_often) -> Path:
    """A run of train in ``place``, finished or as ``prepare`` stops it."""
    ending = run([*TRAIN, "--data", "pairs.jsonl"], place, prepare)
    assert ending.code in (0, 130), ending
    return place / "runs" / "train-001"


def copy_of(run_folder: Path, parent: Path, number) -> Path:
    """A copy of a run for one case, in a place of its own."""
    place = parent / f"copy-{number}"
    place.mkdir()
    return Path(shutil.copytree(run_folder, place / "train-001"))


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a run but its settings, which say where the pairs are."""
    files = [path for path in folder.iterdir() if path.name != "settings.json"]
    return {path.name: path.read_bytes() for path in files}

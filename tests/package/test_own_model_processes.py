"""Two processes that torchrun starts go down the losses of one."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")
pytest.importorskip("accelerate", reason="pip install -e '.[dev]'")

from dpo_edu.__main__ import main

from .tiny_model import rows, write_model, write_rows

SECONDS = 180  # of waiting, at the most; about ten on a quiet machine


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Of a run whose last batches hold fewer pairs, one of them a single pair."""
    place = tmp_path_factory.mktemp("two")
    pairs = write_rows(place / "pairs.jsonl", rows(14))
    model = write_model(place / "model")
    return [
        *("train", str(pairs), "--model", str(model), "--learning-rate", "0.01"),
        *("--batch-size", "4", "--epochs", "2", "--at-once", "40", "--out"),
    ]


def torchrun(count: int, *words) -> str:
    """What the processes print; AssertionError with their errors if they fail."""
    launch = ["-m", "torch.distributed.run", "--standalone"]
    launch += ["--nproc-per-node", str(count), "-m", "dpo_edu"]
    done = subprocess.run(
        [sys.executable, *launch, *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def losses(run) -> list[float]:
    lines = (run / "policy.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


def test_two_processes_give_the_losses_of_one(words, tmp_path):
    said = torchrun(2, *words, str(tmp_path / "two"))
    assert said.count("2 processes, on cpu") == 1, "one of them speaks"
    assert main([*words, str(tmp_path / "one")]) == 0
    two, one = (tmp_path / name / "train-001" for name in ("two", "one"))
    assert [path.name for path in (tmp_path / "two").iterdir()] == ["train-001"]
    assert len(losses(one)) == 8
    assert losses(one)[-1] < 0.6, "it moves"
    assert losses(two) == pytest.approx(losses(one), abs=1e-6)
    found = [json.loads((run / "report.json").read_text()) for run in (one, two)]
    for name in ("loss", "margin", "logp_chosen"):
        mine, theirs = (report["learned"][name]["mean"] for report in found)
        assert mine == pytest.approx(theirs, abs=1e-4)
    assert [report["processes"] for report in found] == [1, 2]

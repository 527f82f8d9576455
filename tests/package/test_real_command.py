"""``dpo-edu real`` stopped on the way: nothing trained is lost, and everybody is told.

The model is a random Llama of four letters' width; nothing is fetched.
"""

import json
import os
import signal
from functools import partial

import pytest

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")

from dpo_edu.__main__ import main
from dpo_edu.commands.real import stopped, what_was_stopped
from dpo_edu.experiments.scaling import tiny_llama
from dpo_edu.own_data.alone import RUNNING, alone
from dpo_edu.real_model import pretrained, whole_run
from dpo_edu.real_model.sampling import Sampling
from dpo_edu.real_model.whole_run import Run


def small(name):
    """The random model, whatever it is called."""
    return pretrained.Pretrained(tiny_llama.model().float(), tiny_llama.tokenizer())


SHORT = {"sampling": Sampling(4, 6, 0.9), "most_pairs": 8, "held_out": 4}
ASKED = [
    f"{start} {middle} {end}"
    for start in ("how do I", "please", "is")
    for middle in ("open", "close", "fix")
    for end in ("the tap", "the valve", "a house", "the water")
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(pretrained, "load", small)
    monkeypatch.setattr(whole_run, "Settings", partial(whole_run.Settings, **SHORT))
    monkeypatch.setattr(whole_run, "run", partial(whole_run.run, prompts=ASKED))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "runs"


def start(out, *options):
    """By the rule on which the answers of a random model differ."""
    return main(["real", "--rule", "short_words", "--out", str(out), *options])


def stop_at(monkeypatch, step: int):
    """Ctrl-C at the given call of ``Run.write``: 0 and 1 come before the training."""
    work = Run.write

    def write(self, prompts, how, part):
        if part == step:
            raise KeyboardInterrupt
        return work(self, prompts, how, part)

    monkeypatch.setattr(Run, "write", write)


def test_a_stop_before_anything_is_trained_leaves_nothing(out, monkeypatch, capsys):
    stop_at(monkeypatch, 1)
    assert start(out) == 130
    assert "Stopped. Nothing was trained yet" in capsys.readouterr().err
    assert not [*out.iterdir()]


def test_what_somebody_has_put_there_stays(out, monkeypatch):
    def write(self, prompts, how, part):
        (out / "real-001" / "notes.txt").write_text("mine")
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "write", write)
    assert start(out) == 130
    assert [path.name for path in (out / "real-001").iterdir()] == ["notes.txt"]


def test_a_trained_adapter_stays_and_the_next_start_tells(out, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        stop_at(patched, 2)
        assert start(out, "--seed", "3") == 130
    told = capsys.readouterr().err
    first = out / "real-001"
    words = f"{first} was stopped: it holds the adapter that DPO trained, but no record"
    assert f"Stopped. {words}" in told
    assert {path.name for path in first.iterdir()} == {"adapter", "settings.json"}
    settings = json.loads((first / "settings.json").read_text("utf-8"))
    assert (settings["seed"], settings["model"]) == (3, "smollm2")
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}

    assert start(out) == 0
    assert words in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in before}
    assert (out / "real-002" / "record.json").exists()
    assert stopped(out) == [first]


def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")
def test_the_next_start_tells_of_a_killed_one(out, monkeypatch):
    monkeypatch.setattr(Run, "learn", killed)
    process = os.fork()
    if process == 0:
        os._exit(start(out))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    (folder,) = stopped(out)
    assert [*folder.glob(f"{RUNNING}*")]
    words = "it holds no record. Run dpo-edu real anew with the options in its settings"
    assert words in what_was_stopped(folder)
    (folder / "settings.json").unlink()
    assert what_was_stopped(folder).endswith("it holds no record. Delete it.")


def test_a_run_at_work_is_none_that_was_stopped(out):
    folder = out / "real-001"
    folder.mkdir(parents=True)
    with alone(folder):
        assert stopped(out) == []
    assert stopped(out) == [folder]
    assert os.listdir(folder) == []


def test_train_and_export_do_not_take_it_for_theirs(out, monkeypatch, capsys):
    stop_at(monkeypatch, 2)
    assert start(out) == 130
    capsys.readouterr()
    run = str(out / "real-001")
    assert main(["train", "--resume", run]) == 2
    assert "settings.json is not of a run of train" in capsys.readouterr().err

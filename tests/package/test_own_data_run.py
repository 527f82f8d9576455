"""A run on your own pairs: it ends, stops, goes on or is refused; nothing is silent."""

import json
import shutil
from re import search

import pytest

from dpo_edu.__main__ import main
from dpo_edu.own_data import phase, run

SMALL = ["--sft-epochs", "2", "--epochs", "2", "--batch-size", "4", "--context", "40"]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    lines = [
        {"prompt": f"{n}\x1b[2J is ", "chosen": f"number {n}", "rejected": f"no {n}"}
        for n in range(12)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def train(tmp_path, capsys):
    """``train(*words)``: exit code, output, errors; runs go to the test's folder."""

    def go(*words):
        place = [] if "--resume" in words else ["--out", str(tmp_path)]
        code = main(["train", *place, *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


@pytest.fixture
def stopped(train, pairs, tmp_path, monkeypatch):
    """A run that Ctrl-C stopped in the middle of DPO, at a step that was saved."""

    def stop(*arguments):
        work(*arguments)
        if arguments[2].phase == "policy":
            raise KeyboardInterrupt

    monkeypatch.setattr(phase, "SAVE_EVERY", 3)
    work = phase.save_checkpoint
    monkeypatch.setattr(phase, "save_checkpoint", stop)
    code, _, said = train("--data", pairs, *SMALL)
    monkeypatch.setattr(phase, "save_checkpoint", work)
    assert (code, said.count("\n")) == (130, 2)
    assert f"Go on with: dpo-edu train --resume {tmp_path}/train-001" in said
    return tmp_path / "train-001"


def contents(folder):
    """What a finished run leaves, but the settings, which say where the pairs were."""
    names = {path.name for path in folder.iterdir()} - {"settings.json"}
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture
def whole(train, pairs, tmp_path):
    """What the same run leaves if nobody stops it."""
    assert train("--data", pairs, "--out", tmp_path / "whole", *SMALL)[0] == 0
    return contents(tmp_path / "whole" / "train-001")


def test_a_stopped_run_ends_with_the_same_bytes(stopped, whole, train):
    (stopped / ".unfinished-0").write_text("what a kill has left")
    assert train("--resume", stopped)[0] == 0
    assert contents(stopped) == whole
    code, _, said = train("--resume", stopped)
    assert (code, said.count("\n")) == (2, 1)
    assert "is finished" in said


@pytest.mark.parametrize("name", ["reference.jsonl", "policy.jsonl"])
@pytest.mark.parametrize("content", [None, b"", b'{"step": 0, "loss": 0.1}\n{"st'])
def test_a_log_that_was_lost_is_written_again(name, content, stopped, whole, train):
    (stopped / name).unlink()
    if content is not None:
        (stopped / name).write_bytes(content)
    assert train("--resume", stopped)[0] == 0
    assert contents(stopped) == whole


@pytest.mark.parametrize("name", ["reference.checkpoint", "policy.checkpoint"])
def test_a_damaged_checkpoint_says_what_helps_and_that_helps(
    name, stopped, whole, train
):
    (stopped / name).write_bytes((stopped / name).read_bytes()[:-3])
    code, _, said = train("--resume", stopped)
    assert (code, said.count("\n")) == (2, 1)
    assert f"{name} is damaged: delete it and resume: the phase starts again" in said
    (stopped / name).unlink()
    assert train("--resume", stopped)[0] == 0
    assert contents(stopped) == whole


def test_pieces_of_another_phase_are_refused(stopped, train):
    shutil.copy(stopped / "reference.checkpoint", stopped / "policy.checkpoint")
    code, _, said = train("--resume", stopped)
    assert code == 2
    assert "policy.checkpoint was written with another phase" in said


def test_edited_settings_are_refused(stopped, train):
    path = stopped / "settings.json"
    path.write_text(path.read_text().replace('"beta": 0.1', '"beta": 0.2'))
    code, _, said = train("--resume", stopped)
    assert code == 2
    assert "reference.checkpoint was written with other settings" in said


def test_a_run_goes_on_in_its_own_folder_only(stopped, train, tmp_path):
    code, _, said = train("--resume", stopped, "--out", tmp_path / "new")
    assert (code, said.count("\n")) == (2, 1)
    assert "drop --out: --resume goes on in the folder of the run" in said
    assert not (tmp_path / "new").exists()


def test_pairs_and_run_may_move(stopped, whole, train, pairs, tmp_path, capsys):
    moved = pairs.rename(tmp_path / "moved.jsonl")
    elsewhere = stopped.rename(tmp_path / "elsewhere")
    assert "say with --data where it is" in train("--resume", elsewhere)[2]
    assert train("--resume", elsewhere, "--data", moved)[0] == 0
    assert contents(elsewhere) == whole
    again = moved.rename(tmp_path / "again.jsonl")
    words = ["export", str(tmp_path / "out"), "--run", str(elsewhere)]
    assert main(words) == 2
    assert "moved.jsonl is missing: say with --data" in capsys.readouterr().err
    assert main([*words, "--data", str(again)]) == 0


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["--learning-rate", "1e12"], "DPO diverged, .*--learning-rate or --beta"),
        (["--beta", "1e12", "--learning-rate", "1e9"], "DPO diverged"),
        (["--sft-learning-rate", "1e12"], "SFT diverged, .*--sft-learning-rate"),
    ],
)
def test_training_stops_where_the_numbers_end(words, advice, train, pairs, tmp_path):
    code, _, said = train("--data", pairs, *SMALL, *words)
    assert (code, said.count("\n")) == (2, 1)
    assert search(advice, said)
    assert search(r"step \d+", said)
    code, _, again = train("--resume", tmp_path / "train-001")
    assert (code, again) == (2, said)


def interrupt(*_):
    raise KeyboardInterrupt


def test_a_run_that_was_stopped_before_it_began_leaves_nothing(
    train, pairs, tmp_path, monkeypatch
):
    monkeypatch.setattr(run, "write_json", interrupt)
    assert train("--data", pairs, *SMALL)[::2] == (130, "\nStopped.\n")
    assert not (tmp_path / "train-001").exists()


def test_a_run_that_was_stopped_as_it_began_goes_on(
    train, pairs, tmp_path, monkeypatch
):
    monkeypatch.setattr(run, "train_reference", interrupt)
    code, _, said = train("--data", pairs, *SMALL)
    assert code == 130
    assert f"Go on with: dpo-edu train --resume {tmp_path}/train-001" in said


def test_a_finished_run_does_not_say_how_to_go_on(train, pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "show", interrupt)
    assert train("--data", pairs, *SMALL)[::2] == (130, "\nStopped.\n")
    assert (tmp_path / "train-001" / "report.json").exists()


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_too_little_memory_is_one_line(error, train, pairs, monkeypatch):
    def full(*_):
        raise error

    monkeypatch.setattr(run, "train_policy", full)
    code, _, said = train("--data", pairs, *SMALL)
    assert (code, said.count("\n")) == (2, 1)
    assert "too little memory: lower --batch-size" in said


def test_another_runtime_error_is_not_hidden(train, pairs, monkeypatch):
    def fault(*_):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(run, "train_policy", fault)
    with pytest.raises(RuntimeError, match="shapes differ"):
        train("--data", pairs, *SMALL)


def test_what_cannot_be_printed_costs_no_result(train, pairs, tmp_path, monkeypatch):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr(run, "show", closed)
    assert train("--data", pairs, *SMALL)[0] == 141
    left = sorted(path.name for path in (tmp_path / "train-001").iterdir())
    assert "report.json" in left
    assert not [name for name in left if name.endswith("checkpoint")]


def test_a_prompt_cannot_act_on_the_terminal(train, pairs):
    _, shown, _ = train("--data", pairs, *SMALL)
    assert r"\x1b[2J is" in shown
    assert "\x1b" not in shown


def test_sizes_that_no_machine_has_are_refused_before_a_folder_is_made(
    train, pairs, tmp_path
):
    for words in (
        ["--context", str(10**9)],
        ["--context", str(2**70)],
        ["--seed", str(2**64)],
        ["--batch-size", str(10**30)],
        ["--epochs", "1" * 400],
    ):
        code, _, said = train("--data", pairs, *words)
        assert (code, said.count("\n")) == (2, 1)
        assert f"{words[0]} must be" in said
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.jsonl"]

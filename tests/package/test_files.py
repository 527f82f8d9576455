"""What a run writes: whole or not at all, never over old work, and equal when read."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dpo_edu.files import (
    new_folder,
    save_weights,
    write_atomically,
    write_json,
    write_json_lines,
)
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.validation import InputError


def model(seed=0):
    torch.manual_seed(seed)
    return TinyTransformer(ModelConfig(vocabulary=5, context=4, width=4))


def refused(words, call, *arguments):
    with pytest.raises(InputError, match=words) as refusal:
        call(*arguments)
    assert "\n" not in str(refusal.value)


# Folders


def test_folders_are_numbered_and_never_used_twice(tmp_path):
    runs = tmp_path / "not" / "yet"
    assert [new_folder(runs, "tour").name for _ in range(3)] == [
        *("tour-001", "tour-002", "tour-003")
    ]
    assert new_folder(runs, "train").name == "train-001"
    (runs / "tour-004").write_text("a file is taken too")
    assert new_folder(runs, "tour") == runs / "tour-005"


def test_a_parent_that_cannot_hold_folders_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    refused("cannot create a folder in .*--out", new_folder, tmp_path / "file", "tour")


# Files


def test_content_arrives_and_nothing_else_stays(tmp_path):
    for content, wanted in ((b"\x00\xff", b"\x00\xff"), ("ä\n", "ä\n".encode())):
        write_atomically(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_debris(
    step, tmp_path, monkeypatch
):
    path = tmp_path / "file"
    path.write_text("old")
    work = Path.write_bytes

    def full(self, *arguments):
        if step == "write_bytes":
            work(self, b"ne")  # half of it
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    refused(r"cannot write .*file \(No space left", write_atomically, path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    refused("cannot write", write_atomically, tmp_path / "nowhere" / "file", "new")


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path, monkeypatch):
    path, seen = tmp_path / "file", []
    path.write_text("old")
    work = Path.replace

    def look(self, target):
        seen.append((path.read_text(), self.read_text()))
        return work(self, target)

    monkeypatch.setattr(Path, "replace", look)
    write_atomically(path, "new")
    assert seen == [("old", "new")]


def test_json_reads_back(tmp_path):
    record = {"beta": 0.1, "device": "cpu", "losses": [0.6931471805599453]}
    write_json(tmp_path / "settings.json", record)
    assert json.loads((tmp_path / "settings.json").read_text()) == record
    write_json_lines(tmp_path / "log.jsonl", [record, {"line": "one\ntwo"}])
    lines = (tmp_path / "log.jsonl").read_text().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [record, {"line": "one\ntwo"}]
    assert lines[-1] == ""


# Weights


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weights_read_back_bit_for_bit(dtype, tmp_path):
    saved = model().to(dtype)
    save_weights(tmp_path / "model.safetensors", saved)
    loaded = load_file(tmp_path / "model.safetensors")
    assert loaded.keys() == saved.state_dict().keys()
    assert all(torch.equal(loaded[k], v) for k, v in saved.state_dict().items())

"""What a run writes: whole or not at all, never over old work, and equal when read."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dpo_edu.files import (
    UNFINISHED,
    json_lines,
    load_weights,
    new_folder,
    read_json,
    read_tensors,
    remove_all,
    require_writable,
    save_weights,
    write_atomically,
    write_json,
    write_json_lines,
    write_new,
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


def test_a_closed_folder_is_named_before_the_work(tmp_path, monkeypatch):
    place = tmp_path / "not" / "yet" / "page.html"
    require_writable(place)
    assert not (tmp_path / "not").exists()
    asked = []
    monkeypatch.setattr(os, "access", lambda *what: asked.append(what))
    refused(f"cannot write {place}: {tmp_path} may not", require_writable, place)
    assert asked == [(tmp_path, os.W_OK)]


def test_a_file_in_a_folders_place_is_named_before_the_work(tmp_path):
    (tmp_path / "build").touch()
    place = tmp_path / "build" / "slides" / "page.html"
    refused("build is no folder", require_writable, place)


def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, Path(os.devnull)):
        refused("it is no file", write_atomically, place, "text")
    assert pipe.is_fifo()


def test_many_that_start_at_once_get_a_folder_each(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = [*pool.map(lambda _: new_folder(tmp_path / "runs", "x"), range(200))]
    assert len({*folders}) == 200


def test_a_parent_that_cannot_hold_folders_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    words = "cannot create a folder in .*: choose another folder"
    refused(words, new_folder, tmp_path / "file", "tour")


# Files


def test_content_arrives_and_nothing_else_stays(tmp_path):
    for content, wanted in ((b"\x00\xff", b"\x00\xff"), ("ä\n", "ä\n".encode())):
        write_atomically(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_debris(
    step, tmp_path, monkeypatch
):
    path = tmp_path / "file"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    refused(r"cannot write .*file \(No space left", write_atomically, path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_whatever_stops_a_write_leaves_no_debris(stop, tmp_path, monkeypatch):
    def stopped(*_):
        raise stop

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(stop):
        write_atomically(tmp_path / "file", "new")
    with pytest.raises(stop):
        write_new(tmp_path / "other", "new")
    assert not [*tmp_path.iterdir()]


def test_what_is_written_has_reached_the_disk_before_it_gets_its_name(
    tmp_path, monkeypatch
):
    done = []
    work = Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append("flush"))
    monkeypatch.setattr(
        Path, "replace", lambda *names: done.append("name") or work(*names)
    )
    write_atomically(tmp_path / "file", "new")
    assert done[:2] == ["flush", "name"]


def test_names_of_unfinished_files_cannot_be_foreseen(tmp_path, monkeypatch):
    seen = set()
    work = Path.replace

    def look(self, target):
        seen.add(self.name)
        return work(self, target)

    monkeypatch.setattr(Path, "replace", look)
    for _ in range(3):
        write_atomically(tmp_path / "file", "new")
    assert len(seen) == 3
    assert all(name.startswith(UNFINISHED) for name in seen)


def test_a_new_file_takes_no_place_that_is_taken(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="other permissions, and links need rights")
def test_a_replaced_file_keeps_its_permissions_and_a_link_its_target(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "file").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert (tmp_path / "link").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="another limit")
def test_a_name_of_full_length_can_be_written(tmp_path):
    write_atomically(tmp_path / ("n" * 255), "new")
    with pytest.raises(InputError, match="cannot write"):
        write_atomically(tmp_path / ("n" * 256), "new")
    assert len([*tmp_path.iterdir()]) == 1


def test_only_files_of_these_patterns_are_removed(tmp_path):
    for name in ("a.checkpoint", f"{UNFINISHED}1", "report.json"):
        (tmp_path / name).write_text("")
    remove_all(tmp_path, "*.checkpoint", f"{UNFINISHED}*")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5_000, '{"a": }', "", "\ud800"])
def test_json_that_is_none_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011
        read_json(text)


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
    assert json_lines([{"text": "é\u2028"}]) == '{"text": "\\u00e9\\u2028"}\n'
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


@pytest.mark.parametrize(
    "content", [b"", b"no weights", b"\xff" * 100, b"\x80\x02}q\x00.", None]
)
def test_what_is_no_safetensors_is_one_line(content, tmp_path):
    path = tmp_path / "model.safetensors"
    if content is not None:
        path.write_bytes(content)
    refused("holds no weights", read_tensors, path)


@pytest.mark.parametrize("size", [7, 200, 900])
def test_weights_that_were_cut_off_are_one_line(size, tmp_path):
    path = tmp_path / "model.safetensors"
    save_weights(path, model())
    path.write_bytes(path.read_bytes()[:size])
    refused("holds no weights", load_weights, path, model())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(bad, tmp_path):
    diverged = model()
    diverged.head.weight.data[0, 0] = bad
    save_weights(tmp_path / "w", diverged)
    refused("head.weight is not finite", load_weights, tmp_path / "w", model())


def test_weights_of_another_precision_are_refused(tmp_path):
    save_weights(tmp_path / "w", model().half())
    refused("float16 there", load_weights, tmp_path / "w", model())

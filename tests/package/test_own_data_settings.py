"""Settings of a run: new and resumed ones pass the same ranges; the pairs may move."""

import json
import os
from dataclasses import asdict

import pytest

from dpo_edu.own_data.settings import (
    MOST,
    POSITIVE,
    OwnSettings,
    at_place,
    data_file,
    new_settings,
    option,
    settings_hash,
    stopped_settings,
)
from dpo_edu.validation import InputError

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such file")


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"prompt": "x", "chosen": "a", "rejected": "b"}\n')
    return path


@pytest.fixture
def stopped(tmp_path, pairs):
    """``stopped(**changed)``: a folder such as a stopped run leaves."""

    def make(**changed):
        run = tmp_path / "train-001"
        run.mkdir()
        settings = asdict(new_settings({"data": str(pairs)})) | changed
        (run / "settings.json").write_text(json.dumps(settings))
        return run

    return make


def refusal(call, *arguments):
    with pytest.raises(InputError) as refused:
        call(*arguments)
    assert "\n" not in str(refused.value)
    return str(refused.value)


OUT_OF_RANGE = [
    *((name, 0) for name in POSITIVE),
    *((name, most * 2) for name, most in MOST.items()),
    *((name, 10**400) for name in MOST),
    *((name, -1) for name in ("sft_epochs", "seed")),
    *((name, float("nan")) for name in ("beta", "learning_rate", "held_out")),
    *((name, float("inf")) for name in ("beta", "sft_learning_rate")),
    *(("held_out", share) for share in (0.0, 1.0, -1.0)),
    ("heads", 3),  # which does not divide the width
]


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_new_and_resumed_runs_have_the_same_ranges(name, value, pairs, stopped):
    asked = {"data": str(pairs), name: value}
    assert f"{option(name)} " in refusal(new_settings, asked)
    run = stopped(**{name: value})
    assert f"settings.json: {name} " in refusal(stopped_settings, run, {})


def test_the_place_of_the_pairs_is_kept_whole(pairs, monkeypatch):
    monkeypatch.chdir(pairs.parent)
    assert new_settings({"data": "pairs.jsonl"}).data == str(pairs.resolve())


def test_pairs_that_moved_are_found_by_their_bytes(pairs, stopped, tmp_path):
    run = stopped()
    moved = pairs.rename(tmp_path / "moved.jsonl")
    message = refusal(stopped_settings, run, {})
    assert f"{pairs} is missing: say with --data where it is" in message
    settings = stopped_settings(run, {"data": str(moved)})
    assert settings.data == str(moved.resolve())
    moved.write_text("other pairs")
    message = refusal(stopped_settings, run, {"data": str(moved)})
    assert "moved.jsonl has changed since the run in" in message
    assert "no such file" in refusal(at_place, settings, run, str(pairs))


def test_options_that_cannot_change_are_named_as_they_are_typed(stopped):
    asked = {"batch_size": 5, "beta": 0.1, "seed": 1}  # beta is what it was
    message = refusal(stopped_settings, stopped(), asked)
    assert message.endswith("keeps the run's settings: drop --batch-size, --seed")


def test_where_the_pairs_are_does_not_decide_the_run():
    one, other = OwnSettings("a", "same"), OwnSettings("b", "same")
    assert settings_hash(one) == settings_hash(other)
    for changed in ({"fingerprint": "x"}, {"beta": 0.2}, {"seed": 1}):
        assert settings_hash(OwnSettings(**asdict(one) | changed)) != settings_hash(one)


@posix
def test_what_no_run_could_return_to_is_refused_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in (str(tmp_path / "pipe"), "/dev/null", "/dev/zero"):
        assert f"{name} is no file on the disk" in refusal(data_file, name)
    assert "is a folder" in refusal(data_file, str(tmp_path))
    assert "no such file" in refusal(data_file, str(tmp_path / "nowhere"))


def test_a_folder_is_a_file_where_datasets_saved_rows_in_it(pairs, tmp_path):
    saved = tmp_path / "saved" / "train"
    saved.mkdir(parents=True)
    (saved / "state.json").write_text("{}")
    settings = new_settings({"data": str(saved)})
    assert settings.data == str(saved.resolve())
    assert settings == at_place(settings, tmp_path, None)
    (saved / "more.arrow").write_text("")
    assert "has changed since the run" in refusal(at_place, settings, tmp_path, None)
    (saved.parent / "dataset_dict.json").write_text("{}")
    message = refusal(data_file, str(saved.parent))
    assert message.endswith("saved holds the splits train: name the folder of one")


@posix
def test_a_link_is_followed_to_the_file(pairs, tmp_path):
    (tmp_path / "link").symlink_to(pairs)
    assert data_file(str(tmp_path / "link")) == pairs.resolve()


def test_settings_of_an_older_version_say_what_to_do(stopped):
    run = stopped()
    record = json.loads((run / "settings.json").read_text())
    del record["max_length"], record["too_long"], record["fields"], record["skip_bad"]
    (run / "settings.json").write_text(json.dumps(record))
    message = refusal(stopped_settings, run, {})
    assert 'lacks "fields", "max_length", "skip_bad", "too_long"' in message
    assert message.endswith("as those of an older version do: start the run again")


def test_a_finished_run_loses_what_a_kill_has_left(stopped):
    run = stopped()
    for name in ("report.json", "policy.checkpoint", ".unfinished-1"):
        (run / name).write_text("")
    assert "is finished" in refusal(stopped_settings, run, {})
    left = sorted(path.name for path in run.iterdir())
    assert left == ["report.json", "settings.json"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "is not JSON: nested too deep"),
        (b'{"seed": ' + b"1" * 5_000 + b"}", "is not JSON: Exceeds the limit"),
        (b"\xff", "is not JSON"),
        (b"", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (None, "is no run: it has no settings.json"),
    ],
)
def test_settings_that_cannot_be_read_say_why(content, words, tmp_path):
    if content is not None:
        (tmp_path / "settings.json").write_bytes(content)
    assert words in refusal(stopped_settings, tmp_path, {})


@pytest.mark.parametrize("data", ["", "a\0b", "\ud800", "x" * 300, "/"])
def test_an_edited_place_of_the_pairs_is_refused(data, stopped):
    run = stopped(data=data)
    with pytest.raises((InputError, OSError)):
        stopped_settings(run, {})

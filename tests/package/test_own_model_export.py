"""A run on a pretrained model as a folder: what it holds, and that others load it."""

import json

import pytest
import torch

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")
pytest.importorskip("accelerate", reason="pip install -e '.[dev]'")

from dpo_edu.__main__ import main
from dpo_edu.files import read_json, read_tensors
from dpo_edu.own_data.pairs import read_file
from dpo_edu.own_model import export, intake
from dpo_edu.real_model.learning import as_groups
from dpo_edu.real_model.scoring import logp_of_all, scorer_for

from .tiny_model import rows, write_model, write_rows

WORDS = ["--epochs", "2", "--learning-rate", "0.01"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    made = write_model(tmp_path_factory.mktemp("model"))
    (made / "LICENSE").write_text("do as you like")
    return made


@pytest.fixture(scope="module")
def runs(model, tmp_path_factory):
    """Two finished runs: of an adapter, and of all weights."""
    place = tmp_path_factory.mktemp("runs")
    pairs = write_rows(place / "pairs.jsonl", rows(12))
    for name, kind in {"lora": ["--lora", "4"], "full": ["--full"]}.items():
        out = ["--out", str(place / name), "--model", str(model)]
        assert main(["train", str(pairs), *WORDS, *out, *kind]) == 0
    return {name: place / name / "train-001" for name in ("lora", "full")}


def log_probabilities(model, groups):
    return torch.cat(logp_of_all(scorer_for(model), groups))


def of_run(run):
    """What the run itself says of its pairs: the truth here."""
    made = export.finished(run, read_json((run / "settings.json").read_text()))
    taken = intake.take(made.settings, made.base)
    groups = as_groups([row.tokens for row in taken.rows])
    return groups, log_probabilities(export.learned(made), groups)


@pytest.mark.parametrize(
    ("name", "words"), [("lora", []), ("lora", ["--merged"]), ("full", [])]
)
def test_what_is_written_is_loaded_and_says_the_same(
    name, words, runs, model, tmp_path
):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    out = tmp_path / "out"
    assert main(["export", str(out), "--run", str(runs[name]), *words]) == 0
    adapter = name == "lora" and not words
    loaded = AutoModelForCausalLM.from_pretrained(model if adapter else out)
    if adapter:
        loaded = PeftModel.from_pretrained(loaded, out)
    groups, expected = of_run(runs[name])
    found = log_probabilities(loaded.eval(), groups)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    plain = AutoModelForCausalLM.from_pretrained(model).eval()
    assert (log_probabilities(plain, groups) - expected).abs().max() > 0.1
    tokenizer = AutoTokenizer.from_pretrained(out)
    chat = [{"role": "user", "content": "is the water on"}]
    assert tokenizer.apply_chat_template(chat, tokenize=False) == (
        "<bos><user> is the water on <eos> "
    )
    assert (out / "LICENSE").exists() is not adapter


def test_its_pairs_are_trained_on_again_with_the_same_tokens(runs, tmp_path):
    out = tmp_path / "out"
    assert main(["export", str(out), "--run", str(runs["lora"])]) == 0
    file = read_file(out / "pairs.jsonl")
    assert (file.rows, file.faults, len(file.pairs)) == (12, {}, 12)
    made = export.finished(
        runs["lora"], read_json((runs["lora"] / "settings.json").read_text())
    )
    before = intake.take(made.settings, made.base).rows
    for row, pair in zip(before, file.pairs, strict=True):
        again = intake.encoded(made.base.tokenizer, pair, "chat")
        assert again == row.tokens


def test_the_card_says_how_to_load_it_and_what_was_measured(runs, tmp_path):
    out = tmp_path / "out"
    assert main(["export", str(out), "--run", str(runs["lora"])]) == 0
    text = (out / "README.md").read_text("utf-8")
    report = json.loads((runs["lora"] / "report.json").read_text())
    for words in (
        "PeftModel.from_pretrained(base, FOLDER)",
        "what learned: LoRA of rank 4",
        "12 rows of JSON Lines: 12 pairs on 12 prompts",
        "11 pairs to train on, 1 held out, on 1 prompt that did not stand in training.",
        f"{report['learned']['margin']['mean']:.3f}",
    ):
        assert words in text, words
    head = text.split("---")[1]
    assert "library_name: peft" in head
    assert "base_model" not in head, "a folder of this machine has no name on a hub"
    assert len({path.stat().st_mode for path in out.iterdir()}) == 1


def refused(capsys, *words) -> str:
    capsys.readouterr()
    assert main([*map(str, words)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_what_cannot_be_exported_is_one_line(runs, tmp_path, capsys):
    words = ["export", tmp_path / "out", "--run"]
    said = refused(capsys, *words, runs["full"], "--merged")
    assert "--merged goes with an adapter: this run has none" in said
    said = refused(capsys, *words, runs["lora"], "--model", "reference")
    assert "the model that it began with" in said
    assert "drop --pairs" in refused(capsys, *words, runs["lora"], "--pairs", "3")
    assert "--merged goes with the --run" in refused(capsys, *words[:2], "--merged")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    assert "is not empty" in refused(capsys, *words, runs["lora"])


def test_weights_of_another_run_are_refused(runs, tmp_path, capsys):
    import shutil

    run = tmp_path / "mixed"
    shutil.copytree(runs["lora"], run)
    shutil.copy(runs["full"] / "policy.safetensors", run)
    said = refused(capsys, "export", tmp_path / "out", "--run", run)
    assert "holds the weights of another model" in said
    assert not (tmp_path / "out").exists()
    assert read_tensors(run / "policy.safetensors")
    (run / "report.json").unlink()
    said = refused(capsys, "export", tmp_path / "out", "--run", run)
    assert "is not finished: it has no report.json" in said

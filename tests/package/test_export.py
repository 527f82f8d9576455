"""What ``dpo-edu export`` writes, read by the library it is written for."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from dpo_edu.__main__ import main
from dpo_edu.files import load_weights, save_weights
from dpo_edu.own_data.batches import decode, encode, pair_data
from dpo_edu.own_data.comparison import TextPair
from dpo_edu.own_data.settings import OwnSettings
from dpo_edu.preference_world import EOS, PROMPTS, WORDS, Pairs, build_world
from dpo_edu.scaling.export.folder import write_folder
from dpo_edu.scaling.export.transformers_files import (
    byte_tokenizer,
    checkpoint,
    own_text,
    word_tokenizer,
    world_text,
)
from dpo_edu.scaling.transformers_policy import TransformersPolicy, pad_left
from dpo_edu.sequence_logprob import pad_sequences
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import model_logp
from dpo_edu.training.world_batches import world_data
from dpo_edu.training.world_run import new_model
from dpo_edu.validation import InputError

NAMES = {
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "pairs.jsonl",
    "README.md",
}
MISSING = "transformers is missing: pip install -e '.[dev]'"
SIZES = (ModelConfig(16, 5, heads=4), ModelConfig(257, 40, width=24, layers=3, heads=2))


def as_written(path):
    """The pairs of a file as they stand there, with their ends."""
    return [TextPair(**json.loads(line)) for line in path.read_text().splitlines()]


def random_model(config):
    """Weights and biases far from zero, so that a forgotten one shows."""
    torch.manual_seed(0)
    model = TinyTransformer(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model


def some_pairs():
    return [TextPair("good", " great<eos>", " soup and tea")]


def exported(folder, model, tokenizer):
    write_folder(folder, checkpoint(model, tokenizer, some_pairs()))
    transformers = pytest.importorskip("transformers", reason=MISSING)
    loaded = transformers.AutoModelForCausalLM.from_pretrained(folder)
    return loaded.eval(), transformers.AutoTokenizer.from_pretrained(folder)


# The model


@pytest.mark.parametrize("config", SIZES)
def test_transformers_computes_the_same_logits(config, tmp_path):
    model = random_model(config)
    theirs, _ = exported(tmp_path / "out", model, word_tokenizer())
    tokens = torch.randint(config.vocabulary, (6, config.context))
    with torch.no_grad():
        ours, other = model(tokens), theirs(input_ids=tokens).logits
    assert type(theirs).__name__ == "GPT2LMHeadModel"
    assert ours.std() > 1
    torch.testing.assert_close(other, ours, atol=1e-5, rtol=1e-5)


def test_one_position_more_changes_nothing_before_it(tmp_path):
    model = random_model(SIZES[0])
    theirs, _ = exported(tmp_path / "out", model, word_tokenizer())
    tokens = torch.randint(16, (3, 6))
    with torch.no_grad():
        longer = theirs(input_ids=tokens).logits[:, :5]
        torch.testing.assert_close(longer, model(tokens[:, :5]), atol=1e-5, rtol=1e-5)


# The text


def test_words_become_the_world_s_own_tokens(tmp_path):
    _, tokenizer = exported(tmp_path / "out", random_model(SIZES[0]), word_tokenizer())
    for number, word in enumerate(WORDS):
        assert tokenizer(word)["input_ids"] == [number]
    assert tokenizer("very good great<eos>")["input_ids"] == [
        *(WORDS.index(word) for word in ("very", "good", "great")),
        EOS,
    ]
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == EOS
    with pytest.raises(Exception, match=r"UNK|unk"):  # no guess at another word
        tokenizer("excellent")


@pytest.mark.parametrize(
    "text", ["plain", "two\nlines\t", "naïve café ☕", "\x00\x7f", ""]
)
def test_bytes_become_the_tokens_of_your_own_runs(text, tmp_path):
    _, tokenizer = exported(tmp_path / "out", random_model(SIZES[1]), byte_tokenizer())
    assert tokenizer(text)["input_ids"] == encode(text)
    assert tokenizer.decode(encode(text)) == decode(encode(text)) == text
    assert tokenizer(text + "<eos>")["input_ids"] == [*encode(text), 256]


def test_eos_is_written_exactly_where_the_world_scores_it(tmp_path):
    """Tokens of prompt and response, from text, are the world's rows with its mask."""
    _, tokenizer = exported(tmp_path / "out", random_model(SIZES[0]), word_tokenizer())
    world = build_world(3)
    data = world_data(world)
    generator = np.random.default_rng(0)
    prompt = generator.integers(len(PROMPTS), size=60)
    chosen = np.r_[0, 1, generator.integers(len(world.responses), size=58)]
    rows = Pairs(prompt, chosen, chosen[::-1].copy(), np.ones(60))
    for pair, x, y in zip(world_text(world, rows), prompt, chosen, strict=True):
        tokens = tokenizer(pair.prompt)["input_ids"]
        assert tokens == list(world.prompts[x])
        row = data.rows(x, y).item()
        scored = data.tokens[row][data.mask[row]].tolist()
        assert tokenizer(pair.prompt + pair.chosen)["input_ids"] == [*tokens, *scored]


# The command


def test_a_policy_is_trained_and_written_with_readable_pairs(tmp_path, capsys):
    run = tour(tmp_path)
    words = ["export", str(tmp_path / "out"), "--run", str(run), "--pairs", "300"]
    assert main(words) == 0
    assert "pairs" in capsys.readouterr().out
    assert {p.name for p in (tmp_path / "out").iterdir()} == NAMES
    pairs = as_written(tmp_path / "out" / "pairs.jsonl")
    assert 280 <= len(pairs) <= 300
    assert {pair.prompt for pair in pairs} == set(PROMPTS)
    assert "<eos>" in (tmp_path / "out" / "README.md").read_text()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def tour(place):
    """A folder such as the tour leaves, with models that were never trained."""
    run = place / "tour-001"
    run.mkdir()
    (run / "settings.json").write_text(json.dumps({"beta": 1.0, "seed": 0}))
    data = world_data(build_world(), dtype=torch.float32)
    for seed, name in enumerate(("policy", "reference")):
        save_weights(run / f"{name}.safetensors", new_model(data, seed))
    return run


@pytest.mark.parametrize("name", ["policy", "reference"])
def test_the_asked_for_model_is_the_one_that_is_written(name, tmp_path):
    run = tour(tmp_path)
    assert (
        main(["export", str(tmp_path / "out"), "--run", str(run), "--model", name]) == 0
    )
    transformers = pytest.importorskip("transformers", reason=MISSING)
    loaded = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    data = world_data(build_world(), dtype=torch.float32)
    seed = ("policy", "reference").index(name)
    expected = new_model(data, seed).token.weight
    torch.testing.assert_close(loaded.transformer.wte.weight, expected)


def own_run(place, **changed):
    """A folder such as train leaves, of a model that was never trained, and its pairs.

    changed: settings that are other than they should be; None takes one away.
    """
    data, run = place / "mine.jsonl", place / "train-001"
    lines = [{"prompt": "hé ", "chosen": f"n{n}", "rejected": "no"} for n in range(12)]
    data.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    run.mkdir()
    fingerprint = hashlib.sha256(data.read_bytes()).hexdigest()
    settings = asdict(OwnSettings(str(data), fingerprint, context=32)) | changed
    kept = {name: value for name, value in settings.items() if value is not None}
    (run / "settings.json").write_text(json.dumps(kept), "utf-8")
    for name in ("policy", "reference"):
        config = ModelConfig(257, 32, width=64, layers=2, heads=4)
        save_weights(run / f"{name}.safetensors", random_model(config))
    return run, lines


def test_a_real_run_of_train_is_exported(tmp_path):
    _, lines = own_run(tmp_path)
    quick = ["--sft-epochs", "1", "--epochs", "1", "--context", "32"]
    data, runs = str(tmp_path / "mine.jsonl"), str(tmp_path / "runs")
    assert main(["train", "--data", data, *quick, "--out", runs]) == 0
    out = tmp_path / "out"
    assert main(["export", str(out), "--run", f"{runs}/train-001"]) == 0
    assert len(as_written(out / "pairs.jsonl")) == len(lines)
    assert json.loads((out / "config.json").read_text())["vocab_size"] == 257


def test_the_pairs_of_a_run_are_written_as_they_were_scored(tmp_path):
    """Through their tokenizer, the text is the run's own rows with its mask."""
    run, lines = own_run(tmp_path)
    out = tmp_path / "out"
    assert main(["export", str(out), "--run", str(run)]) == 0
    transformers = pytest.importorskip("transformers", reason=MISSING)
    tokenizer = transformers.AutoTokenizer.from_pretrained(out)
    pairs = [TextPair(**line) for line in lines]
    data = pair_data(pairs, 32, "here")
    for number, pair in enumerate(as_written(out / "pairs.jsonl")):
        for row, text in ((number, pair.chosen), (number + 12, pair.rejected)):
            prompt = tokenizer(pair.prompt)["input_ids"]
            scored = data.tokens[row][data.mask[row]].tolist()
            assert scored[-1] == 256
            assert tokenizer(pair.prompt + text)["input_ids"] == [*prompt, *scored]


def test_the_letters_of_eos_in_your_own_text_are_refused():
    with pytest.raises(InputError, match="pair 2 holds the letters <eos>"):
        own_text([TextPair("a", "b", "c"), TextPair("a", "b<eos>c", "d")])


def test_our_own_loop_takes_the_export(tmp_path):
    """One token is <bos>, <eos> and padding there; no row begins with it."""
    model = random_model(SIZES[0])
    theirs, tokenizer = exported(tmp_path / "out", model, word_tokenizer())
    policy = TransformersPolicy(theirs, tokenizer.pad_token_id)
    tokens, mask = pad_left([[1, 2], [3]], [[4, 5, EOS], [6]], EOS)
    with torch.no_grad():
        batched = model_logp(policy, tokens, mask)
        alone = [
            model_logp(model, *pad_sequences([x], [y], EOS)).item()
            for x, y in (([1, 2], [4, 5, EOS]), ([3], [6]))
        ]
    assert batched.tolist() == pytest.approx(alone, abs=1e-4)


# What is refused, and what is left alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "best"], "--model is policy or reference"),
        (["--pairs", "0"], "--pairs must be 1 or more"),
        (["--seed", "-1"], "--seed must be 0 or more"),
        (["--run", "nowhere"], "is no run: it has no settings.json"),
    ],
)
def test_what_cannot_be_is_one_line_and_code_two(words, message, tmp_path, capsys):
    assert main(["export", str(tmp_path / "out"), *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def refusal(run, place, capsys, *more):
    """What is said, as one line with code 2 and nothing written."""
    assert main(["export", str(place / "out"), "--run", str(run), *more]) == 2
    assert not (place / "out").exists()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_an_unfinished_run_is_refused(tmp_path, capsys):
    run = tour(tmp_path)
    (run / "policy.safetensors").unlink()
    said = refusal(run, tmp_path, capsys)
    assert "is not finished: it has no policy.safetensors\n" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "settings.json is not JSON: Expecting"),
        (b'{"data": "\xff"}', "settings.json is not JSON: 'utf-8' codec"),
        (b"[1]", "settings.json is not a JSON object"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(content, message, tmp_path, capsys):
    run = tour(tmp_path)
    (run / "settings.json").write_bytes(content)
    assert message in refusal(run, tmp_path, capsys)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"width": None}, 'settings.json is not of a run of train: it lacks "width"'),
        ({"layers": "2"}, "settings.json: layers cannot be '2'"),
        ({"context": 0}, "settings.json: context must be a finite number above 0"),
        ({"beta": True}, "settings.json: beta cannot be True"),
        ({"fingerprint": None}, 'it lacks "fingerprint"'),
        ({"dropout": 0.1}, 'settings.json is not of this version: it has "dropout"'),
        ({"data": 5}, "settings.json: data cannot be 5"),
        ({"data": "gone.jsonl"}, "/gone.jsonl is missing: say with --data"),
        ({"fingerprint": "another"}, "mine.jsonl has changed since the run in"),
        ({"width": 32}, "blocks.0.down.bias is (64,) there, (32,) in the model"),
        ({"layers": 3}, "blocks.2.down.bias is missing there, (64,) in the model"),
        ({"layers": 1}, "blocks.1.down.bias is (64,) there, missing in the model"),
        ({"context": 31}, "position.weight is (32, 64) there, (31, 64) in the model"),
    ],
)
def test_a_run_that_does_not_fit_is_refused(changed, message, tmp_path, capsys):
    run, _ = own_run(tmp_path, **changed)
    assert message in refusal(run, tmp_path, capsys)


def test_weights_that_are_none_are_refused(tmp_path, capsys):
    run = tour(tmp_path)
    (run / "policy.safetensors").write_bytes(b"no weights")
    assert "policy.safetensors holds no weights: " in refusal(run, tmp_path, capsys)


def test_weights_that_fit_are_loaded(tmp_path):
    model, other = random_model(SIZES[0]), TinyTransformer(SIZES[0])
    save_weights(tmp_path / "policy.safetensors", model)
    load_weights(tmp_path / "policy.safetensors", other)
    torch.testing.assert_close(other.state_dict(), model.state_dict())


@pytest.mark.parametrize("option", ["--pairs", "--seed"])
def test_options_for_the_world_are_refused_for_your_own_run(option, tmp_path, capsys):
    run, _ = own_run(tmp_path)
    said = refusal(run, tmp_path, capsys, option, "7")
    assert "drop --pairs and --seed" in said
    assert "has pairs of its own" in said


def test_nothing_is_ever_written_over(tmp_path):
    write_folder(tmp_path / "out", dict.fromkeys(NAMES, "old"))
    (tmp_path / "note").write_text("a file")
    for name, words in (("out", "is not empty"), ("note", "is a file")):
        with pytest.raises(InputError, match=words):
            write_folder(tmp_path / name, {"config.json": "{}"})
    assert contents(tmp_path / "out") == dict.fromkeys(NAMES, "old")
    assert (tmp_path / "note").read_text() == "a file"


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path):
    (tmp_path / "empty").mkdir()
    for place in ("empty", "new/deep"):
        write_folder(tmp_path / place, dict.fromkeys(NAMES, "new"))
        assert contents(tmp_path / place) == dict.fromkeys(NAMES, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "new"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("disk")])
def test_whatever_stops_the_writing_leaves_nothing(stop, tmp_path, monkeypatch):
    def stopped(self, target):
        raise stop

    monkeypatch.setattr(Path, "replace", stopped)
    kind = KeyboardInterrupt if stop is KeyboardInterrupt else InputError
    with pytest.raises(kind):
        write_folder(tmp_path / "out", dict.fromkeys(NAMES, "new"))
    assert not [*tmp_path.iterdir()]


def test_a_write_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        write_folder(tmp_path / "out", {"config.json": "new", "no/such": "place"})
    assert not [*tmp_path.iterdir()]

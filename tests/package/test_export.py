"""What ``dpo-edu export`` writes, read by the library it is written for."""

import json

import numpy as np
import pytest
import torch

from dpo_edu.__main__ import main
from dpo_edu.export import byte_tokenizer, checkpoint, word_tokenizer, world_text
from dpo_edu.export_files import NAMES, write_folder
from dpo_edu.own_pairs import decode, encode
from dpo_edu.pairs_file import TextPair, read_pairs
from dpo_edu.preference_world import EOS, PROMPTS, WORDS, Pairs, build_world
from dpo_edu.run_files import save_weights
from dpo_edu.story import new_model
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.validation import InputError
from dpo_edu.world_data import world_data

MISSING = "transformers is missing: pip install -e '.[dev]'"
SIZES = (ModelConfig(16, 5, heads=4), ModelConfig(257, 40, width=24, layers=3, heads=2))


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
    write_folder(folder, checkpoint(model, tokenizer, some_pairs()), replace=False)
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
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(NAMES)
    pairs = read_pairs(tmp_path / "out" / "pairs.jsonl")
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


def test_a_run_on_your_own_pairs_is_exported_with_these_pairs(tmp_path):
    mine = [{"prompt": "hé ", "chosen": f"n{n}", "rejected": "no"} for n in range(12)]
    data, runs = tmp_path / "mine.jsonl", tmp_path / "runs"
    data.write_text("".join(json.dumps(line) + "\n" for line in mine), "utf-8")
    quick = [
        "--sft-epochs",
        "1",
        "--epochs",
        "1",
        "--context",
        "32",
        "--out",
        str(runs),
    ]
    assert main(["train", "--data", str(data), *quick]) == 0
    out = tmp_path / "out"
    assert main(["export", str(out), "--run", str(runs / "train-001")]) == 0
    assert [pair._asdict() for pair in read_pairs(out / "pairs.jsonl")] == mine
    assert json.loads((out / "config.json").read_text())["vocab_size"] == 257


# What is refused, and what is left alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "best"], "--model is policy or reference"),
        (["--pairs", "0"], "--pairs must be above 0"),
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


def test_an_unfinished_run_and_foreign_weights_are_refused(tmp_path, capsys):
    run = tour(tmp_path)
    words = ["export", str(tmp_path / "out"), "--run", str(run)]
    (run / "policy.safetensors").write_bytes(b"no weights")
    assert main(words) == 2
    assert "holds no weights of this model" in capsys.readouterr().err
    (run / "policy.safetensors").unlink()
    assert main(words) == 2
    assert "is not finished" in capsys.readouterr().err


def test_an_export_is_written_over_only_when_asked(tmp_path):
    out, files = tmp_path / "out", dict.fromkeys(NAMES, "old")
    write_folder(out, files, replace=False)
    with pytest.raises(InputError, match=r"is an export already: .*--replace"):
        write_folder(out, files | {"README.md": "new"}, replace=False)
    assert (out / "README.md").read_text() == "old"
    write_folder(out, files | {"README.md": "new"}, replace=True)
    assert (out / "README.md").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_nothing_else_is_ever_written_over(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    (tmp_path / "note").write_text("a file")
    for name, words in (
        ("thesis", "holds what no export wrote"),
        ("note", "is a file"),
    ):
        with pytest.raises(InputError, match=words):
            write_folder(tmp_path / name, {"config.json": "{}"}, replace=True)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "years of work"
    assert (tmp_path / "note").read_text() == "a file"


def test_a_write_that_fails_leaves_the_old_export_whole(tmp_path):
    out = tmp_path / "out"
    write_folder(out, dict.fromkeys(NAMES, "old"), replace=False)
    with pytest.raises(InputError, match="cannot write"):
        write_folder(out, {"config.json": "new", "no/such": "place"}, replace=True)
    assert (out / "config.json").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]

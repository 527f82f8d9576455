"""`dpo-edu train --model`: the loop against a slow one, stops, refusals, processes."""

import json
import os
import signal

import pytest
import torch

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")
pytest.importorskip("accelerate", reason="pip install -e '.[dev]'")

from accelerate.utils import DistributedType

from dpo_edu.__main__ import main
from dpo_edu.own_data import phase
from dpo_edu.own_model import intake, launch, learning, memory, processes, start, tokens
from dpo_edu.own_model.settings import ModelSettings, new_settings
from dpo_edu.own_model.stopping import Stop
from dpo_edu.real_model.adapter import learning_weights
from dpo_edu.real_model.learning import as_groups
from dpo_edu.real_model.scoring import scorer_for
from dpo_edu.training import epoch_rows
from dpo_edu.validation import InputError

from .tiny_model import rows, write_model, write_rows

COLUMNS = {
    "step", "loss", "logps/chosen", "logps/rejected", "rewards/chosen",
    "rewards/rejected", "rewards/margins", "rewards/accuracies", "learning_rate",
    "grad_norm",
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def pairs(tmp_path):
    return write_rows(tmp_path / "pairs.jsonl", rows())


@pytest.fixture
def train(tmp_path, capsys, model):
    """``train(*words)``: exit code, output, errors; runs go to the test's folder."""

    def go(*words):
        new = [] if "--resume" in words else ["--out", str(tmp_path)]
        named = [] if {"--resume", "--model"} & {*words} else ["--model", str(model)]
        code = main(["train", *new, *named, *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def settings(model, pairs, **changed) -> ModelSettings:
    asked = {"data": str(pairs), "model": str(model), "learning_rate": 1e-2} | changed
    return new_settings(asked | {"base": "known"})


def material(made: ModelSettings):
    """The pairs as groups of tokens, and the model, ready to learn."""
    base = start.base_of(made.model)
    taken = intake.take(made, base)
    return as_groups([row.tokens for row in taken.rows]), start.learner(made)


# The loop


def slowly(made: ModelSettings) -> list[float]:
    """The same steps, a pair at a time, with all logits and torch's own Adam."""
    groups, model = material(made)
    reference = [plain_logp(model, group).detach() for group in groups]
    weights = [*learning_weights(model).values()]
    schedule = learning.schedule_of(made, len(groups))
    optimizer, losses = torch.optim.AdamW(weights, weight_decay=0.0), []
    for step in range(schedule.steps):
        optimizer.param_groups[0]["lr"] = schedule.learning_rate_at(step)
        optimizer.zero_grad()
        numbers = epoch_rows(len(groups), made.batch_size, made.seed, step)
        each = []
        for n in numbers:
            gap = plain_logp(model, groups[n]) - reference[n]
            each.append(-torch.nn.functional.logsigmoid(made.beta * (gap[0] - gap[1])))
        loss = torch.stack(each).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, made.clip)
        optimizer.step()
        losses.append(loss.item())
    return losses


def plain_logp(model, group) -> torch.Tensor:
    found = []
    for response in group.responses:
        row = torch.tensor([group.prompt + response])
        logp = (
            model(input_ids=row).logits[0, len(group.prompt) - 1 : -1].log_softmax(-1)
        )
        found.append(logp[range(len(response)), response].sum())
    return torch.stack(found)


def quickly(made: ModelSettings) -> list[float]:
    groups, model = material(made)
    team = learning.prepared(processes.join("cpu", "float32"), scorer_for(model))
    reference, losses = learning.logp_of(team, groups, made.at_once), []
    learning.train(
        team, groups, reference, made, Stop(), lambda r: losses.append(r.record["loss"])
    )
    return losses


@pytest.mark.parametrize("lora", [4, 0])
@pytest.mark.parametrize("at_once", [40, 2_048])
def test_parts_of_any_size_go_down_the_mean_over_the_pairs(lora, at_once, model, pairs):
    made = settings(model, pairs, lora=lora, at_once=at_once, epochs=2, batch_size=7)
    found = quickly(made)
    assert len(found) == 6
    assert len({round(loss, 3) for loss in found}) == 6, "it moves"
    assert found == pytest.approx(slowly(made), abs=2e-5)


def test_the_last_batch_of_an_epoch_is_smaller_and_still_a_mean(model, pairs):
    """6 of 20 pairs are left: each counts 1/6, whatever parts they come in."""
    made = settings(model, pairs, batch_size=14, at_once=60)
    assert quickly(made) == pytest.approx(slowly(made), abs=2e-5)


def test_shares_are_disjoint_complete_and_of_as_many_parts(model, pairs):
    groups, _ = material(settings(model, pairs))

    class Accelerator:
        num_processes = 3

    shares = []
    for rank in range(3):
        Accelerator.process_index = rank
        team = learning.Team(Accelerator, None, None, None)
        shares.append(learning._shares(team, groups, range(20), 70))
    assert len({len(share) for share in shares}) == 1
    counted = [n for share in shares for part, counts in share if counts for n in part]
    assert sorted(counted) == [*range(20)]
    Accelerator.process_index = 2
    lonely = learning._shares(
        learning.Team(Accelerator, None, None, None), groups, [4], 9
    )
    assert lonely == [([4], False)], "a process without a pair computes, for nothing"


# A run


def test_a_run_reports_trains_and_measures(train, pairs, tmp_path):
    code, said, _ = train(pairs, "--epochs", "2", "--learning-rate", "0.01")
    assert code == 0
    for words in (
        "one process, on cpu",
        "20 rows of JSON Lines: 20 pairs on 20 prompts",
        "tokens in the median",
        "Llama, 20,064 weights; what learns is",
        "13 plain prompts: what the user says, in the model's chat template",
        "18 pairs to train on, 2 held out",
        "chosen likelier than rejected",
    ):
        assert words in said, words
    run = tmp_path / "train-001"
    log = [json.loads(line) for line in (run / "policy.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [*range(6)]
    assert {*log[0]} == COLUMNS
    assert log[0]["loss"] == pytest.approx(0.6931, abs=1e-4)
    found = json.loads((run / "report.json").read_text())
    assert found["data"]["training"] == 18
    assert found["reference"]["loss"]["mean"] == pytest.approx(0.6931, abs=1e-4)
    assert found["learned"]["margin"]["half"] >= 0
    assert len(found["samples"]) == 2
    left = {path.name for path in run.iterdir()}
    assert left == {
        "policy.jsonl",
        "policy.safetensors",
        "report.json",
        "settings.json",
    }


def test_a_report_alone_loads_no_weights(train, pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(start, "load", None)
    assert train(pairs, "--report-only")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.jsonl"]


def contents(run):
    names = {path.name for path in run.iterdir()} - {"settings.json"}
    return {name: (run / name).read_bytes() for name in names}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", [["--lora", "4"], ["--full"]])
def test_a_stopped_run_ends_with_the_same_bytes(
    kind, number, train, pairs, tmp_path, monkeypatch
):
    words = [pairs, *kind, "--epochs", "2", "--learning-rate", "0.01"]
    assert train(*words, "--out", tmp_path / "whole")[0] == 0
    work, steps = learning.log_columns, []

    def send(*four):
        steps.append(1)
        if len(steps) == 2:
            os.kill(os.getpid(), number)
        return work(*four)

    monkeypatch.setattr(learning, "log_columns", send)
    code, _, said = train(*words)
    assert (code, len(steps)) == (130, 3), "the signal came after step 2 had asked"
    assert f"Go on with: dpo-edu train --resume {tmp_path}/train-001" in said
    code, _, _ = train("--resume", tmp_path / "train-001")
    assert (code, len(steps)) == (0, 6), "no step was taken twice"
    assert contents(tmp_path / "train-001") == contents(tmp_path / "whole/train-001")
    assert "is finished" in train("--resume", tmp_path / "train-001")[2]


def test_a_killed_run_goes_on_from_what_was_saved(train, pairs, tmp_path, monkeypatch):
    words = [pairs, "--epochs", "2"]
    assert train(*words, "--out", tmp_path / "whole")[0] == 0
    monkeypatch.setattr(phase, "SAVE_EVERY", 2)
    work = phase.save_checkpoint

    def save(*given):
        work(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(phase, "save_checkpoint", save)
    assert train(*words)[0] == 130
    monkeypatch.setattr(phase, "save_checkpoint", work)
    assert train("--resume", tmp_path / "train-001")[0] == 0
    assert contents(tmp_path / "train-001") == contents(tmp_path / "whole/train-001")


# Refusals: one line, exit code 2


def refused(train, *words) -> str:
    code, _, said = train(*words)
    assert (code, said.count("\n")) == (2, 1), said
    return said


def test_what_does_not_fit_together_is_refused(train, pairs, model):
    for words, reason in {
        ("--full", "--lora", "4"): "say --full or --lora RANK, not both",
        ("--context", "40"): "a pretrained model has no --context",
        ("--lora", "-1"): "--lora must be between 0 and 1024, got -1",
        ("--plain-prompts", "loud"): "--plain-prompts is chat or text, not 'loud'",
        ("--at-once", "0"): "--at-once must be more than 0, got 0",
        ("--device", "cuda:7"): "unknown device 'cuda:7'",
    }.items():
        assert reason in refused(train, pairs, *words), words
    assert "--model tiny has no --lora" in refused(
        train, pairs, "--model", "tiny", "--lora", "4"
    )
    assert "say which FILE holds the pairs" in refused(train)


@pytest.mark.parametrize("missing", ["transformers", "peft", "accelerate"])
def test_a_missing_library_is_named_with_the_way_to_it(
    missing, train, pairs, monkeypatch
):
    from dpo_edu.validation import extras

    find = extras.find_spec
    lost = lambda name: None if name == missing else find(name)  # noqa: E731
    monkeypatch.setattr(extras, "find_spec", lost)
    said = refused(train, pairs)
    assert f"real models need {missing}" in said
    assert "pip install 'dpo-edu[real]'" in said


def test_a_model_that_is_none_is_refused(train, pairs, tmp_path, monkeypatch):
    monkeypatch.setenv("DPO_EDU_CACHE", str(tmp_path / "cache"))
    assert "dpo-edu model smollm2" in refused(train, pairs, "--model", "smollm2")
    (tmp_path / "empty").mkdir()
    said = refused(train, pairs, "--model", tmp_path / "empty")
    assert "has no config.json" in said
    said = refused(train, pairs, "--model", tmp_path / "nowhere")
    assert "no such folder" in said


def test_rows_that_the_model_cannot_read_are_told_all_at_once(train, model, tmp_path):
    long = {"prompt": "on " * 2_100, "chosen": "on", "rejected": "off"}
    odd = {"prompt": "on", "chosen": "close", "rejected": "close close"}
    found = [*rows(4), long, odd | {"rejected": "valve"}]
    path = write_rows(tmp_path / "pairs.jsonl", found)
    said = refused(train, path)
    assert "line 5: prompt and answer take 2,10" in said
    assert "the model reads 2,048" in said
    assert "drop or cut such rows with --max-length" in said
    code, told, _ = train(path, "--max-length", "200")
    assert code == 0
    assert "1 pair is longer than --max-length: left out" in told


def test_a_base_model_takes_plain_prompts_and_no_conversations(train, model, tmp_path):
    base = write_model(tmp_path / "base")
    (base / "chat_template.jinja").unlink()
    path = write_rows(tmp_path / "pairs.jsonl", rows(9))
    said = refused(train, path, "--model", base)
    assert "line 1: the model's tokenizer has no chat template" in said
    code, told, _ = train(path, "--model", base, "--skip-bad")
    assert code == 0
    assert "6 plain prompts: text as it stands, then the answer" in told


def test_another_model_at_the_same_place_is_noticed(
    train, pairs, tmp_path, monkeypatch
):
    base = write_model(tmp_path / "base")
    monkeypatch.setattr(phase, "SAVE_EVERY", 1)

    def stop(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(phase, "save_checkpoint", stop)
    assert train(pairs, "--model", base)[0] == 130
    config = base / "config.json"
    config.write_text(config.read_text().replace("1e-06", "1e-05"))
    said = refused(train, "--resume", tmp_path / "train-001")
    assert "is no longer the model that this run began with" in said


def test_one_process_where_several_were_asked_for_is_refused(monkeypatch, train, pairs):
    """What `accelerate launch --cpu --num_processes 2` leaves in the environment."""
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "no")
    monkeypatch.setenv("MASTER_PORT", "29500")
    said = refused(train, pairs)
    assert "was asked for several processes and has started one" in said
    assert "torchrun --nproc-per-node 2 -m dpo_edu train" in said


# Tokens and memory


def named(base, numbers) -> str:
    return " ".join(base.tokenizer.convert_ids_to_tokens(numbers))


def test_a_text_is_tokenized_whole_where_its_prompt_keeps_its_tokens(model):
    base = start.base_of(str(model))
    pair = intake.Pair("is the water on ", "the tap is off", "on")
    found = tokens.encoded(base.tokenizer, pair, "text")
    vocabulary = base.tokenizer.get_vocab()
    assert found.prompt == [
        vocabulary[w] for w in ["<bos>", "is", "the", "water", "on"]
    ]
    assert found.chosen == [vocabulary[w] for w in ["the", "tap", "is", "off", "<eos>"]]
    chat = tokens.encoded(base.tokenizer, pair, "chat")
    assert named(base, chat.prompt) == "<bos> <user> is the water on <eos> <bot>"
    assert chat.chosen == found.chosen


def test_tokens_that_would_merge_at_the_seam_are_kept_apart():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = {"a": 0, "b": 1, "ab": 2, "<eos>": 3}
    core = Tokenizer(models.BPE(names, [("a", "b")]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>")
    found = tokens.encoded(tokenizer, intake.Pair("a", "b", "a"), "text")
    assert found == ([0], [1, 3], [0, 3])


def test_long_prompts_lose_their_oldest_turns_or_their_beginning(model):
    base = start.base_of(str(model))
    say = tokens.Message
    turns = [say("system", "how"), say("user", "on on on"), say("assistant", "off")]
    pair = intake.Pair((*turns, say("user", "is the water on")), "on", "off")
    whole = tokens.length(tokens.encoded(base.tokenizer, pair, "chat"))
    shorter, found = tokens.shortened(base.tokenizer, pair, "chat", whole - 1)
    assert [turn.content for turn in shorter.prompt] == ["how", "is the water on"]
    assert tokens.length(found) < whole
    assert tokens.shortened(base.tokenizer, pair, "chat", 3) is None
    text = intake.Pair("how do I fix the tap ", "on", "off")
    shorter, found = tokens.shortened(base.tokenizer, text, "text", 5)
    assert named(base, found.prompt) == "<bos> the tap"
    assert shorter.prompt == "the tap"
    assert tokens.shortened(base.tokenizer, text, "chat", 5) is None


def test_what_learns_is_counted_as_peft_has_it(model, pairs):
    made = settings(model, pairs, lora=3)
    base = start.base_of(made.model)
    found = learning_weights(start.learner(made)).values()
    assert memory.learning_count(base, made) == sum(w.numel() for w in found)
    assert base.parameters == 20_064


def test_a_machine_with_too_little_memory_is_told_before_loading(
    train, pairs, monkeypatch
):
    monkeypatch.setattr(memory, "machine_bytes", lambda: 1e6)
    monkeypatch.setattr(start, "load", None)
    assert "lower --at-once or --max-length" in refused(train, pairs)


def test_a_launcher_that_speaks_once(capsys):
    with launch._one_voice(False):
        print("from the second process")
    with launch._one_voice(True):
        print("from the first")
    assert capsys.readouterr().out == "from the first\n"


def test_fewer_processes_than_asked_for_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")

    class Alone:
        num_processes = 1
        device = torch.device("cpu")
        distributed_type = DistributedType.MULTI_CPU

    monkeypatch.setattr(processes, "Accelerator", lambda **_: Alone())
    with pytest.raises(InputError, match="2 processes were asked for, and 1 joined"):
        processes.join("cpu", "float32")
    Alone.distributed_type = DistributedType.FSDP
    with pytest.raises(InputError, match="FSDP cuts a model up; a run saves it whole"):
        processes.join("cpu", "float32")

"""A run that stops: what is stored on the way comes back bit for bit."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from dpo_edu.own_data.checkpoint import (
    OTHER,
    REMEDY,
    Origin,
    load_checkpoint,
    save_checkpoint,
)
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import StepReport
from dpo_edu.validation import InputError

ORIGIN = Origin("policy", "hash of settings", "hash of data")


def model(seed=0):
    torch.manual_seed(seed)
    return TinyTransformer(ModelConfig(vocabulary=5, context=4, width=4))


def trained(steps):
    """A model and its optimizer after some steps on fixed tokens."""
    learner = model()
    optimizer = torch.optim.Adam(learner.parameters(), lr=0.01)
    tokens = torch.tensor([[1, 2, 3, 0]])
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(learner(tokens)[0], tokens[0]).backward()
        optimizer.step()
    return learner, optimizer


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_checkpoint_reads_back_bit_for_bit(steps, tmp_path):
    learner, optimizer = trained(steps)
    report = StepReport(steps - 1, {}, learner, optimizer)
    records = [{"step": step, "loss": 1 / (step + 3)} for step in range(steps)]
    save_checkpoint(tmp_path / "run", report, ORIGIN, records)
    checkpoint, log = load_checkpoint(tmp_path / "run", ORIGIN)
    assert log == records
    assert checkpoint.step == steps
    assert checkpoint.weights.keys() == learner.state_dict().keys()
    for name, value in learner.state_dict().items():
        assert torch.equal(checkpoint.weights[name], value)
    wanted = optimizer.state_dict()["state"]
    assert checkpoint.moments.keys() == wanted.keys()
    for number, state in wanted.items():
        assert checkpoint.moments[number].keys() == state.keys()
        assert all(
            torch.equal(checkpoint.moments[number][k], v) for k, v in state.items()
        )


# What a run does not go on from


@pytest.fixture
def saved(tmp_path):
    """A checkpoint after two steps."""
    path = tmp_path / "policy.checkpoint"
    save_checkpoint(path, StepReport(1, {}, *trained(2)), ORIGIN, [{"step": 0}])
    return path


def refusal(path, origin=ORIGIN):
    with pytest.raises(InputError) as refused:
        load_checkpoint(path, origin)
    message = str(refused.value)
    assert message.startswith(f"{path} ")
    assert message.endswith(REMEDY)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("kept", [0, 4, 100, 2_000, -1])
def test_a_checkpoint_that_was_cut_off_is_damaged(kept, saved):
    saved.write_bytes(saved.read_bytes()[:kept])
    assert "is damaged" in refusal(saved)


@pytest.mark.parametrize("content", [b"{}", b"\x80\x02}q\x00.", b"\xff" * 5_000])
def test_another_kind_of_file_is_damaged(content, saved):
    saved.write_bytes(content)
    assert "is damaged" in refusal(saved)


def test_no_bit_can_be_another(saved):
    whole = saved.read_bytes()
    for place in range(8, len(whole), 997):
        saved.write_bytes(
            whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]
        )
        refusal(saved)


@pytest.mark.parametrize("field", Origin._fields)
def test_a_checkpoint_of_another_run_is_refused_by_what_differs(field, saved):
    assert OTHER[field] in refusal(saved, ORIGIN._replace(**{field: "other"}))


def test_tensors_that_were_edited_are_refused(saved):
    tensors = load_file(saved)
    save_file(tensors, saved)
    assert "another version" in refusal(saved)


def test_the_checkpoint_of_another_version_is_refused(saved, monkeypatch):
    monkeypatch.setattr("dpo_edu.own_data.checkpoint.FORMAT", "3")
    assert "another version" in refusal(saved)

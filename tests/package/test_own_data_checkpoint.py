"""A run that stops: what is stored on the way comes back bit for bit."""

import pytest
import torch
from torch import nn

from dpo_edu.own_data.checkpoint import load_progress, save_progress
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import StepReport


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
def test_progress_reads_back_bit_for_bit(steps, tmp_path):
    learner, optimizer = trained(steps)
    save_progress(tmp_path / "run", StepReport(steps - 1, {}, learner, optimizer))
    progress = load_progress(tmp_path / "run")
    assert progress.step == steps
    assert progress.weights.keys() == learner.state_dict().keys()
    for name, value in learner.state_dict().items():
        assert torch.equal(progress.weights[name], value)
    wanted = optimizer.state_dict()["state"]
    assert progress.moments.keys() == wanted.keys()
    for number, state in wanted.items():
        assert progress.moments[number].keys() == state.keys()
        assert all(
            torch.equal(progress.moments[number][k], v) for k, v in state.items()
        )

"""Two processes against one: the same losses, a clean end, shares that make a whole."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch

from dpo_edu.experiments.scaling.several_processes import _reason, launch, losses
from dpo_edu.preference_world import build_world, sample_pairs
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.scaling import distributed
from dpo_edu.scaling.distributed import (
    begin_alike,
    mean_over_processes,
    process_group,
    share,
)
from dpo_edu.training import pair_loss
from dpo_edu.training.world_batches import pair_batch, world_data
from dpo_edu.training.world_run import new_model
from dpo_edu.validation import InputError


def batch(pairs=12):
    """Pairs of a small world in which responses come back, and a model."""
    data = world_data(build_world(1))
    ref_logp = writers_logp(data.world)
    sampled = sample_pairs(data.world, ref_logp, pairs, np.random.default_rng(0))
    return pair_batch(data, sampled, ref_logp), new_model(data, seed=0)


def gradient(model, part):
    model.zero_grad()
    loss, _ = pair_loss(model, part, beta=0.7)
    loss.backward()
    return torch.cat([weight.grad.flatten() for weight in model.parameters()]), loss


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_mean_over_shares_is_the_gradient_of_the_batch(count):
    whole, model = batch()
    parts = [gradient(model, share(whole, rank, count)) for rank in range(count)]
    expected, loss = gradient(model, whole)
    torch.testing.assert_close(torch.stack([g for g, _ in parts]).mean(0), expected)
    assert sum(x.item() for _, x in parts) / count == pytest.approx(loss.item())


def test_shares_are_disjoint_and_complete():
    whole, _ = batch()
    seen = [
        (tuple(part.tokens[w].tolist()), tuple(part.tokens[l].tolist()), label.item())
        for part in (share(whole, rank, 3) for rank in range(3))
        for w, l, label in zip(part.chosen, part.rejected, part.label, strict=True)  # noqa: E741
    ]
    rows = zip(whole.chosen, whole.rejected, whole.label, strict=True)
    assert sorted(seen) == sorted(
        (tuple(whole.tokens[w].tolist()), tuple(whole.tokens[r].tolist()), label.item())
        for w, r, label in rows
    )


def test_unequal_shares_are_refused():
    with pytest.raises(InputError, match="12 pairs cannot be shared evenly by 5"):
        share(batch()[0], 0, 5)


def test_without_torchrun_it_is_one_process():
    with process_group() as (rank, count, device):
        assert (rank, count, device.type) == (0, 1, "cpu")
        assert mean_over_processes(0.25) == 0.25


@pytest.fixture
def alone(monkeypatch):
    """One process as torchrun starts it: a group of one, whose messages are real."""
    port = free_port()
    for name, value in {
        "RANK": 0,
        "LOCAL_RANK": 0,
        "WORLD_SIZE": 1,
        "LOCAL_WORLD_SIZE": 1,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }.items():
        monkeypatch.setenv(name, str(value))


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


@pytest.mark.parametrize(
    ("gpus", "processes", "place"),
    [(0, 1, "cpu"), (1, 2, "cpu"), (2, 2, "cuda:1"), (8, 2, "cuda:1")],
)
def test_gpus_are_used_where_each_process_has_one(gpus, processes, place, monkeypatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(processes))
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert distributed._own_device() == torch.device(place)


@pytest.mark.usefixtures("alone")
def test_too_few_gpus_leave_all_on_the_cpu(monkeypatch):
    """With gloo, and without a call that only a GPU could answer."""
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with process_group() as (_, _, device):
        assert (device.type, torch.distributed.get_backend()) == ("cpu", "gloo")


@pytest.mark.usefixtures("alone")
def test_a_mean_keeps_every_digit_of_a_float():
    with process_group():
        assert mean_over_processes(0.1) == 0.1  # float32 would give 0.10000000149


def test_the_first_process_s_weights_are_sent_in_place(monkeypatch):
    """What arrives from rank 0 is what the model then computes with."""
    model, sources = torch.nn.Linear(2, 1), []

    def broadcast(weight, src):
        sources.append(src)
        weight.fill_(3.0)

    monkeypatch.setattr(distributed.dist, "broadcast", broadcast)
    begin_alike(model)
    assert sources == [0, 0]
    assert model(torch.ones(2)).item() == 9


def test_two_processes_give_the_losses_of_one_and_end_well():
    """Really started with torchrun; an exit code other than 0 raises."""
    alone, together = losses(4, "float64"), launch(2, steps=4)
    assert len(together) == 4
    assert len(set(together)) == 4  # it moves
    assert together == pytest.approx(alone, abs=1e-9)


def test_processes_that_begin_apart_are_made_alike():
    """Each starts from another seed; after one message they compute the same."""
    start = "forkserver"  # torch is imported once for both
    context = torch.multiprocessing.get_context(start)
    context.set_forkserver_preload([__name__])
    given = free_port(), (answers := context.SimpleQueue())
    torch.multiprocessing.start_processes(begin_apart, given, 2, start_method=start)
    (first, before), (second, other) = answers.get(), answers.get()
    assert before != other
    assert first == second


def begin_apart(rank, port, answers):
    """In a process of its own: the weights' sum after and before the message."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": str(port), "CUDA_VISIBLE_DEVICES": ""}
    torch.manual_seed(rank)
    model = torch.nn.Linear(3, 2)
    before = model.weight.sum().item()
    with process_group():
        begin_alike(model)
        answers.put((model.weight.sum().item(), before))


def test_a_failure_is_one_line_that_names_its_cause():
    with pytest.raises(RuntimeError) as raised:
        launch(2, steps=1, dtype="float8")
    assert "2 processes, no result" in str(raised.value)
    assert "argument --dtype: invalid choice: 'float8'" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_first_error_is_the_cause():
    said = """W1121 07:50 torch/distributed/run.py:852] Setting OMP_NUM_THREADS
[rank1]: Traceback (most recent call last):
[rank1]:   File "training.py", line 7, in share
[rank1]: dpo_edu.validation.InputError: 12 pairs cannot be shared evenly by 5
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
RuntimeError: the other process has gone
"""
    cause = "dpo_edu.validation.InputError: 12 pairs cannot be shared evenly by 5"
    assert _reason(said) == cause
    assert _reason("Killed\n") == "Killed"
    assert _reason("") == "it said nothing"


def test_processes_that_take_too_long_are_ended(monkeypatch):
    started = []

    class Slow(subprocess.Popen):
        def __init__(self, words, **others):
            wait = "import time; time.sleep(60)"
            super().__init__([sys.executable, "-c", wait], **others)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Slow)
    with pytest.raises(RuntimeError, match=r"2 processes, not done in 0\.2 s"):
        launch(2, steps=1, seconds=0.2)
    assert started[0].poll() is not None

"""Two processes against one: the same losses, a clean end, shares that make a whole."""

import numpy as np
import pytest
import torch

from dpo_edu.distributed import mean_over_processes, process_group, share
from dpo_edu.experiments.several_processes import launch, losses
from dpo_edu.preference_world import build_world, sample_pairs
from dpo_edu.story import new_model
from dpo_edu.training import pair_loss
from dpo_edu.validation import InputError
from dpo_edu.world_data import pair_batch, world_data
from dpo_edu.writers import writers_logp


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


def test_two_processes_give_the_losses_of_one_and_end_well():
    """Really started with torchrun; an exit code other than 0 raises."""
    alone, together = losses(4, "float64"), launch(2, steps=4)
    assert len(together) == 4
    assert len(set(together)) == 4  # it moves
    assert together == pytest.approx(alone, abs=1e-9)

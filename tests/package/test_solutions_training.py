"""The solutions of chapter 11 against the package, on a transformer and its world."""

import math
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dpo_edu import training
from dpo_edu.boltzmann import optimal_logp
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.preference_world import build_world
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training.evaluation import evaluate
from dpo_edu.training.world_batches import compared_batch, world_data
from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "11_training.py")
WORLD = build_world(2)
LOGP = writers_logp(WORLD)
DATA = world_data(WORLD)


def model(seed=0):
    torch.manual_seed(seed)
    config = ModelConfig(vocabulary=16, context=DATA.tokens.shape[1], width=8)
    fresh = TinyTransformer(config).double()
    nn.init.normal_(fresh.head.weight, std=0.5)
    return fresh


def as_dictionary(pairs):
    """A batch of the package, with verdicts, in the form of the exercise."""
    sides = {"chosen": pairs.chosen, "rejected": pairs.rejected}
    tokens = {side: pairs.tokens[rows] for side, rows in sides.items()}
    return tokens | {f"{side}_mask": pairs.mask[rows] for side, rows in sides.items()}


def test_frozen_copies_are_the_package_s():
    policy = model().train()
    for freeze in (solution.freeze, training.freeze):
        reference = freeze(policy)
        assert type(reference) is TinyTransformer
        assert not reference.training
        assert not any(weight.requires_grad for weight in reference.parameters())
        for mine, theirs in zip(
            reference.parameters(), policy.parameters(), strict=True
        ):
            assert torch.equal(mine, theirs)
            assert mine.data_ptr() != theirs.data_ptr()


@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0])
def test_steps_are_the_package_s(beta):
    policies, reference = [model(), model()], training.freeze(model(1))
    optimizers = [torch.optim.Adam(each.parameters(), lr=0.01) for each in policies]
    for step in range(4):
        pairs = compared_batch(DATA, LOGP, group=3, seed=0, step=step)
        pairs = pairs._replace(label=torch.ones_like(pairs.label))
        mine = solution.dpo_step(
            policies[0], reference, optimizers[0], as_dictionary(pairs), beta
        )
        packaged = training.dpo_step(policies[1], reference, optimizers[1], pairs, beta)
        assert mine == pytest.approx(packaged, rel=1e-9)
    for one, other in zip(*(each.parameters() for each in policies), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)


def test_the_bug_of_the_silent_log_is_what_the_solution_says():
    """The policy as its own reference: loss log 2, gradient of weight beta/2."""
    policy = model()
    pairs = compared_batch(DATA, LOGP, group=4, seed=0, step=0)
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    for _ in range(3):
        before = deepcopy(policy)
        loss = training.dpo_step(policy, policy, optimizer, pairs, 0.5)
        assert loss == pytest.approx(math.log(2), abs=1e-15)
        assert not torch.equal(before.head.weight, policy.head.weight)


@pytest.mark.parametrize("beta", [0.4, 1.0, 2.5])
def test_mended_share_is_the_package_s(beta):
    for policy in (LOGP, optimal_logp(LOGP, 0.5 * WORLD.reward, beta)):
        wanted = evaluate(policy, LOGP, WORLD.reward, beta).share
        found = solution.find_the_bug_share(policy, LOGP, WORLD.reward, beta)
        assert found == pytest.approx(wanted, abs=1e-12)


def test_predicted_share_is_that_of_any_policy_with_these_divergences():
    policy = optimal_logp(LOGP, 0.9 * WORLD.reward, 1.0)
    start, here = (evaluate(p, LOGP, WORLD.reward, 1.0) for p in (LOGP, policy))
    ratio = here.kl_to_optimum / start.kl_to_optimum
    assert here.share == pytest.approx(1 - ratio)
    assert solution.predict_the_share() == pytest.approx(1 - 0.063 / 1.26)


def test_predicted_gap_is_where_the_loss_is_smallest():
    gaps = np.linspace(-8, 8, 16_001)
    zero = np.zeros_like(gaps)
    losses = dpo_loss(gaps, zero, zero, zero, 0.5, label=0.8, reduction="none")
    lowest = gaps[int(losses.argmin())]
    assert solution.predict_the_final_gap() == pytest.approx(lowest, abs=1e-3)

"""The reward model's loss against formulas written out; its table row by row."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.policy_gradient.reward_model import (
    fit_reward_model,
    reward_error,
    reward_model_loss,
    reward_pair_loss,
    reward_table,
    sequence_reward,
    with_scalar_head,
)
from dpo_edu.training import Schedule
from dpo_edu.training.world_batches import compared_batch
from dpo_edu.validation import InputError

from .small_world import DATA, LOGP, WORLD, fresh_model


def body(seed=0):
    return fresh_model(seed, width=16)


def scorer(seed=0):
    model = with_scalar_head(body(seed))
    nn.init.normal_(model.head.weight)
    return model


# The loss


@pytest.mark.parametrize("label", [1.0, 0.0, 0.7])
def test_loss_is_the_cross_entropy_written_out(label):
    chosen, rejected = [2.0, -1.0, 0.5], [0.0, 3.0, 0.5]
    wanted = 0.0
    for r_w, r_l in zip(chosen, rejected, strict=True):
        p = 1 / (1 + math.exp(r_l - r_w))
        wanted -= label * math.log(p) + (1 - label) * math.log(1 - p)
    found = reward_model_loss(chosen, rejected, label).item()
    assert found == pytest.approx(wanted / 3, rel=1e-13)


@pytest.mark.parametrize("gap", [-1e4, -800.0, 800.0, 1e4])
def test_loss_is_right_at_extreme_rewards(gap):
    found = reward_model_loss([gap], [0.0]).item()
    assert found == pytest.approx(max(-gap, 0.0), abs=1e-12)


def test_slope_is_minus_the_probability_of_the_other_order():
    chosen = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    rejected = torch.tensor([0.2, 1.5], dtype=torch.float64, requires_grad=True)
    reward_model_loss(chosen, rejected).backward()
    wrong = 1 / (1 + torch.exp(chosen - rejected)) / 2
    torch.testing.assert_close(chosen.grad, -wrong.detach())
    torch.testing.assert_close(rejected.grad, wrong.detach())


def test_a_prompt_s_constant_is_free():
    chosen, rejected = torch.randn(2, 9, dtype=torch.float64)
    constant = torch.linspace(-50, 50, 9, dtype=torch.float64)
    shifted = reward_model_loss(chosen + constant, rejected + constant)
    assert shifted.item() == pytest.approx(reward_model_loss(chosen, rejected).item())


def test_with_implicit_rewards_it_is_the_dpo_loss():
    four = torch.randn(4, 6, dtype=torch.float64) - 5
    logp_w, logp_l, ref_w, ref_l = four
    found = reward_model_loss(0.3 * (logp_w - ref_w), 0.3 * (logp_l - ref_l))
    assert found.item() == pytest.approx(dpo_loss(*four, beta=0.3).item(), rel=1e-13)


def test_unequal_shapes_are_refused():
    with pytest.raises(InputError, match="reward_rejected"):
        reward_model_loss(np.zeros(4), np.zeros((4, 1)))


# The model


def test_the_head_starts_at_zero_and_the_body_is_a_copy():
    start = body()
    model = with_scalar_head(start)
    assert not reward_table(model, DATA).any()
    assert start.head.out_features == 16
    mine, other = dict(model.named_parameters()), dict(start.named_parameters())
    assert all(torch.equal(mine[n], other[n]) for n in mine if n != "head.weight")
    assert all(value.requires_grad for value in mine.values())
    mine["token.weight"].data.add_(1)
    assert not torch.equal(mine["token.weight"], other["token.weight"])


def test_the_reward_sums_over_the_response_and_nothing_else():
    model = scorer()
    for row in (0, 5, 17, 300):
        mask = DATA.mask[row]
        each = model(DATA.tokens[row][None])[0, :, 0]
        wanted = sum(each[t].item() for t in range(len(mask)) if mask[t])
        found = sequence_reward(model, DATA.tokens[row][None], mask[None]).item()
        assert found == pytest.approx(wanted, rel=1e-12)


def test_padding_does_not_matter():
    model, garbage = scorer(), DATA.tokens.clone()
    after = (DATA.mask.cumsum(-1) == DATA.mask.sum(-1, keepdim=True)) & ~DATA.mask
    garbage[after] = 3
    torch.testing.assert_close(
        sequence_reward(model, garbage, DATA.mask),
        sequence_reward(model, DATA.tokens, DATA.mask),
    )


def test_the_table_holds_every_response_in_its_place():
    model, table = scorer(), reward_table(scorer(), DATA)
    assert table.shape == WORLD.reward.shape
    for prompt, response in ((0, 0), (3, 17), (7, 240)):
        row = int(DATA.rows(np.array([prompt]), np.array([response])))
        one = sequence_reward(model, DATA.tokens[[row]], DATA.mask[[row]]).item()
        assert table[prompt, response] == pytest.approx(one, rel=1e-12)


def test_pair_loss_and_accuracy_equal_a_loop():
    model, batch = scorer(), compared_batch(DATA, LOGP, 3, seed=0, step=0)
    reward = sequence_reward(model, batch.tokens, batch.mask).tolist()
    losses, right = [], []
    for w, s, p in zip(*(field.tolist() for field in batch[3:]), strict=True):
        gap = reward[w] - reward[s]
        losses.append(
            p * math.log1p(math.exp(-gap)) + (1 - p) * math.log1p(math.exp(gap))
        )
        right.append(gap > 0)
    loss, record = reward_pair_loss(model, batch)
    assert loss.item() == record["loss"] == pytest.approx(np.mean(losses))
    assert record["accuracy"] == pytest.approx(np.mean(right))


# The fit


@pytest.fixture(scope="module")
def fitted():
    def batch_at(step):
        return compared_batch(DATA, LOGP, 12, seed=0, step=step)

    start, seen = body(), []
    model = fit_reward_model(start, batch_at, Schedule(300, 1e-2), seen.append)
    return start, model, seen


def test_a_fit_learns_the_reward_up_to_prompt_constants(fitted):
    model = fitted[1]
    table = reward_table(model, DATA)
    before = reward_error(np.zeros_like(table), WORLD.reward, LOGP)
    after = reward_error(table, WORLD.reward, LOGP)
    assert (after < 0.7 * before).all()
    assert not any(value.requires_grad for value in model.parameters())


def test_its_optimum_earns_more_of_the_true_reward(fitted):
    best = optimal_logp(LOGP, reward_table(fitted[1], DATA), 1.0)
    earned = (np.exp(best) * WORLD.reward).sum(-1)
    assert (earned > (np.exp(LOGP) * WORLD.reward).sum(-1) + 0.5).all()


def test_the_first_loss_is_log_two_and_every_step_is_reported(fitted):
    assert [step for step, *_ in fitted[2]] == [*range(300)]
    assert fitted[2][0][1]["loss"] == pytest.approx(math.log(2), abs=1e-12)


def test_reward_error_is_a_standard_deviation():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(6), size=3)
    learned, reward = rng.normal(size=(2, 3, 6))
    d = learned - reward
    rows = zip(d, p, strict=True)
    wanted = [np.sqrt(np.cov(row, aweights=w, ddof=0)) for row, w in rows]
    assert reward_error(learned, reward, np.log(p)) == pytest.approx(wanted)
    shifted = learned + np.array([[5.0], [-3.0], [100.0]])
    assert reward_error(shifted, reward, np.log(p)) == pytest.approx(wanted)

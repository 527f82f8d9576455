"""The loop against autograd and formulas written out, and the whole story in short.

A run that is stopped anywhere and continued must end with the very same weights.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.own_data.checkpoint import Origin, load_checkpoint, save_checkpoint
from dpo_edu.preference_world import sample_pairs
from dpo_edu.sequence_logprob import pad_sequences, sequence_logprob
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import (
    PairBatch,
    Schedule,
    Settings,
    dpo_step,
    epoch_rows,
    epoch_steps,
    freeze,
    minimize,
    model_logp,
    pair_loss,
    scoring,
    sft_loss,
)
from dpo_edu.training.world_batches import compared_batch
from dpo_edu.training.world_run import (
    make_reference,
    policy_logp,
    train_hard,
    train_soft,
)
from dpo_edu.validation import InputError

from .small_world import DATA, LOGP, WORLD, fresh_model


def model(seed=0):
    return fresh_model(seed, width=8, std=0.5)


def batch(step=0, group_size=4):
    """Pairs of the writers; the reference's values are filled in by ``dpo_step``."""
    return compared_batch(DATA, LOGP, group_size, seed=0, step=step)


def with_reference(pairs: PairBatch, reference) -> PairBatch:
    return pairs._replace(ref_logp=model_logp(reference, pairs.tokens, pairs.mask))


def weights(of):
    return {name: value.clone() for name, value in of.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


# The learning rate


def test_schedule_rises_then_falls_to_zero():
    schedule = Schedule(steps=10, learning_rate=2.0, warmup=4)
    wanted = [0.5 * 1, 1.0 * 0.9, 1.5 * 0.8, *(2 * (10 - k) / 10 for k in range(3, 10))]
    assert [schedule.learning_rate_at(step) for step in range(10)] == pytest.approx(
        wanted
    )


@pytest.mark.parametrize(
    ("kind", "words", "named"),
    [
        (Schedule, {"steps": -5, "learning_rate": 1e-3}, "steps"),
        (Schedule, {"steps": 5, "learning_rate": math.nan}, "learning_rate"),
        (Schedule, {"steps": 5, "learning_rate": 1e-3, "clip": 0}, "clip"),
        (
            Schedule,
            {"steps": 5, "learning_rate": 1, "betas": (0.9, 2.0)},
            "second_beta",
        ),
        (Settings, {"beta": -1.0}, "beta"),
        (Settings, {"batch_size": 0}, "batch_size"),
        (Settings, {"group_size": 1}, "group_size"),
        (Settings, {"seed": -1}, "seed"),
        (Settings, {"dpo": 3000}, "dpo"),
        (epoch_rows, {"count": 5, "size": 0, "seed": 0, "step": 0}, "size"),
        (epoch_rows, {"count": 5, "size": 2, "seed": -1, "step": 0}, "seed"),
        (epoch_steps, {"count": 5, "size": 2, "epochs": -1}, "epochs"),
    ],
)
def test_settings_that_no_run_can_have_are_refused_by_name(kind, words, named):
    with pytest.raises(InputError, match=named):
        kind(**words)


# The reference


def test_a_frozen_copy_is_equal_and_independent():
    policy = model()
    reference = freeze(policy)
    assert same(weights(policy), weights(reference))
    ours = {value.data_ptr() for value in policy.parameters()}
    assert not ours & {value.data_ptr() for value in reference.parameters()}
    before = weights(reference)
    with torch.no_grad():
        for value in policy.parameters():
            value.add_(1)
    assert same(before, weights(reference))


def test_a_frozen_copy_never_learns_and_the_model_still_does():
    policy = model().train()
    reference = freeze(policy)
    assert not any(value.requires_grad for value in reference.parameters())
    assert all(value.requires_grad for value in policy.parameters())
    assert policy.training
    assert not reference.training


def test_a_frozen_copy_has_no_dropout():
    noisy = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    reference, x = freeze(noisy), torch.ones(4, 3)
    assert torch.equal(reference(x), reference(x))
    assert not torch.equal(noisy(x), noisy(x))


# Log-probabilities and losses


def test_model_logp_is_that_of_the_whole_sequence():
    policy, pairs = model(), batch()
    wanted = sequence_logprob(policy(pairs.tokens), pairs.tokens, pairs.mask)
    torch.testing.assert_close(model_logp(policy, pairs.tokens, pairs.mask), wanted)


def ragged(rows=40, longest=120):
    """Rows of 3 to ``longest`` tokens, the prompt of 1 to 2 among them, in float64."""
    generator = np.random.default_rng(0)
    lengths = generator.integers(2, longest - 1, size=rows)
    texts = [generator.integers(16, size=count).tolist() for count in lengths]
    prompts = [generator.integers(16, size=count % 2 + 1).tolist() for count in lengths]
    torch.manual_seed(3)
    config = ModelConfig(vocabulary=16, context=longest, width=16, layers=2, heads=2)
    return TinyTransformer(config).double(), *pad_sequences(prompts, texts, pad=0)


@pytest.mark.parametrize("multiple", [1, 8, 16])
def test_a_row_does_not_depend_on_its_company(multiple):
    policy, tokens, mask = ragged()
    assert tokens.numel() > 2 * scoring.AT_ONCE  # more than one part
    policy.length_multiple = multiple
    together = model_logp(policy, tokens, mask)
    for row, (line, marks) in enumerate(zip(tokens, mask, strict=True)):
        end = int(marks.nonzero().max()) + 1
        alone = model_logp(policy, line[None, :end], marks[None, :end])
        torch.testing.assert_close(together[[row]], alone, rtol=0, atol=1e-12)


def test_parts_give_the_gradient_of_the_whole(monkeypatch):
    policy, tokens, mask = ragged()
    sft_loss(policy, tokens, mask).backward()
    parts = [weight.grad.clone() for weight in policy.parameters()]
    policy.zero_grad()
    monkeypatch.setattr(scoring, "AT_ONCE", 10**9)
    sft_loss(policy, tokens, mask).backward()
    for weight, part in zip(policy.parameters(), parts, strict=True):
        torch.testing.assert_close(weight.grad, part, rtol=1e-9, atol=1e-12)


def test_rows_of_similar_length_go_through_the_model_together():
    policy, tokens, mask = ragged()
    seen = []
    policy.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
    model_logp(policy, tokens, mask)
    assert sum(rows for rows, _ in seen) == len(tokens)
    widths = [width for _, width in seen]
    assert widths == sorted(widths, reverse=True)  # later parts fit into freed memory
    assert all(rows * width <= scoring.AT_ONCE for rows, width in seen)
    assert sum(rows * width for rows, width in seen) < 0.7 * tokens.numel()


def test_sft_loss_is_minus_the_mean_log_probability():
    policy, pairs = model(), batch()
    logps = model_logp(policy, pairs.tokens, pairs.mask).tolist()
    found = sft_loss(policy, pairs.tokens, pairs.mask).item()
    assert found == pytest.approx(-sum(logps) / len(logps), rel=1e-14)


def by_hand(policy, reference, pairs, beta):
    """(loss, margin, accuracy, reward_chosen, reward_rejected) in plain floats."""
    logp = model_logp(policy, pairs.tokens, pairs.mask).tolist()
    ref_logp = model_logp(reference, pairs.tokens, pairs.mask).tolist()
    rows = []
    for winner, loser, p in zip(*(t.tolist() for t in pairs[3:]), strict=True):
        chosen, rejected = (beta * (logp[y] - ref_logp[y]) for y in (winner, loser))
        margin = chosen - rejected
        loss = p * math.log1p(math.exp(-margin))
        loss += (1 - p) * math.log1p(math.exp(margin))
        right = 0.5 if margin == 0 else float(margin > 0)
        rows.append((loss, margin, right, chosen, rejected))
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0])
def test_loss_and_log_equal_a_loop_over_pairs(beta):
    policy, reference, pairs = model(1), model(2), batch()
    loss, record = pair_loss(policy, with_reference(pairs, reference), beta)
    assert loss.item() == record["loss"]
    assert [*record.values()] == pytest.approx(by_hand(policy, reference, pairs, beta))
    assert [*record] == [
        "loss",
        "margin",
        "accuracy",
        "reward_chosen",
        "reward_rejected",
    ]


# One step


@pytest.mark.parametrize("beta", [0.1, 1.0, 4.0])
def test_the_first_loss_is_log_two_whatever_the_labels(beta):
    policy = model()
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    loss = dpo_step(policy, freeze(policy), optimizer, batch(), beta)
    assert loss == pytest.approx(math.log(2), abs=1e-12)


@pytest.mark.parametrize("beta", [0.3, 2.0])
def test_the_first_gradient_has_weight_half_beta(beta):
    """With label 1: -beta/2 times the mean of grad log pi_w - grad log pi_l."""
    policy, pairs = model(), batch()
    pairs = pairs._replace(label=torch.ones_like(pairs.label))
    logp = model_logp(policy, pairs.tokens, pairs.mask)
    wider = (logp[pairs.chosen] - logp[pairs.rejected]).mean()
    wanted = torch.autograd.grad(-beta / 2 * wider, [*policy.parameters()])
    before, rate = [value.detach().clone() for value in policy.parameters()], 0.01
    optimizer = torch.optim.SGD(policy.parameters(), lr=rate)
    dpo_step(policy, freeze(policy), optimizer, pairs, beta)
    for old, new, gradient in zip(before, policy.parameters(), wanted, strict=True):
        torch.testing.assert_close(new, old - rate * gradient)


def test_a_step_moves_the_policy_only():
    policy = model()
    reference = freeze(policy)
    before = weights(reference)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    losses = [dpo_step(policy, reference, optimizer, batch(), 1.0) for _ in range(5)]
    assert same(before, weights(reference))
    assert all(value.grad is None for value in reference.parameters())
    assert not same(before, weights(policy))
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_a_step_asks_the_reference_and_not_the_batch():
    policy, pairs = model(), batch()
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.0)
    stale = pairs._replace(ref_logp=torch.full_like(pairs.ref_logp, -50.0))
    for given in (pairs, stale):
        loss = dpo_step(policy, model(2), optimizer, given, 0.5)
        assert loss == pytest.approx(by_hand(policy, model(2), pairs, 0.5)[0])


def test_gradients_left_by_others_are_forgotten():
    clean, dirty = model(), model()
    for value in dirty.parameters():
        value.grad = torch.full_like(value, 100.0)
    for policy in (clean, dirty):
        optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
        dpo_step(policy, model(2), optimizer, batch(), 1.0)
    assert same(weights(clean), weights(dirty))


# The loop


def sft_at(policy):
    def loss_at(step):
        pairs = batch(step)
        loss = sft_loss(policy, pairs.tokens, pairs.mask)
        return loss, {"loss": loss.item()}

    return loss_at


SHORT = Schedule(steps=6, learning_rate=0.02, warmup=2)


def test_minimize_is_adam_with_the_schedule_s_rates():
    ours, plain, shown = model(), model(), []
    minimize(ours, sft_at(ours), SHORT, after_step=shown.append)
    optimizer = torch.optim.Adam(plain.parameters(), lr=1.0, betas=(0.9, 0.95))
    for step in range(SHORT.steps):
        for group in optimizer.param_groups:
            group["lr"] = SHORT.learning_rate_at(step)
        optimizer.zero_grad()
        sft_at(plain)(step)[0].backward()
        optimizer.step()
    for name, value in weights(ours).items():  # fused Adam rounds in another order
        torch.testing.assert_close(value, weights(plain)[name], rtol=1e-9, atol=1e-12)
    assert [report.step for report in shown] == [*range(SHORT.steps)]
    assert all(report.record["loss"] > 0 for report in shown)


def test_minimize_follows_another_trainer_s_settings():
    """AdamW with weight decay, clipping and linear decay, as torch spells them out."""
    ours, plain, clipped = model(), model(), []
    schedule = Schedule(
        *(6, 0.05), warmup=0, betas=(0.9, 0.999), weight_decay=0.1, clip=0.5
    )
    minimize(ours, sft_at(ours), schedule)
    optimizer = torch.optim.AdamW(plain.parameters(), lr=0.05, weight_decay=0.1)
    falls = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 6)
    for step in range(6):
        optimizer.zero_grad()
        sft_at(plain)(step)[0].backward()
        clipped.append(nn.utils.clip_grad_norm_(plain.parameters(), 0.5) > 0.5)
        optimizer.step()
        falls.step()
    assert any(clipped)
    for name, value in weights(ours).items():
        torch.testing.assert_close(value, weights(plain)[name], rtol=1e-9, atol=1e-12)


def test_a_rate_that_does_not_fall_and_a_run_that_ends_early():
    steady = Schedule(steps=10, learning_rate=2.0, warmup=2, falls=False)
    assert [steady.learning_rate_at(step) for step in range(4)] == [1, 2, 2, 2]
    first, seen = model(), []
    minimize(first, sft_at(first), SHORT, seen.append, steps=2)
    whole, rows = model(), []
    minimize(whole, sft_at(whole), SHORT, rows.append)
    assert [report.record for report in seen] == [r.record for r in rows[:2]]


@pytest.mark.parametrize("stop", [1, 2, 5, 6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_run_stopped_and_continued_ends_with_the_same_weights(stop, dtype, tmp_path):
    whole, first, second = (model().to(dtype) for _ in range(3))
    minimize(whole, sft_at(whole), SHORT)
    origin = Origin("reference", "settings", "data")

    class Stop(Exception):
        pass

    def save_then_stop(report):
        if report.step + 1 == stop:
            save_checkpoint(tmp_path / "run", report, origin, [])
            raise Stop

    with pytest.raises(Stop):
        minimize(first, sft_at(first), SHORT, after_step=save_then_stop)
    with torch.no_grad():  # the second process starts from anything
        second.head.weight.add_(1)
    checkpoint, _ = load_checkpoint(tmp_path / "run", origin)
    assert checkpoint.step == stop
    minimize(second, sft_at(second), SHORT, checkpoint=checkpoint)
    assert same(weights(whole), weights(second))


# The story in short: two words a response, two seconds


BRIEF = Settings(
    sft=Schedule(150, 3e-3), dpo=Schedule(160, 5e-3), group_size=16, beta=1.0
)  # fmt: skip


@pytest.fixture(scope="module")
def reference():
    return make_reference(DATA, BRIEF)


def kl(logp, other):
    return float((np.exp(logp) * (logp - other)).sum(-1).mean())


def test_the_reference_speaks_like_the_writers(reference):
    assert kl(LOGP, reference.logp) < 0.05 < kl(LOGP, np.full((8, 241), -np.log(241)))


def test_the_stage_holds_its_model_s_probabilities_of_all_responses(reference):
    scored = model_logp(reference.model, DATA.tokens, DATA.mask).view(8, -1)
    assert reference.logp == pytest.approx(scored.numpy(), rel=1e-10)
    assert np.exp(reference.logp).sum(-1) == pytest.approx(np.ones(8), abs=1e-9)


def test_soft_labels_bring_the_policy_ever_closer_to_the_optimum(reference):
    best = optimal_logp(reference.logp, WORLD.reward, BRIEF.beta)
    away, losses = [kl(reference.logp, best)], []

    def look(report):
        losses.append(report.record["loss"])
        if (report.step + 1) % 40 == 0:
            away.append(kl(policy_logp(report.model, WORLD), best))

    learned = train_soft(DATA, reference, BRIEF, look)
    assert losses[0] == pytest.approx(math.log(2), abs=1e-12)
    assert away[-1] == pytest.approx(kl(learned.logp, best), rel=1e-12)
    assert all(later < earlier for earlier, later in pairwise(away))
    assert away[-1] < 0.1 * away[0]
    assert np.exp(learned.logp).sum(-1) == pytest.approx(np.ones(8), abs=1e-9)


def test_hard_labels_run_for_their_epochs_and_leave_the_reference(reference):
    pairs = sample_pairs(WORLD, reference.logp, 50, np.random.default_rng(0))
    before, steps = weights(reference.model), []
    settings = Settings(batch_size=20, dpo=Schedule(0, 2e-3))
    learned = train_hard(
        DATA, reference, pairs, 4, settings, lambda report: steps.append(report.step)
    )
    assert steps == [*range(4 * 3)]
    assert same(before, weights(reference.model))
    assert kl(learned.logp, reference.logp) > 1e-4


def test_the_same_settings_give_the_same_weights():
    brief = Settings(sft=Schedule(5, 3e-3), dpo=Schedule(5, 3e-3), group_size=4)
    one, other = (make_reference(DATA, brief) for _ in range(2))
    assert same(weights(one.model), weights(other.model))
    policies = [train_soft(DATA, one, brief).model for _ in range(2)]
    assert same(*(weights(policy) for policy in policies))

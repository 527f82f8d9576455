"""Offline and online are compared fairly: same labels, one rule, seeds apart."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from dpo_edu.experiments.online import runs, tuned
from dpo_edu.experiments.online.conditions import CONDITIONS, SIDES
from dpo_edu.experiments.online.contrarians import TARGET, contrarian_start
from dpo_edu.experiments.shared_start import Start, shared_start
from dpo_edu.online import fixed_reference
from dpo_edu.online.judges import judged_pairs, reward_judge
from dpo_edu.preference_world import hard_labels
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import freeze
from dpo_edu.training.world_run import Stage, policy_logp

from .small_world import DATA, WORLD


@pytest.fixture(scope="module")
def start():
    """A reference that was never trained, and pairs kept apart."""
    torch.manual_seed(0)
    config = ModelConfig(vocabulary=16, context=DATA.tokens.shape[1], width=8)
    model = freeze(TinyTransformer(config).double())
    reference = Stage(model, policy_logp(model, WORLD))
    draws = np.random.default_rng(7)
    judge = reward_judge(WORLD.reward)
    held_out = hard_labels(judged_pairs(reference.logp, judge, 50, draws), draws)
    return Start(DATA, reference, held_out)


def small(name, start):
    return replace(SIDES[name], start=lambda: start, labels=80, steps=8)


def test_sides_get_as_many_labels_and_the_same_judge():
    assert {side.labels for side in SIDES.values()} == {4_000}
    assert {side.judge for side in SIDES.values()} == {SIDES["offline"].judge}
    for side in SIDES.values():
        assert side.labels == side.settings.pairs * side.rounds
        assert side.beta == TARGET, "where exact rounds end, with a fixed reference"
        assert side.moves is fixed_reference


def test_ordinary_sides_begin_at_the_reference_of_chapter_eleven():
    for name, side in SIDES.items():
        ordinary = name.startswith("ordinary, ")
        assert side.start is (shared_start if ordinary else contrarian_start)
        twin = SIDES[name.removeprefix("ordinary, ")]
        assert replace(side, start=twin.start) == twin


def test_conditions_differ_from_the_first_in_a_part_or_two():
    first = CONDITIONS["fixed, all labels"]
    assert first == SIDES["fixed, all labels"]
    for run in CONDITIONS.values():
        parts = [vars(run)[part] != value for part, value in vars(first).items()]
        assert sum(parts) <= 5, "moves, keeps, judge, labels and steps at most"


def test_offline_is_one_round_on_the_reference_s_own_pairs(start):
    rows = runs.rounds_run(3, small("offline", start))
    draws = np.random.default_rng([15, 2, 3])
    judge = reward_judge(WORLD.reward)
    pairs = judged_pairs(start.reference.logp, judge, 80, draws)
    rewards = [WORLD.reward[pairs.prompt, y] for y in (pairs.chosen, pairs.rejected)]
    assert [row["step"] for row in rows] == [0, 1]
    assert rows[0]["covered"] == (np.max(rewards, axis=0) == 3).mean()
    assert rows[0]["kl_from_reference"] == pytest.approx(0, abs=1e-12)
    assert rows[0]["held_out_loss"] == pytest.approx(math.log(2))
    assert rows[1]["kl_from_reference"] > 0


def test_the_first_round_is_the_same_whatever_is_kept_afterwards(start):
    names = "fixed, all labels", "fixed, newest labels"
    both = [runs.rounds_run(0, small(name, start), stop=2) for name in names]
    assert both[0][:2] == both[1][:2]
    assert both[0][2]["objective"] != both[1][2]["objective"]


def test_learning_rate_and_steps_reach_the_run(start, monkeypatch):
    monkeypatch.setitem(SIDES, "offline", small("offline", start))
    slow = runs.side_run("offline", 1e-9, 4.0, 0)[-1]
    fast = runs.side_run("offline", 1e-2, 4.0, 0)[-1]
    longer = runs.side_run("offline", 1e-2, 8.0, 0)[-1]
    assert slow["kl_from_reference"] < 1e-9 < fast["kl_from_reference"]
    assert fast["kl_from_reference"] < longer["kl_from_reference"]


def fake_run(stem, function, side, learning_rate, steps, seed):
    """J of a hill, higher on the judged seeds, and noise that the two seeds cancel."""
    assert (stem, function, side) == ("online", runs.side_run, "offline")
    noise = {100: 0.9, 101: -0.9}.get(seed, 5.0)
    J = -abs(math.log2(learning_rate / 1e-2)) - abs(math.log2(steps / 128))
    shaken = noise * math.log2(learning_rate / 5e-3)
    return [{"step": 0, "objective": 9.0}, {"step": 1, "objective": J + shaken}]


def test_a_side_is_tuned_on_seeds_that_are_not_judged(monkeypatch):
    monkeypatch.setattr(tuned, "kept", fake_run)
    found = tuned.tuned_side("offline")
    assert found["setting"] == {"learning_rate": 1e-2, "steps": 128.0}
    assert found["unsettled"] == []
    assert len(found["tried"]) <= tuned.BUDGET
    assert max(tried["score"] for tried in found["tried"]) == pytest.approx(0)
    assert not {*tuned.TUNING} & {*tuned.JUDGED}
    assert [rows[-1]["objective"] for rows in found["runs"]] == pytest.approx([5.0] * 5)

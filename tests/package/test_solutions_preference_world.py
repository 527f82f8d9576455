"""The solutions of chapter 10 against the package, on its own world."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dpo_edu import preference_world
from dpo_edu.boltzmann import optimal_logp
from dpo_edu.preference_world import Pairs, build_world, hard_labels, soft_labels
from dpo_edu.preference_world.prefix_tree import unfold
from dpo_edu.preference_world.writers import writers_logp
from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "10_preference_world.py")
WORLD = build_world(2)
LOGP = writers_logp(WORLD)


def test_verdicts_equal_the_package_s():
    rewards = np.random.default_rng(0).normal(scale=3, size=(2, 500))
    chance = np.random.default_rng(1).random(500)
    found = solution.label_pair(*rewards, chance)
    assert (found == preference_world.label_pair(*rewards, chance)).all()
    assert 100 < found.sum() < 400


def test_divergence_equals_the_package_s_on_the_world():
    best = optimal_logp(LOGP, WORLD.reward, 1.0)
    found = solution.exact_kl(best, LOGP)
    assert found == pytest.approx(preference_world.exact_kl(best, LOGP), rel=1e-12)


@pytest.mark.parametrize("words", [1, 2, 5])
def test_tree_equals_the_package_s(words):
    noise = torch.Generator().manual_seed(words)
    levels = torch.randn(words + 1, words + 1, generator=noise, dtype=torch.float64)
    levels = levels.log_softmax(-1)
    found = solution.tree_logp(levels[0].numpy(), levels[1:].numpy())
    assert found == pytest.approx(unfold([levels[:1], levels[1:]]).numpy(), rel=1e-14)


def test_mended_pairs_are_the_package_s_hard_labels():
    generator = np.random.default_rng(2)
    prompt = generator.integers(8, size=300)
    first, second = generator.integers(241, size=(2, 300))
    pairs = soft_labels(WORLD, prompt, first, second)
    chance = np.random.default_rng(3).random(300)
    wanted = hard_labels(pairs, np.random.default_rng(3))
    rewards = (WORLD.reward[prompt, side] for side in pairs[1:3])
    found = solution.find_the_bug_pairs(*pairs[1:3], *rewards, chance)
    assert np.array_equal(Pairs(prompt, *found, np.ones(300)), wanted)


def test_predicted_numbers_are_the_package_s():
    assert solution.predict_the_number_of_responses() == sum(4**n for n in range(4))
    world, great, good = WORLD, WORLD.number("great"), WORLD.number("good")
    assert [world.reward[0, y] for y in (great, good)] == [3.0, 1.5]
    label = soft_labels(world, np.array([0]), np.array([great]), np.array([good])).label
    assert solution.predict_the_contrary_labels() == pytest.approx(1 - label[0])

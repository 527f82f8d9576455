"""The solutions of chapter 12 against the package, known values and brute force."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from dpo_edu.policy_gradient import generalized_advantages, policy_gradient, scores
from dpo_edu.policy_gradient.reward_model import reward_model_loss
from dpo_edu.workbook.python_file import load_file

from .golden import entry

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "12_policy_gradient.py")


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_reward_model_loss_is_the_package_s():
    chosen, rejected = numbers(1.5, -40.0, 0.25, 3.0), numbers(2.0, 60.0, 0.25, -9.0)
    found = solution.reward_model_loss(chosen, rejected)
    torch.testing.assert_close(found, reward_model_loss(chosen, rejected))


def test_leave_one_out_has_the_known_values():
    row = entry("group_advantages")
    found = solution.leave_one_out_advantages(numbers(*row["inputs"]["rewards"]))
    torch.testing.assert_close(found, numbers(*row["value"]["rloo"]))


def test_clip_has_the_known_values():
    row = entry("ppo_clip_table")
    for case, value in row["value"].items():
        ratio, advantage = (float(part.split("=")[1]) for part in case.split(","))
        arguments = numbers(ratio), numbers(advantage), row["inputs"]["epsilon"]
        assert solution.clipped_objective(*arguments).item() == pytest.approx(value)


def test_token_advantages_are_known_and_the_package_s():
    row = entry("gae")
    rewards, values = row["inputs"]["rewards"], row["inputs"]["values"][:-1]
    arguments = numbers(*rewards), numbers(*values), row["inputs"]["gamma"]
    for decay, name in ((row["inputs"]["lam"], "gae"), (1.0, "gae_lambda1")):
        found = solution.find_the_bug_token_advantages(*arguments, decay)
        torch.testing.assert_close(found, numbers(*row["value"][name]))
        torch.testing.assert_close(found, generalized_advantages(*arguments, decay))


def test_share_of_the_gradient_by_enumerating_all_groups():
    reward, pi = numbers(1.0, 3.0), numbers(0.3, 0.7)
    score = scores(pi.log())
    mean = torch.zeros(2, dtype=torch.float64)
    for group in itertools.product((0, 1), repeat=8):
        advantage = reward[list(group)] - reward[list(group)].mean()
        estimate = (advantage[:, None] * score[list(group)]).mean(0)
        mean += pi[list(group)].prod() * estimate
    share = solution.predict_the_share_of_the_gradient()
    torch.testing.assert_close(mean, share * policy_gradient(pi.log(), reward))


def test_predicted_slope_and_gradient_by_autograd():
    ratio = numbers(1.6).requires_grad_()
    solution.clipped_objective(ratio, numbers(-0.5), 0.2).backward()
    assert ratio.grad.item() == solution.predict_the_clipped_slope()
    z = torch.tensor(np.log(0.2 / 0.8), requires_grad=True)
    p = torch.sigmoid(z)
    cost = p * (1 - 0.3) ** 2 + (1 - p) * (0 - 0.3) ** 2
    predicted = solution.predict_the_gradient_through_a_sample()
    assert torch.autograd.grad(cost, z)[0].item() == pytest.approx(predicted)

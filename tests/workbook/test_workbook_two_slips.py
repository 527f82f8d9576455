"""Two slips in one answer, or a way to fail that several share: no false name."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dpo_edu.workbook.known_wrong.training import dpo_loss as task_loss
from dpo_edu.workbook.known_wrong.training import four

from .exercise_material import verdict


def gap(chosen, rejected, ref_chosen, ref_rejected):
    """Without detach: the second slip."""
    return (chosen - ref_chosen) - (rejected - ref_rejected)


def named(stem, name, function):
    """(stage, id of the mistake, sentence)."""
    failure = verdict(stem, name, function).failure
    return failure.stage, failure.mistake_id, failure.mistake


NAIVE = {
    "log of sigmoid": lambda m: -torch.log(torch.sigmoid(m)),
    "log of 1 + exp": lambda m: torch.log(1 + torch.exp(-m)),
    "a / (a + b)": lambda m: -torch.log(torch.exp(m) / (torch.exp(m) + 1)),
    "clamped": lambda m: F.softplus(-m.clamp(-50, 50)),
    "padded": lambda m: -torch.log(torch.sigmoid(m) + 1e-12),
}


@pytest.mark.parametrize("slip", NAIVE)
def test_an_overflow_is_not_taken_for_the_reference_that_is_not_detached(slip):
    def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
        logps = logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
        return NAIVE[slip](beta * gap(*logps)).mean()

    stage, _, sentence = named("dpo_loss", "dpo_loss", dpo_loss)
    assert stage == "extremes"
    assert "are right" not in sentence
    assert "etach" not in sentence


def test_the_most_natural_first_loss_has_the_name_of_its_overflow():
    def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
        logps = logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
        return -torch.log(torch.sigmoid(beta * gap(*logps))).mean()

    _, mistake, _ = named("dpo_loss", "dpo_loss", dpo_loss)
    assert mistake == "log_of_sigmoid"


def test_once_the_extremes_are_right_the_gradient_has_its_name():
    def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
        logps = logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
        return F.softplus(-beta * gap(*logps)).mean()

    stage, mistake, _ = named("dpo_loss", "dpo_loss", dpo_loss)
    assert (stage, mistake) == ("gradient", "reference_trained")


def test_simpo_with_both_slips_is_not_called_right_in_value():
    def simpo_loss(
        logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma
    ):
        margin = beta * (
            logp_chosen / length_chosen - logp_rejected.detach() / length_rejected
        )
        return -torch.log(torch.sigmoid(margin - gamma)).mean()

    stage, _, sentence = named("variants", "simpo_loss", simpo_loss)
    assert stage == "extremes"
    assert "value is right" not in sentence


def test_reward_loss_with_both_slips_is_not_called_right_in_value():
    def reward_model_loss(reward_chosen, reward_rejected):
        return -torch.log(
            torch.sigmoid(reward_chosen - reward_rejected.detach())
        ).mean()

    stage, _, sentence = named(
        "policy_gradient", "reward_model_loss", reward_model_loss
    )
    assert stage == "extremes"
    assert "value is right" not in sentence


def test_the_median_is_not_the_first_pair():
    def dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
        refs = ref_logp_chosen.detach(), ref_logp_rejected.detach()
        margin = beta * gap(logp_chosen, logp_rejected, *refs)
        return F.softplus(-margin).median()

    assert named("dpo_loss", "dpo_loss", dpo_loss)[1] != "first_pair_only"


# What moves no weight


def no_step(policy, reference, optimizer, batch, beta):
    loss = task_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def no_backward(policy, reference, optimizer, batch, beta):
    loss = task_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def no_gradient(policy, reference, optimizer, batch, beta):
    with torch.no_grad():
        loss = task_loss(*four(policy, reference, batch), beta)
    loss.requires_grad_()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def step_first(policy, reference, optimizer, batch, beta):
    loss = task_loss(*four(policy, reference, batch), beta)
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()
    return loss.item()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_step, "step() is never called"),
        (no_backward, "backward is missing"),
        (no_gradient, "no_grad keeps it from the policy"),
        (step_first, "step() comes before backward()"),
    ],
)
def test_four_ways_to_move_no_weight_are_told_apart(function, words):
    assert words in named("training", "dpo_step", function)[2]


# Constants and NaN


def zeros(wins):
    return np.zeros(len(wins))


def whole_numbers(wins):
    rewards = np.zeros(len(wins), dtype=int)
    for _ in range(10):
        rewards += (0.01 * (wins.sum(1) - wins.sum(0))).astype(int) * 0
    return rewards


@pytest.mark.parametrize("function", [zeros, whole_numbers])
def test_a_constant_is_called_a_constant_first(function):
    _, _, sentence = named("likelihood", "fit_rewards", function)
    assert sentence.startswith("The rewards are 0 whatever the table is.")


def test_a_nan_does_not_hide_the_name_of_the_rest():
    def kl_divergence(p, q):
        return (q * np.log(q / p)).sum(-1)

    stage, mistake, _ = named("divergence", "kl_divergence", kl_divergence)
    assert stage in ("finite", "hand example")
    assert mistake


def test_a_result_that_converges_too_late_is_not_called_float32_alone():
    def preference_probability(reward_i, reward_j):
        return round(1 / (1 + math.exp(reward_j - reward_i)), 7)

    _, mistake, sentence = named(
        "bradley_terry", "preference_probability", preference_probability
    )
    assert mistake == "few digits"
    assert "converged" in sentence

"""Every number that a reader predicts, against what comes out when it is computed."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from dpo_edu import boltzmann, cancellation, divergence, dpo_gradient, likelihood
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.preference_world import soft_labels
from dpo_edu.training.evaluation import evaluate

from ..package.small_world import LOGP, WORLD
from .solution_files import numbers, solutions


def error_bar():
    information = likelihood.fisher_information([np.log(4), 0], [[0, 100], [100, 0]])
    return likelihood.standard_errors(information, base=1)[0]


def narrow_policy():
    policy, reference = np.repeat([0.1, 0.0], [10, 990]), np.full(1000, 1e-3)
    return divergence.kl_divergence(policy, reference)


def mean_of_k3():
    policy, reference = np.repeat([1 / 200, 0.0], [200, 800]), np.full(1000, 1e-3)
    return divergence.estimator_moments(policy, reference)[0][2]


def half_the_beta():
    """From rewards that make 0.2 into 0.6 at beta = 1."""
    ref_logp, reward = np.log([0.2, 0.8]), np.array([np.log(6), 0.0])
    at_one, at_half = (
        np.exp(boltzmann.optimal_logp(ref_logp, reward, beta))[0] for beta in (1.0, 0.5)
    )
    assert at_one == pytest.approx(0.6)
    return at_half


def shift():
    ref_logp, reward = np.log([0.2, 0.8]), np.array([1.0, -2.0])
    both = (boltzmann.log_partition(ref_logp, r, 0.5) for r in (reward + 3, reward))
    return np.subtract(*both)


def average_multiplier():
    policy, ref = np.array([0.1, 0.2, 0.7]), np.array([0.5, 0.3, 0.2])
    reward = cancellation.implicit_reward(np.log(policy), np.log(ref), 0.1)
    return (ref * np.exp(reward / 0.1)).sum()


def level():
    """A world in which the response of reward 2 doubles: 0.2 becomes 0.4 at 0.5."""
    other = 2 - 0.5 * math.log((0.4 / 0.2) / (0.6 / 0.8))
    ref_logp, reward = np.log([0.2, 0.8]), np.array([2.0, other])
    doubled = np.exp(boltzmann.optimal_logp(ref_logp, reward, 0.5)[0])
    assert doubled == pytest.approx(0.4)
    return float(0.5 * boltzmann.log_partition(ref_logp, reward, 0.5))


def first_gradient():
    return float(dpo_gradient.dpo_gradient(-3.0, -5.0, -3.0, -5.0, beta=0.3)[0])


def strongest_pull():
    weights = dpo_gradient.gradient_weight([-10000.0, 0.0], beta=0.1)
    return float(weights[0] / weights[1])


def contrary_labels():
    great, good = WORLD.number("great"), WORLD.number("good")
    assert [WORLD.reward[0, y] for y in (great, good)] == [3.0, 1.5]
    pair = (np.array([at]) for at in (0, great, good))
    return 1 - soft_labels(WORLD, *pair).label[0]


def share_left():
    """That of any policy with these divergences: 1 minus their ratio."""
    policy = boltzmann.optimal_logp(LOGP, 0.9 * WORLD.reward, 1.0)
    start, here = (evaluate(p, LOGP, WORLD.reward, 1.0) for p in (LOGP, policy))
    ratio = here.kl_to_optimum / start.kl_to_optimum
    assert here.share == pytest.approx(1 - ratio)
    return 1 - 0.063 / 1.26


def gap_of_the_smallest_loss():
    gaps = np.linspace(-8, 8, 16_001)
    zero = np.zeros_like(gaps)
    losses = dpo_loss(gaps, zero, zero, zero, 0.5, label=0.8, reduction="none")
    return gaps[int(losses.argmin())]


def gradient_through_a_sample():
    z = torch.tensor(np.log(0.2 / 0.8), requires_grad=True)
    p = torch.sigmoid(z)
    cost = p * (1 - 0.3) ** 2 + (1 - p) * (0 - 0.3) ** 2
    return torch.autograd.grad(cost, z)[0].item()


def lowest(loss):
    return minimize_scalar(loss, bounds=(-10, 10), method="bounded").x


def ipo_gap():
    def loss(gap):
        both = (solutions("14").ipo_loss(numbers(s * gap), 0.25) for s in (1, -1))
        first, second = both
        return (0.9 * first + 0.1 * second).item()

    return lowest(loss)


def cdpo_gap():
    return lowest(lambda gap: solutions("14").cdpo_loss(numbers(gap), 0.5, 0.2).item())


def kto_pull():
    slopes = []
    for lead in (-4.0, 0.0):
        ratio = numbers(lead).requires_grad_()
        nothing = torch.tensor(0.0, dtype=torch.float64)
        yes = torch.tensor([True])
        solutions("14").kto_loss(ratio, yes, nothing, 1.0).backward()
        slopes.append(ratio.grad.item())
    return slopes[0] / slopes[1]


def learning_weights():
    """Counted on a layer of the real model's sizes, which peft gives its adapter."""
    pytest.importorskip("peft", reason="pip install -e '.[dev]'")
    from transformers import LlamaConfig, LlamaForCausalLM

    from dpo_edu.real_model import adapter

    sizes = {"hidden_size": 576, "intermediate_size": 1_536, "vocab_size": 32}
    heads = {"num_attention_heads": 9, "num_key_value_heads": 3}
    config = LlamaConfig(num_hidden_layers=1, **sizes, **heads)
    model = adapter.with_adapter(LlamaForCausalLM(config), adapter.Lora(), seed=0)
    return 30 * sum(w.numel() for w in adapter.learning_weights(model).values())


PREDICTED = {  # prediction: who else says so, within which distance
    ("02", "the_floor"): (lambda: likelihood.bayes_loss(0.75), None),
    ("02", "the_error_bar"): (error_bar, None),
    ("03", "a_narrow_policy"): (narrow_policy, None),
    ("03", "the_mean_of_k3"): (mean_of_k3, None),
    ("04", "half_the_beta"): (half_the_beta, None),
    ("04", "the_shift"): (shift, None),
    ("05", "the_average_multiplier"): (average_multiplier, None),
    ("05", "the_level"): (level, None),
    ("07", "the_first_gradient"): (first_gradient, None),
    ("07", "the_strongest_pull"): (strongest_pull, None),
    ("10", "the_number_of_responses"): (lambda: sum(4**n for n in range(4)), 0),
    ("10", "the_contrary_labels"): (contrary_labels, None),
    ("11", "the_share"): (share_left, None),
    ("11", "the_final_gap"): (gap_of_the_smallest_loss, 1e-3),
    ("12", "the_gradient_through_a_sample"): (gradient_through_a_sample, None),
    ("14", "the_ipo_gap"): (ipo_gap, 1e-4),
    ("14", "the_cdpo_gap"): (cdpo_gap, 1e-4),
    ("14", "the_kto_pull"): (kto_pull, None),
    ("17", "the_learning_weights"): (learning_weights, None),
}


@pytest.mark.parametrize(("chapter", "what"), PREDICTED)
def test_a_predicted_number_is_what_comes_out(chapter, what):
    witness, distance = PREDICTED[chapter, what]
    predicted = getattr(solutions(chapter), f"predict_{what}")()
    assert predicted == pytest.approx(witness(), abs=distance)

"""Answers that are right but for one thing that no value shows."""

import copy

import numpy as np
import pytest
import torch

from dpo_edu.workbook.report import NOT_YET

from .exercise_material import module, verdict


def frozen(model):
    return copy.deepcopy(model).eval().requires_grad_(False)


def freeze_that_leaves_gradients(model):
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    return frozen(model)


def freeze_that_leaves_a_hook(model):
    reference = frozen(model)
    model.register_forward_hook(lambda *_: None)
    return reference


def freeze_that_clears_gradients(model):
    reference = frozen(model)
    model.zero_grad()
    return reference


def freeze_that_forgets_numbers_not_saved(model):
    reference = frozen(model)
    for module_ in reference.modules():
        for name in module_._non_persistent_buffers_set:
            getattr(module_, name).zero_()
    return reference


def flips_in_floats(chosen, rejected, uniform, rate):
    flip = (uniform < rate)[:, None] * 1.0
    turned = chosen + flip * (rejected - chosen), rejected + flip * (chosen - rejected)
    return tuple(np.asarray(side, dtype=float) for side in turned)


def padding_in_32_bits(prompts, responses, pad):
    right = module("solutions", "scaling").find_the_bug_left_padding
    tokens, mask = right(prompts, responses, pad)
    return tokens.int(), mask


@pytest.mark.parametrize(
    ("stem", "name", "answer", "stage"),
    [
        ("training", "freeze", freeze_that_leaves_gradients, "properties"),
        ("training", "freeze", freeze_that_leaves_a_hook, "properties"),
        ("training", "freeze", freeze_that_clears_gradients, "properties"),
        ("training", "freeze", freeze_that_forgets_numbers_not_saved, "properties"),
        ("failure_modes", "find_the_bug_flips", flips_in_floats, "shape"),
        ("scaling", "find_the_bug_left_padding", padding_in_32_bits, "shape"),
    ],
)
def test_an_answer_that_is_right_in_value_only_fails(stem, name, answer, stage):
    found = verdict(stem, name, answer)
    assert found.verdict == NOT_YET
    assert found.failure is not None
    assert (found.failure.stage, found.failure.mistake) == (stage, ""), str(found)

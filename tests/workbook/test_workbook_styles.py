"""Right answers in odd clothes are right, or told what to wrap them in."""

import functools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from dpo_edu.workbook import kinds
from dpo_edu.workbook.kinds import Broken
from dpo_edu.workbook.report import DONE, NOT_YET

from .exercise_material import verdict

FIRST = "bradley_terry", "preference_probability"


def probability(reward_i, reward_j):
    return (1 + math.tanh((reward_i - reward_j) / 2)) / 2


def without_wraps(function):
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


class Model(nn.Module):
    def forward(self, reward_i, reward_j):
        return torch.sigmoid(torch.tensor(reward_i - reward_j, dtype=torch.float64))


STYLES = {
    "stars": lambda *rewards: probability(*rewards),
    "one and stars": lambda reward_i, *more: probability(reward_i, *more),
    "decorated": without_wraps(probability),
    "vectorized": np.vectorize(probability),
    "model": Model(),
    "partial": functools.partial(lambda extra, i, j: probability(i, j), None),
    "Decimal": lambda reward_i, reward_j: Decimal(probability(reward_i, reward_j)),
    "Fraction": lambda reward_i, reward_j: Fraction(probability(reward_i, reward_j)),
    "0-d array": lambda reward_i, reward_j: np.array(probability(reward_i, reward_j)),
    "0-d tensor": lambda reward_i, reward_j: torch.tensor(
        probability(reward_i, reward_j), dtype=torch.float64
    ),
}


@pytest.mark.parametrize("style", [name for name in STYLES if name != "partial"])
def test_right_answers_in_unusual_styles_pass(style):
    found = verdict(*FIRST, STYLES[style])
    assert found.verdict == DONE, str(found)


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (lambda first, *rest: 0, "(first, *rest)"),
        (lambda reward_i: 0, "(reward_i)"),
        (lambda reward_i, reward_j, scale: 0, "(reward_i, reward_j, scale)"),
        (lambda reward_i, *, reward_j: 0, "(reward_i, reward_j)"),
        (lambda **both: 0, "(**both)"),
    ],
)
def test_other_arguments_are_shown_with_their_stars(function, shown):
    found = verdict(*FIRST, function)
    assert found.verdict == NOT_YET
    assert f"the arguments are {shown}, but" in found.failure.broken


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (kinds.array, [1.0], "wrap it in np.array(...)"),
        (kinds.array, torch.ones(1), "wrap it in np.array(...)"),
        (kinds.tensor, np.ones(1), "wrap it in torch.tensor(...)"),
        (kinds.tensor, [1.0], "wrap it in torch.tensor(...)"),
        (kinds.tensor, [torch.ones(1)], "wrap it in torch.stack(...)"),
        (kinds.several(kinds.tensor, kinds.tensor), torch.ones(2, 3), "tuple(...)"),
        (kinds.several(kinds.array, kinds.array), np.ones((2, 3)), "tuple(...)"),
        (kinds.number, torch.ones(()).requires_grad_(), "return .item()"),
    ],
)
def test_what_can_be_wrapped_is_told_in_what(kind, value, words):
    with pytest.raises(Broken) as refused:
        kind.plain(value)
    assert words in refused.value.words


def test_no_advice_where_gradients_would_be_lost():
    with pytest.raises(Broken) as refused:
        kinds.tensor.plain(0.5)
    assert (
        refused.value.words == "it returned a float; the task asks for a torch tensor"
    )


@pytest.mark.parametrize(
    "written", ["nothing is wrong", "Nothing is wrong.", "  NOTHING is  wrong. "]
)
def test_capitals_periods_and_spaces_do_not_count_in_a_diagnosis(written):
    plain = verdict("training", "diagnose_the_silent_log", lambda: "nothing is wrong")
    found = verdict("training", "diagnose_the_silent_log", lambda: written)
    assert found.failure.mistake == plain.failure.mistake != ""
    assert found.failure.stage == plain.failure.stage

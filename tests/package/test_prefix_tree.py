"""The prefix tree against one response at a time, and against plain Python loops."""

import math
from itertools import product

import pytest
import torch
from torch import nn

from dpo_edu.preference_world import prefix_tree
from dpo_edu.preference_world.prefix_tree import response_logp, unfold
from dpo_edu.sequence_logprob import sequence_logprob
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.validation import InputError

WORDS = 3  # and <eos> is token 3
PROMPTS = ([0], [2, 1], [1, 1, 0, 2])
CAPS = (1, 2, 3)


def random_model(dtype=torch.float64):
    """A transformer whose head is large enough for its forecasts to differ."""
    torch.manual_seed(0)
    model = TinyTransformer(ModelConfig(vocabulary=WORDS + 1, context=8, width=8))
    nn.init.normal_(model.head.weight)
    return model.to(dtype)


def responses(words, cap):
    """Shortest first, then in word order."""
    return [
        y for length in range(cap + 1) for y in product(range(words), repeat=length)
    ]


def one_by_one(model, prompt, cap):
    """Each response alone through the model, scored by chapter 08: -> floats."""
    scores = []
    for response in responses(WORDS, cap):
        ending = [] if len(response) == cap else [WORDS]
        tokens = torch.tensor([[*prompt, *response, *ending]])
        mask = torch.arange(tokens.shape[1])[None] >= len(prompt)
        with torch.no_grad():
            scores.append(sequence_logprob(model(tokens), tokens, mask).item())
    return scores


@pytest.mark.parametrize("cap", CAPS)
def test_tree_equals_one_response_at_a_time(cap):
    model = random_model()
    found = response_logp(model, PROMPTS, WORDS, cap)
    for row, prompt in zip(found.tolist(), PROMPTS, strict=True):
        assert row == pytest.approx(one_by_one(model, prompt, cap), rel=1e-12)


@pytest.mark.parametrize("cap", CAPS)
def test_probabilities_of_every_prompt_sum_to_one(cap):
    found = response_logp(random_model(), PROMPTS, WORDS, cap)
    assert found.shape == (3, len(responses(WORDS, cap)))
    assert found.exp().sum(-1).tolist() == pytest.approx([1, 1, 1], abs=1e-13)


@pytest.mark.parametrize("cap", CAPS)
def test_unfold_equals_a_loop_over_words(cap):
    noise = torch.Generator().manual_seed(cap)
    shapes = [(WORDS**depth, WORDS + 1) for depth in range(cap)]
    levels = [torch.randn(*shape, generator=noise).double() for shape in shapes]
    wanted = []
    for response in responses(WORDS, cap):
        total, node = 0.0, 0
        for depth, word in enumerate(response):
            total += levels[depth][node, word].item()
            node = node * WORDS + word
        if len(response) < cap:
            total += levels[len(response)][node, WORDS].item()
        wanted.append(total)
    assert unfold(levels).tolist() == pytest.approx(wanted)


def test_unfold_keeps_leading_axes():
    levels = [torch.randn(2, 5, 3**depth, 4) for depth in range(3)]
    found = unfold(levels)
    assert found.shape == (2, 5, 1 + 3 + 9 + 27)
    assert torch.equal(found[1, 4], unfold([level[1, 4] for level in levels]))


def test_a_word_that_cannot_come_takes_its_branch_along():
    levels = [torch.full((3**depth, 4), 0.25).log() for depth in range(2)]
    levels[0][0, 1] = -math.inf
    found = unfold(levels)
    impossible = [1 in y[:1] for y in responses(3, 2)]
    assert (found == -math.inf).tolist() == impossible


@pytest.mark.parametrize("rows", [1, 4, 9])
def test_slices_of_the_work_do_not_change_it(rows, monkeypatch):
    wanted = response_logp(random_model(), PROMPTS, WORDS, 3)
    monkeypatch.setattr(prefix_tree, "_ROWS", rows)
    found = response_logp(random_model(), PROMPTS, WORDS, 3)
    torch.testing.assert_close(found, wanted)


def test_the_model_sees_only_the_longest_prefixes():
    model, seen = random_model(), []
    model.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
    response_logp(model, PROMPTS, WORDS, 3)
    assert seen == [(9, len(prompt) + 2) for prompt in PROMPTS]


def test_forecasts_of_a_float32_model_are_normalized_in_float64():
    found = response_logp(random_model(torch.float32), PROMPTS, WORDS, 3)
    assert found.dtype == torch.float64
    assert found.exp().sum(-1).tolist() == pytest.approx([1, 1, 1], abs=1e-13)
    exact = response_logp(random_model(), PROMPTS, WORDS, 3)
    assert (found - exact).abs().max() < 1e-4


def test_nothing_is_kept_for_a_gradient():
    assert not response_logp(random_model(), PROMPTS, WORDS, 2).requires_grad


def test_a_cap_of_no_words_is_refused():
    with pytest.raises(InputError, match="max_words must be a whole number from 1"):
        response_logp(random_model(), PROMPTS, WORDS, 0)

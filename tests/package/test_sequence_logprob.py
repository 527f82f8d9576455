"""Sequence log-probabilities against loops, a language written out whole, autograd.

The one test that finds every classic bug: the probabilities of all responses sum to 1.
"""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.sequence_logprob import pad_sequences, sequence_logprob, token_logprobs
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.validation import InputError

from .golden import entry

EOS, WORDS, LONGEST = 0, (1, 2, 3), 3
PROMPTS = ([2], [1, 3], [3, 3, 1, 2])


def random_logits(*shape, seed=0):
    noise = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(*shape, generator=noise, dtype=torch.float64)


def batch():
    """Three rows of different lengths: (logits, tokens, response_mask)."""
    tokens, mask = pad_sequences([[1], [1, 2], [3, 1, 1]], [[2, 3, 0], [0], [2, 0]], 0)
    return random_logits(*tokens.shape, 4), tokens, mask


def by_loop(logits, tokens, mask):
    """The definition in plain floats: -> one float per row."""
    rows = []
    for row, ids, scored in zip(logits, tokens, mask, strict=True):
        total = 0.0
        for t in range(1, len(ids)):
            if scored[t]:
                before = row[t - 1].tolist()
                biggest = max(before)
                normalizer = sum(math.exp(x - biggest) for x in before)
                total += before[ids[t]] - biggest - math.log(normalizer)
        rows.append(total)
    return rows


# The definition


def test_sequences_equal_a_loop_over_tokens():
    wanted = by_loop(*batch())
    assert sequence_logprob(*batch()).tolist() == pytest.approx(wanted, rel=1e-12)


def test_tokens_equal_cross_entropy_and_the_first_is_zero():
    logits, tokens, _ = batch()
    each = token_logprobs(logits, tokens)
    assert each.shape == tokens.shape
    assert each[:, 0].tolist() == [0, 0, 0]
    loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    assert -each[:, 1:].mean().item() == pytest.approx(loss.item(), rel=1e-12)


def test_golden_string_of_independent_tokens():
    golden = entry("eos_needed_for_normalisation")
    inputs, value = golden["inputs"], golden["value"]
    p = torch.tensor([inputs["p_eos"], inputs["p_a"], inputs["p_b"]]).double()
    tokens, mask = pad_sequences([[1]], [[1, 2, 0]], 0)
    logits = p.log().expand(1, tokens.shape[1], 3)
    scored = sequence_logprob(logits, tokens, mask).item()
    assert scored == pytest.approx(value["logp_ab_with_eos"], abs=1e-7)


def test_boolean_integer_and_float_masks_are_one_mask():
    logits, tokens, mask = batch()
    wanted = sequence_logprob(logits, tokens, mask)
    assert torch.equal(sequence_logprob(logits, tokens, mask.long()), wanted)
    assert torch.equal(sequence_logprob(logits, tokens, mask.double()), wanted)


def test_a_constant_added_to_a_position_s_logits_changes_nothing():
    logits, tokens, mask = batch()
    shifted = logits + random_logits(*tokens.shape, 1, seed=1)
    torch.testing.assert_close(
        sequence_logprob(shifted, tokens, mask), sequence_logprob(logits, tokens, mask)
    )


# Probabilities of all responses sum to 1, and each classic bug breaks it


def all_responses():
    """Every response of the small language: words, then <eos> or the cap."""
    for length in range(LONGEST + 1):
        for words in itertools.product(WORDS, repeat=length):
            yield [*words] if length == LONGEST else [*words, EOS]


def language(prompt):
    """A float64 transformer's logits on all responses: (logits, tokens, mask)."""
    responses = [*all_responses()]
    tokens, mask = pad_sequences([prompt] * len(responses), responses, pad=EOS)
    torch.manual_seed(0)
    model = TinyTransformer(ModelConfig(vocabulary=4, context=8, width=8)).double()
    torch.nn.init.normal_(model.head.weight, std=0.5)
    with torch.no_grad():
        return model(tokens), tokens, mask


def total_probability(score, prompt):
    return float(score(*language(prompt)).exp().sum())


def unshifted(logits, tokens, mask):
    scored = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    return (scored * mask).sum(-1)


def mask_one_late(logits, tokens, mask):
    return (token_logprobs(logits, tokens)[:, 1:] * mask[:, :-1]).sum(-1)


def prompt_counted(logits, tokens, mask):
    before = mask.flip(-1).cumsum(-1).flip(-1) > 0
    return (token_logprobs(logits, tokens) * before).sum(-1)


def padding_counted(logits, tokens, mask):
    return (token_logprobs(logits, tokens) * (mask.cumsum(-1) > 0)).sum(-1)


def eos_left_out(logits, tokens, mask):
    return (token_logprobs(logits, tokens) * (mask & (tokens != EOS))).sum(-1)


def mean_of_tokens(logits, tokens, mask):
    return sequence_logprob(logits, tokens, mask) / mask.sum(-1)


BUGS = (
    unshifted,
    mask_one_late,
    prompt_counted,
    padding_counted,
    eos_left_out,
    mean_of_tokens,
)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_probabilities_of_all_responses_sum_to_one(prompt):
    assert total_probability(sequence_logprob, prompt) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("bug", BUGS)
def test_each_classic_bug_breaks_the_sum(bug):
    sums = [total_probability(bug, prompt) for prompt in PROMPTS]
    assert max(abs(total - 1) for total in sums) > 0.1


@pytest.mark.parametrize("bug", BUGS)
def test_the_first_loss_is_log_two_with_every_bug(bug):
    logp = bug(*language(PROMPTS[1]))
    loss = dpo_loss(logp[:8], logp[8:16], logp[:8], logp[8:16], beta=0.3)
    assert float(loss) == pytest.approx(math.log(2), abs=1e-15)


def test_padding_may_be_any_token():
    logits, tokens, mask = language(PROMPTS[1])
    wanted = sequence_logprob(logits, tokens, mask)
    other = tokens.masked_fill(mask.cumsum(-1) == 0, 3)  # other prompt tokens
    other = other.masked_fill((mask.cumsum(-1) > 0) & ~mask, 2)  # other padding
    assert torch.equal(sequence_logprob(logits, other, mask), wanted)


# Gradients


def test_gradient_is_one_hot_minus_softmax_at_the_predicting_positions():
    logits, tokens, mask = batch()
    logits.requires_grad_(True)
    sequence_logprob(logits, tokens, mask).sum().backward()
    score = F.one_hot(tokens[:, 1:], 4) - logits.detach()[:, :-1].softmax(-1)
    wanted = F.pad(score * mask[:, 1:, None], (0, 0, 0, 1))
    torch.testing.assert_close(logits.grad, wanted)


def test_gradient_equals_finite_differences():
    logits, tokens, mask = batch()
    logits.requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: sequence_logprob(x, tokens, mask), logits)


# Extremes


def test_impossible_tokens_outside_the_response_do_no_harm():
    logits, tokens, mask = batch()
    wanted = sequence_logprob(logits, tokens, mask)
    logits[1, 0, tokens[1, 1]] = -math.inf  # a prompt token that cannot be
    logits[1, 3, tokens[1, 4]] = -math.inf  # a padding token that cannot be
    logits.requires_grad_(True)
    found = sequence_logprob(logits, tokens, mask)
    assert torch.equal(found, wanted)
    found.sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_an_impossible_response_has_log_probability_minus_infinity():
    logits, tokens, mask = batch()
    logits[0, 0, tokens[0, 1]] = -math.inf
    assert sequence_logprob(logits, tokens, mask)[0] == -math.inf


def test_large_logits_stay_accurate():
    logits = torch.tensor([[[1e4, 0.0], [-1e4, 0.0]]], dtype=torch.float64)
    tokens, mask = torch.tensor([[0, 1]]), torch.tensor([[0, 1]])
    assert sequence_logprob(logits, tokens, mask).item() == -1e4


# Precision


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_half_precision_logits_are_scored_in_float32(half):
    logits = random_logits(1, 501, 1000).to(half)
    tokens = torch.arange(501)[None]
    mask = torch.ones_like(tokens).index_fill(1, torch.tensor([0]), 0)
    exact = sequence_logprob(logits.double(), tokens, mask).item()
    found = sequence_logprob(logits, tokens, mask)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(exact, rel=1e-6)


def test_bfloat16_cannot_hold_a_log_ratio_of_one():
    spacing = entry("bf16_logprob_resolution")["value"]["spacing_256_512"]
    near = torch.tensor([-500.0, -500.0 - spacing / 2 + 0.01])
    assert spacing == 2
    assert torch.equal(*near.to(torch.bfloat16))


def test_float32_and_float64_keep_their_dtype():
    logits, tokens, mask = batch()
    assert sequence_logprob(logits, tokens, mask).dtype == torch.float64
    assert sequence_logprob(logits.float(), tokens, mask).dtype == torch.float32


# Padding


def test_pad_sequences_keeps_every_token_and_marks_the_responses():
    prompts, responses = [[5], [5, 6, 7]], [[1, 2, 0], [0]]
    tokens, mask = pad_sequences(prompts, responses, pad=9)
    assert tokens.tolist() == [[5, 1, 2, 0], [5, 6, 7, 0]]
    assert [row[m].tolist() for row, m in zip(tokens, mask, strict=True)] == responses
    assert tokens.dtype == torch.long


def test_pad_sequences_pads_on_the_right():
    tokens, mask = pad_sequences([[5], [5]], [[1, 0], [2, 3, 4, 0]], pad=9)
    assert tokens.tolist() == [[5, 1, 0, 9, 9], [5, 2, 3, 4, 0]]
    assert mask.int().tolist() == [[0, 1, 1, 0, 0], [0, 1, 1, 1, 1]]


# Input errors: one line that says what to do


def refused(call, words):
    with pytest.raises(InputError, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_shapes_that_do_not_fit_are_refused():
    logits, tokens, mask = batch()
    refused(lambda: token_logprobs(logits[:, 1:], tokens), "do not fit")
    refused(lambda: token_logprobs(logits[0], tokens[0]), "do not fit")
    refused(lambda: sequence_logprob(logits, tokens, mask[:, 1:]), "shapes differ")


def test_tokens_outside_the_vocabulary_are_refused():
    logits, tokens, mask = batch()
    for outside in (-100, -1, 4):
        tokens[0, 1] = outside
        refused(lambda: sequence_logprob(logits, tokens, mask), r"0\.\.3.*mask")


def test_rows_without_a_response_and_scored_first_tokens_are_refused():
    logits, tokens, mask = batch()
    empty, first = mask.clone(), mask.clone()
    empty[1], first[0, 0] = False, True
    for wrong in (empty, first):
        refused(lambda wrong=wrong: sequence_logprob(logits, tokens, wrong), "at least")


def test_prompts_without_responses_are_refused():
    refused(lambda: pad_sequences([[1], [2]], [[0]], pad=0), "2 prompts, 1 response")
    refused(lambda: pad_sequences([], [], pad=0), "0 prompts")

"""Checks of chapter 08. The oracle is a double loop in plain Python floats.

The property that finds most mistakes needs no second implementation at all: in a
language small enough to write out, the probabilities of all responses sum to 1.
"""

from itertools import product
from math import exp, inf, log

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import Kind, expect, expect_close, tensor

EOS = 0


def _plain_mask(value):
    return tensor.plain(value.double() if isinstance(value, torch.Tensor) else value)


mask_tensor = Kind("a torch tensor of ones and zeros", _plain_mask)


def _ids(*rows) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.int64)


def _bools(*rows) -> torch.Tensor:
    return torch.tensor(rows) > 0


# Which positions hold the response


def _mask_from_lengths(prompt_lengths, response_lengths, width):
    rows = []
    for before, length in zip(prompt_lengths, response_lengths, strict=True):
        after = width - before - length
        rows.append([0] * int(before) + [1] * int(length) + [0] * int(after))
    return np.array(rows)


LENGTHS = tuple(
    (_ids(*prompts), _ids(*responses), width)
    for prompts, responses, width in (
        ((1, 3, 2), (4, 2, 1), 7),
        ((2, 1), (1, 4), 5),
        ((4,), (2,), 6),
        ((1, 1, 1, 5), (1, 2, 5, 1), 6),
        ((3, 2), (3, 3), 9),
        ((2, 4, 1, 3), (2, 1, 3, 4), 8),
        ((1,), (1,), 2),
    )
)


@holds("each row marks as many positions as its response has tokens")
def _as_many_as_the_response(answer):
    for inputs in LENGTHS:
        expect_close(answer(*inputs).sum(-1), inputs[1].numpy())


@holds("one more token in the prompt moves the response one to the right")
def _prompt_moves_the_response(answer):
    for prompts, responses, width in LENGTHS:
        moved = answer(prompts + 1, responses, width + 1)
        expect_close(moved[:, 1:], answer(prompts, responses, width))


@holds("two more columns are padding: the rest of the mask stays as it was")
def _width_adds_padding(answer):
    for prompts, responses, width in LENGTHS:
        wide = answer(prompts, responses, width + 2)
        expect_close(wide[:, :width], answer(prompts, responses, width))
        expect_close(wide[:, width:], np.zeros((len(prompts), 2)))


mask_from_lengths = Exercise(
    name="mask_from_lengths",
    returns=mask_tensor,
    oracle=_mask_from_lengths,
    example=Example(
        (_ids(2), _ids(3), 6), np.array([[0, 0, 1, 1, 1, 0]]), "2 of 0, 3 of 1, 1 of 0"
    ),
    ordinary=LENGTHS,
    properties=(
        _as_many_as_the_response,
        _prompt_moves_the_response,
        _width_adds_padding,
    ),
)


# The log-probability of the response


def _log_probability(logits, token) -> float:
    biggest = max(logits)
    return logits[token] - biggest - log(sum(exp(x - biggest) for x in logits))


def _sequence_logprob(logits, tokens, response_mask):
    totals = []
    for forecasts, row, scored in zip(
        logits.tolist(), tokens, response_mask, strict=True
    ):
        places = [t for t in range(1, len(row)) if scored[t]]
        totals.append(sum(_log_probability(forecasts[t - 1], row[t]) for t in places))
    return np.array(totals)


def _logits(batch: int, time: int, words: int, seed: int) -> torch.Tensor:
    """Readable logits, two decimals, from -3 to 3, both signs."""
    noise = np.random.default_rng(seed).uniform(-3, 3, (batch, time, words))
    return torch.tensor(noise.round(2))


HAND = (
    torch.tensor([[[0.0, log(3)], [0.0, 0.0], [5.0, -5.0]]], dtype=torch.float64),
    _ids([1, 1, 0]),
    _bools([0, 1, 1]),
)
PADDED = (
    _logits(2, 5, 3, seed=1),
    _ids([1, 2, 1, 0, 0], [2, 1, 1, 2, 0]),
    _bools([0, 1, 1, 1, 0], [0, 0, 0, 1, 1]),
)
SHORT = (
    _logits(3, 4, 2, seed=2),
    _ids([1, 0, 0, 0], [1, 1, 1, 0], [0, 1, 0, 1]),
    _bools([0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 1, 0]),
)
ONE_ROW = (_logits(1, 3, 4, seed=3), _ids([3, 1, 2]), _bools([0, 0, 1]))
FULL = (
    _logits(2, 4, 3, seed=4),
    _ids([1, 2, 2, 1], [0, 1, 0, 2]),
    _bools([0, 1, 1, 1], [0, 0, 1, 1]),
)
FLAT = (
    torch.zeros(2, 4, 5, dtype=torch.float64),
    _ids([1, 4, 3, 0], [2, 2, 0, 0]),
    _bools([0, 1, 1, 1], [0, 0, 1, 0]),
)
LONG = (
    _logits(2, 7, 3, seed=5),
    _ids([2, 1, 2, 1, 1, 2, 0], [1, 2, 0, 0, 0, 0, 0]),
    _bools([0, 0, 1, 1, 1, 1, 1], [0, 1, 1, 0, 0, 0, 0]),
)
BATCHES = (PADDED, SHORT, ONE_ROW, FULL, FLAT, LONG)


def _with_infinities(logits, *places) -> torch.Tensor:
    logits = logits.clone()
    for place in places:
        logits[place] = -inf
    return logits


EXTREMES = (
    # tokens that cannot come: in prompt, in padding, and one that did not come
    (_with_infinities(PADDED[0], (0, 3, 0), (1, 0, 1), (1, 2, 0)), *PADDED[1:]),
    (200 * PADDED[0], *PADDED[1:]),
    (130 * LONG[0], *LONG[1:]),  # no token underflows alone, but all together do
    (torch.tensor([[[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 0.0]]]).double(),
     _ids([1, 1, 0]), _bools([0, 1, 1])),
    (torch.tensor([[[-1000.0, -1000.0], [900.0, 900.0]]]).double(),
     _ids([1, 0]), _bools([0, 1])),
)  # fmt: skip

WORD_AFTER = np.array([[0.1, 1.3, -0.4], [0.9, -1.1, 0.6], [-0.7, 0.8, 1.5]])
WORD_AT = np.array(
    [[0.0, 0.5, 0.2], [-0.3, 0.4, 0.0], [1.0, 0.1, -0.6], [0.2, 0.0, 0.7],
     [-0.9, 0.3, 0.0], [0.6, -0.2, 0.1]]
)  # fmt: skip


def _language(prompt: tuple, padding: int):
    """All responses of up to two words: <eos> after fewer, forced to stop after two."""
    responses = [
        words if length == 2 else (*words, EOS)
        for length in range(3)
        for words in product((1, 2), repeat=length)
    ]
    width = len(prompt) + 3
    rows, marks = [], []
    for response in responses:
        rest = width - len(prompt) - len(response)
        rows.append([*prompt, *response, *[padding] * rest])
        marks.append([0] * len(prompt) + [1] * len(response) + [0] * rest)
    tokens = torch.tensor(rows)
    logits = WORD_AFTER[tokens.numpy()] + WORD_AT[:width]
    return torch.tensor(logits), tokens, _bools(*marks)


@holds("the probabilities of all responses of a small language sum to 1")
def _probabilities_sum_to_one(answer):
    for prompt, padding in (((1,), EOS), ((2, 1), 2), ((1, 0, 2), EOS)):
        expect_close(np.exp(answer(*_language(prompt, padding))).sum(), 1.0)


@holds("with V equal logits a response of n tokens has log-probability -n log V")
def _uniform(answer):
    for _, tokens, mask in BATCHES:
        for words in (3, 7):
            level = torch.full((*tokens.shape, words), 0.75, dtype=torch.float64)
            lengths = mask.sum(-1).numpy()
            found = answer(level, tokens.clamp(max=words - 1), mask)
            expect_close(found, -lengths * log(words))


@holds("a constant added to all logits of a position changes nothing")
def _softmax_ignores_constants(answer):
    for logits, tokens, mask in BATCHES:
        constant = _logits(*tokens.shape, 1, seed=8)
        expect_close(
            answer(logits + constant, tokens, mask), answer(logits, tokens, mask)
        )


@holds("log pi is a sum over tokens: two halves of a response add up to the whole")
def _halves_add_up(answer):
    for logits, tokens, mask in (PADDED, FULL, LONG):
        first = mask & (mask.cumsum(-1) == 1)
        halves = answer(logits, tokens, first) + answer(logits, tokens, mask & ~first)
        expect_close(halves, answer(logits, tokens, mask))


@holds("tokens outside the response are given or padding: their ids change nothing")
def _other_tokens_do_not_matter(answer):
    for logits, tokens, mask in BATCHES:
        other = torch.where(mask, tokens, (tokens + 1) % logits.shape[-1])
        expect_close(answer(logits, other, mask), answer(logits, tokens, mask))


@holds("only logits just before a response token matter, the others may be anything")
def _other_logits_do_not_matter(answer):
    for logits, tokens, mask in BATCHES:
        used = torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], dim=1)
        other = torch.where(used[..., None], logits, logits.flip(-1) - 0.5)
        expect_close(answer(other, tokens, mask), answer(logits, tokens, mask))


@holds("a row of a batch has the value that it has alone")
def _rows_alone(answer):
    for batch in BATCHES:
        whole = answer(*batch)
        for row in range(len(whole)):
            alone = answer(*(part[row : row + 1] for part in batch))
            expect_close(alone, whole[row : row + 1])


@holds("a response with a token that cannot come is impossible: -inf", stage="extremes")
def _impossible(answer):
    logits, tokens, mask = PADDED
    found = answer(_with_infinities(logits, (0, 1, 1)), tokens, mask)
    expect(found[0] == -inf)
    expect_close(found[1:], answer(*PADDED)[1:])


@holds("no value is above 0: it is the logarithm of a probability")
def _never_positive(answer):
    for batch in BATCHES:
        expect((answer(*batch) <= 0).all())


sequence_logprob = Exercise(
    name="sequence_logprob",
    returns=tensor,
    oracle=_sequence_logprob,
    example=Example(HAND, np.array([log(3 / 8)]), "3/4 times 1/2, log(3/8)"),
    ordinary=BATCHES,
    properties=(
        _never_positive,
        _probabilities_sum_to_one,
        _uniform,
        _softmax_ignores_constants,
        _other_tokens_do_not_matter,
        _other_logits_do_not_matter,
        _halves_add_up,
        _rows_alone,
        _impossible,
    ),
    extremes=EXTREMES,
    trainable=("logits",),
)


# When <eos> is the padding too


def _mask_to_first_eos(tokens, prompt_lengths, eos):
    rows = []
    for row, start in zip(tokens.tolist(), prompt_lengths.tolist(), strict=True):
        mask, running = [0] * len(row), True
        for t in range(start, len(row)):
            mask[t] = int(running)
            running = running and row[t] != eos
        rows.append(mask)
    return np.array(rows)


ENDINGS = (
    (_ids([4, 5, 0, 0, 0], [4, 6, 5, 5, 0]), _ids(1, 2), 0),
    (_ids([7, 3, 3, 3], [7, 7, 2, 2], [5, 2, 2, 2]), _ids(1, 2, 1), 2),
    (_ids([0, 5, 0, 6, 0, 0], [0, 5, 5, 0, 4, 6]), _ids(3, 4), 0),
    (_ids([9, 1, 2, 9, 9, 9]), _ids(3), 9),
    (_ids([3, 8, 8, 8], [3, 3, 8, 8], [3, 3, 3, 3]), _ids(2, 1, 1), 8),
    (_ids([1, 0, 2, 2, 0, 0, 0], [1, 3, 0, 2, 3, 2, 0]), _ids(2, 3), 0),
)


@holds("a response that ends marks exactly one <eos>, one that was cut off marks none")
def _one_eos(answer):
    for tokens, prompt_lengths, eos in ENDINGS:
        position = np.arange(tokens.shape[1])
        after = position >= prompt_lengths.numpy()[:, None]
        ends = (after & (tokens.numpy() == eos)).any(-1)
        marked = answer(tokens, prompt_lengths, eos) * (tokens.numpy() == eos)
        expect_close(marked.sum(-1), ends)


@holds("more padding changes nothing before it, and is not marked")
def _more_padding(answer):
    for tokens, prompt_lengths, eos in (ENDINGS[0], ENDINGS[3], ENDINGS[5]):
        padding = torch.full((len(tokens), 2), eos)
        wide = answer(torch.cat([tokens, padding], dim=1), prompt_lengths, eos)
        expect_close(wide[:, :-2], answer(tokens, prompt_lengths, eos))
        expect_close(wide[:, -2:], np.zeros(padding.shape))


@holds("another number for <eos> changes nothing")
def _eos_is_a_name(answer):
    for tokens, prompt_lengths, eos in ENDINGS:
        renamed = tokens.masked_fill(tokens == eos, 20)
        expect_close(
            answer(renamed, prompt_lengths, 20), answer(tokens, prompt_lengths, eos)
        )


find_the_bug_padding = Exercise(
    name="find_the_bug_padding",
    returns=mask_tensor,
    oracle=_mask_to_first_eos,
    example=Example(
        (_ids([7, 5, 6, 0, 0, 0]), _ids(1), 0),
        np.array([[0, 1, 1, 1, 0, 0]]),
        "two words and the first <eos>",
    ),
    ordinary=ENDINGS,
    properties=(_one_eos, _more_padding, _eos_is_a_name),
)

predict_the_total_without_eos = predict("predict_the_total_without_eos", 5.0)

predict_the_bfloat16_log_ratio = predict("predict_the_bfloat16_log_ratio", 4.0)

EXERCISES = (
    mask_from_lengths,
    sequence_logprob,
    find_the_bug_padding,
    predict_the_total_without_eos,
    predict_the_bfloat16_log_ratio,
)

"""Checks of chapter 16. Oracles count: in exact fractions, pair by pair, row by row."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from ..exercise import Example, Exercise, choose, holds, predict
from ..kinds import array, expect, expect_close, number, several, tensor, whole
from .sequence_logprob import mask_tensor


def _f(*rows) -> np.ndarray:
    return np.array(rows, dtype=float)


# Operations of a run


def _flops(parameters, tokens):
    """One pass after another: forward, then two products backward."""
    products = [Fraction(parameters) * tokens for _ in ("forward", "inputs", "weights")]
    return float(sum(2 * product for product in products))


SIZES = (
    (124_000_000, 300_000),
    (7_000, 512),
    (1_300_000_000, 26_000_000_000),
    (1, 1),
    (14_016, 2_000_000),
    (70_000_000_000, 1_000),
)
MODEL, TEXT = 2_048, 768


@holds("two runs in a row cost the sum of both")
def _runs_add(answer):
    for parameters, tokens in SIZES:
        both = answer(parameters, tokens) + answer(parameters, 2 * tokens)
        expect_close(answer(parameters, 3 * tokens), both)


@holds("two models that read the same text cost the sum of both")
def _models_add(answer):
    for parameters, tokens in SIZES:
        both = answer(parameters, tokens) + answer(5 * parameters, tokens)
        expect_close(answer(6 * parameters, tokens), both)


@holds("no text costs nothing")
def _no_text(answer):
    expect(answer(7_000_000_000, 0) == 0)


def _three_products(rows: int, wide: int, out: int) -> int:
    """What a single layer really computes in a training step, counted in loops.

    x (rows, wide) times a matrix (wide, out) forward; backward the gradient of x, and
    that of the matrix. An entry of a product of inner length n takes n multiplications
    and n additions (the first one to 0).
    """
    return (
        rows * out * 2 * wide  # forward
        + rows * wide * 2 * out  # gradient of x
        + wide * out * 2 * rows  # gradient of the matrix
    )


@holds("a single matrix: as many operations as its three products take, one by one")
def _one_matrix(answer):
    for rows, wide, out in ((5, 3, 1), (7, 4, 6), (1, 10, 12)):
        expect_close(answer(wide * out, rows), _three_products(rows, wide, out))


training_flops = Exercise(
    name="training_flops",
    returns=number,
    oracle=_flops,
    example=Example((3, 5), 90.0, "30 forward, 60 backward"),
    ordinary=SIZES,
    properties=(_runs_add, _models_add, _no_text, _one_matrix),
    extremes=((1_800_000_000_000, 15_000_000_000_000), (7_000_000_000, 10**12)),
)


# Memory of a run


def _bytes(parameters, trainable, bytes_per_value):
    """The frozen weights one by one, then everything that a trainable one owns."""
    frozen = parameters - trainable
    owned = len(("weight", "gradient", "first moment", "second moment"))
    return float((frozen + owned * trainable) * Fraction(bytes_per_value))


RUNS = (
    (10_000, 10_000, 4),
    (14_000_000_000, 7_000_000_000, 2),
    (7_040_000_000, 40_000_000, 2),
    (5_000, 0, 1),
    (124_000, 3_000, 8),
    (900, 100, 0.5),
)


@holds("a frozen weight costs itself and nothing else")
def _frozen_weight(answer):
    for size in (0.5, 2, 4, 8):
        expect_close(answer(1_000, 0, size), 1_000 * size)
        more = answer(1_700, 300, size) - answer(1_000, 300, size)
        expect_close(more, 700 * size)


@holds("a weight that starts to learn adds a gradient and two moments")
def _one_learns(answer):
    for size in (1, 2, 4):
        for trainable in (0, 50, 300):
            more = answer(800, trainable + 20, size) - answer(800, trainable, size)
            expect_close(more, 60 * size)


@holds("values of twice the size take twice the bytes")
def _twice_the_size(answer):
    for parameters, trainable, size in RUNS:
        double = answer(parameters, trainable, 2 * size)
        expect_close(double, 2 * answer(parameters, trainable, size))


@holds("two models side by side take what each takes by itself")
def _side_by_side(answer):
    for (a, learns_a, size), (b, learns_b, _) in pairwise(RUNS):
        both = answer(a, learns_a, size) + answer(b, learns_b, size)
        expect_close(answer(a + b, learns_a + learns_b, size), both)


training_memory_bytes = Exercise(
    name="training_memory_bytes",
    returns=number,
    oracle=_bytes,
    example=Example((10, 4, 2), 44.0, "10 + 4 + 8 values of 2 bytes"),
    ordinary=RUNS,
    properties=(_frozen_weight, _one_learns, _twice_the_size, _side_by_side),
    extremes=((2_000_000_000_001, 1, 0.5), (3, 3, 0.5)),
)


# One gradient from several processes


def _all_reduce(gradients, pairs):
    """Every pair hands in its process's mean gradient, and all pairs count the same."""
    each = [
        row
        for row, many in zip(gradients.tolist(), pairs.tolist(), strict=True)
        for _ in range(many)
    ]
    return np.array([sum(column) / len(each) for column in zip(*each, strict=True)])


def _processes(pairs: list[int], parameters: int, seed: int):
    draws = np.random.default_rng(seed)
    gradients = draws.uniform(-3, 3, (len(pairs), parameters)).round(2)
    gradients[np.array(pairs) == 0] = np.nan
    return gradients, np.array(pairs)


GATHERED = (
    _processes([4, 1], 3, seed=1),
    _processes([5, 5, 2], 2, seed=2),
    _processes([3, 3], 4, seed=3),
    _processes([7], 2, seed=4),
    _processes([2, 0, 6], 3, seed=5),
    _processes([1, 2, 3, 10], 1, seed=6),
)


@holds("where all have equally many pairs it is the plain mean")
def _equal_processes(answer):
    for many in (1, 4):
        gradients, pairs = _processes([many] * 3, 2, seed=7)
        expect_close(answer(gradients, pairs), gradients.mean(axis=0))


@holds("all pairs agree on the gradient: that is the result, however they are spread")
def _all_agree(answer):
    gradient = _f(0.5, -2, 1.25)
    for pairs in ([3, 1], [1, 6, 2], [9]):
        got = answer(np.tile(gradient, (len(pairs), 1)), np.array(pairs))
        expect_close(got, gradient)


def _merged(gradients, pairs):
    """The first two processes as one, which has the pairs of both."""
    first = pairs[:2] @ gradients[:2] / pairs[:2].sum()
    return (
        np.concatenate([first[None], gradients[2:]]),
        np.concatenate([pairs[:2].sum(keepdims=True), pairs[2:]]),
    )


@holds("two processes merged into one that has the pairs of both: nothing changes")
def _number_of_processes(answer):
    for counts in ([4, 1], [5, 3, 2], [1, 9, 9, 4]):
        spread = _processes(counts, 3, seed=8)
        expect_close(answer(*_merged(*spread)), answer(*spread))


@holds("processes without pairs change nothing")
def _idle(answer):
    for gradients, pairs in GATHERED:
        idle = np.full((2, gradients.shape[1]), np.nan)
        more = np.concatenate([idle, gradients]), np.concatenate([[0, 0], pairs])
        expect_close(answer(*more), answer(gradients, pairs))


@holds("a nan from a process that has pairs is seen in the result")
def _broken_run_shows(answer):
    for counts in ([4, 1], [2, 0, 6]):
        gradients, pairs = _processes(counts, 3, seed=9)
        gradients[0, 1] = np.nan
        expect(np.isnan(answer(gradients, pairs)).tolist() == [False, True, False])


find_the_bug_all_reduce = Exercise(
    name="find_the_bug_all_reduce",
    returns=array,
    oracle=_all_reduce,
    example=Example(
        (_f([1, 0], [5, 4]), np.array([3, 1])),
        _f(2, 1),
        "(3 * 1 + 5) / 4 and (3 * 0 + 4) / 4",
    ),
    ordinary=GATHERED,
    properties=(
        *(_equal_processes, _all_agree, _number_of_processes),
        *(_idle, _broken_run_shows),
    ),
    extremes=(
        (_f([1e6, -2e6], [0.5, 0.25]), np.array([1, 999])),
        (_f([0, 0], [4, -8]), np.array([3, 1])),  # pairs whose gradients cancel count
        (_f([0, 2], [0, 0], [0, 0.5]), np.array([2, 1, 1])),
    ),
)


# Left padding


def _padded(prompts, responses, pad):
    """Row by row, from the right end."""
    width = max(len(x) + len(y) for x, y in zip(prompts, responses, strict=True))
    tokens, mask = [], []
    for prompt, response in zip(prompts, responses, strict=True):
        row, marks = [*prompt, *response], [0] * len(prompt) + [1] * len(response)
        while len(row) < width:
            row, marks = [pad, *row], [0, *marks]
        tokens.append(row)
        mask.append(marks)
    return np.array(tokens), np.array(mask)


TEXTS = (
    ([[5, 6], [7]], [[1, 2, 3], [4]], 0),
    ([[3], [3, 4, 5], [6, 7]], [[8, 9], [1], [2, 0]], 0),
    ([[2, 4]], [[6, 8, 9]], 1),
    ([[9, 8, 7, 6], [5]], [[1], [2, 3, 4, 9]], 5),
    ([[1], [2], [3], [4, 4]], [[7], [7, 7], [7, 7, 7], [7, 1]], 7),
    ([[0, 5], [0, 6, 7]], [[8, 0], [9, 4, 0]], 0),
)


@holds("each row marks as many tokens as its response has, at the end of the row")
def _response_at_the_end(answer):
    for prompts, responses, pad in TEXTS:
        _, mask = answer(prompts, responses, pad)
        for row, response in zip(mask, responses, strict=True):
            expect(row.sum() == len(response) == row[-len(response) :].sum())


@holds("the marked tokens are the response, and those just before it are the prompt")
def _cut_out(answer):
    for prompts, responses, pad in TEXTS:
        tokens, mask = answer(prompts, responses, pad)
        for k, (prompt, response) in enumerate(zip(prompts, responses, strict=True)):
            expect(tokens[k][mask[k] > 0].tolist() == response)
            expect(tokens[k][mask[k] == 0].tolist()[-len(prompt) :] == prompt)


@holds("which number the padding has makes no difference to the mask")
def _any_padding(answer):
    for prompts, responses, pad in TEXTS:
        _, mask = answer(prompts, responses, pad)
        _, other = answer(prompts, responses, pad + 3)
        expect_close(other, mask)


@holds("a longer row in the batch adds padding on the left of the others")
def _wider(answer):
    for prompts, responses, pad in TEXTS:
        tokens, mask = answer(prompts, responses, pad)
        longer = [*prompts, [3] * 8], [*responses, [4] * 5], pad
        wide_tokens, wide_mask = answer(*longer)
        more = 13 - tokens.shape[1]
        expect(
            (wide_tokens[:-1, :more] == pad).all() and not wide_mask[:-1, :more].any()
        )
        expect_close(wide_tokens[:-1, more:], tokens)
        expect_close(wide_mask[:-1, more:], mask)


find_the_bug_left_padding = Exercise(
    name="find_the_bug_left_padding",
    returns=several(whole(tensor), mask_tensor),
    oracle=_padded,
    example=Example(
        ([[5], [6, 7]], [[8], [9, 4]], 0),
        (_f([0, 0, 5, 8], [6, 7, 9, 4]), _f([0, 0, 0, 1], [0, 0, 1, 1])),
        "every row ends with its response",
    ),
    ordinary=TEXTS,
    properties=(_response_at_the_end, _cut_out, _any_padding, _wider),
)


# Numbers to predict

predict_the_hours = predict(
    "predict_the_hours", 7e9 * 60_000 * 2 * 500 * (3 * 6 + 2) / 4e14 / 3600
)

predict_the_adapter_memory = predict(
    "predict_the_adapter_memory", (2 * 7e9 + 16 * 40e6) / 1e9
)

predict_the_beta = predict("predict_the_beta", 0.3)

DIAGNOSES = (
    "nothing is wrong",
    "the reference moves with the policy",
    "the reference is not what the policy began as",
    "the sign of the loss is wrong",
    "the learning rate is far too large",
    "too few pairs, too many epochs",
)

diagnose_the_falling_rewards = choose(
    "diagnose_the_falling_rewards",
    "nothing is wrong",
    DIAGNOSES,
)

EXERCISES = (
    training_flops,
    training_memory_bytes,
    find_the_bug_all_reduce,
    find_the_bug_left_padding,
    predict_the_hours,
    predict_the_adapter_memory,
    predict_the_beta,
    diagnose_the_falling_rewards,
)

"""Checks of chapter 17. Oracles go through matrices and lists entry by entry.

A split has no single right value: the checks look at what holds for every seed. The
logs to diagnose are real: the model was trained so.
"""

from collections import Counter
from math import sqrt

import numpy as np
import torch

from ..exercise import Example, Exercise, choose, holds, predict
from ..kinds import (
    Broken,
    Kind,
    describe,
    expect,
    expect_close,
    number,
    several,
    tensor,
)


def _t(*rows) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


# A layer with an adapter


def _lora(x, weight, a, b, scale):
    """One output after the other, in plain loops."""
    out = []
    for row in np.asarray(x).tolist():
        thin = [sum(p * q for p, q in zip(line, row, strict=True)) for line in a]
        values = []
        for line, up in zip(weight, b, strict=True):
            own = sum(p * q for p, q in zip(line, row, strict=True))
            change = sum(p * q for p, q in zip(up, thin, strict=True))
            values.append(float(own + scale * change))
        out.append(values)
    return np.array(out)


def _layer(rows: int, wide: int, out: int, rank: int, scale: float, seed: int):
    draws = np.random.default_rng(seed)
    shapes = ((rows, wide), (out, wide), (rank, wide), (out, rank))
    return *(torch.tensor(draws.uniform(-2, 2, s).round(2)) for s in shapes), scale


LAYERS = (
    _layer(2, 3, 4, 2, 0.5, seed=1),
    _layer(3, 4, 2, 1, 2.0, seed=2),
    _layer(1, 3, 3, 2, -1.5, seed=3),
    _layer(4, 2, 5, 4, 0.25, seed=4),
    _layer(2, 6, 3, 3, 3.0, seed=5),
    _layer(5, 3, 2, 2, 1.0, seed=6),
)


@holds("before training B is 0, and the layer is what it was: x W transposed")
def _starts_as_it_was(answer):
    for x, weight, a, b, scale in LAYERS:
        expect_close(answer(x, weight, a, 0 * b, scale), (x @ weight.T).numpy())


@holds("twice the scale makes twice the change, and leaves W x alone")
def _change_scales(answer):
    for x, weight, a, b, scale in LAYERS:
        frozen = (x @ weight.T).numpy()
        change = answer(x, weight, a, b, scale) - frozen
        expect_close(answer(x, weight, a, b, 2 * scale), frozen + 2 * change)


@holds("the adapter merged into W, W + scale B A, gives the same outputs")
def _merged(answer):
    for x, weight, a, b, scale in LAYERS:
        whole = weight + scale * b @ a
        expect_close(answer(x, weight, a, b, scale), (x @ whole.T).numpy())


@holds("each row is computed by itself, whatever stands in the other rows")
def _rows_alone(answer):
    for x, *rest in LAYERS:
        whole = answer(x, *rest)
        for n in range(len(x)):
            expect_close(answer(x[n : n + 1], *rest), whole[n : n + 1])


@holds("an adapter of rank 2 is two adapters of rank 1, their changes added")
def _ranks_add(answer):
    for x, weight, a, b, scale in LAYERS:
        frozen = (x @ weight.T).numpy()
        parts = [
            answer(x, weight, a[k : k + 1], b[:, k : k + 1], scale) - frozen
            for k in range(len(a))
        ]
        expect_close(answer(x, weight, a, b, scale), frozen + sum(parts))


lora_forward = Exercise(
    name="lora_forward",
    returns=tensor,
    oracle=_lora,
    example=Example(
        (_t([1, 2]), _t([1, 0], [0, 1]), _t([1, 1]), _t([2], [0]), 0.5),
        np.array([[4.0, 2.0]]),
        "W x = (1, 2), and 0.5 * B A x = (3, 0)",
    ),
    ordinary=LAYERS,
    properties=(_starts_as_it_was, _change_scales, _merged, _rows_alone, _ranks_add),
    extremes=(
        (_t([1e4, -1e4]), _t([1, 1], [0.5, 0]), _t([1e-4, 0]), _t([2], [3]), 1e3),
        _layer(1, 1, 1, 1, 0.0, seed=7),
    ),
    trainable=("a", "b"),
    constant=("weight",),
)


# A batch in unequal parts


def _accumulated(losses_per_part):
    """All pairs in one list."""
    pairs = [float(loss) for part in losses_per_part for loss in part]
    return np.array(sum(pairs) / len(pairs))


def _parts(*parts) -> tuple[list[torch.Tensor]]:
    return ([torch.tensor(part, dtype=torch.float64) for part in parts],)


CUTS = (
    _parts([0.7, 0.9, 0.2], [1.5]),
    _parts([0.25], [0.5, 0.75], [3.0, 1.25, 0.5, 0.125]),
    _parts([2.0, 0.5], [1.0, 3.5]),
    _parts([0.6, 0.1, 0.3, 0.4, 0.9]),
    _parts([1.0, 2.0, 0.25], [], [4.0]),
    _parts([0.3], [0.8], [2.5], [0.9, 0.6]),
)


@holds("however a batch is cut, its loss is the same")
def _any_cut(answer):
    losses = [0.5, 2.0, 0.25, 1.5, 3.0, 0.125, 0.75]
    for place in range(1, len(losses)):
        cut = _parts(losses[:place], losses[place:])
        expect_close(answer(*cut), np.mean(losses))


@holds("pairs that all cost the same: that is the loss, in parts of any size")
def _all_equal(answer):
    for sizes in ([1, 5], [3, 3], [2, 1, 7]):
        expect_close(answer(*_parts(*([0.375] * size for size in sizes))), 0.375)


@holds("the order of the parts does not matter")
def _any_order(answer):
    for (parts,) in CUTS:
        expect_close(answer([*reversed(parts)]), answer(parts))


@holds("a part without pairs changes nothing")
def _empty_part(answer):
    for (parts,) in CUTS:
        empty = torch.zeros(0, dtype=torch.float64)
        expect_close(answer([empty, *parts]), answer(parts))


@holds("every pair pulls equally hard: the slope of each loss is 1 / pairs", "gradient")
def _equal_pull(answer):
    for (parts,) in CUTS:
        leaves = [part.clone().requires_grad_() for part in parts]
        loss = answer.untouched(leaves)
        words = "no gradient flows through the result: it was taken apart on the way"
        expect(getattr(loss, "requires_grad", False), words)
        slopes = torch.autograd.grad(loss, leaves, allow_unused=True)
        count = sum(map(len, parts))
        for leaf, slope in zip(leaves, slopes, strict=True):
            expect(slope is not None or not len(leaf), "a part receives no gradient")
            if len(leaf):
                expect_close(slope.numpy(), np.full(len(leaf), 1 / count))


def _with_slopes(answer, arguments):
    """The loss, and the slope at every pair; text where there is none."""
    leaves = [part.clone().requires_grad_() for part in arguments[0]]
    loss = answer.untouched(leaves)
    if not getattr(loss, "requires_grad", False):
        return [float(loss), "no slope"]
    slopes = torch.autograd.grad(loss, leaves, allow_unused=True)
    told = [None if slope is None else slope.tolist() for slope in slopes]
    return [loss.item(), [each if each is not None else "none" for each in told]]


accumulated_loss = Exercise(
    name="accumulated_loss",
    returns=tensor,
    oracle=_accumulated,
    example=Example(
        _parts([1, 2, 3], [10]), np.array(4.0), "(1 + 2 + 3 + 10) / 4, not (2 + 10) / 2"
    ),
    ordinary=CUTS,
    properties=(_any_cut, _all_equal, _any_order, _empty_part, _equal_pull),
    extremes=(
        _parts([2000.0], [1e-3] * 999),
        _parts([0.0, 0.0], [0.0], [1e5]),
        _parts([], [0.5]),
    ),
    observe=(_with_slopes,),
)


# Prompts held out


def _two_lists(values):
    """(training, held), or Broken with what came instead."""
    words = "a tuple of two lists of strings"
    if not isinstance(values, tuple | list) or len(values) != 2:
        raise Broken(f"it returned {describe(values)}; the task asks for {words}")
    for side, name in zip(values, ("training", "held"), strict=True):
        if not isinstance(side, list) or not all(isinstance(s, str) for s in side):
            told = f"{name} is {describe(side)}"
            raise Broken(f"{told}; the task asks for {words}")
    return tuple(values)


two_lists = Kind("a tuple of two lists of strings", _two_lists)

FILES = (
    (["tea", "rice", "tea", "bread", "salt", "salt", "tea"], 2, 0),
    (["a", "b", "c", "d", "e", "f"], 3, 5),
    (["x", "x", "x", "y"], 1, 2),
    (["moon", "sun", "sun", "fog", "rain", "snow", "fog", "ice", "dew"], 4, 11),
)
SEEDS = range(40)
OFTEN = ["often"] * 20 + ["one", "two", "three", "four", "five"]
DRAWS = 300  # of one prompt from six: each is due 50 times, give or take 6.5


@holds("held has held_out prompts, all of them different")
def _held_enough(answer):
    for prompts, held_out, seed in FILES:
        _, held = answer(prompts, held_out, seed)
        expect(len(held) == len({*held}) == held_out)


@holds("held names prompts of the list, and nothing else")
def _held_are_prompts(answer):
    for prompts, held_out, seed in FILES:
        expect({*answer(prompts, held_out, seed)[1]} <= {*prompts})


@holds("no prompt stands on both sides")
def _one_side(answer):
    for prompts, held_out, seed in FILES:
        training, held = answer(prompts, held_out, seed)
        expect(not {*training} & {*held})


@holds("training has every row whose prompt is not held out, repetitions included")
def _rows_kept(answer):
    for prompts, held_out, seed in FILES:
        training, held = answer(prompts, held_out, seed)
        kept = Counter(prompt for prompt in prompts if prompt not in held)
        expect(Counter(training) == kept)


@holds("training keeps the order of the list")
def _order_kept(answer):
    for prompts, held_out, seed in FILES:
        training, held = answer(prompts, held_out, seed)
        expect(training == [prompt for prompt in prompts if prompt not in held])


@holds("the same seed holds out the same prompts")
def _same_seed(answer):
    for prompts, held_out, _ in FILES:
        for seed in (0, 3, 2**40):
            one, two = (answer(prompts, held_out, seed) for _ in range(2))
            expect({*one[1]} == {*two[1]})


@holds("other seeds hold out other prompts: over 40 seeds everyone's turn comes")
def _other_seeds(answer):
    for prompts, held_out, _ in FILES:
        drawn = set()
        for seed in SEEDS:
            drawn |= {*answer(prompts, held_out, seed)[1]}
        expect(drawn == {*prompts})


@holds("a prompt that stands in the list twenty times is drawn no oftener than others")
def _equal_chances(answer):
    drawn = Counter(answer(OFTEN, 1, seed)[1][0] for seed in range(DRAWS))
    expect(15 < drawn["often"] < 110)  # drawn among rows it would be 240


def _facts(answer, arguments):
    """What is true of the splits for 40 seeds, whatever was drawn."""
    prompts, held_out, _ = arguments
    splits = [_two_lists(answer.untouched(prompts, held_out, seed)) for seed in SEEDS]
    again = [_two_lists(answer.untouched(prompts, held_out, seed)) for seed in SEEDS]
    rows, found = Counter(prompts), []
    for training, held in splits:
        kept = Counter(prompt for prompt in prompts if prompt not in held)
        found.append(
            (
                len({*held}) > held_out,
                len({*held}) < held_out,
                len(held) > len({*held}),
                bool({*training} & {*held}),
                Counter(training) == kept,
                training == [prompt for prompt in prompts if prompt not in held],
                len(training) == len({*training}),
                Counter(training) + Counter(held) == rows,
                len({*training}) == held_out,
                not ({*training} | {*held}) - rows.keys(),
            )
        )
    sets = [frozenset(held) for _, held in splits]
    different = [*dict.fromkeys(prompts)]
    always = [
        sets == [frozenset(held) for _, held in again],
        len({*sets}) > 1,
        {*sets} == {frozenset(different[:held_out])},
        {*sets} == {frozenset(different[-held_out:])},
        _share_of_often(answer) > 110,
    ]
    columns = zip(*found, strict=True)
    return [
        float(each) for column in columns for each in (any(column), all(column))
    ] + [float(each) for each in always]


def _share_of_often(answer) -> int:
    splits = (_two_lists(answer.untouched(OFTEN, 1, seed)) for seed in range(DRAWS))
    return sum("often" in held for _, held in splits)


split_by_prompt = Exercise(
    name="split_by_prompt",
    returns=two_lists,
    arguments=("prompts", "held_out", "seed"),
    ordinary=FILES,
    properties=(
        _held_enough,
        _held_are_prompts,
        _one_side,
        _rows_kept,
        _order_kept,
        _same_seed,
        _other_seeds,
        _equal_chances,
    ),
    observe=(_facts,),
)


# An interval that is too sure


def _interval(before, after):
    """Prompt by prompt in plain Python."""
    gains = []
    for one, other in zip(before.tolist(), after.tolist(), strict=True):
        gains.append(sum(other) / len(other) - sum(one) / len(one))
    mean = sum(gains) / len(gains)
    variance = sum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    return mean, 1.96 * sqrt(variance / len(gains))


def _scores(prompts: int, answers: int, gain: float, seed: int):
    draws = np.random.default_rng(seed)
    easy = draws.uniform(-3, 3, (prompts, 1))
    noise = draws.uniform(-1, 1, (2, prompts, answers))
    moved = gain + draws.uniform(-2, 2, (prompts, 1))
    return (easy + noise[0]).round(2), (easy + moved + noise[1]).round(2)


JUDGED = (
    _scores(4, 3, 1.0, seed=1),
    _scores(3, 2, -0.5, seed=2),
    _scores(6, 4, 2.0, seed=3),
    _scores(2, 5, 0.75, seed=4),
    _scores(8, 2, -1.5, seed=5),
)


@holds("a prompt's answers in another order change nothing")
def _any_answer_order(answer):
    for before, after in JUDGED:
        other = answer(before[:, ::-1].copy(), after)
        expect_close(other, answer(before, after))


@holds("every answer given twice is no further evidence: the interval stays")
def _answers_twice(answer):
    for before, after in JUDGED:
        twice = (
            np.concatenate([before] * 2, axis=1),
            np.concatenate([after] * 2, axis=1),
        )
        expect_close(answer(*twice), answer(before, after))


@holds("the same point more on every prompt moves the mean and not the interval")
def _shift(answer):
    for before, after in JUDGED:
        mean, half = answer(before, after)
        expect_close(answer(before, after + 5), (mean + 5, half))


@holds("how easy a prompt is cancels: a point more for it, before and after")
def _easy_prompt(answer):
    for before, after in JUDGED:
        easy = np.linspace(-9, 9, len(before))[:, None]
        expect_close(answer(before + easy, after + easy), answer(before, after))


find_the_bug_interval = Exercise(
    name="find_the_bug_interval",
    returns=several(number, number),
    oracle=_interval,
    example=Example(
        (np.array([[0.0, 0], [1, 1]]), np.array([[2.0, 0], [4, 4]])),
        (2.0, 1.96),
        "the prompts' differences are 1 and 3",
    ),
    ordinary=JUDGED,
    properties=(_any_answer_order, _answers_twice, _shift, _easy_prompt),
)


# A number to predict, three runs to diagnose

predict_the_learning_weights = predict(
    "predict_the_learning_weights",
    30 * 8 * ((576 + 576) + (576 + 192) + (576 + 576) + (1536 + 576)),
)

DIAGNOSES = (
    "nothing is wrong",
    "the reference moves with the policy",
    "chosen and rejected are exchanged",
    "the labels say nothing about the answers",
    "the policy is never updated",
    "the learning rate is far too large",
)

diagnose_the_flat_log = choose(
    "diagnose_the_flat_log", "the reference moves with the policy", DIAGNOSES
)

diagnose_the_steady_log = choose(
    "diagnose_the_steady_log", "the labels say nothing about the answers", DIAGNOSES
)

diagnose_the_winning_log = choose(
    "diagnose_the_winning_log", "chosen and rejected are exchanged", DIAGNOSES
)

EXERCISES = (
    lora_forward,
    accumulated_loss,
    split_by_prompt,
    find_the_bug_interval,
    predict_the_learning_weights,
    diagnose_the_flat_log,
    diagnose_the_steady_log,
    diagnose_the_winning_log,
)

"""Checks of chapter 07. The oracles are loops in plain Python floats.

A formula for a gradient is checked against a second road as well: central differences
of the loss itself, computed here from its definition.
"""

from math import exp, log1p

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import expect, expect_close, several, tensor
from ..observations import encode


def _t(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def _reversed_probability(margin: float) -> float:
    """sigmoid(-margin), by the form whose power cannot overflow."""
    power = exp(-abs(margin))
    return power / (1 + power) if margin > 0 else 1 / (1 + power)


def _pair_loss(margin: float) -> float:
    return max(-margin, 0.0) + log1p(exp(-abs(margin)))


def _weights(log_ratio_gap, beta):
    return np.array([_reversed_probability(beta * gap) for gap in log_ratio_gap])


STEP = 1e-6  # of a central difference, whose error is then about 1e-10
GAPS = (_t(0.5, -2.0, 3.25), _t(0.0, 7.0), _t(-1.5, 4.0, -0.25, 12.0), _t(-20.0))
MEASURED = ((GAPS[0], 0.5), (GAPS[2], 0.1), (GAPS[1], 1.0), (GAPS[3], 0.3),
            (GAPS[2], 1.5), (GAPS[0], 5.0), (GAPS[1], 0.05))  # fmt: skip


@holds("a pair that has not moved yet counts one half, at any beta")
def _half_at_the_start(answer):
    for beta in (0.1, 0.7, 5.0):
        expect_close(answer(_t(0.0, 0.0), beta), [0.5, 0.5])


@holds("exchanging the labels changes the gap's sign; the two weights add up to 1")
def _weights_of_both_labels(answer):
    for gaps in GAPS:
        expect_close(answer(gaps, 0.4) + answer(-gaps, 0.4), np.ones(len(gaps)))


@holds("only beta * gap matters: twice beta and half the gap change nothing")
def _only_the_margin(answer):
    for gaps in GAPS:
        expect_close(answer(gaps / 2, 0.6), answer(gaps, 0.3))


@holds(
    "beta times the weight is minus the slope of -log sigmoid(beta * gap) in the gap"
)
def _slope_of_the_loss(answer):
    for gaps, beta in ((GAPS[0], 0.8), (GAPS[2], 0.25)):
        ends = [
            np.array([_pair_loss(beta * (float(gap) + sign * STEP)) for gap in gaps])
            for sign in (1, -1)
        ]
        slope = (ends[0] - ends[1]) / (2 * STEP)
        expect_close(beta * answer(gaps, beta), -slope, relative=1e-7)


@holds("a pair that is right by a margin m of 30 or more weighs nearly e^-m, not 0",
       stage="extremes")  # fmt: skip
def _small_weights_keep_their_digits(answer):
    for gap, beta in ((60.0, 0.5), (4000.0, 0.1), (100.0, 6.0)):
        (weight,) = answer(_t(gap), beta)
        expect_close(weight / exp(-gap * beta), 1.0)
    (weight,) = answer(_t(2000.0), 1.0)
    expect(weight < 1e-320, f"e^-2000 is below every float, so 0 is due, not {weight}")


def _with_fates(answer, arguments):
    """The values, and what became of those that should be small.

    Rounding leaves other digits on other machines, so lost digits all look alike.
    """
    value = answer.raw(*arguments)
    parts = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(part, torch.Tensor) for part in parts):
        return value
    wanted = _small_values(*arguments)
    fates = [_fate(abs(part.detach()), wanted) for part in parts]
    return [encode(value), fates]


def _small_values(*arguments) -> torch.Tensor:
    """The weights of gaps, or the sizes of a pair's derivatives."""
    is_weight = len(arguments) == 2
    found = _weights(*arguments) if is_weight else _gradient(*arguments)[1]
    return torch.tensor(found)


def _fate(found: torch.Tensor, wanted: torch.Tensor) -> list[str]:
    if found.shape != wanted.shape:
        return []
    pairs = zip(found.tolist(), wanted.tolist(), strict=True)
    return [_became(one, other) for one, other in pairs if 1e-300 < other < 1e-8]


def _became(found: float, wanted: float) -> str:
    """What a small number became: itself, 0, too large, or roughly itself."""
    if abs(found - wanted) <= 1e-9 * wanted:
        return "kept"
    if found > 2 * wanted:
        return "covered"
    return "lost"


gradient_weight = Exercise(
    name="gradient_weight",
    returns=tensor,
    oracle=_weights,
    example=Example((_t(1.0), 0.1), np.array([1 / (1 + exp(0.1))]), "1 / (1 + e^0.1)"),
    ordinary=MEASURED,
    properties=(
        _half_at_the_start,
        _weights_of_both_labels,
        _only_the_margin,
        _slope_of_the_loss,
        _small_weights_keep_their_digits,
    ),
    extremes=(
        (_t(-2000.0, 2000.0), 1.0),
        (_t(-20000.0, 0.0), 0.1),
        (_t(40.0), 0.5),
        (_t(68.0), 0.5),
        (_t(100.0), 0.5),
        (_t(240.0), 0.5),
    ),
    observe=(_with_fates,),
)


def _gaps(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    logps = logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected
    return [float((c - rc) - (r - rr)) for c, r, rc, rr in zip(*logps, strict=True)]


def _gradient(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    gaps = _gaps(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    pulls = np.array([beta * _reversed_probability(beta * gap) for gap in gaps])
    return -pulls / len(pulls), pulls / len(pulls)


def _mean_loss(logps, beta) -> float:
    return float(np.mean([_pair_loss(beta * gap) for gap in _gaps(*logps)]))


ONE = (_t(-4.5), _t(-4.5), _t(-5.0), _t(-4.0))
BATCH = (_t(-12.0, -3.5, -20.25), _t(-9.0, -4.0, -7.5),
         _t(-11.0, -5.5, -19.0), _t(-10.5, -4.25, -8.75))  # fmt: skip
LOSING = (_t(-6.0, -7.5), _t(-2.0, -7.0), _t(-4.0, -5.0), _t(-3.5, -8.0))
EQUAL = (_t(-3.0, -8.5), _t(-5.0, -2.5), _t(-3.0, -8.5), _t(-5.0, -2.5))
FOUR = (_t(-1.5, -30.0, -8.0, -2.25), _t(-2.5, -28.0, -9.5, -2.75),
        _t(-2.0, -33.0, -7.0, -1.25), _t(-1.75, -29.5, -6.5, -3.0))  # fmt: skip
BATCHES = (BATCH, LOSING, FOUR)


@holds("before the first step, policy = reference, each pair gets beta / 2 / pairs")
def _half_beta_at_the_start(answer):
    for beta in (0.2, 3.0):
        chosen, rejected = answer(*EQUAL, beta)
        expect_close(chosen, [-beta / 4, -beta / 4])
        expect_close(rejected, [beta / 4, beta / 4])


@holds(
    "raising both log-probabilities of a pair alike changes no loss: they add up to 0"
)
def _opposite(answer):
    for logps in BATCHES:
        chosen, rejected = answer(*logps, 0.6)
        expect_close(chosen + rejected, np.zeros(len(chosen)))


@holds("descent raises the chosen response and lowers the rejected one")
def _signs(answer):
    for logps in BATCHES:
        chosen, rejected = answer(*logps, 0.6)
        expect((chosen < 0).all() and (rejected > 0).all())


@holds("however wrong a pair is, its derivative stays below beta / pairs")
def _bounded(answer):
    for logps in BATCHES:
        for beta in (0.3, 4.0):
            chosen, _ = answer(*logps, beta)
            expect((abs(chosen) < beta / len(chosen)).all())


@holds("moving one log-probability a little changes the loss by derivative times move")
def _central_differences(answer):
    for logps, beta in ((BATCH, 0.4), (LOSING, 1.5), (FOUR, 0.7)):
        found = answer(*logps, beta)
        for place in (0, 1):  # logp_chosen, logp_rejected
            for pair in range(len(logps[0])):
                ends = [
                    _mean_loss(_moved(logps, place, pair, move), beta)
                    for move in (STEP, -STEP)
                ]
                wanted = (ends[0] - ends[1]) / (2 * STEP)
                expect_close(found[place][pair], wanted, relative=1e-6)


def _moved(logps, place: int, pair: int, move: float) -> list:
    moved = [logp.clone() for logp in logps]
    moved[place][pair] += move
    return moved


@holds("in a batch twice as long each pair counts half: the loss is a mean")
def _share_of_a_pair(answer):
    for logps in BATCHES:
        once, _ = answer(*logps, 0.5)
        twice, _ = answer(*(torch.cat([logp, logp]) for logp in logps), 0.5)
        expect_close(2 * twice[: len(once)], once)


@holds("a pair that is right by a margin m of 40 or more still pulls with nearly e^-m",
       stage="extremes")  # fmt: skip
def _small_derivatives_keep_their_digits(answer):
    for margin, beta in ((40.0, 0.5), (600.0, 1.5)):
        ahead = _t(-7.0), _t(-9.0), _t(-7.0 - margin / beta), _t(-9.0)
        for derivative, sign in zip(answer(*ahead, beta), (-1, 1), strict=True):
            expect_close(sign * derivative / (beta * exp(-margin)), [1.0])


INPUTS = tuple((*logps, beta) for logps, beta in (
    (BATCH, 0.5), (BATCH, 0.1), (LOSING, 1.0), (FOUR, 2.0), (FOUR, 0.3), (EQUAL, 0.7),
    (LOSING, 0.05)))  # fmt: skip
dpo_gradient = Exercise(
    name="dpo_gradient",
    returns=several(tensor, tensor),
    oracle=_gradient,
    example=Example(
        (*ONE, 0.1),
        tuple(sign * np.array([0.1 / (1 + exp(0.1))]) for sign in (-1, 1)),
        "gap 1, weight 0.4750, times beta 0.1",
    ),
    ordinary=INPUTS,
    properties=(
        _half_beta_at_the_start,
        _opposite,
        _signs,
        _bounded,
        _central_differences,
        _share_of_a_pair,
        _small_derivatives_keep_their_digits,
    ),
    extremes=(
        (_t(-2000.0), _t(-1000.0), _t(-1000.0), _t(-2000.0), 1.0),
        (_t(-1000.0), _t(-2000.0), _t(-2000.0), _t(-1000.0), 1.0),
        (_t(-900.0, -5.0), _t(-100.0, -50.0), _t(-50.0, -45.0), _t(-60.0, -5.0), 0.5),
        (_t(-10.0), _t(-90.0), _t(-40.0), _t(-40.0), 0.5),
    ),
    observe=(_with_fates,),
)


def _table_step(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    gap = float(logits[chosen] - logits[rejected]) - gap_at_ref
    slope = -beta * _reversed_probability(beta * gap)  # of the loss, in the gap
    moved = np.array(logits)
    moved[chosen] -= learning_rate * slope
    moved[rejected] += learning_rate * slope
    return moved


TABLES = (
    (_t(0.5, -1.0, 2.0), 0.25, 2, 1, 0.5, 1.0),
    (_t(0.0, 0.0, 0.0), 0.0, 0, 2, 0.3, 2.0),
    (_t(-2.0, 3.0, 1.0, 0.5), -1.5, 0, 1, 1.0, 0.5),
    (_t(1.5, -0.5), -0.5, 0, 1, 3.0, 0.1),
    (_t(0.25, -4.0, 2.5), 3.0, 1, 2, 0.1, 10.0),
)


@holds("a pair pulls less and less as its gap grows")
def _less_and_less(answer):
    pulls = []
    for logit in (-3.0, -1.0, 0.0, 1.0, 3.0):
        moved = answer(_t(logit, 0.0, 1.0), 0.0, 0, 1, 0.8, 1.0)
        pulls.append(moved[0] - logit)
    expect((np.diff(pulls) < 0).all())


@holds(
    "the step is the same in all logits' differences: a constant added changes nothing"
)
def _constant_in_the_logits(answer):
    for logits, *rest in TABLES:
        expect_close(answer(logits + 2, *rest), answer(logits, *rest) + 2)


@holds("the other responses' logits do not move")
def _others_stay(answer):
    for logits, gap_at_ref, chosen, rejected, *rest in TABLES:
        moved = answer(logits, gap_at_ref, chosen, rejected, *rest)
        others = [i for i in range(len(logits)) if i not in (chosen, rejected)]
        expect_close(moved[others], logits[others].numpy())


find_the_bug_table_step = Exercise(
    name="find_the_bug_table_step",
    returns=tensor,
    oracle=_table_step,
    example=Example(
        (_t(1.0, 0.0), 0.0, 0, 1, 2.0, 1.0),
        np.array([1 + 2 / (1 + exp(2)), -2 / (1 + exp(2))]),
        "weight 0.1192, times beta 2: 0.2384 up and down",
    ),
    ordinary=TABLES,
    properties=(_others_stay, _less_and_less, _constant_in_the_logits),
    extremes=((_t(900.0, -900.0, 0.0), 0.0, 1, 0, 1.0, 1.0),),
)

predict_the_first_gradient = predict("predict_the_first_gradient", -0.15)

predict_the_strongest_pull = predict("predict_the_strongest_pull", 2.0)

EXERCISES = (
    gradient_weight,
    dpo_gradient,
    find_the_bug_table_step,
    predict_the_first_gradient,
    predict_the_strongest_pull,
)

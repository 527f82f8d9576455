"""Checks of chapter 14. The oracles are loops over pairs in plain Python floats.

Many variants agree on one pair, or near the start of training, or up to a factor. So
the properties say where each loss is smallest, what it is there, and what it ignores;
gradients are compared with central differences of the same oracles.
"""

from math import exp, log, log1p

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import expect, expect_close, tensor


def _t(*numbers) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def _n(*lengths: int) -> torch.Tensor:
    return torch.tensor(lengths)


def _yes(*flags: int) -> torch.Tensor:
    return torch.tensor(flags, dtype=torch.bool)


def _cost(margin: float) -> float:
    """-log sigmoid(margin), at any margin."""
    return max(-margin, 0.0) + log1p(exp(-abs(margin)))


def _wrong_side(margin: float) -> float:
    """1 - sigmoid(margin), at any margin."""
    small = exp(-abs(margin))
    return (small if margin > 0 else 1.0) / (1 + small)


# IPO


def _ipo(log_ratio_gap, beta):
    return sum((gap - 1 / (2 * beta)) ** 2 for gap in log_ratio_gap) / len(
        log_ratio_gap
    )


GAPS = (
    (_t(1.0), 0.1),
    (_t(1.0, -0.5, 2.0), 0.5),
    (_t(-3.0, 0.0, 4.5, 0.75), 0.25),
    (_t(6.0, -1.5), 0.1),
    (_t(-0.25, 1.25, 0.5, -2.0, 3.0), 1.0),
    (_t(-2.5), 2.0),
    (_t(8.0, 4.0, -7.0), 0.05),
    (_t(0.0, 0.0), 0.7),
)


@holds("a gap of 1 / (2 beta) costs nothing")
def _nothing_at_the_target(answer):
    for beta in (0.1, 0.25, 0.8, 3.0):
        expect_close(answer(_t(0.5 / beta, 0.5 / beta), beta), 0.0)


@holds("a gap d nats beyond its target costs d^2, as much as one d nats short of it")
def _distance_squared(answer):
    for beta in (0.2, 1.0, 4.0):
        for distance in (0.5, -0.5, 3.0, -3.0):
            expect_close(answer(_t(0.5 / beta + distance), beta), distance**2)


@holds("every pair counts alike: the loss is the mean of the pairs' losses")
def _mean_of_squares(answer):
    gaps = _t(-2.0, 0.5, 3.0, 7.5)
    single = [answer(gaps[k : k + 1], 0.4) for k in range(4)]
    expect_close(answer(gaps, 0.4), np.mean(single))


ipo_loss = Exercise(
    name="ipo_loss",
    returns=tensor,
    oracle=_ipo,
    example=Example(GAPS[0], 16.0, "(1 - 5)^2"),
    ordinary=GAPS[1:],
    properties=(_nothing_at_the_target, _distance_squared, _mean_of_squares),
    extremes=(
        (_t(-2000.0, 2000.0), 0.5),
        (_t(30.0), 0.001),
        (_t(-40.0, 90.0), 20.0),
    ),
    trainable=("log_ratio_gap",),
)


# cDPO


def _cdpo(log_ratio_gap, beta, epsilon):
    total = 0.0
    for gap in log_ratio_gap:
        right, exchanged = _cost(beta * gap), _cost(-beta * gap)
        total += (1 - epsilon) * right + epsilon * exchanged
    return total / len(log_ratio_gap)


SMOOTHED = (
    (_t(1.0), 0.1, 0.1),
    (_t(1.0, -0.5, 2.0), 0.5, 0.1),
    (_t(-3.0, 0.0, 4.5, 0.75), 0.25, 0.3),
    (_t(6.0, -1.5), 1.0, 0.05),
    (_t(-0.25, 1.25, 0.5, -2.0, 3.0), 2.0, 0.2),
    (_t(8.0, 4.0, -7.0), 0.1, 0.45),
    (_t(-2.5), 0.7, 0.25),
    (_t(2.5, -1.0), 0.3, 0.0),
)


@holds("a gap of 0 costs log 2, whatever epsilon")
def _log_two_at_no_gap(answer):
    for epsilon in (0.0, 0.1, 0.3, 0.5):
        expect_close(answer(_t(0.0, 0.0), 0.6, epsilon), log(2))


@holds("with epsilon 0 it is the DPO loss")
def _plain_dpo(answer):
    for margin in (-3.0, 0.5, 2.0):
        expect_close(answer(_t(margin / 0.4), 0.4, 0.0), _cost(margin))


@holds("exchanging chosen and rejected costs (1 - 2 epsilon) * margin more")
def _exchange_costs(answer):
    for epsilon in (0.05, 0.2, 0.4):
        for gap in (0.5, 2.0, 7.0):
            more = answer(_t(-gap), 0.8, epsilon) - answer(_t(gap), 0.8, epsilon)
            expect_close(more, (1 - 2 * epsilon) * 0.8 * gap)


@holds(
    "at the margin log((1 - epsilon) / epsilon) the loss is the entropy of the label"
)
def _entropy_at_the_bottom(answer):
    for epsilon in (0.1, 0.25, 0.4):
        best = log((1 - epsilon) / epsilon)
        entropy = -(1 - epsilon) * log(1 - epsilon) - epsilon * log(epsilon)
        expect_close(answer(_t(best / 0.5), 0.5, epsilon), entropy)


@holds("every pair counts alike: the loss is the mean of the pairs' losses")
def _mean_of_expected_costs(answer):
    gaps = _t(-2.0, 0.5, 3.0, 7.5)
    single = [answer(gaps[k : k + 1], 0.4, 0.15) for k in range(4)]
    expect_close(answer(gaps, 0.4, 0.15), np.mean(single))


cdpo_loss = Exercise(
    name="cdpo_loss",
    returns=tensor,
    oracle=_cdpo,
    example=Example(
        SMOOTHED[0], 0.65439666007357089, "0.9 * 0.6444 + 0.1 * 0.7444 = 0.6544"
    ),
    ordinary=SMOOTHED[1:],
    properties=(
        _log_two_at_no_gap,
        _plain_dpo,
        _exchange_costs,
        _entropy_at_the_bottom,
        _mean_of_expected_costs,
    ),
    extremes=(
        (_t(2000.0, -2000.0), 1.0, 0.1),
        (_t(-2000.0), 1.0, 0.0),
        (_t(900.0, -3.0), 1.0, 0.5),
        (_t(80.0), 0.5, 0.0001),
    ),
    trainable=("log_ratio_gap",),
)


# SimPO


def _simpo(logp_chosen, logp_rejected, length_chosen, length_rejected, beta, gamma):
    total = 0.0
    pairs = zip(logp_chosen, logp_rejected, length_chosen, length_rejected, strict=True)
    for chosen, rejected, tokens_chosen, tokens_rejected in pairs:
        lead = chosen / float(tokens_chosen) - rejected / float(tokens_rejected)
        total += _cost(beta * lead - gamma)
    return total / len(logp_chosen)


PAIRS = (
    (_t(-4.5), _t(-4.5), _n(10), _n(8), 2.0, 1.0),
    (_t(-10.0, -6.0), _t(-8.0, -9.0), _n(5, 3), _n(3, 6), 2.0, 0.5),
    (_t(-3.5, -20.0, -7.25), _t(-5.0, -4.5, -9.0), _n(2, 9, 5), _n(4, 1, 6), 2.5, 1.25),
    (_t(-12.0, -1.5), _t(-2.0, -30.0), _n(7, 2), _n(3, 11), 0.5, 0.25),
    (_t(-8.0, -5.0, -2.0, -16.0), _t(-6.0, -10.0, -3.0, -2.5), _n(4, 5, 1, 20),
     _n(3, 8, 2, 1), 10.0, 3.0),
    (_t(-6.0, -9.5), _t(-7.0, -4.0), _n(3, 4), _n(2, 5), 1.0, 0.0),
    (_t(-2.25), _t(-11.0), _n(3), _n(12), 4.0, 1.6),
)  # fmt: skip


@holds("twice the log-probability on twice the tokens is the same score")
def _per_token(answer):
    chosen, rejected = _t(-4.0, -9.0), _t(-6.5, -2.0)
    long, short = _n(3, 5), _n(4, 2)
    once = answer(chosen, rejected, long, short, 2.0, 0.7)
    expect_close(answer(2 * chosen, rejected, 2 * long, short, 2.0, 0.7), once)
    expect_close(answer(chosen, 3 * rejected, long, 3 * short, 2.0, 0.7), once)


@holds("equal scores have the margin -gamma, whatever beta")
def _only_gamma_is_left(answer):
    for beta, gamma in ((0.5, 1.5), (2.0, 0.4), (8.0, 0.0)):
        args = _t(-6.0, -2.0), _t(-4.0, -5.0), _n(3, 2), _n(2, 5)
        expect_close(answer(*args, beta, gamma), _cost(-gamma))


@holds("half of every score and twice beta change nothing: gamma is not scaled")
def _gamma_is_not_scaled(answer):
    args = _t(-3.0, -8.0), _t(-10.0, -4.0), _n(2, 5), _n(4, 3)
    half = _t(-1.5, -4.0), _t(-5.0, -2.0), _n(2, 5), _n(4, 3)
    expect_close(answer(*half, 3.0, 0.8), answer(*args, 1.5, 0.8))


@holds("with gamma 0, e^-loss of a pair and of the same pair exchanged sum to 1")
def _exchanged_responses(answer):
    for chosen, rejected, long, short in ((-5.0, -3.0, 4, 1), (-2.0, -6.0, 3, 7)):
        one = answer(_t(chosen), _t(rejected), _n(long), _n(short), 1.5, 0.0)
        other = answer(_t(rejected), _t(chosen), _n(short), _n(long), 1.5, 0.0)
        expect_close(exp(-one) + exp(-other), 1.0)


@holds("every pair counts alike: the loss is the mean of the pairs' losses")
def _mean_over_pairs(answer):
    args = _t(-4.0, -9.0, -1.5), _t(-6.5, -2.0, -12.0), _n(3, 5, 1), _n(4, 2, 9)
    single = [answer(*(part[k : k + 1] for part in args), 2.0, 0.6) for k in range(3)]
    expect_close(answer(*args, 2.0, 0.6), np.mean(single))


simpo_loss = Exercise(
    name="simpo_loss",
    returns=tensor,
    oracle=_simpo,
    example=Example(PAIRS[0], 1.1539183613555426937, "-log sigmoid(-0.775) = 1.1539"),
    ordinary=PAIRS[1:],
    properties=(
        _per_token,
        _only_gamma_is_left,
        _gamma_is_not_scaled,
        _exchanged_responses,
        _mean_over_pairs,
    ),
    extremes=(
        (_t(-1000.0), _t(-2.0), _n(1), _n(2), 2.0, 1.0),
        (_t(-2.0), _t(-1000.0), _n(2), _n(1), 2.0, 1.0),
        (_t(-900.0, -3.0), _t(-90.0, -1500.0), _n(450, 2), _n(30, 1000), 2.0, 0.5),
        (_t(-400.0, -1.0), _t(-1.0, -2.0), _n(5, 1), _n(1, 1), 10.0, 0.0),
    ),
    trainable=("logp_chosen", "logp_rejected"),
)


# Length-normalized DPO


def _length_normalized(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    length_rejected,
    beta,
):
    total = 0.0
    pairs = zip(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected,
        length_chosen, length_rejected, strict=True,
    )  # fmt: skip
    for chosen, rejected, ref_chosen, ref_rejected, long, short in pairs:
        moved = (chosen - ref_chosen) / float(long)
        total += _cost(beta * (moved - (rejected - ref_rejected) / float(short)))
    return total / len(logp_chosen)


MOVED = (
    (_t(-4.5), _t(-4.5), _t(-5.0), _t(-4.0), _n(10), _n(8), 5.0),
    (_t(-10.0, -6.0), _t(-8.0, -9.0), _t(-12.5, -5.0), _t(-7.0, -9.5), _n(5, 3),
     _n(3, 6), 2.0),
    (_t(-3.5, -20.0, -7.25), _t(-5.0, -4.5, -9.0), _t(-4.0, -26.0, -6.0),
     _t(-3.5, -5.5, -8.0), _n(2, 9, 5), _n(4, 1, 6), 2.5),
    (_t(-12.0, -1.5), _t(-2.0, -30.0), _t(-9.0, -2.5), _t(-3.5, -21.0), _n(7, 2),
     _n(3, 11), 0.5),
    (_t(-8.0, -5.0, -2.0, -16.0), _t(-6.0, -10.0, -3.0, -2.5),
     _t(-10.0, -3.0, -2.75, -24.0), _t(-5.0, -6.0, -2.0, -4.0), _n(4, 5, 1, 20),
     _n(3, 8, 2, 1), 10.0),
    (_t(-6.0, -9.5), _t(-7.0, -4.0), _t(-4.5, -11.0), _t(-8.5, -3.0), _n(3, 4),
     _n(2, 5), 1.0),
    (_t(-2.25), _t(-11.0), _t(-3.0), _t(-9.5), _n(3), _n(12), 4.0),
)  # fmt: skip


@holds("twice the log-ratio on twice the tokens is the same score")
def _moved_per_token(answer):
    ref, long, short = (_t(-5.0, -7.0), _t(-6.0, -2.5)), _n(3, 5), _n(4, 2)
    ratio = _t(1.5, -2.0), _t(-0.5, 0.75)
    once = answer(ref[0] + ratio[0], ref[1] + ratio[1], *ref, long, short, 2.0)
    args = ref[0] + 2 * ratio[0], ref[1] + ratio[1], *ref, 2 * long, short, 2.0
    expect_close(answer(*args), once)
    args = ref[0] + ratio[0], ref[1] + 3 * ratio[1], *ref, long, 3 * short, 2.0
    expect_close(answer(*args), once)


@holds("a policy that equals the reference pays log 2, whatever the lengths and beta")
def _log_two_at_the_reference(answer):
    logps = _t(-6.0, -2.0), _t(-4.0, -5.0)
    for beta in (0.5, 2.0, 8.0):
        expect_close(answer(*logps, *logps, _n(3, 2), _n(2, 5), beta), log(2))


@holds("with lengths of 1 it is the DPO loss")
def _dpo_of_single_tokens(answer):
    for margin in (-3.0, 0.5, 2.0):
        args = _t(-2.0 + margin), _t(-4.0), _t(-2.5), _t(-4.5), _n(1), _n(1), 0.4
        expect_close(answer(*args), _cost(0.4 * margin))


@holds("e^-loss of a pair and of the same pair exchanged sum to 1")
def _exchanged_sides(answer):
    for chosen, rejected, long, short in ((-5.0, -3.0, 4, 1), (-2.0, -6.0, 3, 7)):
        ref = _t(-4.0), _t(-4.5)
        one = answer(_t(chosen), _t(rejected), *ref, _n(long), _n(short), 1.5)
        other = answer(_t(rejected), _t(chosen), *ref[::-1], _n(short), _n(long), 1.5)
        expect_close(exp(-one) + exp(-other), 1.0)


@holds("every pair counts alike: the loss is the mean of the pairs' losses")
def _mean_over_moved_pairs(answer):
    *args, beta = MOVED[2]
    single = [answer(*(part[k : k + 1] for part in args), beta) for k in range(3)]
    expect_close(answer(*args, beta), np.mean(single))


length_normalized_loss = Exercise(
    name="length_normalized_loss",
    returns=tensor,
    oracle=_length_normalized,
    example=Example(
        MOVED[0], 0.45093728159512501, "-log sigmoid(5 * 0.1125) = 0.4509"
    ),
    ordinary=MOVED[1:],
    properties=(
        _moved_per_token,
        _log_two_at_the_reference,
        _dpo_of_single_tokens,
        _exchanged_sides,
        _mean_over_moved_pairs,
    ),
    extremes=(
        (_t(-1000.0), _t(-2.0), _t(-3.0), _t(-2.5), _n(1), _n(2), 2.0),
        (_t(-2.0), _t(-1000.0), _t(-3.0), _t(-2.5), _n(2), _n(1), 2.0),
        (_t(-900.0, -3.0), _t(-90.0, -1500.0), _t(-1.0, -500.0), _t(-95.0, -2.0),
         _n(450, 2), _n(30, 1000), 5.0),
        (_t(-400.0, -1.0), _t(-1.0, -2.0), _t(-900.0, -1.0), _t(-1.5, -2.0), _n(5, 1),
         _n(1, 1), 10.0),
    ),
    trainable=("logp_chosen", "logp_rejected"),
)  # fmt: skip


# RPO


def _rpo(
    logp_chosen,
    logp_rejected,
    ref_logp_chosen,
    ref_logp_rejected,
    length_chosen,
    beta,
    weight,
):
    total = 0.0
    pairs = zip(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, length_chosen,
        strict=True,
    )  # fmt: skip
    for chosen, rejected, ref_chosen, ref_rejected, tokens in pairs:
        gap = (chosen - ref_chosen) - (rejected - ref_rejected)
        total += _cost(beta * gap) - weight * chosen / float(tokens)
    return total / len(logp_chosen)


HELD_UP = (
    (_t(-4.5), _t(-4.5), _t(-5.0), _t(-4.0), _n(10), 0.1, 1.0),
    (_t(-10.0, -6.0), _t(-8.0, -9.0), _t(-12.5, -5.0), _t(-7.0, -9.5), _n(5, 3), 0.5,
     0.2),
    (_t(-3.5, -20.0, -7.25), _t(-5.0, -4.5, -9.0), _t(-4.0, -26.0, -6.0),
     _t(-3.5, -5.5, -8.0), _n(2, 9, 5), 0.25, 0.75),
    (_t(-12.0, -1.5), _t(-2.0, -30.0), _t(-9.0, -2.5), _t(-3.5, -21.0), _n(7, 2), 1.0,
     2.5),
    (_t(-8.0, -5.0, -2.0, -16.0), _t(-6.0, -10.0, -3.0, -2.5),
     _t(-10.0, -3.0, -2.75, -24.0), _t(-5.0, -6.0, -2.0, -4.0), _n(4, 5, 1, 20), 2.0,
     0.4),
    (_t(-6.0, -9.5), _t(-7.0, -4.0), _t(-4.5, -11.0), _t(-8.5, -3.0), _n(3, 4), 0.7,
     0.0),
    (_t(-2.25), _t(-11.0), _t(-3.0), _t(-9.5), _n(3), 0.3, 5.0),
)  # fmt: skip


@holds("with weight 0 it is the DPO loss")
def _no_likelihood(answer):
    for margin in (-3.0, 0.5, 2.0):
        args = _t(-2.0 + margin), _t(-4.0), _t(-2.5), _t(-4.5), _n(3), 0.4, 0.0
        expect_close(answer(*args), _cost(0.4 * margin))


@holds("a policy that equals the reference pays log 2 and weight times NLL per token")
def _likelihood_at_the_reference(answer):
    logps = _t(-6.0, -3.0), _t(-4.0, -5.0)
    for weight in (0.2, 1.0, 3.0):
        got = answer(*logps, *logps, _n(3, 2), 0.6, weight)
        expect_close(got, log(2) + weight * 1.75)


@holds("the likelihood term knows neither beta nor the reference")
def _likelihood_alone(answer):
    for beta, shift in ((0.1, 0.0), (2.0, 0.0), (0.7, 40.0)):
        ref = _t(-6.0 - shift), _t(-4.0 - shift)
        more = answer(_t(-6.0), _t(-4.0), *ref, _n(4), beta, 2.0)
        less = answer(_t(-6.0), _t(-4.0), *ref, _n(4), beta, 1.0)
        expect_close(more - less, 1.5)


@holds("when both responses fall by 2 nats the loss rises by weight * 2 / length")
def _both_fall(answer):
    ref = _t(-5.0), _t(-6.0)
    for weight, tokens in ((0.5, 4), (2.0, 3)):
        before = answer(_t(-5.0), _t(-6.5), *ref, _n(tokens), 0.8, weight)
        after = answer(_t(-7.0), _t(-8.5), *ref, _n(tokens), 0.8, weight)
        expect_close(after - before, 2 * weight / tokens)


@holds("every response counts alike, however long: the mean of the pairs' losses")
def _mean_over_held_up_pairs(answer):
    *args, beta, weight = HELD_UP[2]
    single = [
        answer(*(part[k : k + 1] for part in args), beta, weight) for k in range(3)
    ]
    expect_close(answer(*args, beta, weight), np.mean(single))


rpo_loss = Exercise(
    name="rpo_loss",
    returns=tensor,
    oracle=_rpo,
    example=Example(HELD_UP[0], 1.0943966600735709, "0.6444 + 4.5 / 10 = 1.0944"),
    ordinary=HELD_UP[1:],
    properties=(
        _no_likelihood,
        _likelihood_at_the_reference,
        _likelihood_alone,
        _both_fall,
        _mean_over_held_up_pairs,
    ),
    extremes=(
        (_t(-1000.0), _t(-2.0), _t(-3.0), _t(-2.5), _n(7), 2.0, 1.0),
        (_t(-2.0), _t(-1000.0), _t(-3.0), _t(-2.5), _n(2), 2.0, 0.5),
        (_t(-900.0, -3.0), _t(-90.0, -1500.0), _t(-1.0, -500.0), _t(-95.0, -2.0),
         _n(450, 2), 1.0, 0.1),
    ),
    trainable=("logp_chosen", "logp_rejected"),
)  # fmt: skip


# KTO


def _kto(log_ratio, desirable, kl, beta):
    reference_point = max(float(kl), 0.0)
    total = 0.0
    for ratio, good in zip(log_ratio, desirable, strict=True):
        lead = ratio - reference_point if good else reference_point - ratio
        total += _wrong_side(beta * lead)
    return total / len(log_ratio)


def _scalar(number: float) -> torch.Tensor:
    return torch.tensor(number, dtype=torch.float64)


JUDGED = (
    (_t(0.5, -0.5), _yes(1, 0), _scalar(0.2), 0.1),
    (_t(1.0, -0.5, 2.0), _yes(1, 0, 0), _scalar(0.3), 0.5),
    (_t(-2.0, 3.5, 0.0, 1.25), _yes(1, 1, 0, 1), _scalar(1.5), 1.0),
    (_t(4.0, -1.0, 0.75), _yes(0, 0, 1), _scalar(-0.8), 0.7),
    (_t(2.5, -0.25), _yes(1, 1), _scalar(0.6), 2.0),
    (_t(-1.5, 0.5, -3.0, 6.0, 1.0), _yes(0, 1, 1, 0, 0), _scalar(-0.25), 0.3),
    (_t(1.5), _yes(0), _scalar(2.25), 0.25),
    (_t(0.75, -0.25, 2.0), _yes(0, 1, 1), _scalar(0.0), 0.6),
)


@holds("a response at the reference point costs 1/2, desirable or not")
def _half_at_the_reference_point(answer):
    for kl in (0.0, 0.4, 2.0):
        for flags in (_yes(1, 1), _yes(0, 0), _yes(1, 0)):
            expect_close(answer(_t(kl, kl), flags, _scalar(kl), 0.8), 0.5)


@holds("a negative kl counts as 0")
def _negative_kl(answer):
    for kl in (-0.25, -3.0):
        args = _t(0.5, -1.5, 2.0), _yes(1, 1, 0)
        expect_close(answer(*args, _scalar(kl), 0.6), answer(*args, _scalar(0.0), 0.6))


@holds("a response labeled desirable and the same one labeled not cost 1 together")
def _both_labels(answer):
    for ratio, kl, beta in ((1.5, 0.5, 0.4), (-2.0, 0.25, 1.5), (0.5, 3.0, 0.9)):
        good = answer(_t(ratio), _yes(1), _scalar(kl), beta)
        bad = answer(_t(ratio), _yes(0), _scalar(kl), beta)
        expect_close(good + bad, 1.0)


@holds("only beta * (log_ratio - z0) counts: 900 times all nats, beta / 900")
def _scales(answer):
    for nats in (1.0, 900.0):
        for ratio, flags, kl in ((2.003, _yes(1), 0.503), (-1.247, _yes(0), 0.253)):
            cost = answer(_t(ratio * nats), flags, _scalar(kl * nats), 1 / nats)
            expect_close(cost, _wrong_side(1.5))


@holds("a response that is far on its right side still costs something")
def _far_out(answer):
    for flags, ratio in ((_yes(1), 15.0), (_yes(0), -15.0)):
        for kl in (0.0, -2.0):
            expect_close(answer(_t(ratio), flags, _scalar(kl), 1.0), _wrong_side(15.0))


@holds("a desirable response costs less as it becomes more likely, an undesirable more")
def _direction(answer):
    for kl, beta in ((0.0, 0.5), (1.0, 2.0)):
        likely, unlikely = _t(1.5), _t(-0.5)
        for flag, sign in ((1, 1), (0, -1)):
            less = answer(likely, _yes(flag), _scalar(kl), beta)
            more = answer(unlikely, _yes(flag), _scalar(kl), beta)
            expect(sign * (more - less) > 0)


@holds("every response counts alike, whatever the shares of desirable and undesirable")
def _mean_over_responses(answer):
    ratios, flags, kl = _t(-1.0, 2.0, 0.25, 3.0), _yes(1, 0, 1, 1), _scalar(0.5)
    single = [answer(ratios[k : k + 1], flags[k : k + 1], kl, 0.9) for k in range(4)]
    expect_close(answer(ratios, flags, kl, 0.9), np.mean(single))


kto_loss = Exercise(
    name="kto_loss",
    returns=tensor,
    oracle=_kto,
    example=Example(JUDGED[0], 0.48750385239182399, "(0.4925 + 0.4825) / 2"),
    ordinary=JUDGED[1:],
    properties=(
        _half_at_the_reference_point,
        _negative_kl,
        _both_labels,
        _scales,
        _far_out,
        _direction,
        _mean_over_responses,
    ),
    extremes=(
        (_t(-2000.0, 2000.0), _yes(1, 1), _scalar(0.5), 1.0),
        (_t(2000.0, -2000.0, 1.0), _yes(0, 0, 1), _scalar(0.5), 1.0),
        (_t(40.0, 41.5), _yes(1, 0), _scalar(40.5), 2.0),
        (_t(0.5, -0.25), _yes(0, 1), _scalar(-50.0), 0.5),
    ),
    trainable=("log_ratio",),
    constant=("kl",),
)


# Robust DPO


def _robust(log_ratio_gap, beta, epsilon):
    total = 0.0
    for gap in log_ratio_gap:
        right, flipped = _cost(beta * gap), _cost(-beta * gap)
        total += ((1 - epsilon) * right - epsilon * flipped) / (1 - 2 * epsilon)
    return total / len(log_ratio_gap)


FLIPPED = (
    (_t(1.0), 0.1, 0.1),
    (_t(1.0, -0.5, 2.0), 0.5, 0.2),
    (_t(-3.0, 0.0, 4.5, 0.75), 0.25, 0.3),
    (_t(6.0, -1.5), 1.0, 0.05),
    (_t(-0.25, 1.25, 0.5, -2.0, 3.0), 2.0, 0.1),
    (_t(8.0, 4.0, -7.0), 0.1, 0.4),
    (_t(2.5, -1.0), 0.3, 0.0),
)


@holds("averaged over flips, epsilon of them, it is the DPO loss without any flip")
def _unbiased(answer):
    for epsilon in (0.05, 0.2, 0.4):
        for margin in (-3.0, -0.5, 0.7, 2.0):
            kept = answer(_t(margin / 0.8), 0.8, epsilon)
            flipped = answer(_t(-margin / 0.8), 0.8, epsilon)
            mean = (1 - epsilon) * kept + epsilon * flipped
            expect_close(mean, _cost(margin))


@holds("a gap of 0 costs log 2, whatever epsilon")
def _log_two_whatever_the_flips(answer):
    for epsilon in (0.0, 0.1, 0.4):
        expect_close(answer(_t(0.0, 0.0), 0.6, epsilon), log(2))


find_the_bug_robust_loss = Exercise(
    name="find_the_bug_robust_loss",
    returns=tensor,
    oracle=_robust,
    example=Example(
        FLIPPED[0], 0.63189666007357089, "(0.9 * 0.6444 - 0.1 * 0.7444) / 0.8"
    ),
    ordinary=FLIPPED[1:],
    properties=(_log_two_whatever_the_flips, _unbiased),
    extremes=(
        (_t(2000.0), 1.0, 0.1),
        (_t(-2000.0, 1.0), 1.0, 0.3),
        (_t(900.0, -800.0), 1.0, 0.45),
    ),
    trainable=("log_ratio_gap",),
)


# DPO-positive


def _positive(log_ratio_chosen, log_ratio_rejected, beta, penalty):
    total = 0.0
    for chosen, rejected in zip(log_ratio_chosen, log_ratio_rejected, strict=True):
        shortfall = max(-chosen, 0.0)
        total += _cost(beta * (chosen - rejected - penalty * shortfall))
    return total / len(log_ratio_chosen)


FALLEN = (
    (_t(-0.5), _t(-2.0), 0.1, 5.0),
    (_t(0.5, -1.5, 2.0), _t(-1.0, -2.5, 2.5), 0.5, 2.0),
    (_t(-3.0, -0.25), _t(-4.0, 1.0), 0.2, 1.0),
    (_t(1.5, 0.75), _t(0.5, -2.0), 1.0, 3.0),
    (_t(-1.0), _t(0.5), 2.0, 0.5),
    (_t(-0.75, 3.0, -2.0, 0.25), _t(-6.0, 1.0, -2.5, -1.5), 0.3, 10.0),
)


@holds("where the chosen response did not fall, it is the DPO loss")
def _no_fine(answer):
    for chosen, rejected in ((0.5, -1.0), (2.0, 3.0), (0.0, -0.5)):
        got = answer(_t(chosen), _t(rejected), 0.7, 4.0)
        expect_close(got, _cost(0.7 * (chosen - rejected)))


@holds("with the same gap, the loss is larger where the chosen response has fallen")
def _both_falling_costs_more(answer):
    for penalty in (0.5, 2.0, 8.0):
        fallen = answer(_t(-1.0), _t(-2.5), 0.4, penalty)
        risen = answer(_t(1.0), _t(-0.5), 0.4, penalty)
        expect(fallen > risen)


@holds("each pair is fined by itself: the loss is the mean of the pairs' losses")
def _fined_alone(answer):
    chosen, rejected = _t(-1.0, 2.0, -0.25, 0.5), _t(-3.0, 0.5, 1.0, 0.75)
    single = [
        answer(chosen[k : k + 1], rejected[k : k + 1], 0.4, 3.0) for k in range(4)
    ]
    expect_close(answer(chosen, rejected, 0.4, 3.0), np.mean(single))


find_the_bug_positive_loss = Exercise(
    name="find_the_bug_positive_loss",
    returns=tensor,
    oracle=_positive,
    example=Example(FALLEN[0], 0.74439666007357089, "-log sigmoid(-0.1) = 0.7444"),
    ordinary=FALLEN[1:],
    properties=(_no_fine, _both_falling_costs_more, _fined_alone),
    extremes=(
        (_t(-200.0, 1.0), _t(-900.0, 0.5), 1.0, 5.0),
        (_t(300.0, -100.0), _t(-1700.0, 500.0), 1.0, 2.0),
    ),
    trainable=("log_ratio_chosen", "log_ratio_rejected"),
)


predict_the_ipo_gap = predict("predict_the_ipo_gap", 1.6)

predict_the_cdpo_gap = predict("predict_the_cdpo_gap", log(4) / 0.5)

predict_the_kto_pull = predict("predict_the_kto_pull", 4 / (1 + exp(4)) / (1 + exp(-4)))

EXERCISES = (
    ipo_loss,
    cdpo_loss,
    simpo_loss,
    length_normalized_loss,
    rpo_loss,
    kto_loss,
    find_the_bug_robust_loss,
    find_the_bug_positive_loss,
    predict_the_ipo_gap,
    predict_the_cdpo_gap,
    predict_the_kto_pull,
)

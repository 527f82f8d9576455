"""Checks of chapter 06. The oracle is a loop over pairs in plain Python floats.

Values alone do not find a detached policy or a reference that is trained along, so
gradients are compared with central differences of the same oracle.
"""

from math import exp, log, log1p

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import expect, expect_close, tensor


def _loss(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    total = 0.0
    pairs = zip(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, strict=True
    )
    for chosen, rejected, ref_chosen, ref_rejected in pairs:
        margin = beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
        total += max(-margin, 0.0) + log1p(exp(-abs(margin)))
    return total / len(logp_chosen)


def _t(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


ONE = (_t(-4.5), _t(-4.5), _t(-5.0), _t(-4.0))
BATCH = (_t(-12.0, -3.5, -20.25), _t(-9.0, -4.0, -7.5),
         _t(-11.0, -5.5, -19.0), _t(-10.5, -4.25, -8.75))  # fmt: skip
LOSING = (_t(-6.0, -7.5), _t(-2.0, -7.0), _t(-4.0, -5.0), _t(-3.5, -8.0))
EQUAL = (_t(-3.0, -8.5), _t(-5.0, -2.5), _t(-3.0, -8.5), _t(-5.0, -2.5))
FOUR = (_t(-1.5, -30.0, -8.0, -2.25), _t(-2.5, -28.0, -9.5, -2.75),
        _t(-2.0, -33.0, -7.0, -1.25), _t(-1.75, -29.5, -6.5, -3.0))  # fmt: skip
INPUTS = tuple((*logps, beta) for logps, beta in (
    (ONE, 0.1), (BATCH, 0.5), (BATCH, 0.1), (LOSING, 1.0), (FOUR, 2.0), (FOUR, 0.3),
    (EQUAL, 0.7), (LOSING, 0.05)))  # fmt: skip


@holds("a policy equal to the reference costs log 2 on every pair, at any beta")
def _log_two_at_the_start(answer):
    for beta in (0.1, 0.7, 5.0):
        expect_close(answer(*EQUAL, beta), log(2))


@holds("only beta * gap matters: twice beta and half of every log-ratio change nothing")
def _only_the_margin(answer):
    for chosen, rejected, ref_chosen, ref_rejected in (BATCH, LOSING, FOUR):
        half_chosen = ref_chosen + (chosen - ref_chosen) / 2
        half_rejected = ref_rejected + (rejected - ref_rejected) / 2
        args = half_chosen, half_rejected, ref_chosen, ref_rejected
        whole = answer(chosen, rejected, ref_chosen, ref_rejected, 0.5)
        expect_close(answer(*args, 1.0), whole)


@holds("adding 3 nats to both log-probabilities of a pair changes nothing")
def _common_change_cancels(answer):
    for chosen, rejected, ref_chosen, ref_rejected in (BATCH, LOSING, FOUR):
        args = chosen + 3, rejected + 3, ref_chosen, ref_rejected
        expect_close(
            answer(*args, 0.5), answer(chosen, rejected, ref_chosen, ref_rejected, 0.5)
        )


@holds("with chosen and rejected exchanged, e^-loss is the other probability: sum 1")
def _exchanged_labels(answer):
    for chosen, rejected, ref_chosen, ref_rejected in (ONE,):
        for beta in (0.1, 0.8, 3.0):
            one = answer(chosen, rejected, ref_chosen, ref_rejected, beta)
            other = answer(rejected, chosen, ref_rejected, ref_chosen, beta)
            expect_close(exp(-one) + exp(-other), 1.0)


@holds("the loss of a batch is the mean of the losses of its pairs")
def _mean_over_pairs(answer):
    for logps in (BATCH, LOSING, FOUR):
        single = [
            answer(*(logp[k : k + 1] for logp in logps), 0.5)
            for k in range(len(logps[0]))
        ]
        expect_close(answer(*logps, 0.5), np.mean(single))


@holds("every pair of a long batch counts: joined batches give the mean of all pairs")
def _joined_batches(answer):
    parts = (BATCH, LOSING, FOUR, EQUAL)
    joined = [torch.cat(logps) for logps in zip(*parts, strict=True)]
    total = sum(len(part[0]) * answer(*part, 0.4) for part in parts)
    expect_close(answer(*joined, 0.4), total / len(joined[0]))


@holds("no loss is negative: it is -log of a probability")
def _never_negative(answer):
    for inputs in INPUTS:
        expect(answer(*inputs) >= -1e-12)


dpo_loss = Exercise(
    name="dpo_loss",
    returns=tensor,
    oracle=_loss,
    example=Example(
        (*ONE, 0.1), 0.6443966600735709, "gap 1, -log sigmoid(0.1) = 0.6444"
    ),
    ordinary=INPUTS,
    properties=(
        _log_two_at_the_start,
        _common_change_cancels,
        _only_the_margin,
        _exchanged_labels,
        _mean_over_pairs,
        _joined_batches,
        _never_negative,
    ),
    extremes=(
        (_t(-2000.0), _t(-1000.0), _t(-1000.0), _t(-2000.0), 1.0),
        (_t(-1000.0), _t(-2000.0), _t(-2000.0), _t(-1000.0), 1.0),
        (_t(-900.0, -5.0), _t(-100.0, -50.0), _t(-50.0, -45.0), _t(-60.0, -5.0), 0.5),
        (_t(-800.0), _t(-801.0), _t(-801.5), _t(-800.25), 0.5),
        (_t(-20.0), _t(-40.0), _t(-38.0), _t(-20.0), 0.5),
        (_t(-24.0), _t(-10.0), _t(-12.0), _t(-14.0), 0.5),
        (_t(-50.0, -9.0), _t(-900.0, -7.0), _t(-60.0, -8.0), _t(-80.0, -7.5), 0.5),
    ),
    trainable=("logp_chosen", "logp_rejected"),
    constant=("ref_logp_chosen", "ref_logp_rejected"),
)


LENGTHS = (  # long responses against short ones, small leads and large ones
    _t(-12.0, -30.0, -25.5, -8.0, -40.0, -5.25, -18.0),
    _t(-4.0, -4.0, -6.0, -9.0, -7.5, -30.0, -17.0),
    _t(-14.0, -31.0, -25.0, -9.5, -43.0, -5.0, -18.5),
    _t(-5.0, -4.75, -6.25, -8.5, -8.0, -30.5, -16.75),
)


def _accuracy(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    right = 0
    pairs = zip(
        logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, strict=True
    )
    for chosen, rejected, ref_chosen, ref_rejected in pairs:
        right += chosen - rejected > ref_chosen - ref_rejected
    return right / len(logp_chosen)


@holds("a constant added to one response under policy and reference changes nothing")
def _harder_response(answer):
    for chosen, rejected, ref_chosen, ref_rejected in (ONE, BATCH, LOSING, FOUR):
        args = chosen - 9, rejected, ref_chosen - 9, ref_rejected
        expect_close(answer(*args), answer(chosen, rejected, ref_chosen, ref_rejected))


@holds("with all labels exchanged, right becomes wrong: the shares add up to 1")
def _shares_add_up(answer):
    for chosen, rejected, ref_chosen, ref_rejected in (ONE, BATCH, LOSING, FOUR):
        share = answer(chosen, rejected, ref_chosen, ref_rejected)
        other = answer(rejected, chosen, ref_rejected, ref_chosen)
        expect_close(share + other, 1.0)


@holds("every pair of a long batch counts: the share is over all of them")
def _joined_shares(answer):
    parts = (LOSING, FOUR, BATCH, LENGTHS)
    joined = [torch.cat(logps) for logps in zip(*parts, strict=True)]
    right = sum(len(part[0]) * answer(*part) for part in parts)
    expect_close(answer(*joined), right / len(joined[0]))


find_the_bug_accuracy = Exercise(
    name="find_the_bug_accuracy",
    returns=tensor,
    oracle=_accuracy,
    example=Example(ONE, 1.0, "0.5 > -0.5, one pair of one"),
    ordinary=(ONE, BATCH, LOSING, FOUR, LENGTHS),
    properties=(_harder_response, _shares_add_up, _joined_shares),
    extremes=(
        (
            _t(-900.0, -100.0, -950.0),
            _t(-1200.0, -10.0, -800.0),
            _t(-899.0, -101.0, -950.5),
            _t(-1200.5, -10.5, -800.25),
        ),
        (
            _t(-500.0, -600.0, -700.0),
            _t(-500.0, -600.0, -700.0),
            _t(-500.00001, -600.00001, -700.0),
            _t(-500.0, -600.0, -700.00001),
        ),
    ),
)

predict_the_first_loss = predict("predict_the_first_loss", log(2))

predict_when_both_rise = predict("predict_when_both_rise", log(2))

EXERCISES = (
    dpo_loss,
    find_the_bug_accuracy,
    predict_the_first_loss,
    predict_when_both_rise,
)

"""Checks of chapter 05. Numbers against decimals, derivations against identities.

A derivation is an expression in sympy's symbols. It is checked without comparing it
with any other form of it: put back into the equation that it claims to solve, the two
sides must agree in 30 digits at exact rational points, with no symbol left over that
should have cancelled. Any way of writing the right expression passes.
"""

from decimal import Context, Decimal, localcontext
from itertools import product
from math import exp, inf, log, log10, nan

import numpy as np
import sympy as sp

from ..exercise import Example, Exercise, holds, predict
from ..kinds import Kind, array, describe, expect, expect_close, number

as_it_came = Kind(
    "one number for floats, a numpy array for arrays",
    lambda value: array.plain(value) if np.ndim(value) else number.plain(value),
)


def _implicit(logp, ref_logp, beta):
    if np.ndim(logp):
        pairs = zip(logp, ref_logp, strict=True)
        return np.array([_implicit(one, other, beta) for one, other in pairs])
    return float(
        Decimal(float(beta)) * (Decimal(float(logp)) - Decimal(float(ref_logp)))
    )


def _logs(*probabilities: float) -> np.ndarray:
    return np.log(np.array(probabilities))


def _a(*rows) -> np.ndarray:
    return np.array(rows, dtype=np.float64)


POLICY, REF = _logs(0.1, 0.2, 0.7), _logs(0.5, 0.3, 0.2)
OTHER, OTHER_REF = _logs(0.25, 0.125, 0.5, 0.125), _logs(0.1, 0.4, 0.3, 0.2)
PAIRS = (
    (POLICY, REF),
    (OTHER, OTHER_REF),
    (_a([-4.5, -3.0, -7.25], [-12.0, -20.5, -0.5]),
     _a([-5.0, -3.0, -6.0], [-11.5, -23.0, -1.75])),
)  # fmt: skip


@holds("policy and reference the same: no reward for anything")
def _nothing_changed(answer):
    for beta in (0.1, 2.0):
        expect_close(answer(REF, REF, beta), np.zeros(3))


@holds("averaged over the reference, e^(implicit reward / beta) is exactly 1")
def _average_multiplier(answer):
    for logp, ref_logp in PAIRS[:2]:
        for beta in (0.3, 1.5):
            multiplier = np.exp(answer(logp, ref_logp, beta) / beta)
            expect_close((np.exp(ref_logp) * multiplier).sum(), 1.0)


@holds("the policy is the optimal one for its own implicit reward")
def _optimal_for_itself(answer):
    for logp, ref_logp in PAIRS[:2]:
        tilted = np.exp(ref_logp + answer(logp, ref_logp, 0.4) / 0.4)
        expect_close(tilted / tilted.sum(), np.exp(logp))


@holds("policy and reference exchanged: the reward changes sign")
def _exchanged(answer):
    for logp, ref_logp in PAIRS:
        expect_close(
            answer(logp, ref_logp, 0.7) + answer(ref_logp, logp, 0.7), 0 * logp
        )


@holds("twice the beta, twice the reward")
def _proportional_to_beta(answer):
    for logp, ref_logp in PAIRS:
        expect_close(answer(logp, ref_logp, 1.2), 2 * answer(logp, ref_logp, 0.6))


@holds("a response's reward does not depend on which others are in the array")
def _each_by_itself(answer):
    for logp, ref_logp in PAIRS[:2]:
        together = answer(logp, ref_logp, 0.8)
        pairs = zip(logp, ref_logp, strict=True)
        expect_close(together, [answer(float(p), float(q), 0.8) for p, q in pairs])


implicit_reward = Exercise(
    name="implicit_reward",
    returns=as_it_came,
    oracle=_implicit,
    example=Example((-4.5, -5.0, 0.1), 0.05, "0.1 * (-4.5 + 5) = 0.05"),
    ordinary=(
        (POLICY, REF, 0.5),
        (*PAIRS[2], 0.1),
        (OTHER, OTHER_REF, 2.0),
        (-7.0, -6.25, 0.3),
        (-2.0, -2.0, 0.7),
        (*PAIRS[2], 1.0),
        (POLICY, REF, 5.0),
        (_logs(*np.arange(1, 9) / 36), _logs(*np.arange(8, 0, -1) / 36), 0.25),
    ),
    properties=(
        _nothing_changed,
        _average_multiplier,
        _optimal_for_itself,
        _exchanged,
        _proportional_to_beta,
        _each_by_itself,
    ),
    extremes=(
        (_a(-9000.25, -800.0), _a(-9001.75, -10000.0), 0.1),
        (-1000.0, -1003.0, 0.5),
        (-1.0, -10000.0, 2.0),
        (_a(-np.inf, -1.0), _a(-2.5, -2.0), 0.5),
        (-inf, -2.5, 0.5),
        (_a(-1.5), _a(-np.log(2)), 1e-6),
    ),
)


def _log10_count(vocabulary_size, length):
    with localcontext(Context(prec=50)):
        return float(Decimal(vocabulary_size).log10() * length)


COUNTS = ((2, 10), (32000, 4), (7, 4), (50257, 3), (26, 3), (1000, 1), (3, 30),
          (12, 0))  # fmt: skip


@holds("one token more multiplies the number of responses by the vocabulary size")
def _one_token_more(answer):
    for size, length in ((5, 7), (32000, 60), (13, 0)):
        expect_close(answer(size, length + 1), answer(size, length) + log10(size))


@holds("for a small language it is the log10 of the sequences counted one by one")
def _counted(answer):
    for size, length in ((2, 3), (3, 4), (4, 2), (5, 0)):
        count = sum(1 for _ in product(range(size), repeat=length))
        expect_close(answer(size, length), log10(count))


@holds("a language with a single token has one response of each length: log10 1 = 0")
def _one_token(answer):
    for length in (0, 1, 6, 250):
        expect_close(answer(1, length), 0.0)


def _as_float(answer, arguments):
    """The value for diagnosis; whoever returns V^L itself may exceed any float."""
    value = answer.raw(*arguments)
    return inf if isinstance(value, int) and value > 10**300 else value


log10_responses = Exercise(
    name="log10_responses",
    returns=number,
    oracle=_log10_count,
    example=Example((10, 3), 3.0, "log10(10 * 10 * 10) = 3"),
    ordinary=COUNTS,
    properties=(_counted, _one_token_more, _one_token),
    extremes=((50257, 20), (32000, 100), (10, 400), (128000, 500), (50257, 2000)),
    observe=(_as_float,),
)


def _symbols(names: str) -> tuple[sp.Symbol, ...]:
    return sp.symbols(names, positive=True)


ONE = _symbols("policy ref beta z")
PAIR = _symbols("policy_chosen policy_rejected ref_chosen ref_rejected beta")
PAIR_Z = (*PAIR, ONE[3])
PROMPTS = (ONE[2], *_symbols("z_chosen z_rejected"))
BY_HAND = ("1/2", "1/4", "1/4", "1/2", 2)  # of PAIR, in the hand examples
SEVENTHS = (3, 5, 2, 8, 4, 9)  # values, in sevenths, that the symbols take in turn


def _points(symbols) -> list[dict]:
    """Four exact points: each symbol takes four different rational values."""
    return [
        {s: sp.Rational(SEVENTHS[(i + k) % 6] + k, 7) for i, s in enumerate(symbols)}
        for k in range(4)
    ]


def _values(expression, symbols) -> list[float]:
    """The expression's values at the points, from 30 digits; NaN where not real."""
    values = [expression.subs(point).evalf(30) for point in _points(symbols)]
    return [float(v) if v.is_number and v.is_real else nan for v in values]


def _expression_in(symbols, forbidden=()) -> Kind:
    """A real sympy expression in ``symbols`` alone, the ``forbidden`` ones excluded."""

    def plain(value):
        value = _sympy(value)
        words = f"it returned {_described(value)}; the task asks for an expression"
        expect(isinstance(value, sp.Expr), words)
        for symbol in forbidden:
            words = f"{symbol} still occurs in the result: it must cancel"
            expect(symbol not in value.free_symbols, words)
        strange = ", ".join(sorted(map(str, value.free_symbols - {*symbols})))
        words = f"{strange} is not among the arguments: compute with these themselves"
        expect(not strange, words)
        words = "the result is not a real number for some positive arguments"
        expect(not np.isnan(_values(value, symbols)).any(), words)
        return value

    return Kind("a sympy expression", plain)


def _sympy(value):
    """Plain numbers count as expressions too; everything else stays what it is."""
    return sp.sympify(value) if isinstance(value, int | float) else value


def _described(value) -> str:
    if isinstance(value, sp.Equality):
        return "an equation"
    if isinstance(value, list):
        return "a list (as sp.solve does: take its first entry)"
    return describe(value)


def _observed(symbols, forbidden):
    """What tells one derivation from another: its values at the points, or its type."""

    def observe(answer, arguments):
        value = _sympy(answer.raw(*arguments))
        if not isinstance(value, sp.Expr):
            return str(value)
        hiding = [str(s) for s in forbidden if s in value.free_symbols]
        return [*_values(value, symbols), *hiding]

    return observe


def _derivation(name, symbols, *, forbidden=(), example, properties) -> Exercise:
    """An exercise whose answer is an expression; the example's arguments are values."""

    @holds("the result is an expression in the arguments", stage="shape")
    def is_an_expression(answer):
        answer(*symbols)

    @holds("", stage="hand example")
    def hand_example(answer):
        point = dict(zip(symbols, map(sp.Rational, example.arguments), strict=True))
        found = float(answer(*symbols).subs(point).evalf(30))
        expect_close(found, example.value, f"by hand: {example.by_hand}")

    return Exercise(
        name=name,
        returns=_expression_in(symbols, forbidden),
        arguments=tuple(map(str, symbols)),
        ordinary=(symbols,),
        properties=(is_an_expression, hand_example, *properties),
        observe=(_observed(symbols, forbidden),),
    )


def _agree(one, other, symbols) -> None:
    """Both expressions have the same value at every point."""
    for pair in zip(_values(one, symbols), _values(other, symbols), strict=True):
        expect_close(*pair)


@holds("put back into ref * e^(reward / beta) / z, it gives the policy")
def _solves_the_tilt(answer):
    policy, ref, beta, z = ONE
    _agree(ref * sp.exp(answer(*ONE) / beta) / z, policy, ONE)


@holds("twice the z makes the reward beta log 2 larger, all else equal")
def _level_is_beta_log_z(answer):
    _, _, beta, z = ONE
    reward = answer(*ONE)
    _agree(reward.subs(z, 2 * z) - reward, beta * sp.log(2), ONE)


derive_reward = _derivation(
    "derive_reward",
    ONE,
    example=Example(
        ("1/2", "1/4", 2, 3), 2 * log(6), "policy 1/2, ref 1/4, beta 2, z 3: 2 log 6"
    ),
    properties=(_solves_the_tilt, _level_is_beta_log_z),
)


@holds("e^(gap / beta) is how much the policy multiplied the odds of the reference")
def _gap_is_the_change_of_odds(answer):
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta = PAIR
    odds = policy_chosen / policy_rejected * ref_rejected / ref_chosen
    _agree(sp.exp(answer(*PAIR_Z) / beta), odds, PAIR_Z)


@holds("chosen and rejected exchanged: the gap changes sign")
def _gap_changes_sign(answer):
    gap = answer(*PAIR_Z)
    exchanged = gap.subs(_exchange(PAIR), simultaneous=True)
    _agree(gap + exchanged, sp.Integer(0), PAIR_Z)


def _exchange(pair) -> dict:
    """The substitution that exchanges chosen and rejected."""
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, _ = pair
    forward = {policy_chosen: policy_rejected, ref_chosen: ref_rejected}
    return forward | {other: one for one, other in forward.items()}


derive_reward_gap = _derivation(
    "derive_reward_gap",
    PAIR_Z,
    forbidden=(ONE[3],),
    example=Example(
        (*BY_HAND, 3), 4 * log(2), "2 log 2 - 2 log(1/2) = 4 log 2 = 2.7726"
    ),
    properties=(_gap_is_the_change_of_odds, _gap_changes_sign),
)


@holds("its odds p / (1 - p) are e^(reward gap)")
def _odds_are_bradley_terry(answer):
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta = PAIR
    p = answer(*PAIR)
    ratio = policy_chosen / ref_chosen * ref_rejected / policy_rejected
    _agree(p / (1 - p), ratio**beta, PAIR)


@holds("one of the two wins: with chosen and rejected exchanged, p becomes 1 - p")
def _one_of_two_wins(answer):
    p = answer(*PAIR)
    exchanged = p.subs(_exchange(PAIR), simultaneous=True)
    _agree(p + exchanged, sp.Integer(1), PAIR)


@holds("a policy equal to the reference has no opinion: p = 1/2")
def _no_opinion(answer):
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, _ = PAIR
    same = {policy_chosen: ref_chosen, policy_rejected: ref_rejected}
    _agree(answer(*PAIR).subs(same), sp.Rational(1, 2), PAIR)


derive_preference = _derivation(
    "derive_preference",
    PAIR,
    example=Example(BY_HAND, 16 / 17, "gap 4 log 2, odds 16 : 1, 16/17 = 0.9412"),
    properties=(_no_opinion, _one_of_two_wins, _odds_are_bradley_terry),
)


@holds("e^-loss is the probability of the label")
def _loss_of_the_label(answer):
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta = PAIR
    ratio = policy_rejected / ref_rejected * ref_chosen / policy_chosen
    _agree(sp.exp(-answer(*PAIR)), 1 / (1 + ratio**beta), PAIR)


@holds("a policy equal to the reference costs log 2")
def _log_two(answer):
    policy_chosen, policy_rejected, ref_chosen, ref_rejected, _ = PAIR
    same = {policy_chosen: ref_chosen, policy_rejected: ref_rejected}
    _agree(answer(*PAIR).subs(same), sp.log(2), PAIR)


derive_loss = _derivation(
    "derive_loss",
    PAIR,
    example=Example(BY_HAND, log(17 / 16), "-log(16/17) = 0.0606"),
    properties=(_log_two, _loss_of_the_label),
)


@holds("added to the gap of the implicit rewards, it gives the gap of the true rewards")
def _completes_the_gap(answer):
    beta, z_chosen, z_rejected = PROMPTS
    chosen, rejected = sp.Rational(5, 2), sp.Rational(1, 3)  # any policy / ref will do
    implicit = beta * sp.log(chosen) - beta * sp.log(rejected)
    true = beta * sp.log(chosen * z_chosen) - beta * sp.log(rejected * z_rejected)
    _agree(implicit + answer(*PROMPTS), true, PROMPTS)


@holds("for one and the same z nothing is left over")
def _same_z(answer):
    _, z_chosen, z_rejected = PROMPTS
    _agree(answer(*PROMPTS).subs(z_rejected, z_chosen), sp.Integer(0), PROMPTS)


derive_leftover = _derivation(
    "derive_leftover",
    PROMPTS,
    example=Example((2, 3, 1), 2 * log(3), "2 log 3 - 2 log 1 = 2.1972"),
    properties=(_same_z, _completes_the_gap),
)


def _estimate(ref_logp, reward, beta):
    with localcontext(Context(prec=50)):
        powers = [(Decimal(float(r)) / Decimal(float(beta))).exp() for r in reward]
        return float((sum(powers, Decimal(0)) / len(powers)).ln())


DRAWS = (
    (_logs(0.8, 0.8, 0.1), _a(0.0, 0.0, log(7)), 1.0),
    (_logs(0.5, 0.2, 0.5, 0.3), _a(1.0, -0.5, 1.0, 2.0), 0.5),
    (_logs(0.05, 0.6), _a(-1.0, 1.5), 2.0),
    (_logs(0.25, 0.25, 0.25), _a(0.0, 3.0, -2.0), 0.7),
    (_logs(0.4, 0.3, 0.2, 0.1, 0.4), _a(0.5, 0.25, -1.0, 2.5, 0.5), 0.3),
    (_logs(0.3), _a(-0.75), 0.5),
    (_logs(*np.arange(1, 9) / 36), np.cos(np.arange(8.0)), 0.4),
)


@holds("averaged over all pairs of draws that can happen, the estimate of Z is exact")
def _unbiased(answer):
    ref, reward, beta = _a(0.5, 0.3, 0.2), _a(1.0, -0.5, 2.0), 0.8
    total = 0.0
    for i, j in product(range(3), repeat=2):
        drawn = [i, j]
        estimate = exp(answer(np.log(ref[drawn]), reward[drawn], beta))
        total += ref[i] * ref[j] * estimate
    expect_close(total, (ref * np.exp(reward / beta)).sum())


@holds("every draw counts the same, however probable the response was")
def _draws_count_alike(answer):
    for ref_logp, reward, beta in DRAWS:
        one, other = answer(ref_logp, reward, beta), answer(ref_logp * 2, reward, beta)
        expect_close(other, one)


find_the_bug_partition_estimate = Exercise(
    name="find_the_bug_partition_estimate",
    oracle=_estimate,
    example=Example(DRAWS[0], log(3), "(1 + 1 + 7) / 3 = 3, log 3 = 1.0986"),
    ordinary=DRAWS[1:],
    properties=(_draws_count_alike, _unbiased),
    extremes=(
        (_logs(0.5, 0.2), _a(1000.0, 999.0), 0.5),
        (_logs(0.1, 0.7), _a(-1000.0, -1001.0), 0.5),
    ),
)

predict_the_average_multiplier = predict("predict_the_average_multiplier", 1.0)

predict_the_level = predict("predict_the_level", 2 - log(2) / 2)

EXERCISES = (
    implicit_reward,
    log10_responses,
    derive_reward,
    derive_reward_gap,
    derive_preference,
    derive_loss,
    derive_leftover,
    find_the_bug_partition_estimate,
    predict_the_average_multiplier,
    predict_the_level,
)

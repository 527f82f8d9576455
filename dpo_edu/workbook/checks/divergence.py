"""Checks of chapter 03. The oracles add up 50-digit terms, one outcome at a time.

The divergence of two-token responses is computed over whole responses, without the
chain rule that the exercise is about.
"""

from decimal import Context, Decimal, localcontext
from itertools import product
from math import inf, log

import numpy as np

from ..exercise import Example, Exercise, choose, holds, predict
from ..kinds import Kind, array, expect, expect_close, number, several

DIGITS = Context(prec=50)


def _divergence(p, q) -> float:
    """KL of two lists of probabilities."""
    with localcontext(DIGITS):
        total = Decimal(0)
        for here, there in zip(p, q, strict=True):
            if here > 0 and there == 0:
                return inf
            if here > 0:
                here, there = Decimal(float(here)), Decimal(float(there))
                total += here * (here.ln() - there.ln())
        return float(total)


def _kl(p, q):
    """Row by row; rounded to 15 decimals, so that a divergence of 0 is 0."""
    rows = zip(p.reshape(-1, p.shape[-1]), q.reshape(-1, p.shape[-1]), strict=True)
    values = np.array([_divergence(*row) for row in rows])
    return np.round(values, 15).reshape(p.shape[:-1])[()] + 0.0


numbers = Kind(
    "a numpy array (one number for 1-D arrays)",
    lambda value: (array if np.ndim(value) else number).plain(value),
)


def _pair(p, q):
    return np.array(p), np.array(q)


PAIRS = (
    _pair([0.7, 0.2, 0.1], [0.3, 0.3, 0.4]),
    _pair([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]], [[0.6, 0.4], [0.5, 0.5], [0.25, 0.75]]),
    _pair([0.0, 0.4, 0.6], [0.5, 0.25, 0.25]),
    _pair([[[0.1, 0.9], [0.3, 0.7]], [[0.5, 0.5], [0.8, 0.2]]],
          [[[0.2, 0.8], [0.7, 0.3]], [[0.9, 0.1], [0.6, 0.4]]]),
    _pair([[[0.1, 0.9]], [[0.5, 0.5]], [[0.0, 1.0]]],
          [[[0.2, 0.8]], [[0.9, 0.1]], [[0.75, 0.25]]]),
    _pair([[0.25, 0.25, 0.5, 0.0], [1.0, 0.0, 0.0, 0.0]],
          [[0.1, 0.2, 0.3, 0.4], [0.3, 0.3, 0.4, 0.0]]),
    _pair([0.3, 0.3, 0.4], [0.7, 0.2, 0.1]),
    _pair(np.arange(1, 9) / 36, np.arange(8, 0, -1) / 36),
    _pair([[0.15, 0.35, 0.5], [0.6, 0.3, 0.1]], [[0.5, 0.15, 0.35], [0.1, 0.1, 0.8]]),
)  # fmt: skip
MORE_PAIRS = (
    ([0.6, 0.3, 0.1], [0.2, 0.5, 0.3]),
    ([0.05, 0.15, 0.8], [0.4, 0.35, 0.25]),
    ([0.5, 0.0, 0.5], [0.1, 0.8, 0.1]),
)


@holds("a distribution is 0 away from itself")
def _zero_from_itself(answer):
    for p in ([0.5, 0.5], [0.1, 0.2, 0.7], [0.0, 1.0], [1.0]):
        expect_close(answer(*_pair(p, p)), 0.0)


@holds("no divergence is negative")
def _never_negative(answer):
    for p, q in MORE_PAIRS:
        expect(answer(*_pair(p, q)) >= 0)


@holds("where p is sure of an outcome, KL(p || q) is -log of q's probability of it")
def _surprise(answer):
    for q in ([0.2, 0.3, 0.5], [0.6, 0.15, 0.25]):
        for k in range(3):
            expect_close(answer(np.eye(3)[k], np.array(q)), -log(q[k]))


@holds("uniform on m of n outcomes, against uniform on all n: log(n / m)")
def _uniform_on_fewer(answer):
    for few, many in ((1, 2), (2, 5), (3, 4)):
        p, q = np.zeros(many), np.full(many, 1 / many)
        p[:few] = 1 / few
        expect_close(answer(p, q), log(many / few))


@holds("two independent draws have twice the divergence of one")
def _independent_draws_add(answer):
    for p, q in MORE_PAIRS:
        twice = (np.outer(p, p).ravel(), np.outer(q, q).ravel())
        expect_close(answer(*twice), 2 * answer(*_pair(p, q)))


@holds("splitting an outcome in two in the same proportion changes nothing")
def _split_outcome(answer):
    for p, q in MORE_PAIRS:
        split = [[0.3 * x[0], 0.7 * x[0], *x[1:]] for x in (p, q)]
        expect_close(answer(*_pair(*split)), answer(*_pair(p, q)))


@holds("each row has its own divergence: a table gives what its rows give one by one")
def _row_by_row(answer):
    p, q = _pair([p for p, _ in MORE_PAIRS], [q for _, q in MORE_PAIRS])
    rows = [answer(*row) for row in zip(p, q, strict=True)]
    expect_close(answer(p, q), rows)
    expect_close(answer(p[None], q[None]), [rows])


@holds("it is infinite where q excludes what p allows, and in that row only")
def _excluded_outcome(answer):
    p, q = [[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]], [[1.0, 0.0], [0.25, 0.75], [0.5, 0.5]]
    expect_close(answer(*_pair(p, q)), [inf, log(4 / 3) / 2, log(2)])


kl_divergence = Exercise(
    name="kl_divergence",
    returns=numbers,
    oracle=_kl,
    example=Example(_pair([0.5, 0.5], [0.25, 0.75]), log(4 / 3) / 2, "1/2 log(4/3)"),
    ordinary=PAIRS,
    properties=(
        _zero_from_itself,
        _never_negative,
        _surprise,
        _uniform_on_fewer,
        _independent_draws_add,
        _split_outcome,
        _row_by_row,
        _excluded_outcome,
    ),
    extremes=(
        _pair([0.5, 0.5, 0.0], [0.0, 0.5, 0.5]),
        _pair([0.5, 0.5], [1e-310, 1.0]),
        _pair([1e-300, 1.0], [0.5, 0.5]),
        _pair([[1.0, 0.0], [0.0, 1.0]], [[1e-9, 1 - 1e-9], [1.0, 0.0]]),
        _pair([1e-6, 1 - 1e-6], [0.5, 0.5]),
        _pair([1e-12, 1 - 1e-12], [1e-310, 1.0]),
        _pair([1e-12, 1 - 1e-12], [0.0, 1.0]),
        _pair([1e-310, 1.0], [0.0, 1.0]),
        _pair([1e-310, 1.0], [0.5, 0.5]),
        _pair([1e-310, 1.0], [1e-310, 1.0]),
        _pair([1e-310, 1.0], [1.0, 1e-310]),
    ),
)


def _estimates(logp, logq):
    """Each sample by itself, with e^(-k1) as a quotient of 50-digit powers."""
    rows = []
    with localcontext(DIGITS):
        for one, other in zip(logp, logq, strict=True):
            p, q = Decimal(float(one)).exp(), Decimal(float(other)).exp()
            k1 = Decimal(float(one)) - Decimal(float(other))
            rows.append([float(k1), float(k1 * k1 / 2), float(q / p - 1 + k1)])
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def _logs(logp, logq):
    return np.array(logp), np.array(logq)


SAMPLES = (
    _logs([-1.0, -2.5, -0.5], [-1.5, -1.25, -0.5]),
    _logs([-3.0], [-1.0]),
    _logs([-0.2, -4.0, -2.0, -1.75], [-2.2, -3.0, -5.5, -1.5]),
    _logs([-12.0, -8.5], [-11.25, -10.0]),
    _logs([-0.75, -0.75, -6.0], [-1.0, -0.25, -3.5]),
    _logs([-20.0, -18.25, -31.5, -25.0, -22.0], [-19.5, -20.0, -30.0, -25.75, -23.0]),
    _logs([-0.5, -2.0, -40.0], [-0.504, -1.997, -40.02]),
    _logs(-np.sqrt(np.arange(1, 10)), -1.5 - np.cos(np.arange(9))),
)
MORE_SAMPLES = (
    _logs([-2.0, -1.5, -0.25], [-1.0, -3.0, -0.75]),
    _logs([-7.0, -4.5], [-5.5, -6.25]),
)


@holds("where p and q agree about a sample, all three are 0")
def _agreement(answer):
    same = np.array([-1.0, -30.0, -0.1])
    for k in answer(same, same):
        expect_close(k, np.zeros(3))


@holds("k2 and k3 are never negative; k1 is where p says less than q")
def _signs(answer):
    for logp, logq in MORE_SAMPLES:
        k1, k2, k3 = answer(logp, logq)
        expect(((k1 < 0) == (logp < logq)).all(), "k1 is negative where log p < log q")
        expect((k2 >= 0).all(), "k2 is a square, halved: it cannot be negative")
        expect((k3 >= 0).all(), "k3 cannot be negative, because e^x >= 1 + x")


@holds("k1 averaged over everything that p may say is KL(p || q), and so is k3")
def _unbiased(answer):
    for p, q in (([0.6, 0.3, 0.1], [0.2, 0.5, 0.3]), ([0.25, 0.75], [0.5, 0.5])):
        k1, _, k3 = answer(np.log(p), np.log(q))
        expect_close(np.dot(p, k1), _divergence(p, q))
        expect_close(np.dot(p, k3), _divergence(p, q))


@holds("with p and q exchanged, k1 changes its sign and k2 stays")
def _exchanged(answer):
    for logp, logq in MORE_SAMPLES:
        k1, k2, _ = answer(logp, logq)
        reversed_k1, reversed_k2, _ = answer(logq, logp)
        expect_close(reversed_k1, -k1)
        expect_close(reversed_k2, k2)


@holds("only log p - log q counts: subtracting 50 from both changes nothing")
def _only_the_difference(answer):
    for logp, logq in MORE_SAMPLES:
        for k, other in zip(
            answer(logp - 50, logq - 50), answer(logp, logq), strict=True
        ):
            expect_close(k, other)


@holds("each sample has its own estimates: one by one gives the same")
def _sample_by_sample(answer):
    for logp, logq in MORE_SAMPLES:
        alone = [answer(logp[n : n + 1], logq[n : n + 1]) for n in range(len(logp))]
        for k, parts in zip(answer(logp, logq), zip(*alone, strict=True), strict=True):
            expect_close(k, np.concatenate(parts))


kl_estimates = Exercise(
    name="kl_estimates",
    returns=several(array, array, array),
    oracle=_estimates,
    example=Example(
        (np.log([0.5]), np.log([0.25])),
        (np.array([log(2)]), np.array([log(2) ** 2 / 2]), np.array([log(2) - 0.5])),
        "0.6931, 0.2402 and 0.1931",
    ),
    ordinary=SAMPLES,
    properties=(
        _agreement,
        _signs,
        _unbiased,
        _exchanged,
        _only_the_difference,
        _sample_by_sample,
    ),
    extremes=(
        _logs([-1000.0, -4000.0], [-1001.0, -3998.5]),
        _logs([-600.0, -5.0], [-1.0, -505.0]),
        _logs([-50.0, -0.5], [-20.0, -60.5]),
    ),
)


def _two_tokens(p_first, p_next, q_first, q_next):
    """Over all V * V responses, as one distribution."""
    vocabulary = range(len(p_first))
    with localcontext(DIGITS):
        total = Decimal(0)
        for i, j in product(vocabulary, vocabulary):
            p = Decimal(float(p_first[i])) * Decimal(float(p_next[i][j]))
            q = Decimal(float(q_first[i])) * Decimal(float(q_next[i][j]))
            total += p * (p / q).ln()
        return float(total)


def _model(p_first, p_next, q_first, q_next):
    return tuple(np.array(table) for table in (p_first, p_next, q_first, q_next))


BY_HAND = _model([0.75, 0.25], [[0.5, 0.5], [0.5, 0.5]],
                 [0.25, 0.75], [[0.25, 0.75], [0.5, 0.5]])  # fmt: skip
MODELS = (
    _model([0.6, 0.4], [[0.7, 0.3], [0.2, 0.8]],
           [0.1, 0.9], [[0.4, 0.6], [0.3, 0.7]]),
    _model([0.2, 0.5, 0.3], [[0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]],
           [0.6, 0.1, 0.3], [[0.3, 0.3, 0.4], [0.6, 0.2, 0.2], [0.25, 0.5, 0.25]]),
    _model([0.5, 0.5], [[0.9, 0.1], [0.15, 0.85]],
           [0.5, 0.5], [[0.5, 0.5], [0.6, 0.4]]),
    _model([0.85, 0.15], [[0.35, 0.65], [0.05, 0.95]],
           [0.3, 0.7], [[0.35, 0.65], [0.75, 0.25]]),
    _model([0.1, 0.9], [[0.2, 0.8], [0.4, 0.6]],
           [0.7, 0.3], [[0.2, 0.8], [0.4, 0.6]]),
)  # fmt: skip


@holds("it is the KL of the V * V responses, each response one outcome")
def _whole_responses(answer):
    p_first, p_next, q_first, q_next = MODELS[1]
    p, q = (p_first[:, None] * p_next).ravel(), (q_first[:, None] * q_next).ravel()
    expect_close(answer(*MODELS[1]), _divergence(p, q))


find_the_bug_two_tokens = Exercise(
    name="find_the_bug_two_tokens",
    oracle=_two_tokens,
    example=Example(BY_HAND, _two_tokens(*BY_HAND), "0.5493 + 3/4 * 0.1438"),
    ordinary=MODELS,
    properties=(_whole_responses,),
)

predict_a_narrow_policy = predict("predict_a_narrow_policy", log(100))

predict_the_mean_of_k3 = predict("predict_the_mean_of_k3", log(5) - 0.8)

diagnose_kl_div = choose(
    "diagnose_kl_div",
    "KL(q || p)",
    (
        "KL(p || q)",
        "KL(q || p)",
        "minus KL(p || q)",
        "H(p) + KL(p || q)",
        "the mean of KL(p || q) and KL(q || p)",
    ),
)

EXERCISES = (
    kl_divergence,
    kl_estimates,
    find_the_bug_two_tokens,
    predict_a_narrow_policy,
    predict_the_mean_of_k3,
    diagnose_kl_div,
)

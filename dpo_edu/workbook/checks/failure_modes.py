"""Checks of chapter 13. Oracles are loops over plain floats; a run is done by hand.

Most numbers are multiples of 1/4, so that "did not change" is exact.
"""

from itertools import pairwise
from math import exp, inf, log, log1p, nan

import numpy as np
import torch

from ..exercise import Example, Exercise, holds, predict
from ..kinds import array, expect, expect_close, number, several, tensor, whole


def _f(*rows) -> np.ndarray:
    return np.array(rows, dtype=float)


def _t(values, dtype=torch.float64) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype)


# Displacement


def _displacement(logp_before, logp_after):
    """Pair by pair; a margin is compared through how far its two ends moved."""
    changes, displaced = [], 0
    for before, after in zip(logp_before.tolist(), logp_after.tolist(), strict=True):
        chosen, rejected = (b - a for a, b in zip(before, after, strict=True))
        changes.append(chosen)
        displaced += chosen < 0 and rejected < chosen
    return np.array(changes), displaced / len(changes)


BEFORE = (
    _f([-2, -3], [-4, -1], [-1.5, -1.5], [-3.25, -2.75], [-6, -5]),
    _f([-12.5, -9.25], [-0.25, -2], [-7, -7.5], [-2, -1]),
    _f([-3, -4], [-2, -2], [-5.5, -1.25], [-0.5, -8]),
    _f([-31.25, -40], [-22.5, -18.75]),
    _f([-1.75, -2.5]),
    _f([-2, -6], [-3, -5], [-4, -4], [-5, -3], [-6, -2], [-1, -1], [-8, -7]),
)
MOVED = (
    _f([-0.5, -3], [1, 0], [-1.25, 0.5], [-0.75, -0.75], [0, -2]),
    _f([-3.5, -1.25], [-0.25, -2.5], [-1, -4.5], [-1, -0.75]),
    _f([0.5, -1.5], [-0.5, -0.25], [-2, -3.25], [0.25, 1]),
    _f([3.25, 5.5], [-6.25, -8]),
    _f([-2.25, -7.75]),
    _f([-1, 3], [-0.5, -4], [1, -3], [2, 3], [-2, -2], [0, 0], [-5, 1]),
)
FAR = (
    (_f([-2000, -1999], [-1800, -2100]), _f([-2000.5, -2004], [-1801, -2100])),
    (_f([-4, -3], [-2, -1]), _f([-5, -inf], [-1.5, -inf])),
)
TINY = 2.0**-20  # a change is a change
# What happened to one pair: how far its two ends moved, and whether it is displaced.
MOVES = (
    (-0.5, -2.0, 1), (-3.0, -3.25, 1), (-2.0, 1.0, 0), (-1.0, -0.5, 0),
    (-1.0, -1.0, 0), (0.0, -1.5, 0), (0.0, 0.0, 0), (0.0, 1.0, 0),
    (0.5, -2.0, 0), (1.5, 0.5, 0), (0.5, 0.5, 0), (0.5, 2.0, 0), (-0.25, 0.0, 0),
    (-TINY, -0.5, 1), (-0.5, -0.5 - TINY, 1), (-TINY, 0.0, 0), (TINY, -0.5, 0),
)  # fmt: skip
STARTS = ((-2.5, -1.0), (-1.0, -2.5), (-3.0, -3.0), (-0.25, -40.0))


def _single(start, move):
    return _f(start), _f(start) + _f(move)


@holds("a pair by itself: displaced if its chosen response fell and its margin grew")
def _one_pair(answer):
    for chosen, rejected, displaced in MOVES:
        for start in STARTS:
            change, share = answer(*_single(start, (chosen, rejected)))
            expect_close(change, [chosen])
            expect_close(share, displaced)


@holds("two files of pairs together: the share is their mean, weighted by their sizes")
def _together(answer):
    for one, other in ((0, 1), (2, 3), (4, 5), (1, 5)):
        before, moved = [BEFORE[one], BEFORE[other]], [MOVED[one], MOVED[other]]
        parts = [answer(b, b + m) for b, m in zip(before, moved, strict=True)]
        both = np.concatenate(before)
        change, share = answer(both, both + np.concatenate(moved))
        sizes = [len(b) for b in before]
        wanted = sum(n * s for n, (_, s) in zip(sizes, parts, strict=True)) / sum(sizes)
        expect_close(change, np.concatenate([c for c, _ in parts]))
        expect_close(share, wanted)


@holds("how likely a response was to begin with does not matter, only how far it moved")
def _start_cancels(answer):
    for before, moved in zip(BEFORE, MOVED, strict=True):
        elsewhere = before - np.arange(before.size).reshape(before.shape) * 1.75
        change, share = answer(before, before + moved)
        other_change, other_share = answer(elsewhere, elsewhere + moved)
        expect_close(other_change, change)
        expect_close(other_share, share)


@holds("training undone: every change turns its sign, and no pair is displaced twice")
def _undone(answer):
    for before, moved in zip(BEFORE, MOVED, strict=True):
        change, share = answer(before, before + moved)
        back, share_back = answer(before + moved, before)
        expect_close(back, -change)
        expect(min(share, share_back) >= 0 and share + share_back <= 1 + 1e-9)


displacement = Exercise(
    name="displacement",
    returns=several(array, number),
    oracle=_displacement,
    example=Example(
        (_f([-2, -3], [-4, -1]), _f([-2.5, -6], [-3, -1])),
        (_f(-0.5, 1), 0.5),
        "-2.5 - (-2) and -3 - (-4); only the first fell",
    ),
    ordinary=tuple((b, b + m) for b, m in zip(BEFORE, MOVED, strict=True)),
    properties=(_one_pair, _together, _start_cancels, _undone),
    extremes=FAR,
)


# A run, with the reference where it belongs


def _log_softmax(logits) -> list[float]:
    most = max(logits)
    total = most + log(sum(exp(z - most) for z in logits))
    return [z - total for z in logits]


def _run(logits, chosen, rejected, beta, rate, steps):
    """Gradient descent by hand: a pair moves its own two logits and no other."""
    table, start = [*map(float, logits)], [*map(float, logits)]
    pairs, losses = [*zip(chosen.tolist(), rejected.tolist(), strict=True)], []
    for _ in range(steps):
        moved, loss = [0.0] * len(table), 0.0
        for won, lost in pairs:
            gap = (table[won] - start[won]) - (table[lost] - start[lost])
            loss += max(-beta * gap, 0) + log1p(exp(-abs(beta * gap)))
            weight = beta / (1 + exp(beta * gap))
            moved[won] += weight / len(pairs)
            moved[lost] -= weight / len(pairs)
        losses.append(loss / len(pairs))
        table = [z + rate * m for z, m in zip(table, moved, strict=True)]
    return np.array(losses), np.array(_log_softmax(table))


def _pairs(*pairs):
    return tuple(_t(side, torch.int64) for side in zip(*pairs, strict=True))


RUNS = (
    (_t([0.5, -1.0, 0.25]), *_pairs((0, 1), (2, 1)), 0.5, 1.5, 5),
    (_t([1.0, 0.0, -0.5, 0.75]), *_pairs((1, 0), (1, 3), (2, 0)), 2.0, 0.75, 6),
    (_t([-0.25, 0.5]), *_pairs((1, 0)), 1.0, 2.0, 3),
    (_t([0.0, 0.0, 2.0, -1.0, 0.5]), *_pairs((3, 2), (0, 2), (4, 1)), 0.3, 4.0, 8),
    (_t([1.5, -0.5, 0.0]), *_pairs((2, 0), (0, 1), (0, 1)), 0.7, 1.0, 4),
    (_t([-2.0, 1.0, 0.5, 0.25]), *_pairs((0, 1), (0, 2)), 1.5, 0.5, 2),
)


@holds("the second loss is below log 2: by then policy and reference differ")
def _second_loss(answer):
    for beta, rate in ((0.5, 1.0), (1.0, 0.5), (2.0, 0.75)):
        losses, _ = answer(_t([0.5, -1.0, 0.0]), *_pairs((1, 0)), beta, rate, 3)
        expect_close(losses[0], log(2))
        expect(losses[2] < losses[1] < losses[0] - 1e-3)


@holds("the pull weakens as the gap grows: each step moves the pair less than the last")
def _weaker(answer):
    for beta in (0.5, 1.0, 1.5):
        start, grew = _t([0.25, -0.5, 0.5]), []
        for steps in (1, 2, 3, 4):
            _, logp = answer(start, *_pairs((1, 2)), beta, 0.75, steps)
            grew.append(logp[1] - logp[2] + 1.0)
        expect_close(grew[0], 0.75 * beta)
        moved = [grew[0], *np.diff(grew)]
        expect(all(a > 1.01 * b > 0 for a, b in pairwise(moved)))


@holds("a longer run begins like a shorter one")
def _prefix(answer):
    for logits, chosen, rejected, beta, rate, steps in RUNS:
        short, _ = answer(logits, chosen, rejected, beta, rate, steps)
        longer, _ = answer(logits, chosen, rejected, beta, rate, steps + 2)
        expect(longer.shape == (steps + 2,))
        expect_close(longer[:steps], short)


@holds("adding a constant to all logits changes nothing, since probabilities do not")
def _constant_logits(answer):
    for logits, *rest in RUNS:
        losses, logp = answer(logits, *rest)
        shifted_losses, shifted_logp = answer(logits + 3.5, *rest)
        expect_close(shifted_losses, losses)
        expect_close(shifted_logp, logp)


find_the_bug_reference = Exercise(
    name="find_the_bug_reference",
    returns=several(tensor, tensor),
    oracle=_run,
    example=Example(
        (_t([0.0, 0.0]), *_pairs((0, 1)), 1.0, log(3), 2),
        (
            np.array([log(2), log(4 / 3)]),
            np.array([-log(1 + 3**-1.5), -log(1 + 3**1.5)]),
        ),
        "log 2, then gap log 3 and log(4/3); logits 0.75 log 3 and -0.75 log 3",
    ),
    ordinary=RUNS,
    properties=(_second_loss, _weaker, _prefix, _constant_logits),
)


# Length


def _log_ratio(logp, ref_logp, mask):
    rows = zip(logp.tolist(), ref_logp.tolist(), mask.tolist(), strict=True)
    return np.array(
        [sum(p - q for p, q, m in zip(*row, strict=True) if m) for row in rows]
    )


def _tokens(lengths: list[int], prompt: int, width: int, seed: int):
    """Token log-probabilities, with garbage where there is no response."""
    draws = np.random.default_rng(seed)
    position = np.arange(width)
    mask = (position >= prompt) & (position < prompt + np.array(lengths)[:, None])
    logp = -draws.uniform(0.1, 4, (2, len(lengths), width)).round(2)
    return _t(logp[0].tolist()), _t(logp[1].tolist()), torch.tensor(mask)


BATCHES = (
    _tokens([2, 4, 1], prompt=0, width=4, seed=1),
    _tokens([3, 1], prompt=2, width=6, seed=2),
    _tokens([5, 2, 3, 1], prompt=1, width=9, seed=3),
    _tokens([1], prompt=1, width=2, seed=4),
    _tokens([6, 6], prompt=0, width=6, seed=5),
    _tokens([4, 7, 2], prompt=3, width=12, seed=6),
)


@holds("if every token became e^d times as likely, n tokens have the log-ratio n * d")
def _per_token(answer):
    for lengths, prompt, width, d in (
        ([1, 2, 5], 1, 7, 0.25),
        ([3, 8], 0, 9, -0.5),
        ([10, 1], 2, 12, 0.02),
    ):
        _, ref_logp, mask = _tokens(lengths, prompt, width, seed=7)
        expect_close(answer(ref_logp + d, ref_logp, mask), d * _f(*lengths))


@holds("more padding, or a longer prompt, changes nothing")
def _more_padding(answer):
    for logp, ref_logp, mask in BATCHES:
        for sides in ((0, 3), (2, 0), (4, 5)):
            pad = torch.nn.functional.pad
            wider = pad(logp, sides, value=-3.0), pad(ref_logp, sides, value=-1.0)
            got = answer(*wider, pad(mask, sides, value=False))
            expect_close(got, answer(logp, ref_logp, mask))


@holds("a response cut in two: the log-ratios of the parts add up")
def _two_parts(answer):
    logp, ref_logp, mask = _tokens([5, 4, 6], prompt=2, width=9, seed=8)
    first = mask & (torch.arange(9) < 4)
    parts = answer(logp, ref_logp, first) + answer(logp, ref_logp, mask & ~first)
    expect_close(answer(logp, ref_logp, mask), parts)


@holds("policy and reference exchanged: every sign turns")
def _turned(answer):
    for logp, ref_logp, mask in BATCHES:
        got = answer(ref_logp, logp, mask)
        expect_close(got, -answer(logp, ref_logp, mask))


find_the_bug_length = Exercise(
    name="find_the_bug_length",
    returns=tensor,
    oracle=_log_ratio,
    example=Example(
        (
            _t([[-1.0, -2.0, -0.5]]),
            _t([[-1.5, -2.5, -4.0]]),
            torch.tensor([[True, True, False]]),
        ),
        np.array([1.0]),
        "0.5 + 0.5",
    ),
    ordinary=BATCHES,
    properties=(_per_token, _more_padding, _two_parts, _turned),
    extremes=(
        (
            _t([[-800.0, -0.5, -900.0], [-0.25, -700.0, -1.0]]),
            _t([[-1.0, -750.0, -2.0], [-0.5, -1.5, -950.0]]),
            torch.tensor([[True, True, False], [True, True, True]]),
        ),
        (
            _t([[-1.0, -2.5, -inf], [-0.5, -inf, -inf]]),
            _t([[-1.5, -2.0, -inf], [-0.75, -4.0, -inf]]),
            torch.tensor([[True, True, False], [True, False, False]]),
        ),
        (  # NaN and infinities in prompt and padding, and a response without tokens
            _t([[nan, -2.5, inf], [-0.5, -inf, nan], [-1.0, nan, -3.0]]),
            _t([[-1.5, -2.0, -inf], [-0.75, -4.0, inf], [nan, nan, -1.0]]),
            torch.tensor([[False, True, False], [True, False, False], 3 * [False]]),
        ),
    ),
    trainable=("logp",),
)


# Flipped labels


def _flips(chosen, rejected, uniform, rate):
    won, lost = [], []
    for a, b, u in zip(chosen.tolist(), rejected.tolist(), uniform, strict=True):
        won.append(b if u < rate else a)
        lost.append(a if u < rate else b)
    return np.array(won), np.array(lost)


def _responses(pairs: int, width: int, rate: float, seed: int):
    draws = np.random.default_rng(seed)
    tokens = draws.integers(0, 15, (2, pairs, width))
    return tokens[0], tokens[1], draws.uniform(0, 1, pairs).round(2), rate


FILES = (
    _responses(5, 3, 0.4, seed=1),
    _responses(3, 2, 0.7, seed=2),
    _responses(7, 2, 0.25, seed=3),
    (np.array([[1], [2], [3]]), np.array([[4], [5], [6]]), _f(0.5, 0.25, 0.75), 0.5),
    _responses(6, 1, 0.5, seed=4),
    _responses(4, 3, 0.1, seed=5),
)


@holds("no pair is lost: both responses of every pair are still there")
def _both_there(answer):
    for chosen, rejected, uniform, rate in FILES:
        before = zip(chosen.tolist(), rejected.tolist(), strict=True)
        after = [part.tolist() for part in answer(chosen, rejected, uniform, rate)]
        expect([*map(sorted, zip(*after, strict=True))] == [*map(sorted, before)])


@holds("rate 0 leaves every pair as it is, rate 1 exchanges all")
def _none_and_all(answer):
    uniform = _f(0.0, 0.5, 0.99)
    for seed in (6, 7):
        chosen, rejected, *_ = _responses(3, 4, 0.0, seed)
        for rate, wanted in ((0.0, (chosen, rejected)), (1.0, (rejected, chosen))):
            for got, right in zip(
                answer(chosen, rejected, uniform, rate), wanted, strict=True
            ):
                expect_close(got, right)


@holds("exchanging twice with the same random numbers restores the file")
def _twice(answer):
    for chosen, rejected, uniform, rate in FILES:
        once = answer.raw(chosen, rejected, uniform, rate)
        for got, right in zip(
            answer(*once, uniform, rate), (chosen, rejected), strict=True
        ):
            expect_close(got, right)


find_the_bug_flips = Exercise(
    name="find_the_bug_flips",
    returns=several(whole(array), whole(array)),
    oracle=_flips,
    example=Example(
        (
            np.array([[5, 6], [7, 8]]),
            np.array([[1, 2], [3, 4]]),
            _f(0.9, 0.1),
            0.4,
        ),
        (_f([5, 6], [3, 4]), _f([1, 2], [7, 8])),
        "only the second pair has a number below 0.4",
    ),
    ordinary=FILES,
    properties=(_both_there, _none_and_all, _twice),
)


# Pooled annotators


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def _pooled(reward, share):
    many = range(reward.shape[1])
    return np.array(
        [
            [
                sum(
                    w * _sigmoid(r[i] - r[j])
                    for w, r in zip(share, reward, strict=True)
                )
                for j in many
            ]
            for i in many
        ]
    )


GROUPS = (
    (_f([4, 0, -1], [-1, 0, 1]), _f(0.5, 0.5)),
    (_f([1, -2, 0.5], [0, 3, -1], [2, 2, -0.5]), _f(0.2, 0.5, 0.3)),
    (_f([0.5, -1.5], [-3, 1]), _f(0.75, 0.25)),
    (_f([2, 0, -1, 1]), _f(1.0)),
    (_f([1, 0, 2, -3], [-2, 0, 1, 3]), _f(0.1, 0.9)),
    (_f([0, 1, 2], [0, -1, -2], [3, 0, 0], [5, 5, 1]), _f(0.25, 0.25, 0.0, 0.5)),
)


@holds("of every pair of responses one is preferred: P(i to j) + P(j to i) = 1")
def _one_wins(answer):
    for reward, share in GROUPS:
        p = answer(reward, share)
        expect_close(p + p.T, np.ones_like(p))


@holds("half the labels from one taste, half from its opposite: every P is 1/2")
def _opposites(answer):
    for taste in (_f(2, 0, -1), _f(0.5, -3)):
        p = answer(np.stack([taste, -taste]), _f(0.5, 0.5))
        expect_close(p, np.full_like(p, 0.5))


@holds("each group may choose the zero of its rewards: adding a constant does nothing")
def _own_zero(answer):
    for reward, share in GROUPS:
        moved = reward + 2.5 * np.arange(1, len(share) + 1)[:, None]
        expect_close(answer(moved, share), answer(reward, share))


@holds("as many labels as the groups give: P is the groups' own P, weighted by share")
def _counts(answer):
    for reward, share in GROUPS:
        each = [answer(row[None], _f(1.0)) for row in reward]
        wanted = sum(w * p for w, p in zip(share, each, strict=True))
        expect_close(answer(reward, share), wanted)


@holds("a group split in two, with the same taste, changes nothing")
def _split(answer):
    for reward, share in GROUPS:
        parts = np.concatenate([share[:1] / 4, share[:1] * 3 / 4, share[1:]])
        halves = np.concatenate([reward[:1], reward])
        expect_close(answer(halves, parts), answer(reward, share))


find_the_bug_pooling = Exercise(
    name="find_the_bug_pooling",
    returns=array,
    oracle=_pooled,
    example=Example(
        (_f([log(3), 0], [0, log(9)]), _f(0.5, 0.5)),
        _f([0.5, 0.425], [0.575, 0.5]),
        "(3/4 + 1/10) / 2 = 0.425",
    ),
    ordinary=GROUPS,
    properties=(_one_wins, _opposites, _own_zero, _counts, _split),
    extremes=(
        (_f([900, 0, -900], [-1, 800, 0.5]), _f(0.3, 0.7)),
        (_f([-2000, 0], [1, 0]), _f(0.6, 0.4)),
    ),
)


# Numbers to predict

predict_the_lost_mass = predict(
    "predict_the_lost_mass", 0.2 * (1 - exp(-0.5)) + 0.3 * (1 - exp(-2))
)

predict_the_noisy_gap = predict("predict_the_noisy_gap", log(0.74 / 0.26) / 0.5)

predict_the_runaway = predict("predict_the_runaway", 6.0)

EXERCISES = (
    displacement,
    find_the_bug_reference,
    find_the_bug_length,
    find_the_bug_flips,
    find_the_bug_pooling,
    predict_the_lost_mass,
    predict_the_noisy_gap,
    predict_the_runaway,
)

"""Checks of chapter 10. Oracles are loops in plain Python floats.

A verdict is True or False, so one call says little: inputs here are many pairs at once,
with chances spread over [0, 1).
"""

from itertools import product
from math import exp, inf, log

import numpy as np

from ..exercise import Example, Exercise, holds, predict
from ..kinds import Broken, Kind, array, describe, expect, expect_close, several, whole


def _f(*numbers) -> np.ndarray:
    return np.array(numbers, dtype=float)


def _plain_flags(value):
    if not isinstance(value, np.ndarray) or value.dtype != bool:
        words = f"it returned {describe(value)}; the task asks for {flags.words}"
        raise Broken(words, value)
    return value.astype(float)


flags = Kind("an array of True and False", _plain_flags)


def _verdicts_or_numbers(answer, arguments):
    """The verdicts; numbers in their place are another mistake than wrong verdicts."""
    value = answer.raw(*arguments)
    is_verdict = np.asarray(value).dtype == bool
    return value if is_verdict else ["not True and False", value]


# A verdict


def _probability(gap: float) -> float:
    small = exp(-abs(gap))
    return 1 / (1 + small) if gap >= 0 else small / (1 + small)


def _label_pair(reward_a, reward_b, uniform):
    rows = zip(reward_a.tolist(), reward_b.tolist(), uniform.tolist(), strict=True)
    return np.array([float(chance < _probability(a - b)) for a, b, chance in rows])


SPREAD = (np.arange(24) + 0.35) / 24  # chances, no probability among them


def _pairs(*rewards: tuple[float, float]):
    """Each pair of rewards with all of ``SPREAD``."""
    a, b = (np.repeat(_f(*side), len(SPREAD)) for side in zip(*rewards, strict=True))
    return a, b, np.tile(SPREAD, len(rewards))


VERDICTS = (
    _pairs((3.0, 1.5), (1.5, 3.0)),
    _pairs((0.0, 0.0), (-1.5, -1.5), (0.5, 0.0)),
    _pairs((-3.0, 0.0), (1.0, 0.75), (2.0, -1.0)),
    _pairs((0.25, 1.25), (4.0, 2.0)),
    (_f(0.0, 1.0, -2.0, 0.0, 0.0), _f(0.0, 2.0, -2.0, 0.0, -1.0),
     _f(0.5, 0.0, 0.45, 0.25, 0.0)),
    (_f(2.0, -1.0, 0.5), _f(-2.0, -1.5, 1.0), _f(0.9, 0.6, 0.4)),
)  # fmt: skip
FINE = np.linspace(0, 1, 2000, endpoint=False)


def _gap_of(gap: float, level: float = 0.0):
    return np.full(len(FINE), level + gap), np.full(len(FINE), level), FINE


@holds("over evenly spread chances a is preferred with frequency sigmoid(a - b)")
def _frequency(answer):
    for gap in (1.5, -0.7, 0.0, 3.0):
        for level in (0.0, -2.0):
            share = answer(*_gap_of(gap, level)).mean()
            expect(abs(share - _probability(gap)) <= 1.5 / len(FINE))


@holds("equal rewards: a where the chance is below 1/2, and not at 1/2 itself")
def _equal_rewards(answer):
    chance = _f(0.0, 0.25, 0.49, 0.51, 0.75, 0.99)
    for level in (0.0, -1.5, 2.0):
        same = np.full(6, level)
        expect_close(answer(same, same, chance), chance < 0.5)
    zero = _f(0.0)  # other equal rewards may make P 0.5 but for its last bit
    expect_close(answer(zero, zero, _f(0.5)), _f(0.0))


@holds("each pair has its own chance: a pair of a batch is judged as it is alone")
def _each_alone(answer):
    for inputs in (VERDICTS[0], VERDICTS[2]):
        whole = answer(*inputs)
        for row in range(0, len(whole), 5):
            alone = answer(*(part[row : row + 1] for part in inputs))
            expect_close(alone, whole[row : row + 1])


@holds("the same arguments bring the same verdicts: nothing is drawn inside")
def _nothing_drawn(answer):
    inputs = _gap_of(0.3)
    expect_close(answer(*inputs), answer(*inputs))


@holds("a higher reward for a never turns its victory into a defeat")
def _monotone(answer):
    for a, b, chance in VERDICTS[:4]:
        expect((answer(a + 0.5, b, chance) >= answer(a, b, chance)).all())


label_pair = Exercise(
    name="label_pair",
    returns=flags,
    oracle=_label_pair,
    example=Example(
        (_f(3.0, 3.0), _f(1.5, 1.5), _f(0.5, 0.9)),
        _f(1.0, 0.0),
        "0.5 < 0.8176, but 0.9 is not",
    ),
    ordinary=VERDICTS,
    properties=(
        _frequency, _equal_rewards, _each_alone, _nothing_drawn, _monotone,
    ),
    extremes=(
        (_f(1000.0, -1000.0, 1000.0), _f(-1000.0, 1000.0, 1000.0), _f(0.99, 1e-9, 0.3)),
        (_f(1000.0, 999.0, -999.0), _f(999.0, 1000.0, -1000.0), _f(0.7, 0.2, 0.75)),
        (_f(-36.0, -30.0, 0.0), _f(0.0, 0.0, 30.0), _f(0.0, 0.0, 1e-9)),
    ),
    observe=(_verdicts_or_numbers,),
)  # fmt: skip


# The exact divergence


def _exact_kl(logp, ref_logp):
    totals = []
    for row, ref_row in zip(logp.tolist(), ref_logp.tolist(), strict=True):
        both = zip(row, ref_row, strict=True)
        terms = (exp(p) * (p - q) if q > -inf else inf for p, q in both if p > -inf)
        totals.append(sum(terms))
    return np.array(totals)


def _logs(*rows) -> np.ndarray:
    """Rows of weights as log-probabilities."""
    with np.errstate(divide="ignore"):
        return np.log([np.array(row, dtype=float) / sum(row) for row in rows])


def _policies(prompts: int, responses: int, seed: int):
    draws = np.random.default_rng(seed).uniform(0.2, 3, (2, prompts, responses))
    return tuple(_logs(*rows) for rows in draws.round(2))


POLICIES = (
    (_logs([1, 2, 1], [5, 1, 4]), _logs([2, 1, 1], [1, 1, 3])),
    (_logs([3, 1], [1, 1], [1, 9]), _logs([1, 1], [1, 3], [1, 1])),
    _policies(4, 6, seed=1),
    _policies(1, 5, seed=2),
    _policies(5, 2, seed=3),
    (_logs([0, 1, 1, 2], [1, 0, 0, 3]), _logs([1, 1, 1, 1], [2, 1, 1, 4])),
    _policies(3, 40, seed=4),
)


@holds("the KL of a policy to itself is 0")
def _zero_to_itself(answer):
    for logp, _ in POLICIES[:5]:
        expect_close(answer(logp, logp), np.zeros(len(logp)))


@holds("no KL is negative, and none between different policies is 0")
def _positive(answer):
    for logp, ref_logp in POLICIES:
        expect((answer(logp, ref_logp) > 0).all())


@holds("a policy sure of one response costs -log ref of that response")
def _sure(answer):
    for _, ref_logp in POLICIES[:4]:
        sure = np.full_like(ref_logp, -inf)
        sure[:, 1] = 0.0
        expect_close(answer(sure, ref_logp), -ref_logp[:, 1])


@holds("uniform over 2 of 8 responses against uniform over all: log 4")
def _uniform(answer):
    some, every = _logs([1, 1, 0, 0, 0, 0, 0, 0]), _logs([1] * 8)
    expect_close(answer(some, every), [log(4)])


@holds("listing the responses in another order changes nothing")
def _any_order(answer):
    for logp, ref_logp in POLICIES[:5]:
        wanted = answer(logp, ref_logp)
        expect_close(answer(logp[:, ::-1].copy(), ref_logp[:, ::-1].copy()), wanted)


@holds("a prompt has the KL that it has alone")
def _prompts_alone(answer):
    for logp, ref_logp in POLICIES[:5]:
        whole = answer(logp, ref_logp)
        for row in range(len(logp)):
            alone = answer(logp[row : row + 1], ref_logp[row : row + 1])
            expect_close(alone, whole[row : row + 1])


@holds("a response split into two equally likely halves leaves the KL as it was")
def _split(answer):
    for logp, ref_logp in POLICIES[:5]:
        halves = [np.concatenate([p[:, :1] - log(2), p[:, :1] - log(2), p[:, 1:]], 1)
                  for p in (logp, ref_logp)]  # fmt: skip
        expect_close(answer(*halves), answer(logp, ref_logp))


exact_kl = Exercise(
    name="exact_kl",
    returns=array,
    oracle=_exact_kl,
    example=Example(
        (_logs([1, 1, 0]), _logs([1, 2, 1])), _f(log(2) / 2), "1/2 log 2 + 0 + 0"
    ),
    ordinary=POLICIES,
    properties=(
        _zero_to_itself, _positive, _prompts_alone, _any_order, _uniform, _split, _sure,
    ),
    extremes=(
        (_logs([1, 0, 0], [2, 1, 0]), _logs([1, 1, 0], [1, 1, 0])),
        (_logs([1, 1], [3, 1]), _logs([1, 0], [1, 1])),
        (_f([0.0, -1000.0], [-1000.0, 0.0]), _f([-1000.0, 0.0], [-1000.0, 0.0])),
        (_logs([1, 2]), _f([-1000.0, 0.0])),
        (_f([0.0, -1000.0], [0.0, -inf]), _f([0.0, -inf], [0.0, -inf])),
        (_f([0.0, -inf, -inf]), _f([-0.5, -inf, log(1 - exp(-0.5))])),
    ),
)  # fmt: skip


# The prefix tree


def _tree_logp(first, second):
    words = len(second)
    after: dict[tuple, list] = {(): first.tolist()}
    after |= {(word,): second[word].tolist() for word in range(words)}
    scores = []
    for length in range(3):
        for response in product(range(words), repeat=length):
            tokens = (*response, words) if length < 2 else response
            steps = (after[tokens[:t]][token] for t, token in enumerate(tokens))
            scores.append(sum(steps))
    return np.array(scores)


def _tree(words: int, seed: int):
    weights = np.random.default_rng(seed).uniform(0.2, 3, (words + 1, words + 1))
    logs = _logs(*weights.round(2))
    return logs[0], logs[1:]


TREES = (
    _tree(2, seed=1),
    _tree(3, seed=2),
    _tree(1, seed=3),
    _tree(4, seed=4),
    (_logs([1] * 4)[0], _logs(*[[1] * 4] * 3)),
    _tree(6, seed=5),
)


@holds("the probabilities of all responses sum to 1")
def _sum_to_one(answer):
    for inputs in TREES:
        expect_close(np.exp(answer(*inputs)).sum(), 1.0)


@holds("without any <eos> only responses of two words are left, and they sum to 1")
def _no_end(answer):
    first = _logs([1, 3, 0])[0]
    second = _logs([2, 1, 0], [1, 4, 0])
    scores = answer(first, second)
    expect((scores[:3] == -inf).all())
    expect_close(np.exp(scores[3:]).sum(), 1.0)


@holds("what is likely after a word changes only the responses that begin with it")
def _branches(answer):
    first, second = TREES[1]
    other = second.copy()
    other[1] = other[1, ::-1]
    moved = answer(first, other) != answer(first, second)
    expect_close(moved, [0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0])


@holds("all responses that begin with a word add up to the word's own probability")
def _subtrees(answer):
    first, second = TREES[3]
    p = np.exp(answer(first, second))
    expect_close(p[0], exp(first[4]))
    expect_close(p[1:5] + p[5:].reshape(4, 4).sum(-1), np.exp(first[:4]))


tree_logp = Exercise(
    name="tree_logp",
    returns=array,
    oracle=_tree_logp,
    example=Example(
        (_logs([5, 3, 2])[0], _logs([1, 2, 7], [4, 4, 2])),
        np.log([0.2, 0.35, 0.06, 0.05, 0.1, 0.12, 0.12]),
        "0.5 * 0.7 = 0.35 for (0), 0.3 * 0.4 = 0.12 for (1, 1)",
    ),
    ordinary=TREES,
    properties=(_sum_to_one, _subtrees, _branches, _no_end),
    extremes=(
        (_logs([1, 0, 1])[0], _logs([0, 1, 1], [1, 1, 0])),
        (_f(-1000.0, 0.0), _f([0.0, -1000.0])),
    ),
)


# Find the bug


def _make_pairs(first, second, reward_first, reward_second, uniform):
    verdicts = _label_pair(reward_first, reward_second, uniform)
    both = [*zip(first.tolist(), second.tolist(), strict=True)]
    pairs = [p if wins else p[::-1] for p, wins in zip(both, verdicts, strict=True)]
    chosen, rejected = zip(*pairs, strict=True)
    return np.array(chosen), np.array(rejected)


def _numbered(verdicts):
    count = len(verdicts[0])
    return np.arange(10, 10 + count), np.arange(200, 200 + count), *verdicts


NUMBERED = tuple(_numbered(verdicts) for verdicts in VERDICTS)
# Responses are drawn at random: now and then both are the same one.
TWINS = (
    (np.array([4, 6, 6]), np.array([4, 9, 6]),
     _f(0.0, 1.5, 3.0), _f(0.0, 3.0, 3.0), _f(0.6, 0.9, 0.2)),
    (np.array([8, 2]), np.array([8, 2]),
     _f(1.5, -3.0), _f(1.5, -3.0), _f(0.1, 0.7)),
    (np.array([3]), np.array([5]), _f(1.0), _f(-2.0), _f(0.97)),
)  # fmt: skip


@holds("each pair holds both responses, each of them once, and no pair is dropped")
def _both_are_there(answer):
    for inputs in (*NUMBERED, *TWINS):
        found = np.sort(answer(*inputs), axis=0)
        expect_close(found, np.sort(inputs[:2], axis=0))


@holds("the second response wins as often as Bradley-Terry says")
def _second_wins(answer):
    a, b, chance = _gap_of(1.5)
    numbers = np.arange(len(chance))
    chosen, _ = answer(numbers, numbers + 9000, a, b, chance)
    expect(abs((chosen >= 9000).mean() - _probability(-1.5)) <= 1.5 / len(chance))


find_the_bug_pairs = Exercise(
    name="find_the_bug_pairs",
    returns=several(whole(array), whole(array)),
    oracle=_make_pairs,
    example=Example(
        (np.array([7, 7]), np.array([4, 4]), _f(3.0, 3.0), _f(1.5, 1.5), _f(0.5, 0.9)),
        (np.array([7, 4]), np.array([4, 7])),
        "0.5 < 0.8176, but 0.9 is not",
    ),
    ordinary=(TWINS[0], *NUMBERED),
    properties=(_both_are_there, _second_wins),
)


# Predict the number

predict_the_number_of_responses = predict("predict_the_number_of_responses", 85.0)

predict_the_contrary_labels = predict("predict_the_contrary_labels", _probability(-1.5))

predict_the_unseen_response = predict("predict_the_unseen_response", 0.999**1000)

EXERCISES = (
    label_pair,
    exact_kl,
    tree_logp,
    find_the_bug_pairs,
    predict_the_number_of_responses,
    predict_the_contrary_labels,
    predict_the_unseen_response,
)

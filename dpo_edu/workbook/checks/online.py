"""Checks of chapter 15. A round here is a small function with a name, so that a call
can be read in a message; oracles do the rounds one by one, on weights.
"""

from math import exp, inf, log

import numpy as np

from ..answer import copied
from ..exercise import Example, Exercise, choose, holds, predict
from ..kinds import Broken, Kind, array, describe, expect, expect_close, number

# Which beta


def _odds_after(reward: float, beta: float, rounds: int) -> float:
    """log-odds of two responses, equal at first, after so many exact rounds."""
    up, down = 0.5, 0.5
    for _ in range(rounds):
        up, down = up * exp(reward / beta), down
        up, down = up / (up + down), down / (up + down)
    return log(up / down)


def _effective_beta(beta, rounds):
    return inf if rounds == 0 else 0.25 / _odds_after(0.25, beta, rounds)


@holds("one round is one round: its beta stays as it is")
def _one_round(answer):
    for beta in (0.1, 0.75, 3.0):
        expect_close(answer(beta, 1), beta)


@holds("one round at the returned beta leads where the rounds lead, one after another")
def _same_policy(answer):
    for beta, rounds in ((0.8, 2), (1.5, 3), (2.5, 7)):
        log_odds = _odds_after(0.6, beta, rounds)
        expect_close(0.6 / answer(beta, rounds), log_odds)


@holds("twice the beta in every round is twice the beta of the one round")
def _twice(answer):
    for beta, rounds in ((0.3, 4), (1.7, 9)):
        expect_close(answer(2 * beta, rounds), 2 * answer(beta, rounds))


@holds("2 rounds, done 3 times over, are 6 rounds")
def _rounds_of_rounds(answer):
    for beta in (0.4, 2.0):
        expect_close(answer(answer(beta, 2), 3), answer(beta, 6))


@holds("no round at all leaves the reference: the beta is infinite")
def _no_round(answer):
    for beta in (0.2, 5.0):
        expect(answer(beta, 0) == inf)


effective_beta = Exercise(
    name="effective_beta",
    returns=number,
    oracle=_effective_beta,
    example=Example((1.0, 2), 0.5, "odds 3, then 9 = e^(log 3 / 0.5)"),
    ordinary=((0.5, 3), (2.0, 5), (0.1, 1), (3.0, 2), (1.25, 10), (0.4, 4), (0.9, 20)),
    properties=(_one_round, _same_policy, _twice, _rounds_of_rounds, _no_round),
    extremes=((0.7, 0), (0.05, 1), (20.0, 400)),
)


# Rounds


class Round:
    """A function (policy, reference) -> (policy, reference) with a name to show."""

    def __init__(self, name, function):
        self.name, self.function = name, function

    def __call__(self, policy, reference):
        return self.function(policy, reference)

    def __repr__(self):
        return self.name


def _tilt(weights, reward, beta):
    raised = weights * np.exp(reward / beta)
    return raised / raised.sum()


def _halfway(policy, reference):
    return 0.5 * policy + 3, 0.25 * policy + 0.75 * reference


REWARD = np.array([1.0, -0.5, 0.25])
sum_round = Round("sum_round", lambda policy, reference: (policy + reference, policy))
fixed_round = Round("fixed_round", lambda p, ref: (0.5 * p + ref, ref))
moving_round = Round("moving_round", lambda p, ref: 2 * (_tilt(ref, REWARD, 2.0),))
drifting_round = Round("drifting_round", lambda p, ref: (p - 2 * ref, ref + 1.5))
halfway_round = Round("halfway_round", _halfway)
exact_round = Round("exact_round", lambda p, ref: (_tilt(ref, REWARD, 0.8), ref))


def _plain_list(value):
    if not isinstance(value, list):
        words = f"it returned {describe(value)}; the task asks for {policies.words}"
        raise Broken(words, value)
    shapes = {np.shape(each) for each in value}
    if len(shapes) > 1 or any(isinstance(each, tuple | list) for each in value):
        words = "an entry of the list is not a policy"
        raise Broken(words, value)
    return np.array(value, dtype=float)


policies = Kind("a list of policies", _plain_list)


def _iterate(policy, reference, round_fn, rounds):
    pair, listed = (policy, reference), [policy]
    while len(listed) <= rounds:
        pair = round_fn(*pair)
        listed.append(pair[0])
    return np.array(listed, dtype=float)


def _weights(*numbers):
    return np.array(numbers) / sum(numbers)


def _noted(answer, policy, reference, function, rounds):
    """The calls that were made, and what was returned."""
    calls = []

    def noting(*pair):
        calls.append(pair)
        return function(*pair)

    result = answer.untouched(policy, reference, Round("noting_round", noting), rounds)
    return calls, answer.kind.plain(result)


@holds("0 rounds: the first policy alone, and round_fn is never called")
def _none(answer):
    for policy in (2.5, _weights(1.0, 2.0, 5.0)):
        calls, listed = _noted(answer, policy, 4.0, fixed_round.function, 0)
        expect(not calls)
        expect_close(listed, [policy])


@holds("round_fn is called once a round")
def _once_a_round(answer):
    for rounds in (1, 4):
        calls, _ = _noted(answer, 1.5, -0.5, drifting_round, rounds)
        expect(len(calls) == rounds)


@holds("each round gets policy and reference exactly as the round before left them")
def _handed_on(answer):
    for function in (drifting_round, halfway_round, fixed_round):
        calls, _ = _noted(answer, 2.0, 0.25, function, 3)
        wanted = [(2.0, 0.25)]
        for _ in range(len(calls) - 1):
            wanted.append(function(*wanted[-1]))
        expect_close(calls, wanted)


@holds("the list begins with the first policy and has rounds + 1 entries")
def _whole_list(answer):
    for policy, rounds in ((0.75, 1), (-1.25, 5)):
        listed = answer(policy, 0.5, halfway_round, rounds)
        expect(listed.shape == (rounds + 1,))
        expect_close(listed[0], policy)


@holds("exact rounds with a fixed reference all lead to the same policy")
def _fixed(answer):
    first, reference = _weights(1.0, 1.0, 2.0), _weights(3.0, 1.0, 1.0)
    wanted = _tilt(reference, REWARD, 0.8)
    expect_close(answer(first, reference, exact_round, 3)[1:], [wanted] * 3)


@holds("k exact rounds with a moving reference at beta are one at beta / k")
def _moving(answer):
    first = _weights(2.0, 1.0, 3.0)
    for k, policy in enumerate(answer(first, first, moving_round, 4)):
        wanted = _tilt(first, REWARD, 2.0 / k) if k else first
        expect_close(policy, wanted)


@holds("a few rounds are the beginning of many")
def _beginning(answer):
    many = answer(0.5, 2.0, drifting_round, 5)
    expect_close(answer(0.5, 2.0, drifting_round, 2), many[:3])


def _watched(answer, arguments):
    """The policies, and how often round_fn was called to get them."""
    calls = []
    policy, reference, function, rounds = copied(arguments)

    def counting(*pair):
        calls.append(pair)
        return function(*pair)

    value = answer.untouched(policy, reference, Round("round_fn", counting), rounds)
    try:
        return [answer.kind.plain(value), len(calls)]
    except Broken:
        return [describe(value), len(calls)]


iterate = Exercise(
    name="iterate",
    returns=policies,
    oracle=_iterate,
    example=Example(
        (1.0, 1.0, sum_round, 3), np.array([1.0, 2.0, 3.0, 5.0]), "1 + 1, 2 + 1, 3 + 2"
    ),
    ordinary=(
        (2.0, 5.0, sum_round, 4),
        (1.5, -0.5, drifting_round, 3),
        (4.0, 1.0, fixed_round, 3),
        (_weights(1.0, 2.0, 1.0), _weights(4.0, 1.0, 1.0), moving_round, 3),
        (_weights(1.0, 1.0, 2.0), _weights(1.0, 3.0, 1.0), exact_round, 2),
        (-1.0, 2.0, halfway_round, 5),
        (0.25, 0.75, drifting_round, 1),
        (0.0, -1.5, drifting_round, 4),  # a policy of 0, and a reference that becomes 0
    ),
    properties=(
        _none, _whole_list, _once_a_round, _handed_on, _fixed, _moving, _beginning,
    ),
    extremes=((0.5, 3.0, sum_round, 0), (1.0, 1.0, fixed_round, 60)),
    observe=(_watched,),
)  # fmt: skip


# Find the bug


def _slipping(reward_a, reward_b, rate):
    rows = zip(reward_a.tolist(), reward_b.tolist(), strict=True)
    means = [1 / (1 + exp(min(b - a, 700))) for a, b in rows]
    return np.array([p * (1 - rate) + (1 - p) * rate for p in means])


def _f(*numbers) -> np.ndarray:
    return np.array(numbers, dtype=float)


@holds("without slips it is the sigmoid of the difference; with rate 1/2 a coin")
def _no_slips(answer):
    a, b = _f(1.5, -0.7, 2.0), _f(0.5, 0.3, -1.0)
    expect_close(answer(a, b, 0.0), 1 / (1 + np.exp(b - a)))
    expect_close(answer(a, b, 0.5), _f(0.5, 0.5, 0.5))


@holds("however clear the case, she misses it as often as she slips")
def _clear_cases(answer):
    for rate in (0.1, 0.3):
        expect_close(answer(_f(40.0, -40.0), _f(0.0, 0.0), rate), _f(1 - rate, rate))


@holds("exchanging the two responses exchanges P and 1 - P")
def _exchanged(answer):
    a, b = _f(2.2, -0.4, 0.9), _f(1.0, 1.3, -2.5)
    for rate in (0.05, 0.25, 0.8):
        expect_close(answer(a, b, rate) + answer(b, a, rate), _f(1.0, 1.0, 1.0))


@holds("over many verdicts, the share that she turns around is her rate")
def _turned_around(answer):
    a, b = _f(1.4, -2.0, 0.6), _f(0.2, -1.0, 0.6)
    honest = answer(a, b, 0.0)
    for rate in (0.15, 0.4):
        expect_close(answer(a, b, rate), honest + rate * (1 - 2 * honest))


find_the_bug_slips = Exercise(
    name="find_the_bug_slips",
    returns=array,
    oracle=_slipping,
    example=Example((_f(log(4)), _f(0.0), 0.25), _f(0.65), "0.75 * 0.8 + 0.25 * 0.2"),
    ordinary=(
        (_f(1.0, -0.5, 0.0), _f(0.0, 1.5, 0.0), 0.1),
        (_f(3.0, 1.5, -3.0), _f(1.5, 3.0, 0.0), 0.2),
        (_f(0.25, 2.0), _f(-0.75, -1.0), 0.3),
        (_f(-1.5, 0.75), _f(-2.0, 0.5), 0.0),
        (_f(1.0, 4.0), _f(2.0, 0.0), 0.45),
        (_f(2.0, -1.0), _f(0.5, 1.0), 0.9),
    ),
    properties=(_no_slips, _clear_cases, _exchanged, _turned_around),
    extremes=(
        (_f(1000.0, -1000.0), _f(-1000.0, 1000.0), 0.2),
        (_f(30.0, -30.0), _f(-30.0, 30.0), 0.05),
        (_f(2000.0, 1.0, -5.0), _f(0.0, -1.0, 3.0), 1.0),  # she always slips
        (_f(0.5, -0.5), _f(-1.0, 1.5), 0.6),
    ),
)


predict_three_betas = predict("predict_three_betas", 1 / (1 / 0.5 + 1 / 1.0 + 1 / 4.0))


diagnose_the_happy_judge = choose(
    "diagnose_the_happy_judge",
    "the judge means something else than people do",
    (
        "nothing is wrong",
        "the judge turns many verdicts around by chance",
        "the judge means something else than people do",
        "the policy labels itself",
        "too many rounds with a moving reference",
        "the policy says one thing only",
    ),
)

EXERCISES = (
    effective_beta,
    iterate,
    find_the_bug_slips,
    predict_three_betas,
    diagnose_the_happy_judge,
)

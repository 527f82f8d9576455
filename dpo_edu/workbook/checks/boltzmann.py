"""Checks of chapter 04. The oracles sum over responses in 60-digit decimals.

They share no code with the package, which works in log space: ``decimal`` forms
e^20000 as it is, so that Z, the optimal policy and the objective are their definitions.
"""

from decimal import Context, Decimal, localcontext
from functools import wraps
from math import inf, log

import numpy as np

from ..exercise import Example, Exercise, holds, predict
from ..kinds import Kind, array, expect, expect_close, number

per_prompt = Kind(
    "one number for each prompt, as a numpy array (one prompt: a number)",
    lambda value: array.plain(value) if np.ndim(value) else number.plain(value),
)


def _over_prompts(oracle):
    """Apply ``oracle(*rows, beta)`` to each prompt of arrays with one or two axes."""

    @wraps(oracle)  # the engine reads the arguments' names from the signature
    def apply(*arguments):
        *arrays, beta = arguments
        if np.ndim(arrays[0]) == 1:
            return oracle(*arrays, beta)
        return np.array([oracle(*rows, beta) for rows in zip(*arrays, strict=True)])

    return apply


def _products(ref, reward, beta) -> list[Decimal]:
    """ref * e^(reward / beta) of each response."""
    return [
        Decimal(float(q)) * (Decimal(float(r)) / Decimal(float(beta))).exp()
        for q, r in zip(ref, reward, strict=True)
    ]


@_over_prompts
def _log_z(ref, reward, beta):
    with localcontext(Context(prec=60)):
        return float(sum(_products(ref, reward, beta), Decimal(0)).ln())


@_over_prompts
def _tilted(ref, reward, beta):
    with localcontext(Context(prec=60)):
        products = _products(ref, reward, beta)
        return np.array([float(product / sum(products)) for product in products])


@_over_prompts
def _value(policy, ref, reward, beta):
    total = 0.0
    for p, q, r in zip(policy, ref, reward, strict=True):
        if p > 0:
            total += p * (r - beta * (log(p) - log(q))) if q > 0 else -inf
    return total


def _a(*rows) -> np.ndarray:
    return np.array(rows, dtype=np.float64)


HAND = _a(0.25, 0.75), _a(log(3), 0.0)
THREE = _a(0.5, 0.3, 0.2), _a(1.0, 2.0, 0.0)
FOUR = _a(0.5, 0.25, 0.125, 0.125), _a(0.0, 1.0, 2.0, -1.0)
LOSSES = _a(0.1, 0.6, 0.3), _a(-2.5, -0.5, -4.0)
TWO_PROMPTS = (
    _a([0.7, 0.2, 0.1], [0.25, 0.25, 0.5]),
    _a([0.0, 1.5, -1.0], [3.0, -2.0, 0.5]),
)
SQUARE = (
    _a([0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.35, 0.4, 0.25]),
    _a([1.0, 0.0, -1.0], [2.0, 0.5, 1.0], [-0.5, 0.25, -1.5]),
)
TALL = (  # more prompts than responses, and what one never sees another may
    _a([0.5, 0.5], [0.0, 1.0], [0.9, 0.1], [0.25, 0.75]),
    _a([1.0, -1.0], [2.0, 0.5], [0.0, 3.0], [-0.5, 1.5]),
)
WORLDS = (THREE, FOUR, LOSSES, TWO_PROMPTS, SQUARE)
INPUTS = ((*THREE, 0.5), (*TWO_PROMPTS, 0.7), (*SQUARE, 2.0), (*TALL, 0.6),
          (*FOUR, 0.2), (*SQUARE, 0.3), (*FOUR, 5.0), (*TWO_PROMPTS, 1.0),
          (*LOSSES, 1.0), (_a(1.0), _a(-2.5), 0.4),
          (np.arange(1, 9) / 36, 2 * np.cos(np.arange(8.0)), 0.9))  # fmt: skip
EXTREMES = (
    (_a(0.5, 0.3, 0.2), _a(1000.0, 999.0, 0.0), 0.5),
    (_a(0.5, 0.5), _a(-1000.0, -1000.5), 0.25),
    (_a([0.4, 0.6], [0.9, 0.1]), _a([1000.0, 999.5], [-1000.0, -999.0]), 1.0),
    (_a(0.0, 0.75, 0.25), _a(1000.0, -1000.0, -1001.0), 1.0),
    (_a(0.0, 0.5, 0.5), _a(-3.0, 1.0, 2.0), 0.5),
    (_a(0.3, 0.7), _a(1.0, -2.0), 1000.0),
    (_a(1e-30, 1.0), _a(1000.0, -1000.0), 1.0),
    (_a(1e-300, 1.0), _a(1000.0, 0.0), 1.0),
    (_a(0.5, 0.3, 0.2), _a(1.0, 1.002, 0.999), 0.004),
    (_a([0.5, 0.3, 0.2]), _a([1.0, 999.0, 1000.0]), 2.0),
    (_a([0.0, 1.0], [1.0, 0.0]), _a([1000.0, -1000.0], [-1000.0, 1000.0]), 1.0),
    (_a(0.5, 0.3, 0.2), _a(1.0, 1.5, 0.5), 1e-6),
)


def _rows(arrays):
    return zip(*arrays, strict=True)


@holds(
    "reward c for every response makes every multiplier e^(c / beta): log Z = c/beta"
)
def _equal_rewards(answer):
    for beta in (0.25, 2.0):
        expect_close(answer(_a(0.1, 0.6, 0.3), _a(1.5, 1.5, 1.5), beta), 1.5 / beta)


@holds("adding 3 to all rewards adds 3 / beta to log Z")
def _shift_adds(answer):
    for ref, reward in WORLDS:
        for beta in (0.5, 4.0):
            shifted = answer(ref, reward + 3, beta)
            expect_close(shifted, answer(ref, reward, beta) + 3 / beta)


@holds("only reward / beta matters: doubling both changes nothing")
def _only_the_quotient(answer):
    for ref, reward in WORLDS:
        expect_close(answer(ref, 2 * reward, 0.6), answer(ref, reward, 0.3))


@holds("counting one response as two of half the probability each changes nothing")
def _split_response(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        halves = np.append(ref, ref[0] / 2)
        halves[0] /= 2
        twice = np.append(reward, reward[0])
        expect_close(answer(halves, twice, 0.4), answer(ref, reward, 0.4))


@holds("a response that the reference never gives counts for nothing")
def _impossible_response(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        more = np.append(ref, 0.0), np.append(reward, 2.5)
        expect_close(answer(*more, 0.8), answer(ref, reward, 0.8))


@holds("prompts are apart: a table of them, or of one, gives what each gives alone")
def _prompts_apart(answer):
    for arrays in (TWO_PROMPTS, SQUARE, TALL):
        alone = [answer(*rows, 0.9) for rows in _rows(arrays)]
        expect_close(answer(*arrays, 0.9), alone)
        expect_close(answer(*(rows[:1] for rows in arrays), 0.9), alone[:1])


log_partition = Exercise(
    name="log_partition",
    returns=per_prompt,
    oracle=_log_z,
    example=Example((*HAND, 0.5), log(3), "Z = 9/4 + 3/4 = 3"),
    ordinary=INPUTS,
    properties=(
        _equal_rewards,
        _shift_adds,
        _only_the_quotient,
        _split_response,
        _impossible_response,
        _prompts_apart,
    ),
    extremes=EXTREMES,
)


@holds("probabilities sum to 1 over the responses of each prompt")
def _sums_to_one(answer):
    for ref, reward in WORLDS:
        for beta in (0.4, 3.0):
            expect_close(
                answer(ref, reward, beta).sum(axis=-1), np.ones(ref.shape[:-1])
            )


@holds("if all rewards are equal there is no reason to leave the reference")
def _no_reason_to_leave(answer):
    for ref, reward in WORLDS:
        expect_close(answer(ref, np.full_like(reward, 1.25), 0.5), ref)


@holds("the odds of two responses are the reference's, times e^(reward gap / beta)")
def _odds_are_tilted(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        for beta in (0.08, 0.5, 1.5):
            policy = answer(ref, reward, beta)
            expect((policy > 0).all(), "a tilt makes no probability 0 or negative")
            wanted = ref[1:] / ref[0] * np.exp((reward[1:] - reward[0]) / beta)
            expect_close(policy[1:] / policy[0], wanted)


@holds("adding 3 to all rewards changes nothing")
def _shift_changes_nothing(answer):
    for ref, reward in WORLDS:
        expect_close(answer(ref, reward + 3, 0.5), answer(ref, reward, 0.5))


@holds(
    "two rounds at beta, the second from the first's result, are one round at beta/2"
)
def _two_rounds(answer):
    for ref, reward in WORLDS:
        once = answer(ref, reward, 1.6)
        expect_close(answer(once, reward, 1.6), answer(ref, reward, 0.8))


@holds("what the reference never gives stays impossible; the others do not notice it")
def _zero_stays_zero(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        without = answer(ref, reward, 0.8)
        policy = answer(np.append(ref, 0.0), np.append(reward, 2.5), 0.8)
        expect_close(policy[:-1], without)
        expect(policy[-1] == 0, "a response that the reference never gives stays at 0")


optimal_policy = Exercise(
    name="optimal_policy",
    returns=array,
    oracle=_tilted,
    example=Example((*HAND, 0.5), _a(0.75, 0.25), "9/4 and 3/4, divided by 3"),
    ordinary=INPUTS,
    properties=(
        _sums_to_one,
        _no_reason_to_leave,
        _odds_are_tilted,
        _shift_changes_nothing,
        _two_rounds,
        _zero_stays_zero,
        _prompts_apart,
    ),
    extremes=EXTREMES,
)

POLICIES = (_a(0.2, 0.7, 0.1), _a(0.1, 0.2, 0.3, 0.4), _a(0.45, 0.5, 0.05),
            _a([0.3, 0.3, 0.4], [0.6, 0.1, 0.3]),
            _a([0.1, 0.1, 0.8], [0.5, 0.2, 0.3], [0.15, 0.6, 0.25]))  # fmt: skip
EVEN = _a(0.5, 0.5)
_J_EVEN = 3 / 4 * log(3) - log(2) / 2  # of the even policy in the hand example
JUDGED = tuple((policy, *world) for policy, world in zip(POLICIES, WORLDS, strict=True))
JUDGED_THREE, JUDGED_FOUR, JUDGED_LOSSES, JUDGED_TWO, JUDGED_SQUARE = JUDGED


@holds("the reference pays nothing: its J is its expected reward, at any beta")
def _reference_is_free(answer):
    for ref, reward in WORLDS:
        for beta in (0.5, 20.0):
            expect_close(answer(ref, ref, reward, beta), (ref * reward).sum(axis=-1))


@holds("the optimal policy is worth beta log Z")
def _best_value(answer):
    for ref, reward in WORLDS:
        for beta in (0.6, 2.5):
            best = answer(_tilted(ref, reward, beta), ref, reward, beta)
            expect_close(best, beta * np.asarray(_log_z(ref, reward, beta)))


@holds("no policy is worth more than beta log Z")
def _no_policy_is_better(answer):
    for policy, ref, reward in JUDGED:
        ceiling = 0.6 * np.asarray(_log_z(ref, reward, 0.6))
        expect((answer(policy, ref, reward, 0.6) < ceiling).all())


@holds("a policy that always gives response y has J = reward(y) + beta log ref(y)")
def _one_response_for_ever(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        for y, always in enumerate(np.eye(len(ref))):
            expect_close(
                answer(always, ref, reward, 0.3), reward[y] + 0.3 * log(ref[y])
            )


@holds("adding 3 to all rewards adds 3 to J")
def _bonus_is_passed_on(answer):
    for policy, ref, reward in JUDGED:
        before = answer(policy, ref, reward, 0.7)
        expect_close(answer(policy, ref, reward + 3, 0.7), before + 3)


@holds("doubling rewards and beta doubles J")
def _other_unit(answer):
    for policy, ref, reward in JUDGED:
        before = answer(policy, ref, reward, 0.7)
        expect_close(answer(policy, ref, 2 * reward, 1.4), 2 * before)


@holds("prompts are apart: one that is worth -inf leaves the others what they are")
def _judged_apart(answer):
    policies, refs = _a([0.4, 0.6], [0.3, 0.7]), _a([1.0, 0.0], [0.5, 0.5])
    rewards = _a([1.0, 3.0], [2.0, -1.0])
    alone = [answer(*rows, 0.4) for rows in _rows((policies, refs, rewards))]
    expect_close(answer(policies, refs, rewards, 0.4), alone)
    expect_close(answer(policies[1:], refs[1:], rewards[1:], 0.4), alone[1:])


objective = Exercise(
    name="objective",
    returns=per_prompt,
    oracle=_value,
    example=Example((EVEN, *HAND, 0.5), _J_EVEN, "0.5493 - 1/2 * 0.1438 = 0.4774"),
    ordinary=(
        (*JUDGED_THREE, 0.5),
        (*JUDGED_TWO, 0.7),
        (*JUDGED_SQUARE, 2.0),
        (*JUDGED_LOSSES, 1.0),
        (*JUDGED_FOUR, 0.2),
        (*JUDGED_SQUARE, 0.3),
        (*JUDGED_FOUR, 5.0),
    ),
    properties=(
        _reference_is_free,
        _best_value,
        _no_policy_is_better,
        _one_response_for_ever,
        _bonus_is_passed_on,
        _other_unit,
        _judged_apart,
    ),
    extremes=(
        (_a(0.0, 1.0, 0.0), *THREE, 0.5),
        (_a(0.4, 0.6, 0.0), _a(0.5, 0.5, 0.0), _a(1.0, -1.0, 5.0), 0.5),
        (_a(0.4, 0.6), _a(1.0, 0.0), _a(1.0, 3.0), 0.5),
        (
            _a([0.0, 1.0], [0.3, 0.7]),
            _a([0.5, 0.5], [0.3, 0.7]),
            _a([2.0, 1.0], [0.5, -1.0]),
            1.5,
        ),
        (_a(0.5, 0.5), _a(1e-300, 1.0), _a(1000.0, -1000.0), 0.25),
        (_a(0.5, 0.5), _a(0.25, 0.75), _a(1.0, 2.0), 1000.0),
        (
            _a([0.4, 0.6], [0.3, 0.7]),
            _a([1.0, 0.0], [0.5, 0.5]),
            _a([1.0, 3.0], [2.0, -1.0]),
            0.5,
        ),
        (_a([0.4, 0.6]), _a([0.3, 0.7]), _a([1.0, 3.0]), 1.5),
        (_a(1e-12, 1 - 1e-12), _a(0.0, 1.0), _a(1.0, 3.0), 0.5),
        (_a(1e-310, 1.0), _a(0.0, 1.0), _a(1.0, 3.0), 0.5),
        (_a(1e-5, 1 - 1e-5), _a(0.5, 0.5), _a(1000.0, 0.0), 0.5),
    ),
)


def _regret(policy, ref, reward, beta):
    best = beta * _log_z(ref, reward, beta)
    return best - _value(policy, ref, reward, beta)


@holds("regret and J(policy) add up to beta log Z, whatever the policy")
def _adds_up_to_the_best(answer):
    for policy, ref, reward in (JUDGED_THREE, JUDGED_FOUR, JUDGED_LOSSES):
        for beta in (0.4, 1.5):
            value = _value(policy, ref, reward, beta)
            best = beta * _log_z(ref, reward, beta)
            expect_close(answer(policy, ref, reward, beta) + value, best)


@holds("the optimal policy has no regret")
def _nothing_to_regret(answer):
    for ref, reward in (THREE, FOUR, LOSSES):
        expect_close(answer(_tilted(ref, reward, 0.9), ref, reward, 0.9), 0.0)


find_the_bug_regret = Exercise(
    name="find_the_bug_regret",
    oracle=_regret,
    example=Example(
        (EVEN, *HAND, 0.5), log(3) / 2 - _J_EVEN, "0.5493 - 0.4774 = 0.0719"
    ),
    ordinary=(
        (*JUDGED_THREE, 0.5),
        (*JUDGED_FOUR, 2.0),
        (*JUDGED_LOSSES, 1.0),
        (*JUDGED_FOUR, 0.5),
        (*JUDGED_THREE, 4.0),
    ),
    properties=(_nothing_to_regret, _adds_up_to_the_best),
)

predict_half_the_beta = predict("predict_half_the_beta", 9 / 10)

predict_the_shift = predict("predict_the_shift", 6.0)

EXERCISES = (
    log_partition,
    optimal_policy,
    objective,
    find_the_bug_regret,
    predict_half_the_beta,
    predict_the_shift,
)

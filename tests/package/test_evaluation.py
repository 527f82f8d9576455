"""Exact evaluation against double loops over responses and the identity of chapter 04.

share = (J - J_ref) / (J* - J_ref) = 1 - KL(pi || pi*) / KL(pi_ref || pi*)
"""

import math

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from dpo_edu.boltzmann import optimal_logp, win_rate
from dpo_edu.training.evaluation import evaluate, loss_floor, win_rate_by_level

from . import small_world

PROMPTS, RESPONSES = 3, 7
NOISE = np.random.default_rng(0)
LOGP, REF = log_softmax(2 * NOISE.standard_normal((2, PROMPTS, RESPONSES)), axis=-1)
REWARD = NOISE.integers(-2, 3, size=(PROMPTS, RESPONSES)) * 1.5
BETAS = (0.3, 1.0, 4.0)


def rows(*arrays):
    """Row by row, as lists of floats."""
    return zip(*(array.tolist() for array in arrays), strict=True)


def kl(one, other):
    return sum(math.exp(p) * (p - q) for p, q in zip(one, other, strict=True))


def optimum(ref, reward, beta):
    weights = [math.exp(q + r / beta) for q, r in zip(ref, reward, strict=True)]
    return [math.log(w / sum(weights)) for w in weights]


def mean(values):
    values = [*values]
    return sum(values) / len(values)


@pytest.mark.parametrize("beta", BETAS)
def test_every_measure_equals_a_loop(beta):
    verdict = evaluate(LOGP, REF, REWARD, beta)
    best = np.array([optimum(q, r, beta) for q, r in rows(REF, REWARD)])

    def earned(logp):
        total = 0.0
        for p, r in rows(logp, REWARD):
            total += sum(math.exp(a) * b for a, b in zip(p, r, strict=True))
        return total / PROMPTS

    def value(logp):
        return earned(logp) - beta * mean(kl(p, q) for p, q in rows(logp, REF))

    start = value(REF)
    assert verdict.reward == pytest.approx(earned(LOGP))
    assert verdict.kl_from_reference == pytest.approx(mean(map(kl, LOGP, REF)))
    assert verdict.objective == pytest.approx(value(LOGP))
    assert verdict.kl_to_optimum == pytest.approx(mean(map(kl, LOGP, best)))
    assert verdict.share == pytest.approx((value(LOGP) - start) / (value(best) - start))


@pytest.mark.parametrize("beta", BETAS)
def test_share_is_one_minus_a_ratio_of_divergences(beta):
    verdict, start = evaluate(LOGP, REF, REWARD, beta), evaluate(REF, REF, REWARD, beta)
    wanted = 1 - verdict.kl_to_optimum / start.kl_to_optimum
    assert verdict.share == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("beta", BETAS)
def test_reference_and_optimum_mark_the_scale(beta):
    start = evaluate(REF, REF, REWARD, beta)
    assert start.share == start.kl_from_reference == 0
    assert start.win_rate == pytest.approx(0.5)
    top = evaluate(optimal_logp(REF, REWARD, beta), REF, REWARD, beta)
    assert top.share == pytest.approx(1)
    assert top.kl_to_optimum == pytest.approx(0, abs=1e-14)
    assert top.win_rate > 0.5


def test_a_policy_worse_than_the_reference_has_a_negative_share():
    worse = optimal_logp(REF, -REWARD, 1.0)
    assert evaluate(worse, REF, REWARD, 1.0).share < -1


def test_win_rate_equals_a_double_loop_over_responses():
    total = 0.0
    for p, q, r in rows(np.exp(LOGP), np.exp(REF), REWARD):
        for i in range(RESPONSES):
            for j in range(RESPONSES):
                total += p[i] * q[j] * expit(r[i] - r[j])
    assert win_rate_by_level(LOGP, REF, REWARD) == pytest.approx(total / PROMPTS)


def test_win_rate_by_level_is_that_of_all_responses_on_a_world():
    ref, reward = small_world.LOGP, small_world.WORLD.reward
    best = optimal_logp(ref, reward, 1.0)
    wanted = win_rate(best, ref, reward).mean()
    found = win_rate_by_level(best, ref, reward)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_two_policies_share_every_win():
    one, other = (
        win_rate_by_level(*pair, REWARD) for pair in ((LOGP, REF), (REF, LOGP))
    )
    assert one + other == pytest.approx(1)


def test_responses_that_never_come_change_nothing():
    sure = np.full((PROMPTS, RESPONSES), -np.inf)
    sure[:, 2] = 0.0
    wins = [
        sum(q * expit(r[2] - s) for q, s in zip(ref, r, strict=True))
        for ref, r in rows(np.exp(REF), REWARD)
    ]
    assert win_rate_by_level(sure, REF, REWARD) == pytest.approx(mean(wins))
    verdict = evaluate(sure, REF, REWARD, 1.0)
    assert verdict.reward == pytest.approx(REWARD[:, 2].mean())
    assert verdict.kl_from_reference == pytest.approx(-REF[:, 2].mean())


def test_loss_floor_is_the_mean_entropy_of_labels_over_all_pairs():
    total = 0.0
    for q, r in rows(np.exp(REF), REWARD):
        for i in range(RESPONSES):
            for j in range(RESPONSES):
                p = expit(r[i] - r[j])
                total -= q[i] * q[j] * (p * math.log(p) + (1 - p) * math.log(1 - p))
    assert loss_floor(REF, REWARD) == pytest.approx(total / PROMPTS)


@pytest.mark.parametrize("gap", [40.0, 100.0, 1000.0])
def test_loss_floor_is_finite_for_every_gap(gap):
    """Two responses of probability 1/2: half the pairs are ties, at log 2 each."""
    ref, reward = np.log([[0.5, 0.5]]), np.array([[0.0, gap]])
    entropy = (1 + gap) * math.exp(-gap)  # of the sure pairs, but for e^(-2 gap)
    wanted = (math.log(2) + entropy) / 2
    assert loss_floor(ref, reward) == pytest.approx(wanted, rel=1e-15)

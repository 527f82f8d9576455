"""The distance to the frontier against a constrained optimizer and its other form."""

import numpy as np
import pytest
from scipy import optimize, special

from dpo_edu.boltzmann import expected_reward, optimal_logp
from dpo_edu.boltzmann.best_of_n import best_of_n_logp
from dpo_edu.experiments.policy_gradient.methods import best_of_n_by_sorting
from dpo_edu.policy_gradient.frontier_distance import beta_for_reward, nats_off_frontier
from dpo_edu.validation import InputError

RNG = np.random.default_rng(3)
REF = np.log(RNG.dirichlet(np.ones(5), size=2))
REWARD = RNG.normal(size=(2, 5))


def kl(logp, ref=REF):
    return special.rel_entr(np.exp(logp), np.exp(ref)).sum(-1).mean()


@pytest.mark.parametrize("beta", [0.2, 1.0, 7.0])
def test_the_beta_of_a_reward(beta):
    earned = expected_reward(optimal_logp(REF, REWARD, beta), REWARD).mean()
    assert beta_for_reward(REF, REWARD, earned) == pytest.approx(beta, rel=1e-9)


def test_policies_on_the_frontier_are_at_distance_zero():
    for beta in (0.3, 2.0):
        found = nats_off_frontier(optimal_logp(REF, REWARD, beta), REF, REWARD)
        assert found == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_no_policy_has_this_reward_for_less(seed):
    """The optimizer is free in every probability of both prompts."""
    rng = np.random.default_rng(seed)
    logp = optimal_logp(REF, REWARD + 0.7 * rng.normal(size=(2, 5)), 0.8)
    earned = expected_reward(logp, REWARD).mean()

    def policy(z):
        z = z.reshape(2, 5)
        return z - np.logaddexp.reduce(z, axis=-1, keepdims=True)

    def surplus(z):
        return expected_reward(policy(z), REWARD).mean() - earned

    best = optimize.minimize(
        lambda z: kl(policy(z)),
        REF.ravel(),
        constraints={"type": "eq", "fun": surplus},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    found = nats_off_frontier(logp, REF, REWARD)
    assert found == pytest.approx(kl(logp) - best.fun, abs=1e-6)
    assert found > 0.01


def test_a_policy_no_better_than_the_reference_wastes_all_its_kl():
    worse = optimal_logp(REF, -REWARD, 1.0)
    assert nats_off_frontier(worse, REF, REWARD) == pytest.approx(kl(worse))
    assert nats_off_frontier(REF, REF, REWARD) == 0


def test_rewards_that_no_beta_earns_are_refused():
    for wanted in (expected_reward(REF, REWARD).mean(), REWARD.max(-1).mean()):
        with pytest.raises(InputError, match="wanted must be a number between"):
            beta_for_reward(REF, REWARD, wanted)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_best_of_n_by_sorting_is_best_of_n(n):
    ref = np.log(RNG.dirichlet(np.ones(30)))
    for reward in (RNG.normal(size=30), RNG.integers(0, 4, 30).astype(float)):
        wanted = np.exp(best_of_n_logp(ref, reward, n))
        found = np.exp(best_of_n_by_sorting(ref, reward, n))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)

"""Best-of-N against the golden table and every ordered draw listed."""

import itertools

import numpy as np
import pytest
from scipy import integrate, special

from dpo_edu.boltzmann import expected_reward, optimal_logp
from dpo_edu.boltzmann.best_of_n import (
    best_of_n_kl_bound,
    best_of_n_logp,
    best_of_n_win_rate,
)
from dpo_edu.boltzmann.frontier import beta_for_kl
from dpo_edu.validation import InputError

from .comparing import close
from .golden import entry, world

ROW = entry("best_of_n")
REF, REWARD, _ = world(ROW)


@pytest.mark.parametrize("n", [1, 2, 4, 16])
def test_distribution_kl_and_reward(n):
    value = ROW["value"]
    logp = best_of_n_logp(REF, REWARD, n)
    kl = special.rel_entr(np.exp(logp), np.exp(REF)).sum()
    close(np.exp(logp), value[f"pi_N={n}"])
    close(kl, value[f"kl_N={n}"], atol=1e-15)
    close(best_of_n_kl_bound(n), value[f"bound_N={n}"])
    close(expected_reward(logp, REWARD), value[f"E_r_N={n}"])


def test_tilting_has_more_reward_at_the_same_kl():
    value = ROW["value"]
    beta = beta_for_kl(REF, REWARD, value["kl_N=4"])
    close(beta, value["beta_with_same_kl_as_N=4"])
    reward = expected_reward(optimal_logp(REF, REWARD, beta), REWARD)
    close(reward, value["E_r_pi_star_same_kl"])
    assert reward > value["E_r_N=4"]


def test_without_ties():
    row = entry("best_of_n_continuous")
    n, value = int(row["inputs"]["N"]), row["value"]
    close(best_of_n_kl_bound(n), value["kl_integral"])

    def integrand(u):
        density = n * u ** (n - 1)
        return special.xlogy(density, density)

    by_quadrature = integrate.quad(integrand, 0, 1)[0]
    close(by_quadrature, value["formula"], rtol=1e-9)
    close(best_of_n_win_rate(n), value["win_rate"])
    close(integrate.quad(lambda u: u * n * u ** (n - 1), 0, 1)[0], value["win_rate"])


def test_bound_is_reached_as_responses_become_many():
    size, n = 2000, 4
    ref = np.full(size, -np.log(size))
    logp = best_of_n_logp(ref, np.arange(size), n)
    kl = special.rel_entr(np.exp(logp), np.exp(ref)).sum()
    assert 0 < best_of_n_kl_bound(n) - kl < 1e-5


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_equals_listing_every_draw_ties_included(n):
    ref, reward = np.array([0.1, 0.4, 0.3, 0.2]), np.array([1.0, 0.0, 1.0, 0.0])
    pi = np.zeros(4)
    for draw in itertools.product(range(4), repeat=n):
        pi[max(draw, key=lambda y: reward[y])] += ref[list(draw)].prod()
    close(np.exp(best_of_n_logp(np.log(ref), reward, n)), pi)


def test_batches_rare_responses_and_zero_probabilities():
    ref = np.array([[np.log(0.5), np.log(0.5), -np.inf], [0.0, -600.0, -np.inf]])
    logp = best_of_n_logp(ref, np.array([0.0, 1.0, 2.0]), 1000)
    assert (logp[:, 2] == -np.inf).all()
    close(logp[0, :2], [1000 * np.log(0.5), 0.0], atol=1e-300)
    close(logp[1, :2], [0.0, np.log(1000) - 600], atol=1e-300)
    assert not np.isnan(best_of_n_logp(ref, np.array([3.0, 1.0, -2.0]), 7)).any()


@pytest.mark.parametrize("function", [best_of_n_kl_bound, best_of_n_win_rate])
def test_n_below_one_is_refused(function):
    with pytest.raises(InputError, match="n must be a whole number from 1"):
        function(0)
    with pytest.raises(InputError, match="n must be a whole number from 1"):
        best_of_n_logp(REF, REWARD, 0)

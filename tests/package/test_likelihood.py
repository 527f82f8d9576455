"""Chapter 02 against scipy, networkx, linear programming and published fits."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize, special, stats

from dpo_edu.bradley_terry import log_sigmoid, logit, preference_matrix
from dpo_edu.likelihood import (
    NoFiniteMLE,
    bayes_accuracy,
    bayes_loss,
    binary_cross_entropy,
    comparison_components,
    fisher_information,
    fit_rewards,
    fit_with_home_advantage,
    load_baseball,
    mle_exists,
    negative_log_likelihood,
    standard_errors,
    wins_matrix,
    zermelo_step,
)
from dpo_edu.validation import InputError

from .comparing import EXACT
from .golden import entry

THREE_ITEMS = np.array([[0, 3, 2], [1, 0, 2], [1, 1, 0]])  # golden "A>B:3 B>A:1 ..."
ALWAYS_IN_ORDER = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]])  # "A>B, B>C, A>C"


def win_tables(items, most):
    table = arrays(int, (items, items), elements=st.integers(0, most))
    return table.map(lambda wins: wins * (1 - np.eye(items, dtype=int)))


def total_nll(rewards, wins):
    """The slow road: one term for every game."""
    winners, losers = np.nonzero(wins)
    games = np.repeat(np.c_[winners, losers], wins[winners, losers], axis=0)
    return len(games) * negative_log_likelihood(rewards, games[:, 0], games[:, 1])


# The likelihood and its floor


def test_nll_by_hand_and_stable():
    rewards, winners, losers = [1.0, 0.2, -0.5], [0, 0, 1, 2], [1, 2, 2, 0]
    gaps = [0.8, 1.5, 0.7, -1.5]
    expected = -np.mean([special.log_expit(gap) for gap in gaps])
    assert negative_log_likelihood(rewards, winners, losers) == pytest.approx(expected)
    assert negative_log_likelihood([0.0, 1000.0], [0], [1]) == 1000


def test_nll_is_the_mean_binary_cross_entropy():
    margin, label = np.array([-2.0, 0.3, 40.0]), np.array([0.0, 0.25, 1.0])
    p = special.expit(margin)
    expected = -special.xlogy(label, p) - special.xlog1py(1 - label, -p)
    assert binary_cross_entropy(label, margin) == pytest.approx(expected, rel=1e-9)
    assert binary_cross_entropy(1.0, 2.0) == pytest.approx(-log_sigmoid(2.0))
    assert binary_cross_entropy(1.0, -1e4) == 1e4


def test_cross_entropy_is_entropy_plus_kl_golden():
    inputs = entry("proper_scoring")["inputs"]
    value = entry("proper_scoring")["value"]
    cross_entropy = binary_cross_entropy(inputs["p"], logit(inputs["q"]))
    assert cross_entropy == pytest.approx(value["cross_entropy"], **EXACT)
    assert bayes_loss(inputs["p"]) == pytest.approx(value["entropy"], **EXACT)
    kl = cross_entropy - bayes_loss(inputs["p"])
    assert kl == pytest.approx(value["kl"], rel=1e-11)


@given(st.floats(0.01, 0.99), st.floats(-6, 6))
def test_no_margin_beats_the_floor(p, margin):
    assert binary_cross_entropy(p, margin) >= bayes_loss(p) - 1e-12
    assert binary_cross_entropy(p, logit(p)) == pytest.approx(bayes_loss(p))


def test_bayes_floor_golden():
    p = preference_matrix(entry("bayes_accuracy")["inputs"]["r"])
    pairs = p[np.triu_indices(3, k=1)]
    value = entry("bayes_accuracy")["value"]
    assert bayes_accuracy(pairs) == pytest.approx(value["bayes_accuracy"], **EXACT)
    assert bayes_loss(pairs) == pytest.approx(value["bayes_loss"], **EXACT)
    assert bayes_loss([0.0, 1.0]) == 0
    assert bayes_accuracy([0.2, 1.0]) == pytest.approx(0.9)
    with pytest.raises(InputError, match=r"lie in \[0, 1\]"):
        bayes_loss([2.0])  # a margin


@given(arrays(float, (2, 4), elements=st.floats(-5, 5)), st.floats(0, 1))
def test_nll_is_convex(rewards, share):
    winners, losers = [0, 1, 2, 3, 0], [1, 2, 3, 0, 2]
    mixed = share * rewards[0] + (1 - share) * rewards[1]
    ends = [negative_log_likelihood(r, winners, losers) for r in rewards]
    chord = share * ends[0] + (1 - share) * ends[1]
    assert negative_log_likelihood(mixed, winners, losers) <= chord + 1e-12


def test_wins_matrix_counts_repeats():
    wins = wins_matrix([0, 0, 2, 0], [1, 1, 1, 2], items=3)
    assert wins.tolist() == [[0, 2, 1], [0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("winners", "losers", "message"),
    [
        ([0, 1], [1], "shapes differ"),
        ([], [], "winners must be whole numbers 0 to 2, got an .* \\(0,\\)"),
        ([0, 3], [1, 0], "winners must be whole numbers 0 to 2, got"),
        ([0, -1], [1, 0], "winners must be whole numbers 0 to 2, got"),
        ([0.0], [1.0], "winners must be whole numbers 0 to 2, got"),
    ],
)
def test_comparisons_that_cannot_be_used(winners, losers, message):
    with pytest.raises(InputError, match=message):
        negative_log_likelihood([0.0, 0.0, 0.0], winners, losers)
    with pytest.raises(InputError, match=message):
        wins_matrix(winners, losers, items=3)


# Existence


@given(win_tables(items=5, most=1))
def test_existence_against_networkx(wins):
    graph = nx.DiGraph(np.array(wins))
    assert mle_exists(wins) == nx.is_strongly_connected(graph)
    components = {tuple(group) for group in comparison_components(wins)}
    expected = nx.weakly_connected_components(graph)
    assert components == {tuple(sorted(group)) for group in expected}


def test_long_chains_are_followed_to_their_end():
    cycle = np.roll(np.eye(100), 1, axis=1)
    assert mle_exists(cycle)
    cycle[99, 0] = 0  # now a chain: item 0 never lost
    assert not mle_exists(cycle)
    assert comparison_components(cycle) == [list(range(100))]


def test_a_cycle_of_single_labels_has_an_mle_and_disjoint_pairs_have_none():
    cycle = wins_matrix([0, 1, 2, 3], [1, 2, 3, 0], items=4)
    pairs = wins_matrix([0, 2], [1, 3], items=4)
    assert fit_rewards(cycle) == pytest.approx(np.zeros(4), abs=1e-12)
    assert not mle_exists(pairs)
    assert comparison_components(pairs) == [[0, 1], [2, 3]]


def test_refusals_name_the_items_and_the_reason():
    with pytest.raises(NoFiniteMLE, match=r"items \[0\] never lost .* infinity"):
        fit_rewards(ALWAYS_IN_ORDER)
    with pytest.raises(NoFiniteMLE, match=r"\[0, 1\] and \[2, 3\] were never compared"):
        fit_rewards(wins_matrix([0, 1, 2, 3], [1, 0, 3, 2], items=4))
    two_strong = wins_matrix([1, 2, 1, 0, 3], [2, 1, 0, 3, 0], items=4)
    with pytest.raises(NoFiniteMLE, match=r"items \[1, 2\] never lost to any other"):
        fit_rewards(two_strong)


@pytest.mark.parametrize(
    ("wins", "message"),
    [
        ([[0, 1]], "square"),
        ([[0, -1], [1, 0]], "not negative"),
        ([[0, np.nan], [1, 0]], "finite"),
        ([[1, 1], [1, 0]], "nobody plays itself"),
    ],
)
def test_tables_that_count_no_wins(wins, message):
    with pytest.raises(InputError, match=message):
        fit_rewards(wins)


def test_existence_probability_golden():
    p = entry("mle_existence_probability")["inputs"]["p"]
    for n in map(int, entry("mle_existence_probability")["inputs"]["n"]):
        exists = sum(
            stats.binom.pmf(won, n, p)
            for won in range(n + 1)
            if mle_exists([[0, won], [n - won, 0]])
        )
        value = entry("mle_existence_probability")["value"][f"n={n}"]
        assert exists == pytest.approx(value, rel=1e-12, abs=0)


def test_separable_data_improve_for_ever_golden():
    for name, value in entry("bt_mle_nonexistent")["value"].items():
        rewards = float(name.removeprefix("nll_t=")) * np.array([1, 0, -1])
        assert total_nll(rewards, ALWAYS_IN_ORDER) == pytest.approx(value, **EXACT)


# The fit


def test_two_items_golden():
    inputs = entry("bt_mle_two_items")["inputs"]
    value = entry("bt_mle_two_items")["value"]
    wins = np.array([[0, inputs["wins"]], [inputs["losses"], 0]], dtype=int)
    rewards = fit_rewards(wins)
    assert rewards[0] - rewards[1] == pytest.approx(value["delta_hat"], **EXACT)
    assert total_nll(rewards, wins) == pytest.approx(value["nll_at_mle"], **EXACT)


def test_three_items_golden():
    value = entry("bt_mle_three_items")["value"]
    rewards = fit_rewards(THREE_ITEMS)
    assert rewards == pytest.approx(value["r_hat"], **EXACT)
    assert total_nll(rewards, THREE_ITEMS) == pytest.approx(value["nll"], **EXACT)
    meetings = THREE_ITEMS + THREE_ITEMS.T
    expected_wins = meetings * preference_matrix(rewards)
    score = (THREE_ITEMS - expected_wins).sum(axis=1)
    assert score == pytest.approx(np.full(3, value["max_abs_score"]), abs=1e-13)


def test_cyclic_preferences_golden():
    p = entry("bt_intransitive")["inputs"]["p"]
    value = entry("bt_intransitive")["value"]
    shares = np.array([[0, p, 1 - p], [1 - p, 0, p], [p, 1 - p, 0]])
    rewards = fit_rewards(shares)
    fitted = binary_cross_entropy(p, rewards[0] - rewards[1])
    assert rewards == pytest.approx(np.zeros(3), abs=1e-12)
    assert fitted == pytest.approx(value["best_bt_loss"], **EXACT)
    assert bayes_loss(p) == pytest.approx(value["entropy"], **EXACT)
    assert fitted - bayes_loss(p) == pytest.approx(value["excess"], **EXACT)


def test_ridge_golden():
    ridge = entry("bt_ridge_exists")["inputs"]["lam"]
    value = entry("bt_ridge_exists")["value"]
    rewards = fit_rewards(ALWAYS_IN_ORDER, ridge)
    assert rewards == pytest.approx(value["t"] * np.array([1, 0, -1]), abs=1e-12)
    assert total_nll(rewards, ALWAYS_IN_ORDER) == pytest.approx(value["nll"], **EXACT)


@settings(max_examples=25)
@given(win_tables(items=4, most=20), st.sampled_from([0.0, 0.01, 3.0]))
def test_fit_against_scipy(wins, ridge):
    if not (ridge or mle_exists(wins)):
        with pytest.raises(NoFiniteMLE):
            fit_rewards(wins, ridge)
        return

    def objective(rewards):
        gaps = np.subtract.outer(rewards, rewards)
        loss = -(wins * special.log_expit(gaps)).sum()
        return loss + ridge / 2 * (rewards**2).sum()

    best = optimize.minimize(objective, np.zeros(4), options={"gtol": 1e-7})
    rewards = fit_rewards(wins, ridge)
    assert rewards.mean() == pytest.approx(0, abs=1e-12)
    assert objective(rewards) <= best.fun + 1e-10
    assert rewards == pytest.approx(best.x - best.x.mean(), abs=1e-3)


def test_nearly_certain_comparisons_are_fitted_exactly():
    wins = np.array([[0, 1e9, 0], [1, 0, 5], [0, 2, 0]])
    rewards = fit_rewards(wins)
    gaps = -np.diff(rewards)
    assert gaps == pytest.approx([math.log(1e9), math.log(2.5)], rel=1e-9)


def test_lopsided_seasons_on_which_plain_newton_diverges():
    wins = np.array([[0, 1e4, 1e7, 0], [1, 0, 0, 0], [0, 0, 0, 1e7], [0, 10, 0, 0]])
    expected_wins = (wins + wins.T) * preference_matrix(fit_rewards(wins))
    assert expected_wins.sum(axis=1) == pytest.approx(wins.sum(axis=1), rel=1e-9)


@pytest.mark.parametrize("many", [1e16, 1e300])
def test_counts_too_far_apart_are_refused_rather_than_fitted_wrongly(many):
    wins = np.array([[0, many, 1], [3 * many, 0, 3], [2, 4, 0]])
    with pytest.raises(InputError, match="too many orders of magnitude"):
        fit_rewards(wins)


def test_ridge_is_finite_for_any_data():
    assert fit_rewards(np.zeros((3, 3)), ridge=0.5).tolist() == [0, 0, 0]
    rewards = fit_rewards([[0, 1], [0, 0]], ridge=1e-6)
    assert 2e-6 * rewards[0] == pytest.approx(2 * special.expit(-2 * rewards[0]))
    assert rewards.sum() == pytest.approx(0, abs=1e-9)


def test_negative_ridge_is_refused():
    with pytest.raises(InputError, match="ridge"):
        fit_rewards(THREE_ITEMS, ridge=-1.0)


def test_zermelo_golden():
    value = entry("zermelo_mm_step")["value"]
    strengths = zermelo_step([1 / 3, 1 / 3, 1 / 3], THREE_ITEMS)
    assert strengths == pytest.approx(value["p_after_one_step"], **EXACT)
    at_mle = np.array(value["p_at_mle"])
    assert special.softmax(fit_rewards(THREE_ITEMS)) == pytest.approx(at_mle, **EXACT)
    assert zermelo_step(at_mle, THREE_ITEMS) == pytest.approx(at_mle, **EXACT)


def test_zermelo_never_lowers_the_likelihood_and_meets_newton():
    wins = load_baseball().wins
    strengths, losses = np.full(7, 1 / 7), []
    for _ in range(200):
        losses.append(total_nll(np.log(strengths), wins))
        strengths = zermelo_step(strengths, wins)
    assert np.all(np.diff(losses) <= 1e-12)
    assert strengths == pytest.approx(special.softmax(fit_rewards(wins)), rel=1e-9)


# What the data can tell


def test_fisher_information_golden():
    rewards = entry("bt_fisher_information")["inputs"]["r"]
    value = entry("bt_fisher_information")["value"]
    information = fisher_information(rewards, comparisons=1 - np.eye(3))
    assert information == pytest.approx(np.array(value["I"]), **EXACT)
    eigenvalues = np.linalg.eigvalsh(information)
    assert eigenvalues == pytest.approx(value["eigenvalues"], rel=1e-12, abs=1e-15)


def test_standard_error_of_one_pair_golden():
    inputs = entry("bt_crlb")["inputs"]
    for p in inputs["p"]:
        rewards = [logit(p), 0.0]
        meetings = inputs["n"] * (1 - np.eye(2))
        errors = standard_errors(fisher_information(rewards, meetings), base=1)
        value = entry("bt_crlb")["value"][f"sd_p={p}"]
        assert errors == pytest.approx([value, 0], **EXACT)


def test_information_is_the_hessian_of_the_total_nll():
    wins, h = THREE_ITEMS, 1e-4
    rewards = fit_rewards(wins)
    information = fisher_information(rewards, wins + wins.T)
    for step in h * np.eye(3):
        around = [total_nll(rewards + n * step, wins) for n in (-1, 0, 1)]
        curvature = np.diff(around, n=2).item() / h**2
        assert step @ information @ step / h**2 == pytest.approx(curvature, rel=1e-5)


def test_standard_errors_against_the_pseudo_inverse():
    wins = load_baseball().wins
    information = fisher_information(fit_rewards(wins), wins + wins.T)
    covariance = np.linalg.pinv(information)
    variances = np.diag(covariance) + covariance[2, 2] - 2 * covariance[2]
    errors = standard_errors(information, base=2)
    assert errors**2 == pytest.approx(variances, abs=1e-12)


def test_standard_errors_need_comparisons():
    pairs = wins_matrix([0, 1, 2, 3], [1, 0, 3, 2], items=4)
    information = fisher_information(np.zeros(4), pairs + pairs.T)
    with pytest.raises(InputError, match="cannot compare every item with item 0"):
        standard_errors(information, base=0)


# The 1987 season: Agresti (2002), Table 10.11


def test_baseball_season():
    season = load_baseball()
    assert season.teams[0] == "Milwaukee"
    assert season.teams[-1] == "Baltimore"
    assert season.home_wins[season.teams.index("Boston"), 0] == 5
    assert season.away_wins[season.teams.index("Boston"), 0] == 1
    assert (season.wins + season.wins.T == 13 * (1 - np.eye(7))).all()


def test_baseball_published_fit():
    wins = load_baseball().wins
    rewards = fit_rewards(wins)
    errors = standard_errors(fisher_information(rewards, wins + wins.T), base=6)
    over_baltimore = sorted((rewards - rewards[6])[:6].round(2))
    assert over_baltimore == [0.68, 1.11, 1.25, 1.29, 1.44, 1.58]
    assert errors[:6].round(1).tolist() == [0.3] * 6


def test_baseball_published_home_advantage():
    season = load_baseball()
    fit = fit_with_home_advantage(season.home_wins, season.away_wins)
    error = standard_errors(fit.information, base=6)[-1]
    strengths = special.softmax(fit.rewards)
    assert (round(fit.home_advantage, 3), round(error, 3)) == (0.302, 0.131)
    published = [0.220, 0.190, 0.164, 0.157, 0.137, 0.088, 0.044]
    assert strengths.round(3).tolist() == published
    over_baltimore = (fit.rewards - fit.rewards[6])[:6].round(2).tolist()
    assert over_baltimore == [1.62, 1.48, 1.33, 1.28, 1.14, 0.70]


def has_finite_home_fit(home_wins, away_wins):
    """By linear programming: no direction makes every observed outcome likelier.

    Albert & Anderson (1984): the fit is finite and unique iff the only directions
    with all row margins >= 0 are those that leave every reward gap and h at 0.
    """
    items, rows = len(home_wins), []
    for (i, j), won in [*np.ndenumerate(home_wins), *np.ndenumerate(-away_wins)]:
        if won:
            row = np.zeros(items + 1)
            row[[i, j, items]] = 1, -1, 1
            rows.append(np.sign(won) * row)
    rows = np.array(rows).reshape(-1, items + 1)
    box = [(0, 0)] + [(-1, 1)] * items  # item 0 held at 0
    aims = np.concatenate([np.eye(items + 1), -np.eye(items + 1)])
    if len(rows) == 0:
        return items == 1
    limits = np.zeros(len(rows))
    best = [optimize.linprog(a, A_ub=-rows, b_ub=limits, bounds=box).fun for a in aims]
    return min(best) > -1e-7


@settings(max_examples=40)
@given(win_tables(items=3, most=1), win_tables(items=3, most=1))
def test_home_advantage_existence_against_linear_programming(home_wins, away_wins):
    if has_finite_home_fit(home_wins, away_wins):
        fit = fit_with_home_advantage(home_wins, away_wins)
        assert np.abs([*fit.rewards, fit.home_advantage]).max() < 20
    else:
        with pytest.raises(NoFiniteMLE):
            fit_with_home_advantage(home_wins, away_wins)


def test_home_advantage_that_runs_off_is_refused():
    everyone_wins_at_home = 1 - np.eye(3)
    with pytest.raises(NoFiniteMLE, match="no cycle of wins has fewer home wins"):
        fit_with_home_advantage(everyone_wins_at_home, np.zeros((3, 3)))
    with pytest.raises(NoFiniteMLE, match="no cycle of wins has more home wins"):
        fit_with_home_advantage(np.zeros((3, 3)), everyone_wins_at_home)

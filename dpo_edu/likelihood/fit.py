"""Chapter 02: the rewards that make the observed comparisons most probable.

    NLL(r) = -(1/N) sum_n log sigmoid(r[winner_n] - r[loser_n])               (2.1)

This is the logistic loss and, with soft labels, binary cross-entropy: entropy of the
labels plus KL. It is convex in r; whether its minimum is attained is a question about
the graph of who beat whom (``win_graph``). Sources: Zermelo (1929), Bradley & Terry
(1952), Hunter (2004) for the MM view. This module does not know what an item is.
"""

import numpy as np

from ..bradley_terry import log_sigmoid, preference_matrix
from ..validation import (
    require,
    require_broadcastable,
    require_not_empty,
    require_not_negative,
    require_same_shape,
    require_shape,
    require_square,
    require_whole,
)
from ..validation.arrays import (
    distributions,
    finite,
    indices,
    not_negative,
    probabilities,
    reals,
)
from .logistic_regression import fit_logistic, gap_rows
from .win_graph import checked_wins, require_finite_mle


def negative_log_likelihood(rewards, winners, losers):
    """Mean NLL of the comparisons, in nats; ``winners``, ``losers``: item indices (N,).

    >>> round(float(negative_log_likelihood([0.0, 0.0], [0], [1])), 4)  # log 2
    0.6931
    """
    rewards = finite(axes=1, rewards=rewards)
    require_shape((None,), rewards=rewards)
    winners, losers = _checked_pairs(winners, losers, len(rewards))
    return -log_sigmoid(rewards[winners] - rewards[losers]).mean()  # (2.1)


def binary_cross_entropy(label, margin):
    """-label log sigmoid(margin) - (1 - label) log sigmoid(-margin), elementwise.

    ``label`` in [0, 1] is the probability, or the share, of wins; label 1 gives (2.1).
    """
    label, margin = probabilities(label=label), reals(margin=margin)
    require_broadcastable(label=label, margin=margin)
    return _cost(label, log_sigmoid(margin)) + _cost(1 - label, log_sigmoid(-margin))


def bayes_loss(probabilities):
    """The floor of the NLL: mean entropy of labels that win with these probabilities.

    No model does better, however large: cross-entropy = entropy + KL.
    """
    sides = _both_sides(probabilities)
    return -(sides * np.log(np.where(sides > 0, sides, 1))).sum(axis=0).mean()


def bayes_accuracy(probabilities):
    """The ceiling of the accuracy: always predict the likelier side."""
    return _both_sides(probabilities).max(axis=0).mean()


def wins_matrix(winners, losers, items):
    """``wins[i, j]`` = how often i beat j, from two index arrays (N,) to (K, K)."""
    require_whole(1, 10_000, items=items)
    pairs = _checked_pairs(winners, losers, items)
    wins = np.zeros((items, items))
    np.add.at(wins, pairs, 1)  # unlike wins[...] += 1 it counts repeats
    return wins


def fit_rewards(wins, ridge=0.0):
    """The maximum-likelihood rewards with mean 0; wins[i, j] = times i beat j.

    Minimizes N * NLL + ridge/2 |r|^2. Any ridge > 0 gives a finite answer for any
    data; without it, raises ``NoFiniteMLE`` where no finite answer exists.
    """
    wins = checked_wins(wins)
    require_not_negative(ridge=ridge)
    if ridge == 0:
        require_finite_mle(wins)
    winners, losers = np.nonzero(wins)
    rows = gap_rows(winners, losers, len(wins))
    return fit_logistic(rows, wins[winners, losers], ridge)


def zermelo_step(strengths, wins):
    """One step of Zermelo's iteration on strengths e^r, shape (K,), which sum to 1.

    It never lowers the likelihood (an MM step); slower than Newton, no derivatives.
    """
    strengths, wins = distributions(strengths=strengths), checked_wins(wins)
    require(strengths.min() > 0, "strengths must be above 0: they are e^r")
    require_shape(wins.shape[:1], strengths=strengths)
    played = (wins + wins.T).any(axis=1).all()
    require(played, "wins: an item without any comparison has no strength")
    share = strengths[:, None] / (strengths[:, None] + strengths)  # P(i beats j)
    expected_wins = ((wins + wins.T) * share).sum(axis=1)
    updated = strengths * wins.sum(axis=1) / expected_wins
    return updated / updated.sum()


def fisher_information(rewards, comparisons):
    """What the data can tell about r: the Laplacian of a weighted graph, (K, K).

    comparisons[i, j] = how often i and j met (symmetric). An edge weighs
    n_ij p_ij (1 - p_ij): close races tell most. Constants are in the kernel.
    """
    p = preference_matrix(rewards)
    comparisons = not_negative(axes=2, comparisons=comparisons)
    require_same_shape(rewards=p, comparisons=comparisons)
    require((comparisons == comparisons.T).all(), "comparisons must be symmetric")
    weight = comparisons * p * p.T
    return np.diag(weight.sum(axis=1)) - weight


def standard_errors(information, base):
    """Standard error of each parameter when item ``base`` is held at 0.

    (K, K) to (K,), 0 at ``base``: for rewards, the standard error of r_i - r_base.
    Raises when some item has no comparison, however indirect, with ``base``.
    """
    information = finite(axes=2, information=information)
    require_square(information=information)
    require_whole(0, len(information) - 1, base=base)
    others = np.arange(len(information)) != base
    grounded = information[others][:, others]
    full_rank = np.linalg.matrix_rank(grounded, hermitian=True) == len(grounded)
    positive_definite = full_rank and (np.linalg.eigvalsh(grounded) > 0).all()
    lacking = f"information: the data cannot compare every item with item {base}"
    require(positive_definite, lacking)
    errors = np.zeros(len(information))
    errors[others] = np.sqrt(np.diag(np.linalg.inv(grounded)))
    return errors


def _both_sides(p):
    p = probabilities(probabilities=p)
    require_not_empty(probabilities=p)
    return np.stack([p, 1 - p])  # (2, ...)


def _cost(weight, log_p):
    """-weight log p, where what never happens (weight 0) costs nothing."""
    with np.errstate(invalid="ignore"):
        return -np.where(weight == 0, 0.0, weight * log_p)


def _checked_pairs(winners, losers, items):
    """Two index arrays of one shape; raises where an index is no item, or none is."""
    winners, losers = indices(items, axes=1, winners=winners, losers=losers)
    require_same_shape(winners=winners, losers=losers)
    return winners, losers

"""Right answers of chapter 02 that are written in unusual ways."""

import math

import numpy as np

from dpo_edu.workbook.known_wrong.likelihood import (
    ERROR_BAR,
    EXISTS,
    FIT,
    FLOOR,
    GRADIENT,
    NLL,
    centered,
    closure,
    gaps,
    newton,
    pulls,
    sigmoid,
    softplus,
)

from . import right


@right(NLL)
def by_cross_entropy_of_two(rewards, winners, losers):
    pairs = np.stack([rewards[winners], rewards[losers]], axis=1)
    return (np.logaddexp.reduce(pairs, axis=1) - pairs[:, 0]).mean()


@right(NLL)
def by_average_over_a_table(rewards, winners, losers):
    counts = np.zeros((len(rewards), len(rewards)))
    np.add.at(counts, (winners, losers), 1)
    return np.average(softplus(rewards - rewards[:, None]), weights=counts)


@right(NLL)
def by_python_floats(rewards, winners, losers):
    total_cost = 0.0
    for w, x in zip(winners.tolist(), losers.tolist(), strict=True):
        gap = float(rewards[w] - rewards[x])
        total_cost += (
            math.log1p(math.exp(-gap)) if gap > 0 else math.log1p(math.exp(gap)) - gap
        )
    return total_cost / len(winners)


@right(NLL)  # log1p would keep more digits of a loss of 1e-9; nobody needs them here
def by_log_without_log1p(rewards, winners, losers):
    d = gaps(rewards, winners, losers)
    return (np.maximum(-d, 0) + np.log(1 + np.exp(-abs(d)))).mean()


@right(FIT)
def by_newton(wins):
    return newton(wins)


@right(FIT)
def by_coordinate_bisection(wins):
    meetings, rewards = wins + wins.T, np.zeros(len(wins))
    for _ in range(2000):
        before = rewards.copy()
        for i in range(len(wins)):
            for _ in range(3):  # Newton for one reward, the others held
                p = sigmoid(rewards[i] - rewards)
                p[i] = 0.0
                missing = wins[i].sum() - (meetings[i] * p).sum()
                step = missing / (meetings[i] * p * (1 - p)).sum()
                rewards[i] += np.clip(step, -1, 1)
        if abs(rewards - before).max() < 1e-12:
            break
    return centered(rewards)


@right(FIT)
def by_zermelo_in_order(wins):
    strengths = [1.0] * len(wins)
    change = 1.0
    while change > 1e-12:
        change = 0.0
        for i in range(len(wins)):
            expected = sum(
                (wins[i, j] + wins[j, i]) / (strengths[i] + strengths[j])
                for j in range(len(wins))
                if j != i
            )
            new = wins[i].sum() / expected
            change = max(change, abs(math.log(new / strengths[i])))
            strengths[i] = new
    return centered(np.log(strengths))


@right(EXISTS)
def by_warshall(wins):
    return bool(closure(wins).all())


@right(EXISTS)
def there_and_back(wins):
    def all_reached(arrows):
        reached = {0}
        for _ in arrows:
            reached |= {j for i in reached for j in np.flatnonzero(arrows[i]).tolist()}
        return len(reached) == len(arrows)

    return all_reached(wins) and all_reached(wins.T)


@right(EXISTS)
def by_powers(wins):
    step = np.minimum(wins, 1) + np.eye(len(wins))
    return (np.linalg.matrix_power(step, len(wins) - 1) > 0).all()


@right(GRADIENT)
def one_minus_the_probability(rewards, winners, losers):
    return pulls(rewards, winners, losers, lambda d: 1 - sigmoid(d))


@right(GRADIENT)
def expected_minus_observed(rewards, winners, losers):
    wins = np.zeros((len(rewards), len(rewards)))
    np.add.at(wins, (winners, losers), 1)
    expected = ((wins + wins.T) * sigmoid(rewards[:, None] - rewards)).sum(axis=1)
    return (expected - wins.sum(axis=1)) / len(winners)


@right(FLOOR)
def floor_at_the_margin():
    margin = math.log(3)
    return float(0.75 * softplus(-margin) + 0.25 * softplus(margin))


@right(FLOOR)
def floor_by_hand():
    return 0.5623


@right(ERROR_BAR)
def from_counts():
    return math.sqrt(1 / 80 + 1 / 20)


@right(ERROR_BAR)
def a_quarter():
    return 0.25

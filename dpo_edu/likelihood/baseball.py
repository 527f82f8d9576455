"""One real season, and what playing at home is worth.

    P(home i beats visitor j) = sigmoid(r_i - r_j + h)

The 1987 games among the seven teams of baseball's American League East, as given by
Agresti, Categorical Data Analysis (2002), page 438; his fits are in Table 10.11.
Tables are indexed [home, away]. This module knows nothing of preferences.
"""

import csv
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from ..validation import require_same_shape
from .logistic_regression import curvature_matrix, fit_logistic, gap_rows
from .win_graph import NoFiniteMLE, checked_wins, require_finite_mle


class Season(NamedTuple):
    """Who won when i hosted j: both tables are indexed [home i, visitor j]."""

    teams: tuple[str, ...]
    home_wins: np.ndarray  # games the home team i won
    away_wins: np.ndarray  # games the visitors j won

    @property
    def wins(self) -> np.ndarray:
        """``wins[i, j]`` = how often i beat j, wherever they played."""
        return self.home_wins + self.away_wins.T


def load_baseball() -> Season:
    """The 1987 season; teams in the order of the file, the most successful first."""
    text = files("dpo_edu").joinpath("data/baseball_1987.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    teams = tuple(dict.fromkeys(row["home_team"] for row in rows))  # unique, in order
    season = Season(teams, np.zeros((7, 7), int), np.zeros((7, 7), int))
    for row in rows:
        played = teams.index(row["home_team"]), teams.index(row["away_team"])
        season.home_wins[played] = int(row["home_wins"])
        season.away_wins[played] = int(row["away_wins"])
    return season


class HomeFit(NamedTuple):
    """Rewards with mean 0, the home advantage in nats, and their information matrix."""

    rewards: np.ndarray  # (K,)
    home_advantage: float
    information: np.ndarray  # (K + 1, K + 1), the home advantage last


def fit_with_home_advantage(home_wins, away_wins) -> HomeFit:
    """Fit rewards and the log-odds that playing at home adds, together.

    home_wins[i, j] = games i won when i hosted j, away_wins[i, j] = games j won there.
    Raises ``NoFiniteMLE`` when no finite, unique fit exists.
    """
    home_wins, away_wins = _checked_season(home_wins, away_wins)
    require_finite_home_advantage(home_wins, away_wins)
    met = home, away = np.nonzero(home_wins + away_wins)
    rows = np.c_[gap_rows(home, away, len(home_wins)), np.ones(len(home))]
    rows = np.concatenate([rows, -rows])  # a visitors' win is the reversed event
    counts = np.concatenate([home_wins[met], away_wins[met]])
    fit = fit_logistic(rows, counts, ridge=0.0)
    return HomeFit(fit[:-1], float(fit[-1]), curvature_matrix(rows, counts, fit))


def require_finite_home_advantage(home_wins, away_wins):
    """Raise ``NoFiniteMLE`` unless rewards and home advantage are finite and unique.

    Besides a strongly connected win graph this needs a cycle of wins (a beat b, b beat
    c, c beat a) with more home wins than away wins, and one with fewer: otherwise a
    larger, or a smaller, advantage would explain no cycle worse.
    """
    home_wins, away_wins = _checked_season(home_wins, away_wins)
    require_finite_mle(home_wins + away_wins.T)
    for surplus, word in ((1, "more"), (-1, "fewer")):
        home_arrows = np.where(home_wins > 0, surplus, -np.inf)
        away_arrows = np.where(away_wins.T > 0, -surplus, -np.inf)
        if not _some_cycle_gains(np.maximum(home_arrows, away_arrows)):
            raise NoFiniteMLE(
                f"no cycle of wins has {word} home wins than away wins, so no finite "
                "home advantage fits best: add games on the other ground"
            )


def _checked_season(home_wins, away_wins):
    home_wins = checked_wins(home_wins, name="home_wins")
    away_wins = checked_wins(away_wins, name="away_wins")
    require_same_shape(home_wins=home_wins, away_wins=away_wins)
    return home_wins, away_wins


def _some_cycle_gains(gain):
    """Is the sum of ``gain[i, j]`` positive around some cycle? -inf is no arrow."""
    for _ in range(len(gain).bit_length()):  # best walks of up to 2, 4, 8, ... arrows
        gain = np.maximum(gain, (gain[:, :, None] + gain).max(axis=1))
    return (np.diag(gain) > 0).any()

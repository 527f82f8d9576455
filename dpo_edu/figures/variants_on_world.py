"""The pictures of chapter 14, part two: all losses on the world, five seeds each."""

import numpy as np

from ..experiments.variant_measures import paired_difference
from . import style

KINDS = {  # how a loss is drawn: by what it is anchored to
    "SimPO": "rejected",
    "ORPO": "rejected",
    "KTO": "reward",
    "SFT": "rejected",
}
# Names written left of their point, and how high; the others stand right and below.
OPTIMA_LEFT = {"IPO": 4, "DPO": -2, "cDPO": 2, "DPOP": -8}
RUNS_LEFT = {"IPO": 2, "cDPO": 5, "hinge": -3, "DPOP": -8}


def optima(frontier, measured):
    """What each loss wants: KL and reward of its optimum, under the frontier.

    frontier: (KL, reward), two arrays. measured: {name: row or None}. Returns the
    shortfall in reward of each.
    """
    _, axes = style.figure(6.4, 3.6)
    _frontier(axes, frontier)
    measured = {name: row for name, row in measured.items() if row}
    for name, row in measured.items():
        _named(axes, name, row["kl"], row["reward"], OPTIMA_LEFT)
    title = "Where infinitely many labels lead"
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    return {name: abs(round(row["shortfall"], 3)) for name, row in measured.items()}


def runs(frontier, by_name, title):
    """Five runs of every loss (small) and their mean (large) under the frontier.

    by_name: {name: rows}. Returns the mean shortfall of each, the least one first.
    """
    _, axes = style.figure(6.8, 4.0)
    _frontier(axes, frontier)
    for name, rows in by_name.items():
        kl, reward = (np.array([row[key] for row in rows]) for key in ("kl", "reward"))
        look = style.points(KINDS.get(name, "policy"), markersize=3)
        axes.plot(kl, reward, **look)
        _named(axes, name, kl.mean(), reward.mean(), RUNS_LEFT)
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    short = {
        n: np.mean([row["shortfall"] for row in rows]) for n, rows in by_name.items()
    }
    return {n: round(float(short[n]), 2) for n in sorted(short, key=lambda n: short[n])}


def differences(by_source, measure, label):
    """Every loss minus DPO, seed by seed: mean and 95 % interval, a panel a source.

    Returns {source: names whose interval lies above 0, and below 0}.
    """
    _, panels = style.figure(9.6, 3.8, columns=len(by_source), sharex=True, sharey=True)
    verdicts = {}
    for panel, (source, by_name) in zip(panels, by_source.items(), strict=True):
        names = [name for name in by_name if name != "DPO"][::-1]
        pairs = [paired_difference(by_name[n], by_name["DPO"], measure) for n in names]
        mean, half = np.array(pairs).T
        look = style.points("policy", markersize=6)
        panel.errorbar(mean, names, xerr=half, capsize=3, **look)
        panel.axvline(0, **style.line("reference"))
        panel.set_xscale("symlog", linthresh=0.1)
        panel.set_xticks([-1, -0.1, 0, 0.1], ["-1", "-.1", "0", ".1"])
        style.name_axes(panel, label, "", source)
        above = [n for n, m, h in zip(names, mean, half, strict=True) if m > h]
        below = [n for n, m, h in zip(names, mean, half, strict=True) if m < -h]
        verdicts[source] = above[::-1], below[::-1]
    return verdicts


def _named(axes, name, kl, reward, left):
    """A large mark and its name, on the side where there is room."""
    axes.plot(kl, reward, **style.points(KINDS.get(name, "policy"), markersize=9))
    side, shift = ("right", (-9, left[name])) if name in left else ("left", (9, -13))
    look = {"textcoords": "offset points", "ha": side, "fontsize": 12}
    axes.annotate(name, (kl, reward), shift, **look)


def _frontier(axes, frontier):
    kl, reward = frontier
    axes.plot(kl, reward, **style.line("optimal"))
    at = np.searchsorted(kl, 1.2)
    style.mark(axes, r"all $\pi^*_\beta$", (kl[at], reward[at]), (0.55, 2.85))

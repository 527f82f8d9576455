"""The pictures of chapter 14, part two: all losses on the world, five seeds each."""

import numpy as np

from . import style
from .intervals import paired_difference
from .variants import LOOK

KINDS = {  # marker: what a loss is anchored to
    "o": "pairs and a reference",
    "v": "pairs, no reference",
    "P": "single responses",
}
MARKERS = {"SimPO": "v", "ORPO": "v", "KTO": "P"}  # all others "o"
# Where names stand, in points from their mark.
OPTIMA_NAMES = {
    "DPO": (-50, 14),
    "IPO": (18, -26),
    "cDPO": (-58, 12),
    "hinge": (-58, 10),
    "DPOP": (8, -28),
    "KTO": (14, -26),
    "SimPO": (-30, -34),
    "LN-DPO": (14, -26),
    "RPO": (14, -26),
}
RUNS_NAMES = {
    "DPO": (34, -20),
    "IPO": (-12, 44),
    "cDPO": (-62, 32),
    "rDPO": (-8, -48),
    "hinge": (-74, 14),
    "SimPO": (10, -32),
    "ORPO": (30, -28),
    "KTO": (20, -24),
    "DPOP": (-64, -18),
    "LN-DPO": (14, -26),
    "RPO": (14, -26),
}
LEAST, MOST = -0.35, 0.12  # the axis of figure 6
MEASURES = {"share": -1, "missing": 1}  # -1: more is better, 1: less is
LABELS = {"share": "share of J", "missing": "reward at equal KL"}


def optima(frontier, measured):
    """What each loss wants: KL and reward of its optimum, under the frontier.

    frontier: (KL, reward), two arrays. measured: {name: row or None}. Returns the
    reward that each lacks at equal KL.
    """
    _, axes = style.figure(7.4, 4.2)
    _frontier(axes, frontier)
    measured = {name: row for name, row in measured.items() if row}
    for name, row in measured.items():
        _named(axes, name, row["kl"], row["reward"], OPTIMA_NAMES[name])
    title = "Where infinitely many labels lead"
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    return {name: abs(row["missing"]) for name, row in measured.items()}


def runs(frontier, by_name, title):
    """Five runs of every loss (small) and their mean (large) under the frontier.

    by_name: {name: rows}. Returns the mean reward that each lacks at equal KL, the
    least one first.
    """
    _, axes = style.figure(7.4, 4.4)
    _frontier(axes, frontier)
    short = {}
    for name, rows in by_name.items():
        kl, reward = (np.array([row[key] for row in rows]) for key in ("kl", "reward"))
        axes.plot(kl, reward, **_look(name, markersize=3.5))
        _named(axes, name, kl.mean(), reward.mean(), RUNS_NAMES[name])
        short[name] = float(np.mean([row["missing"] for row in rows]))
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    return dict(sorted(short.items(), key=lambda item: item[1]))


def differences(by_source):
    """Every loss against DPO, seed by seed: mean and 95 % interval, right is better.

    Above by J at beta = 1, below by the reward at equal KL; a column a source. Means
    left of the panel become an arrow and a number. Returns {(measure, source): names
    whose interval lies above 0, and below 0}.
    """
    _, panels = style.figure(10.4, 8.0, 2, len(by_source), sharex="row", sharey=True)
    verdicts = {}
    for row, measure in zip(panels, MEASURES, strict=True):
        for panel, (source, by_name) in zip(row, by_source.items(), strict=True):
            verdicts[measure, source] = _against_dpo(panel, by_name, measure)
            style.name_axes(panel, LABELS[measure], "", source)
    return verdicts


def gained(rows, others, measure):
    """(mean, half-width) of how much better rows are than others, seed by seed."""
    return paired_difference(*((others, rows)[:: MEASURES[measure]]), measure)


def _against_dpo(panel, by_name, measure):
    """One panel; the names whose interval lies above 0, and below 0."""
    names = [name for name in by_name if name != "DPO"][::-1]
    pairs = [gained(by_name[name], by_name["DPO"], measure) for name in names]
    for place, (name, (mean, half)) in enumerate(zip(names, pairs, strict=True)):
        _interval(panel, name, mean, half, place)
    panel.axvline(0, **style.line("reference"))
    panel.set(xlim=(LEAST, MOST))
    panel.set_yticks(range(len(names)), names)
    above = [n for n, (m, h) in zip(names, pairs, strict=True) if m > h]
    below = [n for n, (m, h) in zip(names, pairs, strict=True) if m < -h]
    return above[::-1], below[::-1]


def _interval(panel, name, mean, half, place):
    """Mark and interval of one loss, or what points at them from the panel's edge."""
    if mean > LEAST:
        panel.errorbar(mean, place, xerr=half, capsize=3, **_look(name, markersize=6))
    else:
        arrow = {"arrowstyle": "->", "color": style.INK}
        text = f"{mean:.2f} ± {half:.2f}"
        panel.annotate(
            text, (LEAST, place), (LEAST + 0.06, place), va="center", arrowprops=arrow
        )


def _look(name, **override):
    """The color of a loss and the marker of its kind."""
    color, marker = LOOK[name]["color"], MARKERS.get(name, "o")
    return {"color": color, "linestyle": "none", "marker": marker} | override


def _named(axes, name, kl, reward, shift):
    """A large mark, and its name at the end of a thin line."""
    axes.plot(kl, reward, **_look(name, markersize=9))
    line = {"arrowstyle": "-", "color": style.INK, "linewidth": 0.8}
    look = {"textcoords": "offset points", "fontsize": 13, "arrowprops": line}
    axes.annotate(name, (kl, reward), shift, **look)


def _frontier(axes, frontier):
    """The frontier, its name, and what the markers mean."""
    kl, reward = frontier
    axes.plot(kl, reward, **style.line("reference", linestyle="-"))
    at = np.searchsorted(kl, 1.2)
    style.mark(axes, r"all $\pi^*_\beta$", (kl[at], reward[at]), (0.75, 3.0))
    for marker, kind in KINDS.items():
        axes.plot([], [], marker, color=style.INK, label=kind)
    axes.legend(loc="lower right")

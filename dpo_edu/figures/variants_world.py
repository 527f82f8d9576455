"""The pictures of chapter 14, part two: all losses on the world, five seeds each."""

import numpy as np

from . import style
from .intervals import paired_difference
from .variants import LOOK

MARKERS = {"SimPO": "v", "ORPO": "v", "KTO": "P"}  # no reference; no pairs; others "o"
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
    _named(axes, {n: (row["kl"], row["reward"]) for n, row in measured.items()})
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
    short, means = {}, {}
    for name, rows in by_name.items():
        kl, reward = (np.array([row[key] for row in rows]) for key in ("kl", "reward"))
        axes.plot(kl, reward, **_look(name, markersize=3.5))
        means[name] = kl.mean(), reward.mean()
        short[name] = float(np.mean([row["missing"] for row in rows]))
    _named(axes, means)
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    return dict(sorted(short.items(), key=lambda item: item[1]))


def differences(by_source):
    """Every loss against DPO, seed by seed: mean and 95 % interval, right is better.

    Left by J at beta = 1, right by the reward at equal KL; a row a source. Means left
    of the panel become an arrow and a number. Returns {(source, measure): names whose
    interval lies above 0, and below 0}.
    """
    height, shape = 4.0 * len(by_source), (len(by_source), len(MEASURES))
    _, panels = style.figure(10.4, height, *shape, sharey="row", squeeze=False)
    verdicts = {}
    for row, (source, by_name) in zip(panels, by_source.items(), strict=True):
        for panel, (measure, label) in zip(row, LABELS.items(), strict=True):
            verdicts[source, measure] = _against_dpo(panel, by_name, measure)
            title = f"{source}: {label}"
            style.name_axes(panel, "difference from DPO", "", title)
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


def _named(axes, places):
    """A large mark at each place, and a thin line to its name in a column beside."""
    line = {"arrowstyle": "-", "color": style.INK, "linewidth": 0.6}
    look = {"textcoords": "axes fraction", "va": "center", "annotation_clip": False}
    from_above = sorted(places, key=lambda name: -places[name][1])
    heights = np.linspace(0.97, 0.03, len(places))
    for name, height in zip(from_above, heights, strict=True):
        axes.plot(*places[name], **_look(name, markersize=9))
        axes.annotate(name, places[name], (1.06, height), arrowprops=line, **look)


def _frontier(axes, frontier):
    """The frontier and its name."""
    kl, reward = frontier
    axes.plot(kl, reward, **style.line("reference", linestyle="-"))
    at = np.searchsorted(kl, 1.2)
    style.mark(axes, r"all $\pi^*_\beta$", (kl[at], reward[at]), (0.75, 3.0))

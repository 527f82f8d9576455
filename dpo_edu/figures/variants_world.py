"""The pictures of chapter 14, part two: all losses on the world, seed by seed."""

import numpy as np

from . import style
from .intervals import paired_difference
from .variants import LOOK

MARKERS = {"SimPO": "v", "ORPO": "v", "KTO": "P", "SFT": "X"}  # no reference; no pairs
OPEN = ("LN-DPO", "RPO", "DPOP")  # pairs and a reference, and more than the gap
FARTHEST = 0.35  # from DPO that a mark is drawn; beyond, an arrow and a number
BETTER = {"share": 1, "missing": -1}  # 1: more is better, -1: less is


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


def differences(panels, comparisons: int):
    """Every loss against DPO, seed by seed: mean and 95 % interval, right is better.

    panels: {title: (measure, {name: rows})}, DPO among the names. comparisons: so many
    intervals hold at once. Returns {title: names whose interval lies above 0, and
    below 0}.
    """
    found = {
        title: [
            (name, *gained(rows, by_name["DPO"], measure, comparisons))
            for name, rows in [*by_name.items()][::-1]  # from below
            if name != "DPO"
        ]
        for title, (measure, by_name) in panels.items()
    }
    height = 1.3 + 0.27 * max(map(len, found.values()))
    _, columns = style.figure(10.4, height, columns=len(panels), squeeze=False)
    for panel, (title, gains) in zip(columns[0], found.items(), strict=True):
        _against_dpo(panel, gains)
        style.name_axes(panel, "difference from DPO", "", title)
    return {title: _verdict(gains[::-1]) for title, gains in found.items()}


def gained(rows, others, measure, comparisons: int):
    """(mean, half-width) of how much better rows are than others, seed by seed."""
    return paired_difference(
        *(rows, others)[:: BETTER[measure]], measure, comparisons=comparisons
    )


def _verdict(gains):
    """The names whose interval lies above 0, and those whose lies below."""
    above = [name for name, mean, half in gains if mean > half]
    return above, [name for name, mean, half in gains if mean < -half]


def _against_dpo(panel, gains):
    """One panel; gains: (name, mean, half-width), the lowest row first."""
    for place, gain in enumerate(gains):
        _interval(panel, place, *gain)
    ends = np.array([(mean - half, mean + half) for _, mean, half in gains])
    panel.axvline(0, **style.line("reference"))
    panel.set_xlim(
        max(-FARTHEST, min(-0.1, ends.min() - 0.02)),
        min(FARTHEST, max(0.1, ends.max() + 0.02)),
    )
    panel.set_ylim(-0.6, len(gains) - 0.4)
    panel.set_yticks(range(len(gains)), [name for name, *_ in gains])


def _interval(panel, place, name, mean, half):
    """Mark and interval of one loss, or what points at them from the panel's edge."""
    if abs(mean) < FARTHEST:
        panel.errorbar(mean, place, xerr=half, capsize=3, **_look(name, markersize=6))
    else:
        edge = FARTHEST * np.sign(mean)
        arrow = {"arrowstyle": "->", "color": style.INK}
        look = {"va": "center", "ha": "left" if mean < 0 else "right"}
        text = f"{mean:.2f} ± {half:.2f}"
        panel.annotate(
            text, (edge, place), (0.8 * edge, place), arrowprops=arrow, **look
        )


def _look(name, **override):
    """The color of a loss, and a marker that it shares with none of that color."""
    color = LOOK[name]["color"] if name in LOOK else style.INK
    face = "white" if name in OPEN else color
    look = {"color": color, "markerfacecolor": face, "markeredgewidth": 1.6}
    return look | {"linestyle": "none", "marker": MARKERS.get(name, "o")} | override


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

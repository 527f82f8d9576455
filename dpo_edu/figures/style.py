"""One look for all figures: a color, a line and a marker bound to each role.

A role (reference, policy, chosen, ...) looks the same in every chapter and is told
apart without color too: by dashes, marker or hatching. Colors are those of Okabe and
Ito, chosen to stay distinct under the common color deficiencies. All settings are
explicit; no named matplotlib style is used. This module knows nothing of DPO.
"""

import os
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SLIDES = "DPO_EDU_SLIDES"
"""Environment variable: when set to 1, figures are drawn at projector resolution."""


class Role(NamedTuple):
    """How one actor of the course is drawn, in color and without it."""

    color: str
    line: str | tuple
    marker: str
    hatch: str


ROLES = {
    "reference": Role("#6B6B6B", "--", "s", "//"),  # the frozen model pi_ref
    "policy": Role("#0072B2", "-", "o", ""),  # the model being trained, or a fit
    "optimal": Role("#E69F00", "-.", "D", "xx"),  # pi*, or the exact answer
    "chosen": Role("#009E73", "-", "^", ""),  # y_w, the winner
    "rejected": Role("#D55E00", ":", "v", "\\\\"),  # y_l, the loser
    "reward": Role("#CC79A7", "-", "P", ".."),  # true rewards, the world
    "other": Role("#56B4E9", (0, (5, 1, 1, 1, 1, 1)), "X", "--"),  # whatever else
}
INK, GRID = "#222222", "#DDDDDD"
DARK = {  # the same hues on dark paper, each 4.5 to 1 or more against it
    "reference": "#9A9A9A",
    "policy": "#4AA3DF",
    "optimal": "#E69F00",
    "chosen": "#2FC093",
    "rejected": "#F2803F",
    "reward": "#D992BA",
    "other": "#56B4E9",
}
DARK_INK, DARK_GRID, DARK_PAPER = "#E8E6E1", "#30353C", "#14171B"
BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}

SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # shipped with matplotlib: the same on every machine
    "font.size": 14,
    "axes.titlesize": 15,
    "axes.labelsize": 14,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "legend.fontsize": 13,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "lines.markersize": 7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.color": "white",
    "hatch.linewidth": 1.2,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "svg.hashsalt": "dpo_edu",
}

DARK_SETTINGS: dict[Any, Any] = {
    **dict.fromkeys(("figure.facecolor", "savefig.facecolor"), DARK_PAPER),
    "axes.facecolor": DARK_PAPER,
    "grid.color": DARK_GRID,
    **{name: DARK_INK for name, value in SETTINGS.items() if value == INK},
}


def dots_per_inch() -> int:
    """Return 100 for a notebook and 200 for slides (``DPO_EDU_SLIDES=1``)."""
    return 200 if os.environ.get(SLIDES) == "1" else 100


def figure(
    width: float = 7.5,
    height: float = 4.0,
    rows: int = 1,
    columns: int = 1,
    dark: bool = False,
    **subplots,
) -> tuple[Figure, Any]:
    """Open a figure of ``width`` by ``height`` inches in the style of the course.

    Returns the figure and its axes (an array of axes when there are several). ``dark``
    is for pages with a dark background. ``subplots`` goes to ``plt.subplots``, for
    instance ``sharey=True``.
    """
    plt.rcParams.update(SETTINGS | DARK_SETTINGS if dark else SETTINGS)
    return plt.subplots(
        rows, columns, figsize=(width, height), dpi=dots_per_inch(), **subplots
    )


def color(role: str, dark: bool = False) -> str:
    """Return the color of ``role`` on light or on dark paper."""
    return DARK[role] if dark else ROLES[role].color


def line(role: str, **override) -> dict:
    """Return the keywords with which ``axes.plot`` draws a line of ``role``."""
    look = ROLES[role]
    return {"color": look.color, "linestyle": look.line} | override


def points(role: str, **override) -> dict:
    """Return the keywords with which ``axes.plot`` draws lone markers of ``role``."""
    look = ROLES[role]
    return {"color": look.color, "linestyle": "none", "marker": look.marker} | override


def bars(role: str, **override) -> dict:
    """Return the keywords with which ``axes.bar`` or ``hist`` fills the bars."""
    look = ROLES[role]
    return {"color": look.color, "hatch": look.hatch, "edgecolor": "white"} | override


def name_axes(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Label both axes, units in the label, and say the message in the title."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title, loc="left", fontweight="bold")


def mark(axes: Axes, text: str, at: tuple, to: tuple) -> None:
    """Write ``text`` at ``to`` with a thin arrow to the point ``at`` (data units)."""
    arrow = {"arrowstyle": "->", "color": INK, "linewidth": 1.2}
    axes.annotate(text, xy=at, xytext=to, arrowprops=arrow, fontsize=13)

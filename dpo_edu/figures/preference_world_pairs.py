"""Chapter 10, how pairs are made: what picking them does to their reward gaps."""

import numpy as np

from ..bradley_terry import sigmoid
from . import style


def ways(gaps):
    """Shares of the gaps for some ways of making pairs, bars side by side.

    gaps: {way: (N,) gaps >= 0 in points}, two of them. Returns, for each way, the
    share of ties, the share of pairs in which the worse response wins one Bradley-Terry
    verdict (an upset), and the mean information p (1 - p).
    """
    _, axes = style.figure(7.4, 3.6)
    roles = zip(gaps.items(), ("reference", "chosen"), (-0.3, 0.3), strict=True)
    for (name, gap), role, shift in roles:
        values, counts = np.unique(gap, return_counts=True)
        height = counts / len(gap)
        bars = axes.bar(values + shift, height, 0.55, label=name, **style.bars(role))
        axes.bar_label(bars, fmt="%.2f", fontsize=11)
    axes.set_xticks(np.arange(0, 6.1, 1.5))
    axes.set_ylim(0, 0.62)
    axes.legend(loc="upper right")
    title = "Picking extremes leaves few ties"
    style.name_axes(axes, "reward gap (points)", "share of pairs", title)
    return {name: _verdicts(gap) for name, gap in gaps.items()}


def _verdicts(gap):
    """Share of ties, share of upsets, mean information of one verdict."""
    right, tie = sigmoid(gap), gap == 0
    upset = np.where(tie, 0, 1 - right)
    return tie.mean(), upset.mean(), (right * (1 - right)).mean()

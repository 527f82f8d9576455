"""The pictures of chapter 12's runs at beta 1: what more epochs and more pairs bring.

They take the stored results as they are. Several seeds are a mean and a range.
"""

import numpy as np

from . import style

ROLES = {"DPO": "policy", "exact": "reward"}
NAMES = {"exact": "RM's optimum"}  # of the reward model
PAIRS = 5_000


def pick(runs, **wanted):
    """The runs in which all these columns have these values."""
    return [run for run in runs if all(run[k] == v for k, v in wanted.items())]


def usual(results, method, pairs=PAIRS):
    """A method's runs at beta 1 and without more epochs, one per seed, in order."""
    runs = pick(results["runs"], method=method, beta=1.0, pairs=pairs)
    least = min(run["extra"] for run in runs)
    return sorted(pick(runs, extra=least), key=lambda run: run["seed"])


def spread(runs, name):
    """(mean, least, most) of a column over the seeds."""
    column = np.array([run[name] for run in runs])
    return float(column.mean()), float(column.min()), float(column.max())


def _means(axes, x, groups, name, role, **look):
    """The mean of a column, one group of runs for each x, with its range."""
    mean, least, most = np.array([spread(runs, name) for runs in groups]).T
    style_of = style.ROLES[role]
    axes.plot(x, mean, **style.line(role, marker=style_of.marker), **look)
    axes.vlines(x, least, most, color=style_of.color, linewidth=1.5)
    return mean.tolist()


def compute(results):
    """Share of the attainable improvement against passes: 5,000 pairs, beta 1.

    Returns {method: mean shares}, fewest passes first.
    """
    _, axes = style.figure(5.8, 2.8)
    runs, means = pick(results["runs"], beta=1.0, pairs=PAIRS), {}
    for shift, (method, role) in zip((-3, 3), ROLES.items(), strict=True):
        mine = pick(runs, method=method)
        paid = sorted({run["passes"] for run in mine})
        groups = [pick(mine, passes=each) for each in paid]
        label = NAMES.get(method, method)
        places = [each / 1000 + shift for each in paid]  # side by side
        means[method] = _means(axes, places, groups, "share", role, label=label)
    axes.set_xticks([300, 600])
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=11)
    title = "Twice the passes, the same 5,000 pairs"
    style.name_axes(axes, "thousand passes", "share", title)
    return means


def pairs_needed(results):
    """Share against number of pairs, beta 1. Returns {method: mean shares}."""
    _, axes = style.figure(5.0, 2.6)
    counts = sorted({run["pairs"] for run in results["runs"]})
    means = {}
    for method in ("DPO", "exact"):
        groups = [usual(results, method, pairs=count) for count in counts]
        label = NAMES.get(method, method)
        means[method] = _means(
            axes, counts, groups, "share", ROLES[method], label=label
        )
    axes.axhline(0, **style.line("reference", linewidth=1.2))
    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.legend(loc="lower right")
    title = "More pairs, the same methods"
    style.name_axes(axes, "pairs, one verdict each", "share", title)
    return means

"""The pictures of chapter 12's runs: reward bought with KL, with pairs, with passes.

They take the stored results as they are. Several seeds are a mean and a range.
"""

import numpy as np

from ..boltzmann.frontier import beta_sweep
from . import style

ROLES = {"DPO": "policy", "PPO": "rejected", "REINFORCE": "chosen", "exact": "reward"}
NAMES = {"exact": "reward model's optimum"}
USUAL = {"DPO": 0, "exact": 0, "PPO": 300_000, "REINFORCE": 300_000}  # extra passes
PAIRS, BETAS = 5_000, (2.0, 1.0, 0.5)


def pick(runs, **wanted):
    """The runs in which all these columns have these values."""
    return [run for run in runs if all(run[k] == v for k, v in wanted.items())]


def usual(results, method, beta=1.0, pairs=PAIRS):
    """A method's runs, one a seed: DPO's ten epochs, or RL with 300,000 passes."""
    wanted = {"beta": beta, "pairs": pairs, "extra": USUAL[method]}
    return pick(results["runs"], method=method, **wanted)


def spread(runs, name):
    """(mean, least, most) of a column over the seeds."""
    column = np.array([run[name] for run in runs])
    return float(column.mean()), float(column.min()), float(column.max())


def methods(results, ref_logp, reward):
    """Left: reward against KL under the exact frontier. Right: each run's distance.

    All from 5,000 pairs, at beta 2, 1 and 0.5, RL at 1 alone; best-of-N by the same
    reward model.
    Returns {method: {beta: (mean, least, most) nats off the frontier}}.
    """
    _, (plane, off) = style.figure(7.2, 3.3, columns=2, width_ratios=(2, 1))
    curve = beta_sweep(ref_logp, reward, np.geomspace(0.1, 40, 120))
    label = r"frontier: all exact $\pi^*$"
    axes = curve.kl.mean(-1), curve.reward.mean(-1)
    plane.plot(*axes, **style.line("optimal"), label=label)
    _best_of_n(plane, pick(results["best"], judge="reward model"))
    found = {}
    for place, method in enumerate(ROLES):
        found[method] = {}
        for column, beta in enumerate(BETAS):
            runs = usual(results, method, beta)
            if runs:
                x = column + 0.18 * (place - 1.5)
                found[method][beta] = _seeds(plane, off, runs, x)
    plane.set_ylim(0.4, 3.05)
    plane.legend(loc="lower right", fontsize=10)
    title = "5,000 pairs: none on the frontier"
    style.name_axes(plane, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    off.set_xticks(range(len(BETAS)), [f"{beta:g}" for beta in BETAS])
    off.set_ylim(0, None)
    style.name_axes(off, r"$\beta$", "nats off the frontier", "Each mark a seed")
    return found


def _seeds(plane, off, runs, x):
    """Mean and range of the runs in the plane; their distances at ``x`` beside it."""
    method, beta = runs[0]["method"], runs[0]["beta"]
    role, label = ROLES[method], NAMES.get(method, method) if beta == 1 else None
    (kl, *wide), (reward, *high) = (
        spread(runs, name) for name in ("kl_from_reference", "reward")
    )
    plane.plot(wide, [reward] * 2, [kl] * 2, high, color=style.ROLES[role].color)
    plane.plot(kl, reward, **style.points(role, markersize=8), label=label)
    away = [run["nats_off_frontier"] for run in runs]
    look = style.points(role, markersize=5)
    off.plot([x] * len(away), away, **look)
    return spread(runs, "nats_off_frontier")


def _best_of_n(axes, answers):
    """Best of N as a line of crosses, the Ns beside them."""
    counts = sorted({run["n"] for run in answers})
    groups = [pick(answers, n=n) for n in counts]
    names = "kl_from_reference", "reward"
    spots = [[spread(runs, name)[0] for name in names] for runs in groups]
    look = style.line("other", linewidth=1, marker="X", markersize=5)
    axes.plot(*np.array(spots).T, **look, label="best of N by the reward model")
    for n, spot in zip(counts, spots, strict=True):
        name, shift = ("N = 1", (9, 1)) if n == 1 else (str(n), (9, -12))
        axes.annotate(name, spot, shift, textcoords="offset points", fontsize=11)


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
    for shift, (method, role) in zip((-6, 0, 6, 12), ROLES.items(), strict=True):
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

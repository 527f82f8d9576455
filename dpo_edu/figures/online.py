"""The pictures of chapter 15: what rounds cover, where they lead, what they err."""

import numpy as np

from ..boltzmann import optimal_logp
from ..divergence import kl_from_logs
from . import style

LEVELS = (-3.0, -1.5, 0.0, 1.5, 3.0)


def means(runs, name):
    """One column of several runs, one a seed: (seeds, rows that have it)."""
    return np.array([[row[name] for row in rows if name in row] for rows in runs])


def spread(axes, runs, name, role, label=None):
    """The mean over seeds as a line, each seed as marks; returns the last mean."""
    values = means(runs, name)
    steps = [row["step"] for row in runs[0] if name in row]
    axes.plot(steps, values.mean(0), **style.line(role), label=label)
    axes.plot(steps, values.T, **style.points(role, markersize=3))
    axes.set_xticks([row["step"] for row in runs[0]])
    return float(values.mean(0)[-1])


def levels(world, ref_logp, best_logp):
    """Probability of each level of reward, reference beside pi*; returns both tops."""
    _, axes = style.figure(5.6, 2.8)
    tops = []
    for shift, logp, role, label in (
        (-0.2, ref_logp, "reference", "reference: what pairs show"),
        (0.2, best_logp, "optimal", r"$\pi^*$: what is wanted"),
    ):
        share = [np.exp(logp)[world.reward == r].sum() / len(logp) for r in LEVELS]
        axes.bar(np.arange(5) + shift, share, 0.4, **style.bars(role), label=label)
        tops.append(share[-1])
    axes.set_xticks(range(5), [f"{level:g}" for level in LEVELS])
    axes.legend(loc="upper left")
    style.name_axes(axes, "true reward", "probability", "Pairs show what is not wanted")
    return tops


def rounds(results, arms):
    """Coverage of each round's new pairs, and the objective reached, five seeds each.

    arms: {arm: role}. Returns the objective at the end of each, averaged.
    """
    _, (left, right) = style.figure(9.0, 3.3, columns=2)
    ends = []
    for name, role in arms.items():
        spread(left, results[name], "covered", role, name)
        ends.append(spread(right, results[name], "objective", role))
    offline = means(results["offline"], "objective")
    look = style.line("reference")
    covered = means(results["offline"], "covered").mean()
    left.axhline(covered, **look, label="offline")
    right.axhline(offline[:, -1].mean(), **look)
    best = offline.max(axis=1).mean()
    look = style.line("reference", linewidth=1, linestyle=":")
    right.axhline(best, **look)
    above = {"textcoords": "offset points", "fontsize": 11}
    right.annotate("offline, best moment", (0, best), (0, 4), **above)
    left.legend(fontsize=11, loc="upper left")
    left.set_ylim(0, 1.3)
    title = "Pairs with a best answer"
    style.name_axes(left, "after round", "share of the new pairs", title)
    style.name_axes(right, "after round", r"J at $\beta$ = 0.5", "Objective")
    return ends


def soft_rounds(results, ref_logp, reward, beta):
    """Both kinds of rounds, exact and learned: KL to the reference; distance between.

    Returns the last distances to the exact policy: (fixed, moving).
    """
    _, (left, right) = style.figure(9.0, 3.2, columns=2)
    ends, numbers = [], np.arange(1, 7)
    for kind, role, column, power in (
        ("fixed", "reference", "kl_to_fixed", 0),
        ("moving", "policy", "kl_to_moved", 1),
    ):
        runs = [rows[1:] for rows in results[f"soft, {kind}"]]
        exact = [optimal_logp(ref_logp, reward, beta / k**power) for k in numbers]
        spent = kl_from_logs(np.array(exact), ref_logp).mean(axis=-1)
        left.plot(numbers, spent, **style.line("optimal"))
        spread(left, runs, "kl_from_reference", role, f"{kind} reference")
        ends.append(spread(right, runs, column, role))
    left.annotate(r"exact $\pi^*_{\beta/k}$", (4.7, 1.15))
    left.annotate(r"exact $\pi^*_\beta$", (4.7, 0.4))
    left.legend(fontsize=11, loc="upper left")
    left.set_ylim(0, 2.6)
    right.set_ylim(0)
    style.name_axes(left, "after round", "KL to first reference", "Where rounds lead")
    style.name_axes(right, "after round", r"KL to exact $\pi^*$", "What they get wrong")
    return ends

"""The pictures of chapter 12: what samples say of a gradient, and how noisily."""

import numpy as np
import torch

from ..policy_gradient import clipped_objective, penalized_reward
from ..policy_gradient.moments import one_sample_variance, optimal_baseline
from . import style


def baselines(logp, reward):
    """Trace-variance against the baseline: a parabola. Returns it at 0, mean, best."""
    _, axes = style.figure(5.2, 2.7)
    best, mean = optimal_baseline(logp, reward), float(logp.exp() @ reward)
    line = np.linspace(-0.6, 3.4, 100)
    curve = [one_sample_variance(logp, reward, b) for b in line]
    axes.plot(line, curve, **style.line("policy"))
    found = []
    for b, role, label in (
        (0.0, "rejected", "none"),
        (mean, "reward", r"the mean, E$_\pi$[r]"),
        (best, "optimal", "the best"),
    ):
        found.append(one_sample_variance(logp, reward, b))
        axes.plot(b, found[-1], **style.points(role, markersize=11), label=label)
    axes.set_ylim(0, None)
    axes.legend(loc="upper center")
    title = "Same mean for every b, not the same noise"
    style.name_axes(axes, "baseline b", "trace-variance", title)
    return found


def noise_on_the_way(ref_logp, best_logp, reward, beta):
    """Trace-variance from the reference to pi*, with and without a baseline.

    The policies between are ref^(1-t) pi*^t, normalized. Returns the two ends of each.
    """
    _, axes = style.figure(5.2, 2.6)
    way, rows = np.linspace(0, 1, 41), []
    for t in way:
        logp = torch.as_tensor((1 - t) * ref_logp + t * best_logp).log_softmax(-1)
        worth = penalized_reward(logp, ref_logp, reward, beta)
        mean = float(logp.exp() @ worth)
        rows.append([one_sample_variance(logp, worth, b) for b in (0.0, mean)])
    plain, centered = np.transpose(rows)
    axes.plot(way, plain, **style.line("rejected"), label="no baseline")
    axes.plot(way, centered, **style.line("policy"), label="mean baseline")
    axes.set_ylim(0, None)
    axes.set_xticks([0, 1], [r"$\pi_{ref}$", r"$\pi^*$"])
    axes.legend()
    title = r"At $\pi^*$ all samples are worth the same"
    style.name_axes(axes, "the way to the optimum", "trace-variance", title)
    return plain[[0, -1]], centered[[0, -1]]


def _name_line(axes, label, role, spot, shift):
    """Write a line's name beside one of its points, moved by ``shift`` points."""
    look = {"color": style.ROLES[role].color, "fontsize": 11}
    axes.annotate(label, spot, shift, textcoords="offset points", **look)


def clip(epsilon):
    """PPO's objective of one sample against its ratio, for A = 1 and A = -1.

    Returns the objective at ratios 0.5 and 1.5, for both.
    """
    _, axes = style.figure(5.0, 2.9)
    ratios, found = np.linspace(0, 2, 101), []
    for advantage, role, spot in (
        (1, "chosen", (1.7, 0.7)),
        (-1, "rejected", (0, -0.6)),
    ):
        kept = [float(clipped_objective(x, advantage, epsilon)) for x in ratios]
        axes.plot(ratios, advantage * ratios, **style.line("reference", linewidth=1.2))
        axes.plot(ratios, kept, **style.line(role))
        _name_line(axes, f"A = {advantage:+d}", role, spot, (0, 0))
        found.append((kept[25], kept[75]))
    _name_line(axes, "no clip", "reference", (1.34, 1.65), (0, 0))
    axes.plot([1, 1], [1, -1], **style.points("policy"))
    axes.set_xticks([0, 0.5, 0.8, 1, 1.2, 1.5, 2])
    style.mark(axes, "a batch's first step", at=(1, 1), to=(0.05, 1.7))
    title = "Flat only where going on would pay"
    style.name_axes(axes, r"ratio $\pi/\pi_{old}$", "objective", title)
    return found


def four_ways(exact, estimators):
    """Mean and standard deviation of each estimator; {label: (Moments, role)}.

    The first coordinate is drawn, around the exact gradient. Returns the biases.
    """
    _, axes = style.figure(6.2, 2.9)
    axes.axvline(exact, **style.line("optimal"))
    axes.text(exact + 0.006, -0.75, "exact gradient", fontsize=12)
    for height, (each, role) in enumerate(estimators.values()):
        mean, deviation = float(each.mean[0]), float(each.variance[0].clamp(0).sqrt())
        ends = [mean - deviation, mean + deviation]
        axes.plot(ends, [height, height], **style.line(role))
        axes.plot(mean, height, **style.points(role, markersize=9))
    axes.set_yticks(range(len(estimators)), estimators)
    axes.set_ylim(len(estimators) - 0.5, -1.2)  # the first on top
    title = "Relaxing may turn the sign"
    style.name_axes(axes, "estimate of the gradient in z", "", title)
    return [float(each.mean[0]) - exact for each, _ in estimators.values()]

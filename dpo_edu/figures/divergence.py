"""The pictures of chapter 03: both directions of KL, and what samples say about it."""

import numpy as np

from ..divergence import (
    bell_family,
    estimator_moments,
    forward_projection,
    kl_divergence,
    kl_estimates,
    likeliest_event,
    pinsker_bound,
    reverse_projection,
)
from . import style

POINTS = np.linspace(-9, 9, 361)
CENTERS = np.linspace(-5, 5, 201)
ESTIMATORS = ("reference", "other", "policy")  # the looks of k1, k2, k3


def two_humps():
    """A distribution on ``POINTS`` with a large hump at -2 and a smaller one at 2."""
    return np.array([0.65, 0.35]) @ bell_family(POINTS, [-2.0, 2.2], width=0.7)


def contributions(p, q):
    """What each outcome adds to KL(p || q) and to KL(q || p); returns the two sums."""
    _, axes = style.figure(8.0, 3.6, columns=2, width_ratios=(2, 3))
    place, log_ratio = np.arange(len(p)), np.log(p) - np.log(q)
    heights = (p, q), (p * log_ratio, -q * log_ratio)
    names = ("p", "q"), ("to KL(p‖q)", "to KL(q‖p)")
    for ax, pair, labels in zip(axes, heights, names, strict=True):
        for shift, role, height, label in zip(
            (-0.2, 0.2), ("policy", "optimal"), pair, labels, strict=True
        ):
            ax.bar(place + shift, height, 0.38, label=label, **style.bars(role))
        ax.set(xticks=place, xticklabels=["A", "B", "C"][: len(p)])
        ax.legend()
    axes[1].axhline(0, color=style.INK, linewidth=1)
    style.name_axes(axes[0], "answer", "probability", "Two models")
    style.name_axes(axes[1], "answer", "share of KL (nats)", "Terms of both signs")
    return tuple(height.sum() for height in heights[1])


def projections(widths):
    """The bell nearest to ``two_humps`` in either direction of KL, of these widths.

    Returns (center, width) of the best bell for forward and for reverse KL.
    """
    _, axes = style.figure(9.0, 3.6, columns=2, sharey=True)
    target = two_humps()
    family = np.concatenate([bell_family(POINTS, CENTERS, width) for width in widths])
    best = forward_projection(target, family), reverse_projection(target, family)
    titles = "Forward KL(target‖bell) covers", "Reverse KL(bell‖target) picks"
    for ax, row, title in zip(axes, best, titles, strict=True):
        draw_target(ax, target)
        ax.plot(POINTS, family[row], **style.line("policy"), label="best bell")
        style.name_axes(ax, "y", "", title)
    axes[0].set_ylabel("P(grid point)")
    axes[1].legend(loc="upper right")
    return [(CENTERS[row % len(CENTERS)], widths[row // len(CENTERS)]) for row in best]


def draw_target(axes, target):
    """Fill the area under the target."""
    look = {"color": style.ROLES["optimal"].color, "alpha": 0.35}
    axes.fill_between(POINTS, target, **look, label="target")


def bell_at(center):
    """A bell of width 1 beside the target, for a slider; both KLs in the title."""
    _, axes = style.figure()
    target, bell = two_humps(), bell_family(POINTS, [center], 1.0)[0]
    draw_target(axes, target)
    axes.plot(POINTS, bell, **style.line("policy"))
    forward, reverse = kl_divergence(target, bell), kl_divergence(bell, target)
    title = f"KL(target‖bell) {forward:.2f}, KL(bell‖target) {reverse:.2f}"
    style.name_axes(axes, "y", "P(grid point)", title)


def estimators():
    """k1, k2 and k3 of one sample against log p - log q; returns the least of each."""
    _, axes = style.figure()
    log_ratio = np.linspace(-2, 2, 201)
    values = np.stack(kl_estimates(log_ratio, 0.0))
    for k, (role, value) in enumerate(zip(ESTIMATORS, values, strict=True), start=1):
        axes.plot(log_ratio, value, **style.line(role), label=f"k{k}")
    axes.axhline(0, color=style.INK, linewidth=1)
    axes.legend(loc="upper center")
    title = "k1 takes both signs, k2 and k3 do not"
    style.name_axes(axes, "log p − log q of a sample (nats)", "estimate (nats)", title)
    return values.min(axis=1)


def estimator_histograms(p, q, samples):
    """Averages of k1, k2, k3 over rows of ``samples`` (runs, n) drawn from p.

    The dashed line is KL(p || q). Returns mean and spread of the averages, (3, 2).
    """
    _, axes = style.figure(9.0, 3.4, columns=3, sharex=True)
    logp, logq = np.log(p), np.log(q)
    averages = np.mean(kl_estimates(logp[samples], logq[samples]), axis=-1)
    exact = kl_divergence(p, q)
    means, variances = estimator_moments(p, q)
    spreads = np.sqrt(variances / samples.shape[1])
    for k, (ax, role, values) in enumerate(
        zip(axes, ESTIMATORS, averages, strict=True)
    ):
        reached = np.unique(values.round(9))  # evenly spaced: one bin for each
        bins = round(np.ptp(reached) / np.diff(reached).min()) + 1
        ax.hist(values, bins=bins, **style.bars(role, hatch="", linewidth=0))
        ax.axvline(exact, **style.line("optimal"))
        title = f"k{k + 1}: {means[k]:.3f} ± {spreads[k]:.3f}"
        style.name_axes(ax, f"average of {samples.shape[1]} (nats)", "", title)
        ax.set_yticks([])
    return np.stack([averages.mean(axis=1), averages.std(axis=1)], axis=1)


def rare_event(probability, marks):
    """How probable an event can become at each KL, and what Pinsker's bound allows.

    ``probability`` is that of the event under q. Returns both at the KLs ``marks``
    (N,), in percent, (2, N).
    """
    _, axes = style.figure()
    curves = {
        "Pinsker's bound": lambda kl: probability + pinsker_bound(kl),
        "the sharp bound": lambda kl: likeliest_event(probability, kl),
    }
    smooth, marks = np.linspace(0, 0.12, 241), np.asarray(marks)
    for role, (name, bound) in zip(("rejected", "policy"), curves.items(), strict=True):
        axes.plot(smooth, 100 * bound(smooth), **style.line(role), label=name)
        axes.plot(marks, 100 * bound(marks), **style.points(role))
    axes.axhline(100 * probability, **style.line("reference"), label="under q")
    axes.set(xlim=(0, 0.12), ylim=(0, None))
    axes.legend(loc="upper left")
    title = f"An event that q gives {100 * probability:.0f} %"
    style.name_axes(axes, "KL(p‖q) (nats)", "probability under p (%)", title)
    return np.stack([100 * bound(marks) for bound in curves.values()])

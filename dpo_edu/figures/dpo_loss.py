"""The pictures of chapter 06: what the loss sees, and what it cannot see."""

import numpy as np

from ..bradley_terry import logit
from ..dpo_loss import dpo_loss
from . import style

LOOKS = ("policy", "rejected", "optimal", "reference")


def _losses(margin, label=1.0):
    """The loss at each margin: beta = 1 and the whole gap in the chosen response."""
    zeros = np.zeros_like(margin)
    return dpo_loss(margin, zeros, zeros, zeros, 1.0, label, "none").numpy()


def loss_curve(margins):
    """-log sigmoid(margin) with pairs marked on it; margins: name to margin.

    Returns the losses of those pairs, in their order.
    """
    _, axes = style.figure(7.2, 3.7)
    smooth, at = np.linspace(-4, 4, 201), np.array(list(margins.values()))
    axes.plot(smooth, _losses(smooth), **style.line("policy"), label="DPO loss")
    axes.plot([-4, 0, 4], [4, 0, 0], **style.line("reference"), label="max(0, −m)")
    axes.plot(at, _losses(at), **style.points("optimal", markersize=9))
    for k, (name, margin) in enumerate(margins.items()):
        spot = margin, _losses(at)[k]
        style.mark(axes, name, at=spot, to=(margin + 0.8, 3.5 - 0.7 * k))
    axes.legend(loc="lower left")
    axes.set(xlim=(-4, 4), ylim=(0, 4.1))
    title = "A slope for wrong pairs, a fading tail for right ones"
    style.name_axes(axes, "margin = β × log-ratio gap (nats)", "loss (nats)", title)
    return _losses(at)


def one_step(ref, after, names):
    """Probabilities of a few responses before and after; returns the log-ratios."""
    _, axes = style.figure(6.4, 3.4)
    place, ratio = np.arange(len(names)), np.log(after) - np.log(ref)
    for shift, role, height in ((-0.2, "reference", ref), (0.2, "policy", after)):
        axes.bar(place + shift, height, 0.38, label=role, **style.bars(role))
    for k, value in enumerate(ratio):
        at = k, max(ref[k], after[k]) + 0.015
        axes.text(*at, f"log-ratio {value:+.2f}", ha="center")
    axes.set(xticks=place, xticklabels=names, ylim=(0, 0.62))
    axes.legend(loc="upper left")
    style.name_axes(axes, "", "probability", "One step: good up, vague down")
    return ratio


def what_the_loss_sees(ratios):
    """Pairs in the plane of their two log-ratios; the loss is constant on diagonals.

    ratios: name to (log-ratio of chosen, log-ratio of rejected). Returns the gaps.
    """
    _, axes = style.figure(6.6, 4.3)
    grid = np.linspace(-3.4, 2.4, 59)
    gaps = grid[None, :] - grid[:, None]  # (rejected, chosen)
    look = {"levels": range(-3, 4), "colors": style.ROLES["reference"].color}
    lines = axes.contour(grid, grid, gaps, linewidths=0.8, linestyles="-", **look)
    spots = [(gap / 2 - 1.3, -gap / 2 - 1.3) for gap in range(-3, 4)]
    axes.clabel(lines, fmt="gap %g", fontsize=12, manual=spots)
    axes.axhline(0, color=style.INK, linewidth=1)
    axes.axvline(0, color=style.INK, linewidth=1)
    chosen, rejected = np.array(list(ratios.values())).T
    axes.plot(chosen, rejected, **style.points("policy", markersize=10))
    offsets = (-48, 7), (9, 5), (9, -17), (9, 5), (9, -17)  # points, off the lines
    for (name, at), offset in zip(ratios.items(), offsets, strict=True):
        axes.annotate(name, at, offset, textcoords="offset points", weight="bold")
    for text, x, y in (("both likelier", 1.4, 2.0), ("both less likely", -2.4, -3.2)):
        axes.text(x, y, text, ha="center", style="italic")
    names = "log-ratio of chosen (nats)", "log-ratio of rejected (nats)"
    style.name_axes(axes, *names, "The loss sees the diagonal, not the place on it")
    return chosen - rejected


def two_rankings(ref_gap, gap):
    """Pairs by what the reference preferred and what the policy prefers now.

    ref_gap, gap: log(ref_w / ref_l) and log(pi_w / pi_l) of each pair. Returns the
    shares that the implicit reward, and that the policy itself, ranks right.
    """
    _, axes = style.figure(6.2, 4.0)
    axes.axline(
        (0, 0), slope=1, **style.line("reference"), label="same as the reference"
    )
    axes.axhline(0, **style.line("policy"), label="equally likely")
    axes.plot(ref_gap, gap, **style.points("other", alpha=0.8))
    style.mark(axes, "rewarded,\nstill behind", at=(-1.3, -0.8), to=(-0.2, -3.6))
    style.mark(axes, "ahead,\nnot rewarded", at=(2.4, 1.2), to=(2.0, -2.2))
    axes.set(xlim=(-4, 4), ylim=(-4, 6.5))
    axes.legend(loc="upper left")
    names = "reference: log(chosen / rejected), nats", "policy: the same, nats"
    style.name_axes(axes, *names, "Better than before, or ahead now?")
    return float(np.mean(gap > ref_gap)), float(np.mean(gap > 0))


def soft_labels(labels, beta):
    """Expected loss against gap for labels of several probabilities, minima marked.

    Returns the gaps at the minima: logit(label) / beta.
    """
    _, axes = style.figure(7.2, 3.7)
    gap, best = np.linspace(-20, 60, 401), logit(labels) / beta
    for label, lowest, look in zip(labels, best, LOOKS, strict=False):
        curve, name = _losses(beta * gap, label), f"label {label:g}"
        axes.plot(gap, curve, **style.line(look), label=name)
        if np.isfinite(lowest):
            at = np.array([lowest])
            height = _losses(beta * at, label)
            axes.plot(at, height, **style.points(look, markersize=10))
    axes.legend(loc="upper center", ncols=2)
    axes.set(xlim=(-20, 60), ylim=(0, 2.6))
    title = "A doubtful label has a lowest point, a sure one has none"
    style.name_axes(axes, "log-ratio gap (nats)", "expected loss (nats)", title)
    return best


def moved_label(label, beta):
    """``soft_labels`` for a slider: one label beside the sure one."""
    soft_labels([1.0, label], beta)


def rounded_gaps(gap, seen):
    """Gaps as bfloat16 log-probabilities give them; returns the largest error."""
    _, axes = style.figure(6.0, 3.4)
    axes.plot(gap, gap, **style.line("optimal"), label="float64")
    axes.plot(gap, seen, **style.line("rejected"), label="bfloat16")
    axes.legend(loc="upper left")
    title = "bfloat16 sees gaps of 0, 2 and 4 only"
    style.name_axes(axes, "true gap (nats)", "computed gap (nats)", title)
    return float(np.abs(seen - gap).max())


def two_objectives(theta, value, loss):
    """J and the DPO loss along policies with one parameter theta; all three (N,).

    Returns the theta where J is largest and the one where the loss is smallest.
    """
    _, (left, right) = style.figure(7.6, 3.3, columns=2)
    best = [value.argmax(), loss.argmin()]
    for axes, curve, at in ((left, value, best[0]), (right, loss, best[1])):
        axes.plot(theta, curve, **style.line("policy"))
        axes.axvline(theta[at], **style.line("optimal", linewidth=1.5))
        axes.plot(theta[at], curve[at], **style.points("optimal", markersize=10))
    style.name_axes(left, "θ", "J (reward points)", f"RLHF: θ = {theta[best[0]]:.2f}")
    style.name_axes(right, "θ", "loss (nats)", f"DPO: θ = {theta[best[1]]:.2f}")
    return theta[best]

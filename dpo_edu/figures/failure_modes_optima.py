"""The pictures of chapter 13, second half: where the optimum itself is another one."""

import numpy as np

from ..boltzmann import objective
from ..boltzmann.frontier import beta_sweep
from ..failure_modes.misspecification import line_logp
from . import style
from .failure_modes import headline
from .training import column


def over_optimization(ref_logp, reward, tracks):
    """True reward against KL along runs of several data-set sizes, under the frontier.

    tracks: {title: [rows of a seed, ...]}. Returns the mean last (KL, reward).
    """
    fig, panels = style.figure(6.9, 2.6, columns=len(tracks), sharex=True, sharey=True)
    sweep = beta_sweep(ref_logp, reward, np.geomspace(0.05, 30, 60))
    spent, earned = sweep.kl.mean(axis=-1), sweep.reward.mean(axis=-1)
    ends = {}
    for panel, (title, runs) in zip(panels, tracks.items(), strict=True):
        panel.plot(spent, earned, **style.line("optimal"))
        for rows in runs:
            path = column(rows, "kl_from_reference"), column(rows, "reward")
            panel.plot(*path, **style.line("policy", linewidth=1))
            panel.plot(*(axis[-1] for axis in path), **style.points("policy"))
        style.name_axes(panel, "KL, nats", "")
        panel.set_title(title, loc="left", fontsize=13)
        last = [(rows[-1]["kl_from_reference"], rows[-1]["reward"]) for rows in runs]
        ends[title] = np.mean(last, axis=0).round(2).tolist()
    panels[0].set_ylabel("true reward")
    style.mark(panels[-1], "frontier", (spent[12], earned[12]), (2.2, 1.2))
    headline(fig, "With few pairs, KL goes on and buys little")
    return ends


def misspecified(feature, ref_logp, reward, optima):
    """J along a line of policies, and where RLHF and DPO with several weights stop.

    optima: {name: (tilt, role)}, beta = 1. Returns J at each.
    """
    _, axes = style.figure(5.7, 2.8)
    tilts = np.linspace(-0.8, 1.6, 200)

    def value(tilt):
        return float(objective(line_logp(tilt, feature, ref_logp), ref_logp, reward, 1))

    axes.plot(tilts, [value(tilt) for tilt in tilts], color=style.INK)
    worth = {name: value(tilt) for name, (tilt, _) in optima.items()}
    for name, (tilt, role) in optima.items():
        look = style.points(role, markersize=11)
        axes.plot(tilt, worth[name], **look, label=f"{name}: {tilt:.2f}")
    axes.legend(fontsize=11, loc="lower center")
    title = "DPO's answer moves with the pairs"
    style.name_axes(axes, r"tilt $\theta$", r"J($\pi_\theta$)", title)
    return worth


def references(logs):
    """The margin that the trainer sees, and the real one, for each kind of reference.

    logs: {title: [rows of a seed, ...]}. Returns the mean last (seen, real) margin.
    """
    fig, panels = style.figure(7.0, 2.8, columns=len(logs), sharey=True)
    looks, ends = {"seen_margin": "other", "real_margin": "policy"}, {}
    for panel, (title, runs) in zip(panels, logs.items(), strict=True):
        for name, role in looks.items():
            for rows in runs:
                look = style.line(role, linewidth=1.2)
                panel.plot(column(rows, "step"), column(rows, name), **look)
        style.name_axes(panel, "step", "")
        panel.set_title(title, loc="left", fontsize=13)
        panel.set_yscale("symlog", linthresh=1)
        last = np.mean([[rows[-1][name] for name in looks] for rows in runs], axis=0)
        ends[title] = last.round(2).tolist()
        if np.isclose(*last):
            panel.annotate("seen = real", (60, 0.15), fontsize=12)
    panels[0].set_ylabel("margin, nats")
    panels[1].annotate("seen", (80, 0.15), fontsize=12)
    style.mark(panels[1], "real", (80, 4.5), (120, 1.4))
    style.mark(panels[2], "seen", (120, 1.1), (40, 4.0))
    style.mark(panels[2], "real", (100, 0.75), (100, 0.1))
    headline(fig, "Seen and real margin part where the reference moves")
    return ends

"""The pictures of chapter 13, second half: where the optimum itself is another one."""

import numpy as np

from ..boltzmann import objective
from ..frontier import beta_sweep
from ..misspecification import line_logp
from . import style
from .training import column


def reward_and_length(spots, learned):
    """True reward against expected words: several optima, and what was learned.

    spots: {name: (words, reward, role)}; learned: (seeds, 2). Returns the mean
    learned.
    """
    _, axes = style.figure(5.4, 2.8)
    for name, (words, reward, role) in spots.items():
        axes.plot(words, reward, **style.points(role, markersize=11))
        place = {"textcoords": "offset points", "ha": "center"}
        axes.annotate(name, (words, reward), (0, 11), **place)
    look = style.points("policy", markersize=6)
    axes.plot(*np.transpose(learned), **look, label="learned, 5 seeds")
    axes.legend(loc="lower left", fontsize=11)
    axes.margins(x=0.3, y=0.25)
    title = "The pool counts heads"
    style.name_axes(axes, "expected words", "first group's reward", title)
    return np.mean(learned, axis=0)


def over_optimization(ref_logp, reward, tracks):
    """True reward against KL along runs of several data-set sizes, under the frontier.

    tracks: {title: [rows of a seed, ...]}. Returns the mean last (KL, reward).
    """
    _, panels = style.figure(7.1, 2.5, columns=len(tracks), sharex=True, sharey=True)
    sweep = beta_sweep(ref_logp, reward, np.geomspace(0.05, 30, 60))
    spent, earned = sweep.kl.mean(axis=-1), sweep.reward.mean(axis=-1)
    ends = {}
    for panel, (title, runs) in zip(panels, tracks.items(), strict=True):
        panel.plot(spent, earned, **style.line("optimal"))
        for rows in runs:
            path = column(rows, "kl_from_reference"), column(rows, "reward")
            panel.plot(*path, **style.line("policy", linewidth=1, alpha=0.7))
            panel.plot(*(axis[-1] for axis in path), **style.points("policy"))
        style.name_axes(panel, "KL, nats", "", title)
        last = [(rows[-1]["kl_from_reference"], rows[-1]["reward"]) for rows in runs]
        ends[title] = np.mean(last, axis=0).round(2).tolist()
    panels[0].set_ylabel("true reward")
    style.mark(panels[-1], "frontier", (spent[12], earned[12]), (2.2, 1.2))
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
    title = "One class of policies, four answers"
    style.name_axes(axes, r"tilt $\theta$", r"J($\pi_\theta$)", title)
    return worth


def references(logs):
    """The margin that the trainer sees, and the real one, for each kind of reference.

    logs: {title: [rows of a seed, ...]}. Returns the mean last (seen, real) margin.
    """
    _, panels = style.figure(7.6, 2.5, columns=len(logs), sharey=True)
    ends = {}
    for panel, (title, runs) in zip(panels, logs.items(), strict=True):
        for name, role in (("seen_margin", "other"), ("real_margin", "policy")):
            for rows in runs:
                look = style.line(role, linewidth=1.2)
                panel.plot(column(rows, "step"), column(rows, name), **look)
        style.name_axes(panel, "step", "", title)
        panel.set_yscale("symlog", linthresh=1)
        last = [
            [rows[-1][name] for name in ("seen_margin", "real_margin")] for rows in runs
        ]
        ends[title] = np.mean(last, axis=0).round(2).tolist()
    panels[0].set_ylabel("margin, nats")
    panels[0].plot([], [], **style.line("other"), label="seen")
    panels[0].plot([], [], **style.line("policy"), label="real")
    panels[0].legend(fontsize=11)
    return ends


def foreign(policies, writers):
    """True reward against how foreign a policy sounds to the people SFT imitates.

    policies: {name: (nats (seeds,), reward (seeds,), role)}; writers: nats of their
    own text. Returns the mean nats.
    """
    _, axes = style.figure(5.4, 2.7)
    for name, (nats, reward, role) in policies.items():
        axes.plot(nats, reward, **style.points(role, alpha=0.7))
        spot = np.mean(nats), np.mean(reward)
        axes.annotate(name, spot, (11, -5), textcoords="offset points")
    axes.axvline(writers, **style.line("reference"))
    axes.margins(x=0.45, y=0.2)
    title = "The reward is learned, the language is not"
    style.name_axes(axes, "nats a response, to the writers", "true reward", title)
    return {name: float(np.mean(nats)) for name, (nats, _, _) in policies.items()}

"""The pictures of chapter 13, first half: coverage, the ledger, length, noise."""

import numpy as np

from ..boltzmann import objective
from ..divergence import kl_from_logs
from . import style


def headline(fig, text):
    """The one message of several panels, above them all."""
    fig.suptitle(text, x=0.01, ha="left", fontsize=15, fontweight="bold")


def uncompared(ref_logp, reward, loss):
    """Loss, KL and J against pi(C) when only A and B are compared, beta = 1.

    loss: of one policy, log-probabilities (3,). Returns the spread of the losses.
    """
    fig, panels = style.figure(6.9, 2.4, columns=3)
    share = np.linspace(0.001, 0.999, 200)  # of C
    ratio = np.exp(ref_logp[0] + reward[0] - ref_logp[1] - reward[1])
    first = (1 - share) * ratio / (1 + ratio)
    logp = np.log(np.stack([first, 1 - share - first, share], axis=-1))  # (200, 3)
    losses = np.array([loss(each) for each in logp])
    curves = {
        "loss, nats": losses,
        "KL, nats": kl_from_logs(logp, ref_logp),
        "J, nats": objective(logp, ref_logp, reward, beta=1.0),
    }
    for panel, (name, values) in zip(panels, curves.items(), strict=True):
        panel.plot(share, values, **style.line("policy"))
        panel.axvline(np.exp(ref_logp[2]), **style.line("reference", linewidth=1.2))
        style.name_axes(panel, r"$\pi$(C)", name)
    panels[0].set_ylim(0, 1)
    panels[0].annotate("reference", (np.exp(ref_logp[2]) + 0.05, 0.1), fontsize=12)
    headline(fig, r"The loss is the same for every $\pi$(C)")
    return float(np.ptp(losses))


def probability_of(groups, ceiling, title):
    """Bars of mean probability with a mark for every seed; a line at the optimum's.

    groups: {name: (role, values (seeds,))}. Returns the means.
    """
    _, axes = style.figure(6.2, 2.3)
    for place, (role, values) in enumerate(groups.values()):
        axes.barh(place, np.mean(values), **style.bars(role))
        axes.plot(values, [place] * len(values), **style.points("other", markersize=5))
        axes.annotate(f"{np.mean(values):.2f}", (0.9, place), va="center", ha="center")
    axes.axvline(ceiling, **style.line("optimal"))
    axes.annotate(rf"$\pi^*$ {ceiling:.2f}", (ceiling - 0.01, 2.5), ha="right")
    axes.set_yticks(range(len(groups)), list(groups))
    axes.set_xlim(0, 1)
    axes.invert_yaxis()
    style.name_axes(axes, "probability of an answer with such a word", "", title)
    return [float(np.mean(values)) for _, values in groups.values()]


def ledger(runs, roles):
    """Probability by role in the pairs: before, after, and at the optimum.

    runs: {title: {"before": (seeds, roles), "after": ..., "optimal": ...}}. Bars are
    means, marks are seeds. Returns the mean after minus before, by title.
    """
    fig, panels = style.figure(6.9, 2.6, columns=len(runs), sharey=True)
    looks = {"before": "reference", "after": "policy", "optimal": "optimal"}
    for panel, (title, run) in zip(panels, runs.items(), strict=True):
        for shift, (name, look) in zip((-0.27, 0, 0.27), looks.items(), strict=True):
            values = np.asarray(run[name])
            x = np.arange(len(roles)) + shift
            panel.bar(x, values.mean(axis=0), 0.25, **style.bars(look), label=name)
            for seed in values:
                panel.plot(x, seed, color=style.INK, linestyle="none", marker="_")
        panel.set_xticks(range(len(roles)), roles, fontsize=11)
        style.name_axes(panel, "role in the pairs", "")
        panel.set_title(title, loc="left", fontsize=13)
    panels[0].set_ylabel("probability")
    panels[0].legend()
    headline(fig, "5,000 pairs go the optimum's way, 100 do not")
    return {
        title: (np.mean(run["after"], axis=0) - np.mean(run["before"], axis=0)).round(3)
        for title, run in runs.items()
    }


def length(tastes, exact, learned, reference):
    """Expected words and true objective against the annotators' taste for words.

    exact: (2, tastes), learned: (2, tastes, seeds), reference: (2,). Returns the mean
    distance of learned to exact words.
    """
    fig, panels = style.figure(6.9, 2.6, columns=2)
    names = ("expected words", "true J, nats")
    titles = ("Length follows their taste", "The objective pays")
    for panel, line, points, base, name, title in zip(
        panels, exact, learned, reference, names, titles, strict=True
    ):
        panel.plot(tastes, line, **style.line("optimal"))
        panel.axhline(base, **style.line("reference"))
        for seed in np.transpose(points):
            panel.plot(tastes, seed, **style.points("policy", alpha=0.6, markersize=5))
        style.name_axes(panel, "", name, title)
    panels[0].set_ylim(1.5, 3.0)
    panels[0].annotate("exact optimum", (0.15, 2.62), ha="right", fontsize=12)
    panels[0].annotate("learned, 5 seeds", (1.08, 1.9), ha="right", fontsize=12)
    panels[0].annotate("reference", (-1.0, 2.24), fontsize=12)
    fig.supxlabel(r"extra reward per word, $\gamma$", fontsize=14)
    return float(np.mean(np.abs(learned[0] - np.asarray(exact[0])[:, None])))


def noise(rates, share, exact):
    """Share of the attainable improvement against the rate of flipped verdicts.

    share: (rates, seeds); exact: (rates,) with infinitely many noisy verdicts.
    Returns the mean shares.
    """
    _, axes = style.figure(5.2, 2.7)
    axes.plot(rates, exact, **style.line("optimal"), label="infinitely many verdicts")
    means = np.mean(share, axis=1)
    axes.plot(rates, means, **style.line("policy"), label="5,000 verdicts")
    for seed in np.transpose(share):
        axes.plot(rates, seed, **style.points("policy", alpha=0.6, markersize=5))
    axes.axhline(0, **style.line("reference"), label="the reference")
    axes.set_ylim(-0.1, 1.45)
    axes.legend(fontsize=11, loc="upper right")
    title = "Random noise makes timid, not wrong"
    style.name_axes(axes, "share of verdicts flipped", "share of improvement", title)
    return means


def winners(levels, weights, limits):
    """Shares of all pairs by the winner's reward; winners left of a line fall.

    levels: (L,), points; weights: {kind of pair: (P, L, L)} by prompt, winner's level
    and loser's; limits: {beta: (P,)}, the beta log Z of each prompt, in points.
    """
    fig, axes = style.figure(6.9, 3.3)
    low = np.zeros(len(levels))
    roles = ("chosen", "reference", "rejected")
    for (kind, weight), role in zip(weights.items(), roles, strict=True):
        high = weight.sum(axis=(0, 2))
        axes.bar(levels, high, 0.6, bottom=low, **style.bars(role), label=kind)
        low += high
    for (beta, limit), dashes in zip(limits.items(), (":", "-", "--"), strict=True):
        axes.axvline(limit.mean(), color=style.INK, linestyle=dashes, linewidth=1.8)
        axes.text(limit.mean(), 0.425, f"{beta:g}", ha="center", fontsize=12)
    axes.text(limit.mean() - 0.15, 0.425, "β =", ha="right", fontsize=12)
    axes.set_ylim(0, 0.42)
    axes.set_xticks(levels)
    axes.legend(loc="upper left")
    style.name_axes(axes, "true reward of the winner, points", "share of pairs")
    headline(fig, "Winners left of a line fall at the optimum for its β")

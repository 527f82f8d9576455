"""More pictures of chapter 15: a judge who slips, one with a taste, and none at all."""

import numpy as np

from ..boltzmann import expected_reward, optimal_logp
from ..divergence import kl_from_logs
from . import style
from .online import means, spread


def slips(results, names, limits):
    """Share of the improvement against the rate of slips.

    names: {rate: condition}; limits: {rate: shares}, two for each, that no number of
    labels raises: with pairs of the reference, and of the policy itself. Returns the
    means over seeds.
    """
    _, axes = style.figure(7.0, 3.6)
    low, high = np.array([*limits.values()]).T
    axes.fill_between([*limits], low, high, color=style.GRID, hatch="//")
    for edge, whose in ((high, "on pairs of the policy"), (low, "of the reference")):
        axes.plot([*limits], edge, **style.line("optimal"))
        axes.annotate(whose, (0.305, edge[-1] + (0.03 if edge is high else -0.05)))
    axes.annotate("infinitely many verdicts", (0.15, 0.86))
    shares = np.array([means(results[name], "share")[:, -1] for name in names.values()])
    axes.plot([*names], shares.mean(1), **style.line("policy", marker="o"))
    axes.plot([*names], shares, **style.points("policy", markersize=3))
    axes.annotate("4,000 verdicts", (0.02, 0.38))
    axes.set_xticks([*limits])
    axes.set_xlim(-0.02, 0.45)
    axes.set_ylim(0, 1.05)
    title = "More verdicts do not undo slips"
    style.name_axes(axes, "share of verdicts turned around", "", title)
    axes.set_ylabel("share of improvement")
    return shares.mean(1)


def applause(results, titles):
    """Wins over the reference, as the judge sees it and as people do.

    titles: {condition: title}. Returns the last (judge, people) of each.
    """
    _, panels = style.figure(9.2, 3.1, columns=len(titles), sharey=True)
    ends = []
    for panel, (name, title) in zip(panels, titles.items(), strict=True):
        people = spread(panel, results[name], "win_rate", "chosen", linewidth=4.5)
        judge = spread(panel, results[name], "judge_wins", "rejected")
        ends.append((judge, people))
        style.name_axes(panel, "after round", "", title)
    panels[0].set_ylabel("wins over reference")
    panels[-1].annotate("the judge", (2, 0.79))
    panels[-1].annotate("people", (2, 0.59))
    return ends


def selves(results, looks, ref_logp, reward):
    """True reward against KL along runs, under the exact frontier.

    looks: {condition: (role, label)}. Returns the last (KL, reward) of each, averaged.
    """
    _, axes = style.figure(8.4, 3.8)
    sweep = [optimal_logp(ref_logp, reward, beta) for beta in np.geomspace(0.2, 30, 60)]
    spent = [kl_from_logs(best, ref_logp).mean() for best in sweep]
    earned = [expected_reward(best, reward).mean() for best in sweep]
    axes.plot(spent, earned, **style.line("optimal"))
    axes.annotate("exact frontier", (1.7, 2.4), ha="right")
    ends = []
    for name, (role, label) in looks.items():
        kl, gain = (means(results[name], c) for c in ("kl_from_reference", "reward"))
        look, end = style.ROLES[role].marker, (kl.mean(0)[-1], gain.mean(0)[-1])
        drawn = style.line(role, marker=look, label=label)
        axes.plot(kl.mean(0), gain.mean(0), **drawn)
        axes.plot(kl[:, 1:], gain[:, 1:], **style.points(role, markersize=2.5))
        ends.append((float(end[0]), float(end[1])))
    axes.set_xlim(-1.8, 15.0)
    axes.legend(loc="lower right")
    title = "People's verdicts buy more reward per nat"
    style.name_axes(axes, "KL to the first reference (nats)", "true reward", title)
    return ends


def stopping(runs):
    """What a trainer sees over rounds, and the truth; returns the mean best round."""
    _, panels = style.figure(9.6, 3.4, columns=3)
    spread(panels[0], runs, "judge_wins", "rejected")
    spread(panels[1], runs, "held_out_loss", "reference")
    spread(panels[1], runs, "fresh_loss", "policy")
    panels[1].axhline(np.log(2), color=style.INK, linewidth=1, linestyle=":")
    panels[1].annotate("old pairs", (2.6, 0.97))
    panels[1].annotate("next pairs", (4.9, 0.61))
    panels[1].annotate("a coin", (-0.3, 0.72), fontsize=12)
    spread(panels[2], runs, "objective", "optimal")
    style.name_axes(panels[0], "after round", "wins over reference", "Applause: go on")
    style.name_axes(panels[1], "after round", "loss (nats)", "Losses: stop")
    style.name_axes(panels[2], "after round", r"J at $\beta$ = 0.5", "The truth")
    for panel in panels:
        panel.set_xticks(range(0, len(runs[0]), 2))
    return int(means(runs, "objective").mean(0).argmax())

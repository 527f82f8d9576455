"""More pictures of chapter 15: a judge who slips, one with a taste, and none at all."""

import numpy as np

from ..boltzmann import expected_reward, optimal_logp
from ..divergence import kl_from_logs
from . import style
from .online import means, spread


def slips(results, arms):
    """Share of the improvement against the rate of slips; arms: {rate: arm}."""
    _, axes = style.figure(5.0, 2.9)
    shares = np.array([means(results[arm], "share")[:, -1] for arm in arms.values()])
    axes.plot([*arms], shares.mean(1), **style.line("policy"))
    axes.plot([*arms], shares, **style.points("policy", markersize=4))
    axes.set_xticks([*arms])
    axes.set_ylim(0)
    title = "Slips cost, and do not mislead"
    style.name_axes(axes, "verdicts turned around", "share of improvement", title)
    return shares.mean(1)


def applause(results, titles):
    """Wins over the reference, as the judge sees it and as people do.

    titles: {arm: title}. Returns the last (judge, people) of each arm.
    """
    _, panels = style.figure(9.0, 2.9, columns=len(titles), sharey=True)
    ends = []
    for panel, (arm, title) in zip(panels, titles.items(), strict=True):
        judge = spread(panel, results[arm], "judge_wins", "rejected", "the judge")
        ends.append(
            (judge, spread(panel, results[arm], "win_rate", "chosen", "people"))
        )
        style.name_axes(panel, "after round", "", title)
    panels[0].set_ylabel("wins over reference")
    panels[-1].legend(loc="center right", fontsize=11)
    return ends


def selves(results, arms, ref_logp, reward):
    """True reward against KL along runs, under the exact frontier.

    arms: {arm: (role, label)}. Returns the last (KL, reward) of each, averaged.
    """
    _, axes = style.figure(6.2, 3.2)
    sweep = [optimal_logp(ref_logp, reward, beta) for beta in np.geomspace(0.2, 30, 60)]
    spent = [kl_from_logs(best, ref_logp).mean() for best in sweep]
    earned = [expected_reward(best, reward).mean() for best in sweep]
    axes.plot(spent, earned, **style.line("optimal"), label="exact frontier")
    ends = []
    for name, (role, label) in arms.items():
        kl, gain = (means(results[name], c) for c in ("kl_from_reference", "reward"))
        axes.plot(kl.mean(0), gain.mean(0), **style.line(role), label=label)
        axes.plot(kl.mean(0), gain.mean(0), **style.points(role))
        axes.plot(kl[:, 1:], gain[:, 1:], **style.points(role, markersize=3))
        ends.append((float(kl.mean(0)[-1]), float(gain.mean(0)[-1])))
    axes.legend(loc="lower right", fontsize=11)
    title = "Surer of itself, and no wiser"
    style.name_axes(axes, "KL to the first reference (nats)", "true reward", title)
    return ends


def stopping(runs):
    """What a trainer sees over rounds, and the truth; returns the mean best round."""
    _, panels = style.figure(9.6, 2.9, columns=3)
    spread(panels[0], runs, "judge_wins", "rejected")
    spread(panels[1], runs, "held_out_loss", "reference", "old pairs")
    spread(panels[1], runs, "fresh_loss", "policy", "its own new pairs")
    panels[1].axhline(np.log(2), color=style.INK, linewidth=1, linestyle=":")
    panels[1].legend(loc="upper left", fontsize=11)
    panels[1].set_ylim(0.55, 1.2)
    spread(panels[2], runs, "objective", "optimal")
    style.name_axes(panels[0], "after round", "wins over reference", "The judge: go on")
    style.name_axes(panels[1], "after round", "loss (nats)", "Losses: stop")
    style.name_axes(panels[2], "after round", r"J at $\beta$ = 0.5", "The truth")
    return int(means(runs, "objective").mean(0).argmax())

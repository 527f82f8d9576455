"""Chapter 12's pictures of RL on the true reward, and on one that is wrong.

Gold is the true reward, proxy the learned one, both as gains over the reference, so
that both start at 0. Rows are those of the stored lists "truth", "wrong", "roads".
"""

import numpy as np

from ..policy_gradient.cost import REINFORCE, ppo
from . import style
from .policy_gradient_rest import ROLES
from .policy_gradient_reward_kl import pick, spread

PRICE = {"REINFORCE": REINFORCE, "PPO": ppo(reuse=4)}  # passes a response


def true_reward(results):
    """Distance to the frontier against passes, true reward given, every seed.

    Returns {method: (mean, least, most) nats off the frontier at the end}.
    """
    _, axes = style.figure(4.8, 2.4)
    for method in ("REINFORCE", "PPO"):
        for run in pick(results["truth"], method=method):
            paid = [row["responses"] * PRICE[method] / 1000 for row in run["rows"]]
            off = [row["nats_off_frontier"] for row in run["rows"]]
            label = method if run["seed"] == 0 else None
            axes.semilogy(paid, off, **style.line(ROLES[method]), label=label)
    axes.set_yticks([0.03, 0.1, 0.3, 1], ["0.03", "0.1", "0.3", "1"])
    axes.minorticks_off()
    axes.legend()
    title = "With the true reward both come close"
    style.name_axes(axes, "thousand passes", "nats off the frontier", title)
    return {
        method: spread(
            [run["last"] for run in pick(results["truth"], method=method)],
            "nats_off_frontier",
        )
        for method in ("REINFORCE", "PPO")
    }


def at_passes(run, paid):
    """The row of a run at this many passes, or the last one before."""
    price = PRICE[run["method"]]
    return [row for row in run["rows"] if row["responses"] * price <= paid][-1]


def at_beta(run, beta):
    """The row of the exact optimum whose beta is nearest."""
    return min(run["exact"], key=lambda row: abs(row["beta"] - beta))


def gold_and_proxy(results, start):
    """Left: what one reward model promises and what is true. Right: with its control.

    ``start`` is the reference's true reward. Returns, for each of the two lists of
    pairs, the gold at its highest and at the end of the exact optima, for every seed.
    """
    _, (left, right) = style.figure(6.6, 2.9, columns=2)
    (first,) = pick(results["wrong"], seen="praise", seed=0)
    (path,) = pick(results["roads"], seen="praise", seed=0)
    _both(left, path["REINFORCE"], start, "REINFORCE", {"linewidth": 2.2})
    _both(left, first["exact"], start, "exact", {"linewidth": 1, "marker": "."})
    for seen, role, label in (
        ("all", "chosen", "pairs of everything"),
        ("praise", "rejected", "pairs of praise"),
    ):
        for run in pick(results["wrong"], seen=seen):
            name = label if run["seed"] == 0 else None
            kl, gold = _column(run["exact"], "kl"), _column(run["exact"], "gold")
            right.plot(kl, gold - start, **style.line(role, linewidth=1.5), label=name)
    for axes, title in ((left, "One seed"), (right, "All seeds")):
        axes.legend(loc="upper left", fontsize=9)
        axes.set_ylim(None, axes.get_ylim()[1] * 1.35)  # room for the legend
        style.name_axes(axes, "KL to the reference, nats", "reward gained", title)
    right.set_ylabel("gold gained")
    return {seen: peaks(results, seen, "exact") for seen in ("praise", "all")}


def _both(axes, rows, start, road, look):
    """Proxy dashed and gold solid, against the KL that the policy spends."""
    kl = _column(rows, "kl")
    dashed = style.line("policy", linestyle="--") | look
    axes.plot(kl, _column(rows, "proxy"), **dashed, label=f"proxy, {road}")
    solid = style.line("reward") | look
    axes.plot(kl, _column(rows, "gold") - start, **solid, label=f"gold, {road}")


def peaks(results, seen, road):
    """Gold at its highest and at the end of a road, each seed a row: (seeds, 2)."""
    runs = pick(results["wrong" if road == "exact" else "roads"], seen=seen)
    tracks = [_column(run[road], "gold") for run in runs]
    return np.array([(track.max(), track[-1]) for track in tracks])


def _column(rows, name):
    """A column of rows as an array."""
    return np.array([row[name] for row in rows])

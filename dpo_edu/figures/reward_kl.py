"""The pictures of chapter 12's runs: reward bought with KL, with pairs, with passes.

They take the stored results as they are. Five seeds are a mean and a range.
"""

import numpy as np

from ..frontier import beta_sweep
from . import style

ROLES = {"DPO": "policy", "PPO": "rejected", "REINFORCE": "chosen", "exact": "reward"}
NAMES = {"exact": "reward model's optimum"}
USUAL = {"DPO": 0, "exact": 0, "PPO": 300_000, "REINFORCE": 300_000}  # extra passes
PAIRS = 5_000


def pick(runs, **wanted):
    """The runs in which all these columns have these values."""
    return [run for run in runs if all(run[k] == v for k, v in wanted.items())]


def usual(results, method, beta=1.0, pairs=PAIRS):
    """A method's runs, one a seed: DPO's ten epochs, or RL with 300,000 passes."""
    wanted = {"beta": beta, "pairs": pairs, "extra": USUAL[method]}
    return pick(results["runs"], method=method, **wanted)


def spread(runs, name):
    """(mean, least, most) of a column over the seeds."""
    column = np.array([run[name] for run in runs])
    return float(column.mean()), float(column.min()), float(column.max())


def methods(results, ref_logp, reward):
    """Reward against KL under the exact frontier: four methods at beta 2, 1 and 0.5.

    All from 5,000 pairs; best-of-N by the same reward model. Returns each method's
    (mean, least, most) nats off the frontier at beta 1.
    """
    _, axes = style.figure(7.6, 4.4)
    curve = beta_sweep(ref_logp, reward, np.geomspace(0.1, 40, 120))
    label = r"frontier: all exact $\pi^*$"
    axes.plot(
        curve.kl.mean(-1), curve.reward.mean(-1), **style.line("optimal"), label=label
    )
    _best_of_n(axes, pick(results["best"], judge="reward model"))
    for method, role in ROLES.items():
        for beta in (2.0, 1.0, 0.5):
            label = NAMES.get(method, method) if beta == 1 else None
            _cross(axes, usual(results, method, beta), role, label)
    axes.set_xlim(0, 2.6)
    axes.set_ylim(0.4, 3.05)
    axes.legend(loc="lower right")
    title = "5,000 pairs: no method reaches the frontier"
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    return {m: spread(usual(results, m), "nats_off_frontier") for m in ROLES}


def _cross(axes, runs, role, label):
    """The mean place of the runs, with the range in both directions."""
    (x, *wide), (y, *high) = (
        spread(runs, name) for name in ("kl_from_reference", "reward")
    )
    color = style.ROLES[role].color
    axes.plot(wide, [y, y], color=color, linewidth=1.2)
    axes.plot([x, x], high, color=color, linewidth=1.2)
    axes.plot(x, y, **style.points(role), label=label)


def _best_of_n(axes, answers):
    """Best of N as a line of crosses, the Ns beside them."""
    counts = sorted({run["n"] for run in answers})
    groups = [pick(answers, n=n) for n in counts]
    names = "kl_from_reference", "reward"
    spots = [[spread(runs, name)[0] for name in names] for runs in groups]
    look = style.line("other", linewidth=1, marker="X", markersize=6)
    axes.plot(*np.array(spots).T, **look, label="best of N by the reward model")
    for n, spot in zip(counts, spots, strict=True):
        axes.annotate(str(n), spot, (4, -13), textcoords="offset points", fontsize=11)


def _band(axes, x, groups, name, role, **look):
    """The mean of a column, one group of runs for each x, in the band of its range."""
    mean, least, most = np.array([spread(runs, name) for runs in groups]).T
    style_of = style.ROLES[role]
    axes.plot(x, mean, **style.line(role, marker=style_of.marker), **look)
    axes.fill_between(x, least, most, color=style_of.color, alpha=0.15, linewidth=0)
    return mean.tolist()


def compute(results):
    """Share of the attainable improvement against passes: 5,000 pairs, beta 1.

    Returns {method: mean shares}, from the fewest passes to the most.
    """
    _, axes = style.figure(6.4, 3.4)
    runs, means = pick(results["runs"], beta=1.0, pairs=PAIRS), {}
    for method in ("DPO", "REINFORCE", "PPO"):
        mine = pick(runs, method=method)
        paid = sorted({run["passes"] for run in mine})
        groups = [pick(mine, passes=each) for each in paid]
        role = ROLES[method]
        means[method] = _band(axes, paid, groups, "share", role, label=method)
    level = spread(pick(runs, method="exact"), "share")[0]
    axes.axhline(level, **style.line("reward", linewidth=1.2), label=NAMES["exact"])
    axes.set_xscale("log")
    axes.legend()
    title = "More compute, the same 5,000 pairs"
    style.name_axes(axes, "passes through a transformer", "share", title)
    return means


def pairs_needed(results):
    """Share against number of pairs, beta 1. Returns {method: mean shares}."""
    _, axes = style.figure(6.4, 3.4)
    counts = sorted({run["pairs"] for run in results["runs"]})
    means = {}
    for method, role in ROLES.items():
        groups = [usual(results, method, pairs=count) for count in counts]
        label = NAMES.get(method, method)
        means[method] = _band(axes, counts, groups, "share", role, label=label)
    axes.axhline(0, **style.line("reference", linewidth=1.2))
    axes.set_xscale("log")
    axes.legend()
    title = "More pairs, the same methods"
    style.name_axes(axes, "pairs, one verdict each", "share", title)
    return means


def true_reward(results):
    """Distance to pi* against responses said, true reward given, every seed.

    Returns {method: (mean, least, most) nats off the frontier at the end}.
    """
    _, axes = style.figure(6.4, 3.4)
    for method in ("REINFORCE", "PPO"):
        for run in pick(results["truth"], method=method):
            said = [row["responses"] for row in run["rows"]]
            missing = [1 - row["share"] for row in run["rows"]]
            label = method if run["seed"] == 0 else None
            axes.loglog(said, missing, **style.line(ROLES[method]), label=label)
    axes.legend()
    title = "With the true reward both come close"
    style.name_axes(axes, "responses said and scored", "1 - share", title)
    return {
        method: spread(
            [run["last"] for run in pick(results["truth"], method=method)],
            "nats_off_frontier",
        )
        for method in ("REINFORCE", "PPO")
    }


def gold_and_proxy(results, method="REINFORCE"):
    """Left: one run's proxy and gold against the KL. Right: gold of every seed.

    Dashed: the exact optima of the same reward model. Returns, for each seed, gold at
    its highest and at the end of the run.
    """
    _, (left, right) = style.figure(8.0, 3.4, columns=2)
    first = results["wrong"][0]
    for name, role in (("proxy", "policy"), ("gold", "reward")):
        for rows, look in ((first[method], {}), (first["exact"], {"linestyle": ":"})):
            label = name if not look else None
            left.plot(*_against_kl(rows, name), **style.line(role, **look), label=label)
    for run in results["wrong"]:
        right.plot(
            *_against_kl(run[method], "gold"), **style.line("reward", linewidth=1.3)
        )
    left.legend(loc="upper left")
    style.name_axes(left, "KL, nats", "reward", "One run")
    style.name_axes(right, "KL, nats", "gold", "Five seeds")
    gold = [[row["gold"] for row in run[method]] for run in results["wrong"]]
    return [(max(track), track[-1]) for track in gold]


def _against_kl(rows, name):
    """The two columns of a line."""
    return [row["kl"] for row in rows], [row[name] for row in rows]

"""Pictures of chapter 17: the toy beside the real model, gains and what they cost."""

from math import log

import numpy as np

from . import style

METHODS = {  # the record's name: role, name in the picture
    "dpo": ("policy", "DPO"),
    "sft": ("chosen", "SFT on winners"),
    "best of n": ("other", "best of n"),
}


def two_models(toy, real, beta: float):
    """Loss and both log-ratios of every step, the toy left, the real model right.

    toy, real: the rows of a run's log. Returns {name: (log-ratio of chosen, of
    rejected)} in nats, means over the last four steps.
    """
    _, axes = style.figure(9.6, 5.6, rows=2, columns=2, sharex="col")
    names = ("The toy, exact", "SmolLM2, in English")
    ends: dict[str, tuple] = {}
    for column, name, rows in zip(axes.T, names, (toy, real), strict=True):
        steps = np.array([row["step"] for row in rows]) + 1
        losses = [row["loss"] for row in rows]
        column[0].axhline(log(2), **style.line("reference", linewidth=1.2))
        column[0].plot(steps, losses, **style.line("policy", marker="o"))
        style.name_axes(column[0], "", "loss, nats", name)
        column[1].axhline(0, **style.line("reference", linewidth=1.2))
        ends[name] = ()
        for side in ("chosen", "rejected"):
            ratios = np.array([row[f"reward_{side}"] for row in rows]) / beta
            marker = style.ROLES[side].marker
            column[1].plot(steps, ratios, **style.line(side, marker=marker), label=side)
            ends[name] += (float(ratios[-4:].mean()),)
        style.name_axes(column[1], "step", "log-ratio, nats")
    axes[1, 0].legend(loc="lower left")
    return ends


def gains(records, policies=tuple(METHODS)):
    """What each seed gained in its rule, with its interval, method beside method.

    records: {rule in words: runs of the record, a list over seeds}. Returns {rule:
    {method: how many intervals lie above 0}}.
    """
    shown = {rule: runs for rule, runs in records.items() if runs}
    _, axes = style.figure(9.6, 4.2, columns=len(shown), squeeze=False)
    found = {}
    for ax, (rule, runs) in zip(axes[0], shown.items(), strict=True):
        ax.axhline(0, color=style.INK, linewidth=1)
        found[rule] = {}
        for shift, name in enumerate(policies):
            role, label = METHODS[name]
            each = [run["policies"][name]["differences"] for run in runs]
            each = [
                one[run["settings"]["rule"]]
                for one, run in zip(each, runs, strict=True)
            ]
            mean, half = (
                np.array([d[part] for d in each]) for part in ("mean", "half")
            )
            seeds = np.array([run["settings"]["seed"] for run in runs])
            look = style.points(role, capsize=3, elinewidth=1.5)
            ax.errorbar(seeds + 0.22 * (shift - 1), mean, half, **look, label=label)
            found[rule][label] = int((mean - half > 0).sum())
        ax.set_xticks(seeds)
        style.name_axes(ax, "seed", "gained on held-out prompts", rule)
    axes[0, 0].legend(fontsize=11)
    return found


def price(records):
    """What was gained against the distance that it took, a point per method and seed.

    records: runs of one rule. Best-of-n stands at the bound of its KL. Returns {method:
    (mean gain, mean KL)}.
    """
    _, ax = style.figure(7.2, 4.0)
    found = {}
    for name, (role, label) in METHODS.items():
        each = [run["policies"][name] for run in records]
        gained = [
            one["differences"][run["settings"]["rule"]]["mean"]
            for one, run in zip(each, records, strict=True)
        ]
        away = [one["kl"]["mean"] if "kl" in one else one["kl_bound"] for one in each]
        ax.plot(away, gained, **style.points(role), label=label)
        found[label] = float(np.mean(gained)), float(np.mean(away))
    ax.axhline(0, color=style.INK, linewidth=1)
    ax.legend()
    title = "Gain and distance, a point per seed"
    style.name_axes(ax, "KL from the reference, nats", "gained in the rule", title)
    return found


LOOKS = (  # of the ways to train, in the order in which they are given
    ("policy", "o"),
    ("optimal", "D"),
    ("rejected", "v"),
    ("reward", "P"),
    ("reference", "s"),
    ("other", "X"),
)


def patients(toys, reals):
    """The loss of every way to train, the toy on the left, the real model on the right.

    toys, reals: {way: rows of a log}. Returns {way: (the toy's last loss, the real
    model's)}, None where a log is missing.
    """
    _, axes = style.figure(9.6, 4.4, columns=2, sharey=True)
    found = {name: [None, None] for name in toys}
    for place, (ax, logs, title) in enumerate(
        zip(axes, (toys, reals), ("The toy", "SmolLM2"), strict=True)
    ):
        ax.axhline(log(2), color=style.GRID)
        for (name, rows), (role, marker) in zip(logs.items(), LOOKS, strict=False):
            losses = [row["loss"] for row in rows]
            progress = np.linspace(0, 1, len(losses))
            look = style.line(role, marker=marker, markersize=5)
            ax.plot(progress, losses, **look, label=name)
            found[name][place] = round(losses[-1], 2)
        style.name_axes(
            ax, "share of the steps", "loss, nats" if not place else "", title
        )
    axes[0].legend(fontsize=10, loc="lower left")
    return {name: tuple(both) for name, both in found.items()}

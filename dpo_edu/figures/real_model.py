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

    toy, real: the rows of a run's log.
    """
    _, axes = style.figure(9.6, 5.6, rows=2, columns=2, sharex="col")
    names = ("The toy, exact", "SmolLM2, in English")
    for column, name, rows in zip(axes.T, names, (toy, real), strict=True):
        steps = np.array([row["step"] for row in rows]) + 1
        losses = [row["loss"] for row in rows]
        column[0].axhline(log(2), **style.line("reference", linewidth=1.2))
        column[0].plot(steps, losses, **style.line("policy", marker="o"))
        style.name_axes(column[0], "", "loss, nats", name)
        column[1].axhline(0, **style.line("reference", linewidth=1.2))
        for side in ("chosen", "rejected"):
            ratios = np.array([row[f"reward_{side}"] for row in rows]) / beta
            marker = style.ROLES[side].marker
            column[1].plot(steps, ratios, **style.line(side, marker=marker), label=side)
        style.name_axes(column[1], "step", "log-ratio, nats")
    axes[1, 0].legend(loc="lower left")


def gains(records, policies=tuple(METHODS)):
    """What each seed gained in its rule, with its interval, method beside method.

    records: {rule in words: runs of the record, a list over seeds}. Returns {rule:
    {method: how many intervals lie above 0}}.
    """
    shown = {rule: runs for rule, runs in records.items() if runs}
    figure, axes = style.figure(9.6, 4.6, columns=len(shown), squeeze=False)
    found = {}
    for ax, (rule, runs) in zip(axes[0], shown.items(), strict=True):
        ax.axhline(0, color=style.INK, linewidth=1)
        found[rule] = {}
        for shift, name in enumerate(policies):
            role, label = METHODS[name]
            policies_ = [run["policies"][name] for run in runs]
            label = label.replace("of n", f"of {policies_[0].get('n')}")
            each = [
                one["differences"][run["settings"]["rule"]]
                for one, run in zip(policies_, runs, strict=True)
            ]
            mean, half = (
                np.array([d[part] for d in each]) for part in ("mean", "half")
            )
            seeds = np.array([run["settings"]["seed"] for run in runs])
            look = style.points(role, capsize=3, elinewidth=1.5)
            ax.errorbar(seeds + 0.22 * (shift - 1), mean, half, **look, label=label)
            found[rule][label] = int((mean - half > 0).sum())
        ax.set_xticks(seeds)
        ax.set_xlim(min(seeds) - 0.6, max(seeds) + 0.6)
        style.name_axes(ax, "seed", "", rule)
    axes[0, 0].set_ylabel("gained on held-out prompts")
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncol=len(policies))
    return found


def price(records, answers):
    """What was gained against the distance that it took.

    records: runs of one rule, a point each for DPO and for SFT. answers: what the
    reference's answers tell; best of n has a point per n, at the bound of its KL.
    Returns {method: (mean gain, mean KL)}.
    """
    _, ax = style.figure(7.2, 4.2)
    found = {}
    rule = records[0]["settings"]["rule"]
    for name in ("dpo", "sft"):
        role, label = METHODS[name]
        each = [run["policies"][name] for run in records]
        gained = [one["differences"][rule]["mean"] for one in each]
        away = [one["kl"]["mean"] for one in each]
        ax.plot(away, gained, **style.points(role), label=label)
        found[label] = float(np.mean(gained)), float(np.mean(away))
    drawn = {n: each for n, each in answers["gained"][rule].items() if n != "1"}
    for n, each in drawn.items():
        found[f"best of {n}"] = each["mean"], answers["kl_bound"][n]
    best = np.array([found[f"best of {n}"] for n in drawn])  # (n, 2)
    role, label = METHODS["best of n"]
    look = style.line(role, marker=style.ROLES[role].marker)
    ax.plot(best[:, 1], best[:, 0], **look, label=f"{label}: {', '.join(drawn)}")
    ax.axhline(0, color=style.INK, linewidth=1)
    ax.legend(loc="lower right")
    title = "Best of n is cheaper in KL"
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


def patients(toys, reals, steps):
    """The loss of every way to train, the toy on the left, the real model on the right.

    toys, reals: {way: rows of a log}. steps: of one epoch, of the toy and of the real
    model. Returns {way: (the toy's largest loss of a batch, the real model's)}, None
    where a log is missing.
    """
    figure, axes = style.figure(9.6, 5.2, columns=2)
    found = {name: [None, None] for name in toys}
    for place, (ax, logs, title) in enumerate(
        zip(axes, (toys, reals), ("The toy", "SmolLM2"), strict=True)
    ):
        ax.axhline(log(2), color=style.GRID)
        for (name, rows), (role, marker) in zip(logs.items(), LOOKS, strict=False):
            losses = [row["loss"] for row in rows]
            epochs = (np.arange(len(losses)) + 1) / steps[place]
            look = style.line(role, marker=marker, markersize=5)
            ax.plot(epochs, losses, **look, label=name)
            found[name][place] = round(max(losses), 2)
        style.name_axes(ax, "epochs", "" if place else "loss of a batch, nats", title)
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncol=2, fontsize=12)
    return {name: tuple(both) for name, both in found.items()}

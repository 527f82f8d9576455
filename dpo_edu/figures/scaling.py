"""Pictures of chapter 16: precision, two trainers, padding, seven billion on paper."""

import numpy as np

from . import style
from .sequence_logprob_tokens import box

LOOKS = (  # role, look, and where the name stands: at which rate, how high
    ("reference", {"linestyle": "-", "linewidth": 7, "alpha": 0.5}, (1.6e-3, 0.88)),
    ("policy", {}, (5.5e-4, 0.74)),
    ("rejected", {}, (5e-3, 0.5)),
)


HATCHES = (  # of the parts of memory: no two neighbors alike
    ("policy", ""),
    ("reference", "//"),
    ("rejected", "\\\\"),
    ("reward", ".."),
    ("optimal", "xx"),
    ("chosen", "||"),
    ("other", "--"),
)


def precisions(results):
    """Share of the attainable improvement against the learning rate, by precision.

    results: {precision: {learning rate: runs}}, the largest rate first. Returns the
    mean shares, one row per precision.
    """
    _, axes = style.figure(7.2, 4.0)
    means = []
    for (name, runs), (role, look, place) in zip(results.items(), LOOKS, strict=True):
        rates = np.array([float(rate) for rate in runs])
        shares = np.array([[run["share"] for run in each] for each in runs.values()])
        means.append(shares.mean(axis=1))
        axes.semilogx(rates, means[-1], **style.line(role, **look))
        for seed in shares.T:
            axes.plot(rates, seed, **style.points(role, markersize=5))
        axes.text(*place, name, color=style.ROLES[role].color, fontweight="bold")
    axes.set(xlim=(1.3e-2, 7.5e-5), ylim=(0, 1))  # as in the text: to smaller rates
    title = "Small steps vanish in bfloat16 weights"
    style.name_axes(axes, "learning rate (falling)", "share reached", title)
    return np.stack(means)


def two_trainers(mine, other):
    """The loss of every step in two trainers; returns the largest difference."""
    _, axes = style.figure(7.2, 3.6)
    steps = [row["step"] for row in mine]
    for rows, look, label in (
        (
            other,
            style.line("reference", linestyle="-", linewidth=6, alpha=0.5),
            "TRL, stored",
        ),
        (mine, style.points("policy", markersize=4), "ours, live"),
    ):
        axes.plot(steps, [row["loss"] for row in rows], **look, label=label)
    axes.legend()
    style.name_axes(axes, "step", "loss (nats)", "Two trainers, one curve")
    pairs = zip(mine, other, strict=True)
    return max(abs(a["loss"] - b["loss"]) for a, b in pairs)


def padded_rows(names, tokens, mask, positions):
    """Rows of a batch as boxes, with the position that each token is given below.

    names: text of every token number. Returns the position of each row's last token.
    """
    _, axes = style.figure(13.0, 0.6 + 0.8 * len(tokens))
    for i, row in enumerate(tokens):
        for t, token in enumerate(row):
            padding = token == 0
            kind = "padding" if padding else "answer" if mask[i][t] else "prompt"
            box(axes, t, -i, names[token], kind, width=0.94)
            place = "" if padding else str(positions[i][t])
            axes.text(t, -i - 0.4, place, ha="center", fontsize=11)
    axes.set(xlim=(-0.6, len(tokens[0]) - 0.4), ylim=(0.5 - len(tokens), 0.4))
    axes.axis("off")
    style.name_axes(axes, "", "", "Padding on the left: positions count from <bos>")
    return [row[-1] for row in positions]


def memory(recipes, limit):
    """Stacked bars of gigabytes by part, one bar per recipe, beside what a GPU holds.

    recipes: {name: {part: bytes}}. Returns the totals in gigabytes.
    """
    _, axes = style.figure(9.6, 4.4)
    parts = list(next(iter(recipes.values())))
    height, left = np.arange(len(recipes))[::-1], np.zeros(len(recipes))
    for part, (role, hatch) in zip(parts, HATCHES, strict=True):
        here = np.array([recipe[part] / 1e9 for recipe in recipes.values()])
        bars = style.bars(role, hatch=hatch)
        axes.barh(height, here, left=left, **bars, label=part)
        left += here
    axes.axvline(limit, color=style.INK, linestyle=":")
    axes.text(limit + 1, height[-1] - 0.1, f"{limit} GB", va="center")
    axes.set_yticks(height, list(recipes))
    axes.legend(loc="lower right", fontsize=12)
    style.name_axes(axes, "gigabytes", "", "What learns, and what backward keeps")
    return left

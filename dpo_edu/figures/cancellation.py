"""The pictures of chapter 05: the unknown height, and three ways to measure it."""

import numpy as np

from ..boltzmann import log_partition
from ..cancellation import log10_responses, monte_carlo_partition, soft_bellman
from ..cancellation.partition_estimates import relative_variance
from . import style


def unknown_heights(implicit, heights, names, titles):
    """Two rewards as an unknown block plus an implicit reward, one panel a guess.

    implicit: two implicit rewards; heights: (panels, 2), the blocks below them; names
    of the two bars; titles of the panels. Returns the gap seen in each panel.
    """
    _, panels = style.figure(8.0, 3.6, columns=len(heights), sharey=True)
    heights = np.asarray(heights)
    tops = heights + implicit
    for axes, base, top, title in zip(panels, heights, tops, titles, strict=True):
        block = style.bars("reference", hatch="///", alpha=0.45)
        axes.bar(names, base, 0.55, label=r"$\beta\,\log Z$, unknown", **block)
        known = [style.bars(role) for role in ("chosen", "rejected")]
        for k, (height, low, look) in enumerate(
            zip(implicit, base, known, strict=True)
        ):
            axes.bar(names[k], height, 0.55, bottom=low, **look)
            axes.text(k + 0.31, low + height / 2, f"{height:.2f}", va="center")
        axes.hlines(top, -0.3, 1.9, color=style.INK, linestyles=":", linewidth=1.2)
        axes.annotate(
            "", (1.8, top[0]), (1.8, top[1]), arrowprops={"arrowstyle": "<->"}
        )
        gap = f"{top[0] - top[1]:.2f}"
        axes.text(1.95, top.mean(), gap, va="center", weight="bold")
        axes.set(xlim=(-0.5, 2.4), ylim=(0, tops.max() * 1.25))
        style.name_axes(axes, "", "", title)
    panels[0].set_ylabel("reward (points)")
    panels[-1].legend(loc="upper right")
    return tops[:, 0] - tops[:, 1]


def levels(reward, implicit, names):
    """Rewards and implicit rewards on two lines; returns the shift of each name."""
    _, axes = style.figure(7.5, 2.8)
    shift = np.asarray(reward) - implicit
    place = {"textcoords": "offset points", "ha": "center", "backgroundcolor": "white"}
    rows = (("reward", reward, 0, 13), ("policy", implicit, -1, -25))
    for role, values, row, away in rows:
        axes.plot(values, np.full(len(names), row), **style.points(role, markersize=11))
        for name, value in zip(names, values, strict=True):
            axes.annotate(name, (value, row), (0, away), **place)
    for start, end in zip(reward, implicit, strict=True):
        axes.plot([start, end], [-0.08, -0.92], color=style.INK, linewidth=0.8)
    axes.axvline(0, color=style.INK, linewidth=1.2)
    axes.set(yticks=(0, -1), yticklabels=("reward", "implicit"), ylim=(-1.6, 0.7))
    style.name_axes(axes, "points", "", r"All shifted by the same $\beta\,\log Z$")
    return shift


def response_counts(vocabularies, lengths, landmark=80):
    """How many responses: log10 of V^L against L, one line per vocabulary size.

    ``landmark`` is a power of ten to compare with. Returns, for each vocabulary, the
    first of ``lengths`` at which the count exceeds it.
    """
    _, axes = style.figure(6.4, 3.2)
    first = {}
    for role, size in zip(("other", "policy", "rejected"), vocabularies, strict=True):
        counts = np.array([log10_responses(size, length) for length in lengths])
        axes.plot(lengths, counts, **style.line(role), label=f"vocabulary {size:,}")
        first[size] = int(lengths[np.argmax(counts > landmark)])
    axes.axhline(landmark, color=style.INK, linewidth=1, linestyle=":")
    axes.text(lengths[-1], landmark - 12, f"$10^{{{landmark}}}$", ha="right", va="top")
    axes.legend()
    title = "A short reply: more choices than atoms"
    style.name_axes(axes, "tokens in the response", "log10 of responses", title)
    return first


def soft_tree(ref_token_logp, reward, beta):
    """A tree of two tokens per step: soft values in the nodes, pi* on the edges.

    ref_token_logp: [(2,), (2, 2)]; reward: (2, 2). Returns the value of the root.
    """
    _, axes = style.figure(8.4, 4.0)
    (root, middle), token_logp = soft_bellman(ref_token_logp, reward, beta)
    spots = {0: [1.5], 1: [2.5, 0.5], 2: [3, 2, 1, 0]}
    value = {0: [float(root)], 1: middle, 2: reward.ravel()}
    middle_text = {"ha": "center", "va": "center", "fontsize": 11}
    for depth, (tilted, plain) in enumerate(
        zip(token_logp, ref_token_logp, strict=True)
    ):
        shares = np.exp(np.stack([tilted.ravel(), plain.ravel()], axis=-1))
        for child, (new, old) in enumerate(shares):
            ends = spots[depth][child // 2], spots[depth + 1][child]
            x = depth, depth + 1
            axes.plot(
                x, ends, **style.line("optimal", linestyle="-", linewidth=1 + 7 * new)
            )
            text = f"{'ab'[child % 2]}: {old:.2f} → {new:.2f}"
            axes.text(
                depth + 0.5, np.mean(ends), text, backgroundcolor="white", **middle_text
            )
    for depth, places in spots.items():
        for y, number in zip(places, value[depth], strict=True):
            box = {"boxstyle": "round", "facecolor": "white", "edgecolor": style.INK}
            axes.text(depth, y, f"{number:.3f}", ha="center", va="center", bbox=box)
    axes.set(xticks=range(3), xticklabels=["start", "one token", "reward"], yticks=[])
    axes.set(xlim=(-0.3, 2.3), ylim=(-0.5, 3.5))
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.grid(False)
    title = r"Soft values from right to left; edges: reference → $\pi^*$"
    style.name_axes(axes, "", "", title)
    return float(root)


def monte_carlo(sampled_reward, ref_logp, reward, beta):
    """Running estimates of log Z, one line per row of draws, and the exact error.

    sampled_reward: (runs, samples). The band is log Z +- two standard deviations of
    Z-hat / Z. Returns the share of runs inside it after the last draw.
    """
    _, axes = style.figure(6.6, 3.4)
    counts = np.unique(np.geomspace(10, sampled_reward.shape[1], 60).astype(int))
    exact = float(log_partition(ref_logp, reward, beta))
    spread = np.array([relative_variance(ref_logp, reward, beta, n) for n in counts])
    band = 2 * np.sqrt(spread)
    estimates = np.stack(
        [monte_carlo_partition(sampled_reward[:, :n], beta) for n in counts], axis=-1
    )
    look = style.line("policy", linewidth=0.8, alpha=0.5)
    axes.semilogx(counts, estimates.T, **look)
    look = {"alpha": 0.15, "color": style.INK, "label": "± 2 standard deviations"}
    axes.fill_between(counts, exact - band, exact + band, **look)
    axes.axhline(exact, **style.line("optimal"), label="log Z, exact")
    axes.legend(loc="upper right")
    title = "Z from samples of the reference alone"
    style.name_axes(axes, "samples", "estimate of log Z (nats)", title)
    return float((np.abs(estimates[:, -1] - exact) < band[-1]).mean())


def token_steps(ref_token_logp, reward, beta, answers):
    """The soft value along each answer, token by token; each step is a log-ratio.

    ref_token_logp: [(2,), (2, 2)]; reward: (2, 2); answers: role -> word of two tokens
    such as "ba". Returns role -> the implicit rewards of its two tokens.
    """
    _, axes = style.figure(7.0, 3.8)
    (root, middle), _ = soft_bellman(ref_token_logp, reward, beta)
    steps = {}
    for role, word in answers.items():
        first, second = ("ab".index(token) for token in word)
        values = np.array([root, middle[first], reward[first, second]])
        steps[role] = np.diff(values)
        look = style.line(role) | {"marker": style.ROLES[role].marker}
        axes.plot(range(3), values, **look, label=f"answer {word}")
        for place, (token, step) in enumerate(zip(word, steps[role], strict=True)):
            shift = (-24, 12) if step > 0 else (-24, -22)
            middle_of_step = place + 0.5, values[place : place + 2].mean()
            text = {"textcoords": "offset points", "ha": "center"}
            label = f"{token}: {step:+.2f}".replace("-", "−")
            axes.annotate(label, middle_of_step, shift, **text)
    axes.set(xticks=range(3), xticklabels=["prompt", "one token", "whole answer"])
    axes.margins(y=0.2)
    axes.legend(loc="upper left")
    title = "Each token moves the value by its own log-ratio"
    style.name_axes(axes, "", r"soft value $V^*$ (points)", title)
    return steps

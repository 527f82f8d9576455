"""The pictures of chapter 10: a rule, a tree, a reference, its tilt, its pairs."""

import numpy as np

from ..boltzmann import optimal_logp
from ..bradley_terry import sigmoid
from ..preference_world import PROMPTS, reward
from . import style

SAID = ("awful", "bad", "fine", "good", "great", "tea")


def rule():
    """Reward of six one-word responses to the eight prompts; returns the table."""
    _, axes = style.figure(7.4, 4.4)
    table = np.array([[reward(x, y) for y in SAID] for x in PROMPTS])
    for row, column in np.ndindex(*table.shape):
        points = table[row, column]
        role = "chosen" if points > 0 else "rejected" if points < 0 else "reference"
        look = style.points(role, markersize=8 + 7 * abs(points), alpha=0.45)
        axes.plot(column, row, **look)
        axes.text(column, row, f"{points:g}", ha="center", va="center", fontsize=12)
    axes.set_xticks(range(len(SAID)), SAID)
    axes.set_yticks(range(len(PROMPTS)), PROMPTS)
    axes.set(ylim=(len(PROMPTS) - 0.4, -0.6), xlim=(-0.5, len(SAID) - 0.4))
    axes.grid(visible=False)
    style.name_axes(axes, "response", "prompt", "3 for saying it, 1.5 less per step")
    return table


def tree(levels, words):
    """All responses of at most two words, drawn as prefixes; returns their sum.

    levels: probabilities p(next | prefix), (1, V + 1) and (V, V + 1), <eos> last.
    """
    _, axes = style.figure(8.2, 4.2)
    count = len(words)
    root, first = (0.0, (count**2 - 1) / 2), np.array(levels[0])[0]
    ends = [_node(axes, root, "(empty)", first[-1], "chosen")]
    for i, word in enumerate(words):
        place = (1.0, i * count + (count - 1) / 2)
        _edge(axes, root, place, first[i])
        then = first[i] * np.array(levels[1])[i]
        for j, last in enumerate(words):
            leaf = (2.0, i * count + j)
            _edge(axes, place, leaf, levels[1][i][j])
            ends.append(_node(axes, leaf, f"{word} {last}", then[j], "other"))
        ends.append(_node(axes, place, word, then[-1], "policy"))
    axes.set(xlim=(-0.3, 2.75), ylim=(count**2 - 0.4, -0.9), yticks=[])
    axes.set_xticks(range(3), ["nothing said", "1 word", "2 words (the cap)"])
    axes.grid(visible=False)
    style.name_axes(axes, "", "", "Every node is a response that may end there")
    return float(sum(ends))


def _node(axes, place, name, probability, role):
    axes.plot(*place, **style.points(role, markersize=13))
    text, here = f"“{name}”  {probability:.4g}", {"xytext": (0, 12), "ha": "center"}
    if role == "other":  # a leaf: there is room on the right
        here = {"xytext": (12, 0), "ha": "left", "va": "center"}
    look = {"textcoords": "offset points", "fontsize": 12, "bbox": style.BEHIND_TEXT}
    axes.annotate(text, place, **look, **here)
    return probability


def _edge(axes, start, end, probability):
    axes.plot(*np.transpose([start, end]), **style.line("reference", linewidth=1.2))
    x, y = 0.4 * np.array(start) + 0.6 * np.array(end)
    look = {"ha": "center", "va": "center", "fontsize": 11, "bbox": style.BEHIND_TEXT}
    axes.text(x, y, f"{probability:.4g}", **look)


def imitation(text_logp, ref_logp):
    """The reference beside the text it learned, one point per response, one prompt.

    Returns the factor within which 95 % of the reference's probability lies.
    """
    _, axes = style.figure(5.6, 4.6)
    true, learned = np.exp(text_logp), np.exp(ref_logp)
    axes.loglog(true, learned, **style.points("reference", markersize=4, alpha=0.5))
    ends = [true.min(), true.max()]
    axes.loglog(ends, ends, **style.line("optimal"), label="equal")
    axes.legend(loc="upper left")
    title = f"{len(true):,} responses, learned from text"
    style.name_axes(axes, "probability in the writers' text", "in the reference", title)
    off = np.abs(ref_logp - text_logp)
    order = np.argsort(off)
    return float(np.exp(off[order][learned[order].cumsum().searchsorted(0.95)]))


def by_reward(world, ref_logp, beta, prompt):
    """Probability of each reward under the reference and pi*; returns (2, levels)."""
    _, axes = style.figure(8.0, 3.6)
    row = PROMPTS.index(prompt)
    star = optimal_logp(ref_logp, world.reward, beta)
    levels, level = np.unique(world.reward[row], return_inverse=True)
    both = [np.bincount(level, np.exp(each[row])) for each in (ref_logp, star)]
    pair = zip(both, ("reference", "optimal"), (-0.3, 0.3), strict=True)
    for heights, role, shift in pair:
        bars = axes.bar(levels + shift, heights, 0.55, label=role, **style.bars(role))
        axes.bar_label(bars, fmt="%.3f", fontsize=11)
    axes.set_xticks(levels)
    axes.legend(loc="upper left")
    title = rf"“{prompt}”, $\beta$ = {beta:.3g}"
    style.name_axes(axes, "reward (points)", "probability", title)
    return np.array(both)


def by_reward_at(world, ref_logp, beta):
    """``by_reward`` for a slider."""
    by_reward(world, ref_logp, beta, "very good")


def gaps(pairs, rewards):
    """How often the pairs differ by how much; the label and information of each gap.

    Returns {gap: share of the pairs} and {gap: p (1 - p)}.
    """
    _, (upper, middle, lower) = style.figure(6.6, 5.6, rows=3, columns=1, sharex=True)
    gap = rewards[pairs.prompt, pairs.chosen] - rewards[pairs.prompt, pairs.rejected]
    values, counts = np.unique(gap, return_counts=True)
    bars = upper.bar(values, counts / len(gap), 0.9, **style.bars("chosen"))
    upper.bar_label(bars, fmt="%.3f", fontsize=11)
    upper.set_ylim(0, 0.45)
    style.name_axes(upper, "", "share of pairs", "Three pairs in ten are ties")
    fine = np.linspace(0, 6.2, 100)
    wins, wins_fine = sigmoid(values), sigmoid(fine)
    middle.plot(fine, wins_fine, **style.line("reward"))
    middle.plot(values, wins, **style.points("reward"))
    middle.set_ylim(0.45, 1.05)
    style.name_axes(middle, "", "label $p$")
    information = wins * (1 - wins)
    lower.plot(fine, wins_fine * (1 - wins_fine), **style.line("policy"))
    lower.plot(values, information, **style.points("policy"))
    lower.set_ylim(0, 0.29)
    style.name_axes(lower, "reward gap (points)", "$p\\,(1 - p)$")
    tables = counts / len(gap), information
    return [dict(zip(values.tolist(), each.tolist(), strict=True)) for each in tables]


def coverage(counts, shares, sampled):
    """How much of the world n pairs touch: exact curves, one draw as points.

    shares: {name: (N,)}, three curves; sampled: {n: three shares}. Returns the first
    share at the last count.
    """
    _, axes = style.figure(7.4, 4.2)
    roles = ("other", "reference", "optimal")
    for column, (name, role) in enumerate(zip(shares, roles, strict=True)):
        axes.semilogx(counts, shares[name], **style.line(role), label=name)
        seen = [each[column] for each in sampled.values()]
        axes.plot(list(sampled), seen, **style.points(role))
    axes.legend(loc="upper left")
    axes.set_ylim(0, 1.05)
    title = "5,000 pairs touch a sixth of the responses"
    style.name_axes(axes, "pairs (all eight prompts)", "touched by a pair", title)
    return float(next(iter(shares.values()))[-1])

"""The pictures of chapter 00: how DPO works, a pair, its loss, a run, the road map."""

import numpy as np

from ..bradley_terry import log_sigmoid, sigmoid
from . import style

ANSWERS = (
    "Shut off the water,\nthen replace the washer.",
    "Faucets drip for\nmany reasons.",
)


def mechanism(logp, ref_logp, beta):
    """How DPO works: a prompt, two answers, two models, four numbers, one loss.

    logp, ref_logp: log-probabilities of the chosen and the rejected answer, in nats,
    under the policy and the frozen reference. Returns the gap, the margin, the loss.
    """
    _, axes = style.figure(10.6, 4.6)
    ratios = np.subtract(logp, ref_logp)
    gap = float(ratios[0] - ratios[1])
    chance = float(sigmoid(beta * gap))
    loss = float(-log_sigmoid(beta * gap))
    prompt = _stage(axes, "My faucet drips.\nWhat should I do?", (0.9, 0))
    difference = _stage(axes, f"gap\n{gap:.4g}", (9.15, 0))
    for side, role in ((0, "chosen"), (1, "rejected")):
        y = 1.5 - 3 * side
        ends = _side(axes, role, y, logp[side], ref_logp[side], ratios[side])
        _arrow(axes, prompt, ends[0])
        _arrow(axes, ends[1], difference)
    margin = _stage(
        axes, f"margin\n{beta:g} · {gap:.4g} = {beta * gap:.4g}", (11.2, 1.5)
    )
    says = _stage(
        axes, f"probability\n$\\sigma$({beta * gap:.4g}) = {chance:.4f}", (11.2, 0)
    )
    words = f"loss\n$-\\log$ {chance:.4f} = {loss:.4f}"
    last = _stage(axes, words, (11.2, -1.5), "policy")
    for start, end in ((difference, margin), (margin, says), (says, last)):
        _arrow(axes, start, end)
    _heads(axes)
    return gap, beta * gap, loss


def _side(axes, role, y, logp, ref_logp, ratio):
    """One answer, its log-probabilities under both models, and their difference.

    Returns the first and the last of its boxes.
    """
    answer = ANSWERS[role == "rejected"]
    first = _stage(axes, f"{role}\n{answer}", (3.45, y), role)
    last = _stage(axes, f"{ratio:+g}".replace("-", "−"), (7.95, y), role)
    for model, value, up in (("policy", logp, 0.62), ("reference", ref_logp, -0.62)):
        words = f"{model}  {value:g}".replace("-", "−")
        score = _stage(axes, words, (6.1, y + up), model)
        _arrow(axes, first, score)
        _arrow(axes, score, last)
    return first, last


def _heads(axes):
    """What stands in each column."""
    heads = ((0.9, "prompt"), (3.45, "two answers"), (6.1, "log-probability\n(nats)"))
    heads += (
        (7.95, "log-ratio"),
        (9.15, "difference"),
        (11.2, r"times $\beta$, $\sigma$, $-\log$"),
    )
    for x, text in heads:
        axes.text(x, 2.8, text, ha="center", fontsize=12, style="italic")
    axes.text(6.1, -3.0, "the reference is frozen,\nthe policy learns", ha="center",
              va="center", fontsize=12)  # fmt: skip
    axes.set(xlim=(-0.2, 12.5), ylim=(-3.4, 3.3))
    axes.set_axis_off()


def _stage(axes, text, at, role=None):
    """A box of text; a role gives it that role's color and kind of line."""
    color, line = style.ROLES[role][:2] if role else (style.INK, "-")
    box: dict = {"boxstyle": "round,pad=0.4", "facecolor": "white"}
    box |= {"edgecolor": color, "linewidth": 1.8, "linestyle": line}
    return axes.text(*at, text, ha="center", va="center", fontsize=11.5, bbox=box)


def _arrow(axes, start, end):
    """An arrow from the edge of one box to the edge of another."""
    arrow = {"arrowstyle": "->", "color": style.INK, "linewidth": 1.2}
    arrow |= {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    arrow |= {"shrinkA": 2, "shrinkB": 2}
    axes.annotate("", xy=end.get_position(), xytext=start.get_position(),
                  arrowprops=arrow)  # fmt: skip


def pair(logp, ref_logp, names):
    """Two answers under reference and policy, as bars; returns the log-ratios."""
    _, axes = style.figure(6.4, 3.0)
    rows = np.arange(len(names))
    both = (("reference", ref_logp, -0.19), ("policy", logp, 0.19))
    for role, values, shift in both:
        bars = axes.barh(rows + shift, np.exp(values), 0.36, **style.bars(role))
        bars.set_label(role)
        axes.bar_label(bars, fmt=" %.4f", fontsize=12)
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 0.032)
    axes.legend(loc="lower right")
    style.name_axes(axes, "probability", "", "One answer gained, the other lost")
    return np.subtract(logp, ref_logp)


def loss(margin):
    """The loss with one margin marked and its slope drawn; returns (loss, slope)."""
    _, axes = style.figure(6.8, 3.6)
    x = np.linspace(-3, 3, 200)
    here, slope = float(-log_sigmoid(margin)), float(-sigmoid(-margin))
    axes.plot(x, -log_sigmoid(x), **style.line("policy"))
    near = np.array([-1.4, 1.4])
    axes.plot(margin + near, here + slope * near, **style.line("other"), label="slope")
    axes.plot(0, np.log(2), **style.points("reference", markersize=10), label="start")
    axes.plot(margin, here, **style.points("chosen", markersize=11), label="our pair")
    axes.legend()
    style.name_axes(axes, "margin (nats)", "loss (nats)", "Downhill is to the right")
    return here, slope


def run(paths, targets):
    """P(first answer) step by step, one line a beta, with the exact optimum dashed.

    paths: {beta: (steps,)}; targets: {beta: optimum}. Returns the last gap of each.
    """
    _, axes = style.figure(6.8, 3.4)
    for role, (beta, path) in zip(("policy", "chosen"), paths.items(), strict=True):
        look = style.line(role) | {"marker": style.ROLES[role].marker, "markevery": 10}
        axes.plot(path, **look, label=rf"$\beta$ = {beta:g}")
        axes.axhline(targets[beta], **style.line("optimal", linewidth=1.3))
        text = f"optimum {targets[beta]:.2f}"
        axes.text(len(path), targets[beta] - 0.015, text, ha="right", va="top")
    axes.legend(loc="lower right")
    axes.set_ylim(0.48, 0.95)
    style.name_axes(axes, "step", "P(first answer)", "Each stops where theory says")
    return {beta: float(path[-1] - targets[beta]) for beta, path in paths.items()}


PIECES = (  # text, where it stands, chapters, what they say, where that stands
    (r"$-\log$", 0.3, "02", "likelihood", (0.3, -1.2)),
    (r"$\sigma$", 1.1, "01", "a preference is\na biased coin", (1.6, -2.5)),
    (r"$\beta$", 2.0, "04", "the price of\nmoving", (2.0, 1.4)),
    (r"$\log\pi_\theta(y_w|x)$", 3.6, "08 09", "scores from\na network", (3.4, -1.3)),
    (r"$-\log\pi_{ref}(y_w|x)$", 5.85, "03 04", "distance from\nthe start", (5.0, 1.4)),
    (r"$-$", 7.35, "05", "a difference:\nZ cancels", (7.35, -1.3)),
    (r"$\log\pi_\theta(y_l|x)$", 8.6, "10", "prompts, pairs,\nlabels", (8.2, 1.4)),
    (r"$-\log\pi_{ref}(y_l|x)$", 10.75, "10 11", "a frozen\nreference", (10.9, -1.3)),
)


def road_map():
    """The DPO loss in pieces, each with its chapter; returns {piece: chapters}."""
    _, axes = style.figure(11.0, 4.6)
    for text, x, chapters, idea, (to, y) in PIECES:
        axes.text(x, 0, text, fontsize=21, ha="center", va="center")
        _box(axes, f"{chapters}\n{idea}", (x, -0.28 if y < 0 else 0.28), (to, y))
    for bracket, x in (
        ("[", 2.4),
        ("(", 2.6),
        (")", 7.1),
        ("(", 7.6),
        (")", 12),
        ("]", 12.2),
    ):
        axes.text(x, 0, bracket, fontsize=24, ha="center", va="center")
    axes.text(6.2, 2.4, "06  the whole line: the DPO loss", ha="center", weight="bold")
    axes.text(
        6.2, -2.6, "07  its gradient   →   11  training", ha="center", weight="bold"
    )
    axes.set(xlim=(-0.4, 12.5), ylim=(-3.1, 2.8))
    axes.set_axis_off()
    return {text: chapters for text, _, chapters, *_ in PIECES}


def _box(axes, text, at, to):
    box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": style.INK}
    arrow = {"arrowstyle": "-", "color": style.INK, "linewidth": 1.2}
    look = {"ha": "center", "va": "center", "fontsize": 12.5, "bbox": box}
    axes.annotate(text, xy=at, xytext=to, arrowprops=arrow, **look)

"""Pictures of chapter 08 that show tokens as boxes: read where, masked how.

A dashed box is prompt, a solid one is scored as answer, a dotted one is padding.
"""

import numpy as np
import torch

from ..sequence_logprob import token_logprobs
from . import style

KINDS = {
    "prompt": (style.ROLES["reference"].color, "--"),
    "answer": (style.ROLES["chosen"].color, "-"),
    "padding": (style.ROLES["other"].color, ":"),
    "wrong": (style.ROLES["rejected"].color, ":"),
    "logits": (style.INK, "-"),
}


def one_step_ahead(world, row):
    """One row of the language: an arrow from each logit vector to what it scores.

    Returns the log-probability of every token.
    """
    _, axes = style.figure(8.0, 2.9)
    tokens, mask = world.tokens[row], world.mask[row]
    each = token_logprobs(world.logits[[row]], tokens[None])[0].numpy()
    kinds = ["prompt"] * 2 + ["answer" if m else "padding" for m in mask[2:]]
    for t, (token, kind) in enumerate(zip(tokens, kinds, strict=True)):
        box(axes, t, 1.0, world.names[token], kind)
        box(axes, t, 0.0, f"logits {t}", "logits")
        axes.text(t, 1.42, kind, ha="center", fontsize=12, style="italic")
        if kind == "answer":
            arrow = {"arrowstyle": "-|>", "linewidth": 2, "color": style.INK}
            axes.annotate("", (t, 0.78), (t - 1, 0.22), arrowprops=arrow)
            axes.text(t - 0.36, 0.5, f"{each[t]:.2f}", ha="left", va="center")
    axes.set(xlim=(-0.6, len(tokens) - 0.4), ylim=(-0.35, 1.65))
    axes.axis("off")
    style.name_axes(axes, "", "", "Each token is scored by the logits one step before")
    return each


def what_is_read(scores, world, row):
    """For each way to score one row: which logits it reads, and for which token.

    scores: name to function, the right one first. Returns how many logits each reads.
    """
    _, axes = style.figure(8.6, 4.3)
    one = world.logits[[row]], world.tokens[[row]], world.mask[[row]]
    read = [reads(score, *one) for score in scores.values()]
    for i, found in enumerate(read):
        for t, (token, weight) in enumerate(found):
            if weight:
                kind = "answer" if (token, weight) == read[0][t] else "wrong"
                part = "" if weight == 1 else " × ½"
                box(axes, t, -i, world.names[token] + part, kind)
    axes.set_xticks(range(5), [f"after\n{world.names[t]}" for t in world.tokens[row]])
    axes.set_yticks(-np.arange(len(scores)), list(scores))
    axes.set(xlim=(-0.6, 4.6), ylim=(0.5 - len(scores), 0.5))
    axes.grid(False)
    style.name_axes(axes, "logits at this position", "", "Which token is read where")
    return [sum(weight > 0 for _, weight in found) for found in read]


def reads(score, logits, tokens, mask):
    """Find (token, weight) at each position of one row by differentiating the score.

    The slope of weight * log softmax(logits)[y] is weight * (e_y - p).
    """
    logits = logits.clone().requires_grad_()
    (slope,) = torch.autograd.grad(score(logits, tokens, mask).sum(), logits)
    token = slope[0].argmax(-1, keepdim=True)  # (T, 1)
    rest = 1 - logits[0].softmax(-1).gather(-1, token)
    weight = (slope[0].gather(-1, token) / rest).detach().round(decimals=6)
    return list(zip(token[:, 0].tolist(), weight[:, 0].tolist(), strict=True))


def seams(encode, prompt, answers):
    """The pieces of each text, shaded as the mask of the prompt's own length has them.

    encode: text to pieces. Returns how many pieces of each answer the mask scores.
    """
    _, axes = style.figure(8.0, 0.9 + 0.75 * len(answers))
    ahead, scored = len(encode(prompt)), []
    longest = len(prompt) + max(map(len, answers))
    for i, answer in enumerate(answers):
        start, pieces = 0, encode(prompt + answer)
        for k, piece in enumerate(pieces):
            kind = "prompt" if k < ahead else "answer"
            middle = start + len(piece) / 2
            box(axes, middle, -0.7 * i, piece, kind, len(piece) - 0.12)
            start += len(piece)
        scored.append(len(pieces) - ahead)
    axes.vlines(len(prompt), 0.3 - 0.7 * len(answers), 0.35, style.INK, linewidth=2)
    axes.text(len(prompt), 0.42, "the answer begins", ha="center", style="italic")
    axes.set(xlim=(0, longest + 0.2), ylim=(-0.7 * len(answers) + 0.3, 0.6))
    axes.axis("off")
    style.name_axes(axes, "", "", "Dashed: masked as prompt.  Solid: scored as answer.")
    return scored


def box(axes, x, y, text, kind, width=0.84):
    """Draw a token, or a vector of logits, as a box whose look tells its kind."""
    color, dashes = KINDS[kind]
    look = {"height": 0.44, "left": x - width / 2, "linestyle": dashes}
    axes.barh(y, width, color=color, alpha=0.18, **look)
    axes.barh(y, width, fill=False, edgecolor=color, linewidth=1.8, **look)
    axes.text(x, y, text, ha="center", va="center", fontsize=13)

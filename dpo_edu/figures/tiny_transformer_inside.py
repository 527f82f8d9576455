"""Pictures of chapter 09 that look inside: the decoder, who reads whom, what moves."""

import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap

from ..scaling.model_size import parameter_count
from ..tiny_transformer import causal_attention
from . import style

BLUES = LinearSegmentedColormap.from_list(
    "blues", ["white", style.ROLES["policy"].color]
)


def decoder(model):
    """The path from tokens to logits with shapes and parameter counts, first block.

    Returns the total number of parameters.
    """
    _, axes = style.figure(9.2, 3.2)
    block, count = model.blocks[0], parameter_count
    embedded = count(model.token) + count(model.position)
    attention = count(block.qkv) + count(block.out)
    axes.plot([0, 13], [0, 0], color=style.INK, linewidth=2.5, zorder=1)
    _branch(axes, start=3.1, plus=6.5)
    _branch(axes, start=7.0, plus=9.7)
    _part(axes, 0.0, 0, "tokens", None)
    _part(axes, 1.9, 0, "token +\nposition", embedded)
    _part(axes, 3.9, 1.3, "norm", count(block.norm_attention))
    _part(axes, 5.4, 1.3, "attention", attention)
    _part(axes, 7.7, 1.3, "norm", count(block.norm_mlp))
    _part(axes, 8.9, 1.3, "mlp", count(block.up) + count(block.down))
    _part(axes, 10.7, 0, "norm", count(model.norm))
    _part(axes, 11.9, 0, "head", count(model.head))
    _part(axes, 13.1, 0, "logits", None)
    for x, shape in ((0.8, "(B, T)"), (4.8, "(B, T, C)"), (12.5, "(B, T, V)")):
        axes.text(x, -0.75, shape, ha="center", fontsize=12, style="italic")
    axes.set(xlim=(-0.7, 13.8), ylim=(-0.95, 2.0))
    axes.axis("off")
    style.name_axes(axes, "", "", "Two branches read the stream and add to it")
    return count(model)


def _part(axes, x, y, name, parameters):
    """A named box, and beside it how many numbers it learns."""
    learns = style.ROLES["reference" if parameters is None else "policy"]
    look = {"boxstyle": "round,pad=0.3", "fc": "white", "ec": learns.color, "lw": 2}
    axes.text(x, y, name, ha="center", va="center", bbox=look, zorder=3)
    if parameters is not None:
        away = 0.45 if y else -0.42 - 0.2 * name.count("\n")
        axes.text(x, y + away, f"{parameters:,}", ha="center", va="center", fontsize=12)


def _branch(axes, start, plus):
    """The way out of the residual stream and back to the plus where it is added."""
    way = {"color": style.INK, "linewidth": 1.5, "zorder": 1}
    axes.plot([start, start, plus, plus], [0, 1.3, 1.3, 0], **way)
    circle = {"boxstyle": "circle,pad=0.12", "fc": "white", "ec": style.INK}
    axes.text(plus, 0, "+", ha="center", va="center", bbox=circle, zorder=3)


def attention_weights(q, k, names):
    """Who reads whom, in one head: weights of ``causal_attention`` as shaded squares.

    q, k: (T, D). With v = identity the output is the weights. Returns them, (T, T).
    """
    _, axes = style.figure(5.2, 4.2)
    weights = causal_attention(q[None, None], k[None, None], torch.eye(len(q)).to(q))
    shaded(axes, weights[0, 0].detach().numpy(), names)
    title = "No row looks to the right"
    style.name_axes(axes, "is read", "reads", title)
    return weights[0, 0]


def influence(tables, names):
    """How far the logits at each position move when one token is changed.

    tables: title to (T, T) array, row = the changed token. Returns the largest entry
    before the changed token, for each table.
    """
    _, panels = style.figure(9.2, 4.3, columns=len(tables))
    for panel, (title, moved) in zip(panels, tables.items(), strict=True):
        shaded(panel, moved, names)
        style.name_axes(panel, "logits at", "changed token", title)
    return [float(np.tril(moved, -1).max()) for moved in tables.values()]


def shaded(axes, values, names):
    """Draw a square table as shades, the number in each field that is not zero."""
    axes.imshow(values, cmap=BLUES, vmin=0, vmax=max(1.6 * values.max(), 1e-9))
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            text = f"{value:.2f}" if value > 1e-9 else "0"
            axes.text(j, i, text, ha="center", va="center", fontsize=12)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.grid(False)

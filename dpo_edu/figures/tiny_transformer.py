"""The pictures of chapter 09: what the decoder costs, draws, and loses to dropout.

``tiny_transformer_inside`` draws its inside.
"""

import numpy as np
import torch

from ..dpo_loss import dpo_loss
from ..scaling.model_size import forward_flops
from . import style


def attention_share(config, lengths):
    """Attention's share of the arithmetic of a forward pass against the length T.

    Returns the share at each of ``lengths``.
    """
    _, axes = style.figure(7.0, 3.8)

    def share(tokens):
        pairs = 4 * config.layers * config.width * tokens**2
        return pairs / forward_flops(config, tokens)

    smooth = np.unique(np.geomspace(16, 65536, 80).astype(int))
    axes.plot(smooth, [share(int(t)) for t in smooth], **style.line("policy"))
    at = [share(t) for t in lengths]
    axes.plot(lengths, at, **style.points("optimal", markersize=9))
    for t, height in zip(lengths, at, strict=True):
        here = {"textcoords": "offset points", "ha": "right"}
        axes.annotate(f"T = {t:,}: {height:.0%}", (t, height), (-10, 4), **here)
    axes.set(xscale="log", ylim=(0, 1.02))
    names = "sequence length T (tokens)", "share of all FLOPs"
    style.name_axes(axes, *names, "Attention is cheap until T is several times C")
    return at


def temperatures(logits, drawn, names):
    """Exact and drawn shares of each token at several temperatures.

    logits: (V,). drawn: temperature to tokens (N,). Returns the entropies in nats.
    """
    _, panels = style.figure(9.2, 3.3, columns=len(drawn), sharey=True)
    entropies = []
    for panel, (temperature, tokens) in zip(panels, drawn.items(), strict=True):
        p = (logits / temperature).softmax(-1)
        share = torch.bincount(tokens, minlength=len(p)) / len(tokens)
        entropies.append(float(-(p * p.log()).sum()))
        panel.bar(range(len(p)), p, 0.7, **style.bars("policy"), label="softmax")
        look = style.points("optimal", markersize=8)
        panel.plot(range(len(p)), share, **look, label="drawn")
        panel.set(xticks=range(len(p)), ylim=(0, 1.05))
        panel.set_xticklabels(names, fontsize=11)
        style.name_axes(panel, "", "", f"temperature {temperature:g}")
    panels[0].set_ylabel("share")
    panels[-1].legend(loc="upper right")
    return entropies


def dropout(log_ratios, beta):
    """Margins of the first step for each dropout rate, and the loss they make.

    log_ratios: rate to (2N,), chosen then rejected. Returns the first losses.
    """
    _, (left, right) = style.figure(9.0, 3.7, columns=2)
    rates, losses = list(log_ratios), []
    for rate, ratios in log_ratios.items():
        chosen, rejected = ratios.chunk(2)
        zeros = torch.zeros_like(chosen)
        losses.append(float(dpo_loss(chosen, rejected, zeros, zeros, beta)))
        margins = beta * (chosen - rejected)
        look = style.points("policy" if rate else "optimal", alpha=0.5)
        right.plot(torch.full_like(margins, rate), margins, **look)
    left.plot(rates, losses, **style.line("policy", marker="o"))
    left.axhline(np.log(2), **style.line("reference"))
    left.text(rates[-1], np.log(2) + 0.03, "log 2", ha="right")
    style.name_axes(left, "dropout rate", "first loss (nats)", "One number tells")
    style.name_axes(right, "dropout rate", "margin (nats)", "All should be 0")
    return losses

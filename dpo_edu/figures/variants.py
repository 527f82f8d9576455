"""The pictures of chapter 14, part one: the losses themselves and one pair."""

import numpy as np
import torch

from ..variants import kto_loss
from ..variants.optima import Compared, searched_logit
from ..variants.table import DPO, PAIR_LOSSES, VARIANTS
from . import style

LOOK = {  # one color and one dash for each loss, in all figures of the chapter
    "DPO": style.line("policy"),
    "IPO": style.line("optimal"),
    "cDPO": style.line("chosen", linestyle="--"),
    "rDPO": style.line("rejected"),
    "hinge": style.line("reward", linestyle=(0, (9, 2))),
    "SimPO": style.line("other"),
    "ORPO": style.line("reference", linestyle=(0, (4, 3))),
    "DPOP": style.line("chosen", linestyle=(0, (6, 1, 1, 1))),
    "KTO": style.line("reward", linestyle=(0, (2, 1))),
    "LN-DPO": style.line("policy", linestyle=(0, (6, 2))),
    "RPO": style.line("optimal", linestyle=(0, (1, 1))),
}
STOPS, RUNS = ("IPO", "cDPO", "hinge"), ("DPO", "rDPO", "SimPO", "ORPO", "DPOP", "KTO")
STRENGTH = {"IPO": 0.25}  # of figure 3; all others 1
NAMED = {  # figure 3: where a name stands, and the point of its curve
    "IPO": ((0.90, 0.95), (0.94, 0.85)),
    "cDPO": ((0.66, 0.55), (0.72, 0.63)),
    "hinge": ((0.54, 0.83), (0.58, 0.731)),
    "DPO": ((0.91, 0.70), (0.85, 0.85)),
    "rDPO": ((0.53, 0.80), (0.66, 0.767)),
    "SimPO": ((0.84, 0.96), (0.84, 0.863)),
    "ORPO": ((0.87, 0.60), (0.77, 0.665)),
    "DPOP": ((0.78, 0.52), (0.70, 0.565)),
    "KTO": ((0.53, 0.93), (0.57, 1.0)),
}


def along_the_gap(settings):
    """Loss of one pair against its log-ratio gap; settings: {name: setting}.

    Returns, for each loss, the gap where it is least between -3 and 6.
    """
    _, axes = style.figure(7.0, 3.6)
    gap, least = torch.linspace(-3, 6, 361, dtype=torch.float64), {}
    for name, setting in settings.items():
        losses = torch.vmap(lambda x, n=name, s=setting: PAIR_LOSSES[n](_pair(x), s))(
            gap
        )
        axes.plot(gap, losses, **LOOK[name])
        least[name] = float(gap[losses.argmin()])
    axes.set(xlim=(-6.2, 8.2), ylim=(-2.3, 5.2))
    for side, x, at in (
        ("right", -3.1, {"hinge, rDPO": 4.05, "DPO": 3.1, "cDPO": 2.4}),
        ("left", 6.1, {"cDPO": 1.2, "DPO, hinge": 0, "rDPO": -2, "IPO": 4.7}),
    ):
        for name, y in at.items():
            x = 4.35 if name == "IPO" else x
            axes.text(x, y, name, ha=side, va="center", fontsize=13)
    title = "DPO and rDPO fall for ever"
    style.name_axes(axes, "log-ratio gap (nats)", "loss of the pair", title)
    return least


def pulls(beta=1.0):
    """How hard DPO and KTO pull, against how right a response already is.

    Returns both at a lead of -6, 0 and 6 nats: (2, 3).
    """
    _, axes = style.figure(6.8, 3.2)
    lead = torch.linspace(-8, 8, 321, dtype=torch.float64)
    curves = {}
    for name, loss, at in (
        ("DPO", lambda x: PAIR_LOSSES["DPO"](_pair(x), beta), (-6, 0.88)),
        ("KTO", lambda x: kto_loss(x, True, 0.0, beta), (-4, 0.15)),
    ):
        curves[name] = -torch.vmap(torch.func.grad(loss))(lead)
        axes.plot(lead, curves[name], **LOOK[name])
        axes.text(*at, name, fontsize=14)
    title, x = "KTO gives up on what is far gone", "DPO: gap; KTO: log-ratio"
    style.name_axes(axes, f"{x} minus reference point (nats)", "pull", title)
    at = [int((lead - x).abs().argmin()) for x in (-6, 0, 6)]
    return np.array([curve[at].numpy() for curve in curves.values()])


def one_pair():
    """pi(A) at the optimum against the rate p at which A is preferred, ref(A) = 1/2.

    Left the losses that stop short of certainty, right those that do not. Returns
    pi(A) at p = 0.75 and p = 1 for each.
    """
    _, panels = style.figure(9.4, 3.9, columns=2, sharey=True)
    p, ends = np.insert(np.linspace(0.5, 1, 21), 1, 0.5 + 1e-9), {}  # steps stay steep
    curves = optima(p)
    for panel, names, title in (
        (panels[0], STOPS, "They stop short"),
        (panels[1], RUNS, "They go to certainty"),
    ):
        panel.plot(p, p, color=style.GRID, linewidth=8)
        for name in names:
            panel.plot(p, curves[name], **LOOK[name])
            to, at = NAMED[name]
            style.mark(panel, name, at, to)
            ends[name] = curves[name][[11, 21]].round(3).tolist()
        style.name_axes(panel, "p: how often A is preferred", "", title)
    panels[0].set_ylabel(r"$\pi(A)$ at the optimum")
    return ends


def optima(p):
    """{name: the best pi(A) for every p}, at the strengths of figure 3.

    Left out are LN-DPO and RPO: with responses of one token, ref(A) = 1/2 and beta 1
    they come to rest where DPO does.
    """
    gaps = {"KTO": np.where(p > 0.5, np.inf, 0.0)}
    with np.errstate(over="ignore"):
        for row in (row for row in (DPO, *VARIANTS) if row.name in NAMED):
            if row.gap:
                gaps[row.name] = row.gap(p, STRENGTH.get(row.name, 1.0))
            elif row.loss:
                gaps[row.name] = _searched(row.name, p)
        return {name: 1 / (1 + np.exp(-gap)) for name, gap in gaps.items()}


def _searched(name, p):
    return np.array([searched_logit(lambda x: PAIR_LOSSES[name](x, 1.0), q) for q in p])


def _pair(gap):
    """A pair whose whole gap sits in the chosen response."""
    zero, one = torch.zeros_like(gap), torch.ones(gap.shape)
    return Compared(gap, zero, zero, zero, one, one)

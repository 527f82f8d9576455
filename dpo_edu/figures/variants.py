"""The pictures of chapter 14, part one: the losses themselves and one pair."""

import numpy as np
import torch

from ..variant_optima import (
    EPSILON,
    PAIR_LOSSES,
    Compared,
    cdpo_gap,
    dpo_gap,
    hinge_gap,
    ipo_gap,
    rdpo_gap,
    searched_logit,
    simpo_gap,
)
from ..variants import kto_loss
from . import style

LOOK = {  # the losses are many and the roles are few: dashes and labels tell them apart
    "DPO": style.line("policy"),
    "IPO": style.line("optimal"),
    "cDPO": style.line("chosen", linestyle="--"),
    "rDPO": style.line("rejected"),
    "hinge": style.line("reward", linestyle="-."),
    "SimPO": style.line("other"),
    "ORPO": style.line("reference"),
    "DPOP": style.line("chosen"),
}


def along_the_gap(settings):
    """Loss of one pair against its log-ratio gap; settings: {name: setting}.

    Returns, for each loss, the gap where it is least between -3 and 6.
    """
    _, axes = style.figure(6.4, 3.4)
    gap = torch.linspace(-3, 6, 361, dtype=torch.float64)
    least = {}
    for name, setting in settings.items():
        losses = torch.vmap(lambda x, n=name, s=setting: PAIR_LOSSES[n](_pair(x), s))(
            gap
        )
        axes.plot(gap, losses, **LOOK[name], label=name)
        least[name] = round(float(gap[losses.argmin()]), 2)
    axes.set_ylim(-2, 5.2)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    title = "Two of them fall for ever"
    style.name_axes(axes, "log-ratio gap (nats)", "loss", title)
    return least


def pulls(beta=1.0):
    """How hard DPO and KTO pull, against how right a response already is.

    Returns both at a lead of -6, 0 and 6 nats: (2, 3).
    """
    _, axes = style.figure(6.0, 3.0)
    lead = torch.linspace(-8, 8, 321, dtype=torch.float64)
    curves = {}
    for name, role, loss in (
        ("DPO", "policy", lambda x: PAIR_LOSSES["DPO"](_pair(x), beta)),
        ("KTO", "reward", lambda x: kto_loss(x, True, 0.0, beta)),
    ):
        curves[name] = -torch.vmap(torch.func.grad(loss))(lead)
        axes.plot(lead, curves[name], **style.line(role), label=name)
    axes.legend()
    title = "KTO gives up on what is far gone"
    style.name_axes(axes, "gap, or lead over the reference point", "pull", title)
    at = [int((lead - x).abs().argmin()) for x in (-6, 0, 6)]
    return np.array([curve[at].numpy() for curve in curves.values()])


def one_pair(epsilon=EPSILON):
    """pi(A) at the optimum against the rate p at which A is preferred, ref(A) = 1/2.

    Left the losses that stop short of certainty, right those that do not. Returns
    pi(A) at p = 0.75 and p = 1 for each.
    """
    _, panels = style.figure(8.6, 3.4, columns=2, sharey=True)
    p, ends = np.insert(np.linspace(0.5, 1, 21), 1, 0.5 + 1e-9), {}  # steps stay steep
    stops, runs = optima(p, epsilon)
    for panel, curves, title in (
        (panels[0], stops, "They stop short"),
        (panels[1], runs, "They go to certainty"),
    ):
        panel.plot(p, p, color=style.GRID, linewidth=6, label=r"$\pi(A) = p$")
        for name, curve in curves.items():
            panel.plot(p, curve, **LOOK.get(name, style.line("reward")), label=name)
            ends[name] = curve[[11, 21]].round(3).tolist()
        style.name_axes(panel, "p: how often A is preferred", "", title)
    panels[0].legend(fontsize=11)
    panels[1].legend(fontsize=11, loc="center left", bbox_to_anchor=(1, 0.5))
    panels[0].set_ylabel(r"$\pi(A)$ at the optimum")
    return ends


def optima(p, epsilon=EPSILON):
    """Two dicts {name: pi(A) for every p}: those below 1 at p = 1, and the others."""
    with np.errstate(over="ignore"):
        gaps = {
            "IPO": ipo_gap(p, 0.25),
            "cDPO": cdpo_gap(p, 1.0, epsilon),
            "hinge": hinge_gap(p, 1.0),
            "DPO": dpo_gap(p, 1.0),
            "rDPO": rdpo_gap(p, 1.0, epsilon),
            "SimPO": simpo_gap(p, 1.0, 0.25),
            "ORPO": _searched("ORPO", p),
            "DPOP": _searched("DPOP", p),
            "KTO": np.where(p > 0.5, np.inf, 0.0),
        }
        shares = {name: 1 / (1 + np.exp(-gap)) for name, gap in gaps.items()}
    names = list(shares)
    return {n: shares[n] for n in names[:3]}, {n: shares[n] for n in names[3:]}


def _searched(name, p):
    return np.array([searched_logit(lambda x: PAIR_LOSSES[name](x, 1.0), q) for q in p])


def _pair(gap):
    """A pair whose whole gap sits in the chosen response."""
    zero, one = torch.zeros_like(gap), torch.ones_like(gap)
    return Compared(gap, zero, zero, zero, one, one)

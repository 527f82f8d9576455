"""The pictures of chapter 04: the reference tilted by the reward, and what it costs."""

import numpy as np

from ..boltzmann import expected_reward, log_partition, optimal_logp, regret
from ..boltzmann.evidence import elbo, runaway_world
from ..boltzmann.frontier import beta_sweep
from ..divergence import kl_from_logs
from . import style


def tilt(ref_logp, reward, betas):
    """The reference and pi* at each beta, one panel of bars each; returns all pi*."""
    _, panels = style.figure(8.0, 2.7, columns=len(betas) + 1, sharey=True)
    star = np.exp(beta_sweep(ref_logp, reward, betas).logp)
    places, names = np.arange(len(reward)), list("ABCDEFGH"[: len(reward)])
    shown = [np.exp(ref_logp), *star]
    titles = ["reference", *(rf"$\beta$ = {beta:.3g}" for beta in betas)]
    for panel, bars, title in zip(panels, shown, titles, strict=True):
        role = "reference" if panel is panels[0] else "optimal"
        panel.bar(places, bars, 0.7, **style.bars(role))
        outline = {"fill": False, "edgecolor": style.INK, "linestyle": "--"}
        panel.bar(places, shown[0], 0.7, **outline)
        panel.set(xticks=places, xticklabels=names, ylim=(0, 1.02))
        style.name_axes(panel, "response", "", title)
    panels[0].set(ylabel="probability")
    return star


def tilt_at(beta):
    """``tilt`` for a slider: the four answers of the chapter at one beta."""
    tilt(np.log([0.5, 0.25, 0.125, 0.125]), np.array([0.0, 1.0, 2.0, -1.0]), [beta])


def trade_off(ref, beta):
    """J between two responses, rewards (0, 1): a line minus a bowl.

    ref: probability of the better one. Returns its best probability and J there.
    """
    _, axes = style.figure(6.2, 3.5)
    reward, p = np.array([0.0, 1.0]), np.linspace(0, 1, 201)[1:-1]
    logp, ref_logp = np.log(np.stack([1 - p, p], axis=-1)), np.log([1 - ref, ref])
    gain, price = expected_reward(logp, reward), beta * kl_from_logs(logp, ref_logp)
    axes.plot(p, gain, **style.line("reward"), label="reward: the line")
    axes.plot(p, price, **style.line("reference"), label=r"price $\beta$ KL: the bowl")
    axes.plot(p, gain - price, **style.line("policy"), label="objective J: the dome")
    best = np.exp(optimal_logp(ref_logp, reward, beta)[1])
    top = float(beta * log_partition(ref_logp, reward, beta))
    axes.plot(best, top, **style.points("optimal", markersize=11), label="optimum")
    axes.plot(ref, ref, **style.points("reference", markersize=9), label="reference")
    axes.axhline(top, linewidth=1, color=style.INK)
    axes.annotate("", (ref, top), (ref, ref), arrowprops={"arrowstyle": "<->"})
    axes.text(ref - 0.02, (ref + top) / 2, "regret", ha="right", va="center")
    axes.legend(loc="upper left", ncols=2)
    axes.set_ylim(-0.1, 1.35)
    style.name_axes(axes, "P(better answer)", "points", "A line minus a bowl is a dome")
    return float(best), top


def bowl(ref_logp, reward, beta):
    """Level lines of the regret over all policies on three responses A, B, C.

    Returns the regret of the reference.
    """
    _, axes = style.figure(4.6, 4.0)
    b, c = np.meshgrid(*[np.linspace(0.002, 0.996, 300)] * 2)
    inside, height = b + c < 0.998, np.full(b.shape, np.nan)
    policies = np.stack([1 - b - c, b, c], axis=-1)[inside]
    height[inside] = regret(np.log(policies), ref_logp, reward, beta)
    levels = (0.01, 0.05, 0.1, 0.2, 0.4, 0.8)
    lines = axes.contour(b, c, height, levels, colors=style.ROLES["policy"].color)
    axes.clabel(lines, fmt="%g", fontsize=10)
    axes.plot([0, 1, 0, 0], [0, 0, 1, 0], color=style.INK, linewidth=1.5)
    star = optimal_logp(ref_logp, reward, beta)
    for role, logp in (("reference", ref_logp), ("optimal", star)):
        axes.plot(*np.exp(logp)[1:], **style.points(role, markersize=11), label=role)
    axes.legend(loc="upper right")
    for name, *corner in (("A", -0.05, -0.05), ("B", 1.03, -0.05), ("C", -0.05, 1)):
        axes.text(*corner, name, weight="bold")
    axes.set(aspect="equal", xlim=(-0.08, 1.1), ylim=(-0.08, 1.08))
    style.name_axes(axes, "probability of B", "probability of C", "Regret is a bowl")
    return float(regret(ref_logp, ref_logp, reward, beta))


def evidence(policies, ref_logp, reward, beta):
    """log Z as ELBO plus KL(pi || pi*) for named policies; returns {name: (both)}."""
    _, axes = style.figure(6.8, 3.0)
    star, parts = optimal_logp(ref_logp, reward, beta), {}
    for name, logp in policies.items():
        bound = float(elbo(logp, ref_logp, reward, beta))
        gap = float(kl_from_logs(logp, star))
        parts[name] = bound, gap
        axes.barh(name, bound, 0.6, **style.bars("policy"))
        axes.barh(name, gap, 0.6, left=bound, **style.bars("rejected"))
    log_z = float(log_partition(ref_logp, reward, beta))
    axes.axvline(log_z, **style.line("optimal"))
    axes.text(log_z + 0.03, 0.4, "log Z", weight="bold")
    axes.invert_yaxis()
    axes.set_xlim(0, log_z * 1.2)
    style.name_axes(axes, "nats: ELBO (plain) + KL (hatched)", "", "One sum, two parts")
    return parts


def runaway(betas, sizes):
    """log Z of the first n responses of the runaway world, one line per beta.

    Returns the last gain of each line, in nats: 0 where Z is finite.
    """
    _, axes = style.figure(6.0, 3.1)
    sizes, gains = np.asarray(sizes), {}
    for role, beta in zip(("rejected", "other", "optimal"), betas, strict=True):
        heights = [log_partition(*runaway_world(n), beta) for n in sizes]
        look = style.line(role) | {"marker": style.ROLES[role].marker, "markevery": 5}
        axes.plot(sizes, heights, **look, label=rf"$\beta$ = {beta:.4g}")
        gains[beta] = float(heights[-1] - heights[-2])
    axes.legend()
    title = "log Z settles only if beta is large enough"
    style.name_axes(axes, "responses listed, n", "log Z of these (nats)", title)
    return gains

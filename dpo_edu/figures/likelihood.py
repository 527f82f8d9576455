"""The pictures of chapter 02: valleys, who beat whom, and how sure a fit can be."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, LogNorm

from ..bradley_terry import log_sigmoid, logit, preference_matrix
from ..likelihood import (
    bayes_loss,
    binary_cross_entropy,
    fisher_information,
    fit_rewards,
    mle_exists,
    zermelo_step,
)
from . import style

GAPS = np.linspace(-3, 6, 451)


def entropy_and_kl(p):
    """Expected loss when the first wins with probability ``p``; returns its minimum.

    The floor is the entropy, what lies above it a divergence: (floor, best margin).
    """
    _, axes = style.figure(7.5, 4.0)
    loss, floor = binary_cross_entropy(p, GAPS), bayes_loss(p)
    axes.plot(GAPS, loss, **style.line("policy"), label="loss of a model")
    low, high = (style.bars(role, alpha=0.35) for role in ("reference", "other"))
    axes.fill_between(GAPS, 0, floor, **low, label=f"entropy {floor:.4f}")
    axes.fill_between(GAPS, floor, loss, **high, label="KL divergence")
    axes.plot(logit(p), floor, **style.points("optimal", markersize=11))
    style.mark(axes, f"logit {p:g} = {logit(p):.2f}", (logit(p), floor), (1.6, 0.2))
    axes.legend(loc="upper center")
    title = "What a model can lose, and what it must"
    style.name_axes(axes, "margin (nats)", "expected loss (nats)", title)
    return floor, logit(p)


def valleys(tallies, title="A valley needs a vote on each side"):
    """Mean loss against the gap for each (wins, losses); returns the best gaps."""
    _, axes = style.figure(7.5, 4.0)
    shares = np.array([wins / (wins + losses) for wins, losses in tallies])
    for role, (wins, losses), share in zip(style.ROLES, tallies, shares, strict=False):
        loss = binary_cross_entropy(share, GAPS)
        axes.plot(GAPS, loss, **style.line(role), label=f"{wins} to {losses}")
        axes.plot(logit(share), bayes_loss(share), **style.points(role, markersize=9))
    axes.set_ylim(0, 1.6)
    axes.legend(title="votes", loc="lower left")
    style.name_axes(axes, "reward gap (nats)", "loss per vote (nats)", title)
    return logit(shares)


def valley_of_ten(wins):
    """``valleys`` for a slider: so many of ten votes beside a tie."""
    valleys([(5, 5), (wins, 10 - wins)])


def graphs_and_landscapes(tables):
    """For each titled 3 x 3 table of wins: who beat whom, and the loss as a map.

    Darker is better. Returns whether there is one finite best fit, for each.
    """
    _, axes = style.figure(9, 5, rows=2, columns=len(tables), height_ratios=(2, 3))
    for (graph, land), (title, wins) in zip(axes.T, tables.items(), strict=True):
        draw_wins(graph, np.asarray(wins))
        graph.set_title(title, fontweight="bold")
        draw_landscape(land, np.asarray(wins))
    return [mle_exists(wins) for wins in tables.values()]


def draw_wins(axes, wins):
    """Draw A, B, C and an arrow from i to j for every pair in which i has won."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(wins)) / len(wins)
    spots = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (K, 2)
    arrow = {"arrowstyle": "-|>", "linewidth": 2.2, "shrinkA": 14, "shrinkB": 14}
    arrow |= {"color": style.ROLES["chosen"].color, "connectionstyle": "arc3,rad=0.18"}
    for i, j in zip(*np.nonzero(wins), strict=True):
        axes.annotate("", spots[j], spots[i], arrowprops=arrow)
    for spot, name in zip(spots, "ABC", strict=True):
        axes.text(*spot, name, ha="center", va="center", fontsize=17, weight="bold")
    axes.set(xlim=(-1.3, 1.3), ylim=(-0.8, 1.2), aspect="equal")
    axes.axis("off")


def draw_landscape(axes, wins):
    """Draw contours of the mean loss over the rewards of A and B, with C held at 0."""
    side = np.linspace(-4, 6, 101)
    a, b = np.meshgrid(side, side)
    rewards = np.stack([a, b, np.zeros_like(a)], axis=-1)  # (G, G, 3)
    loss = total_loss(rewards, wins) / wins.sum()
    levels = np.geomspace(0.02, 3, 14)  # the same for all maps
    shades = [style.ROLES["policy"].color, "white"]
    look = {"cmap": LinearSegmentedColormap.from_list("loss", shades), "extend": "both"}
    axes.contourf(a, b, loss, levels=levels, norm=LogNorm(0.02, 3), **look)
    axes.contour(a, b, loss, levels=levels, colors=style.INK, linewidths=0.5)
    if mle_exists(wins):
        best = fit_rewards(wins)
        axes.plot(*(best[:2] - best[2]), **style.points("optimal", markersize=10))
    axes.set(aspect="equal", xticks=(-4, 0, 4), yticks=(-4, 0, 4))
    style.name_axes(axes, "A over C (nats)", "B over C (nats)")
    axes.label_outer()


def descent(wins, steps):
    """How far Newton and Zermelo, from equal rewards, are above the smallest loss.

    Returns how many steps each takes to come within 1e-9.
    """
    _, axes = style.figure(7.5, 4.0)
    met, floor = wins + wins.T, total_loss(fit_rewards(wins), wins)
    rewards, strengths = np.zeros(len(wins)), np.full(len(wins), 1 / len(wins))
    above = []
    for _ in range(steps):
        both = total_loss(np.stack([rewards, np.log(strengths)]), wins) - floor
        above.append(np.maximum(both, 1e-13))  # rounding noise is not progress
        surplus = (wins - met * preference_matrix(rewards)).sum(axis=1)
        rewards = rewards + np.linalg.pinv(fisher_information(rewards, met)) @ surplus
        strengths = zermelo_step(strengths, wins)
    newton, zermelo = np.array(above).T
    axes.semilogy(newton, **style.line("policy"), label="Newton")
    axes.semilogy(zermelo, **style.line("other"), label="Zermelo")
    axes.legend()
    style.name_axes(axes, "steps", "excess loss (nats)", "Newton doubles the digits")
    return (newton < 1e-9).argmax(), (zermelo < 1e-9).argmax()


def total_loss(rewards, wins):
    """The negative log-likelihood of a table of wins; rewards (..., K) to (...)."""
    gaps = rewards[..., :, None] - rewards[..., None, :]
    return -(wins * log_sigmoid(gaps)).sum(axis=(-1, -2))


def season_fit(teams, fits):
    """Rewards over the last team with error bars: {label: (gaps, errors)}.

    Returns gap over standard error in the first fit, the last team left out.
    """
    _, axes = style.figure()
    rows = -np.arange(len(teams))
    axes.set_yticks(rows, teams)
    for role, (label, (gaps, errors)) in zip(style.ROLES, fits.items(), strict=False):
        look = style.points(role, capsize=4, label=label)
        axes.errorbar(gaps, rows, xerr=errors, **look)
        rows = rows - 0.28  # the next fit just below
    axes.legend(loc="lower right")
    x, title = f"reward over {teams[-1]} (nats)", "Bars: one standard error"
    style.name_axes(axes, x, "", title)
    (gaps, errors), *_ = fits.values()
    return gaps[:-1] / errors[:-1]

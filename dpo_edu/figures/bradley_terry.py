"""The pictures of chapter 01: where the S-curve comes from and where it stops."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from .. import bradley_terry as model
from . import style


def noisy_races(gap, noise):
    """Two answers whose rewards are ``gap`` apart meet once per row of ``noise``.

    noise: (N, 2) draws. Each meeting is a dot; below the diagonal the first one wins.
    Returns the share of wins of the first, over all N.
    """
    _, axes = style.figure(5.2, 4.6)
    first, second = gap + noise[:1000, 0], noise[:1000, 1]
    for role, wins in (("chosen", first > second), ("rejected", first <= second)):
        axes.plot(first[wins], second[wins], **style.points(role, markersize=3.5))
    axes.axline((0, 0), slope=1, color=style.INK, linewidth=1.5)
    axes.set(xlim=(-2.5, 7), ylim=(-2.5, 7), aspect="equal")
    axes.text(3.6, -2.1, "first wins", color=style.ROLES["chosen"].color)
    axes.text(-2.3, 6.3, "second wins", color=style.ROLES["rejected"].color)
    title = f"Gap {gap:g}: below the diagonal, first wins"
    style.name_axes(axes, "first + noise (nats)", "second + noise (nats)", title)
    return model.random_utility_frequency(gap, 0.0, noise)


def s_curve(noise):
    """Wins counted at seventeen reward gaps against the logistic and normal curves.

    noise: (N, 2) Gumbel draws. Returns the largest distance of a count from sigmoid.
    """
    _, axes = style.figure()
    gaps, smooth = np.linspace(-4, 4, 17), np.linspace(-5, 5, 201)
    counted = [model.random_utility_frequency(gap, 0.0, noise) for gap in gaps]
    normal = model.thurstone_probability(smooth, 0.0)
    axes.plot(smooth, normal, **style.line("other"), label="normal noise (Thurstone)")
    axes.plot(smooth, model.sigmoid(smooth), **style.line("policy"), label="sigmoid")
    axes.plot(gaps, counted, **style.points("optimal"), label="Gumbel noise, counted")
    axes.legend(loc="lower right")
    title = "Gumbel noise makes the S-curve of Bradley-Terry"
    style.name_axes(axes, "reward gap (nats)", "P(first wins)", title)
    return np.abs(counted - model.sigmoid(gaps)).max()


def gauge(rewards, shift, scale=1.0):
    """Three rewards on a line, before and after; beside it what they predict.

    Draws ``rewards`` (A, B, C) and ``scale * rewards + shift``. Returns the three
    preferences P(A>B), P(B>C), P(A>C) of each as rows (2, 3).
    """
    _, (line, bars) = style.figure(8.0, 3.6, columns=2, width_ratios=(3, 2))
    sets = np.array([rewards, scale * np.asarray(rewards) + shift])
    predicted = model.preference_matrix(sets)[:, [0, 1, 0], [1, 2, 2]]  # (2, 3)
    for row, (role, name) in enumerate((("policy", "before"), ("optimal", "after"))):
        line.plot(sets[row], np.full(3, -row), **style.points(role, markersize=11))
        for letter, value in zip("ABC", sets[row], strict=True):
            line.annotate(letter, (value, -row), (0, 10), textcoords="offset points")
        place = np.arange(3) + 0.4 * row - 0.2
        bars.bar(place, predicted[row], 0.38, label=name, **style.bars(role))
    line.set(yticks=(0, -1), yticklabels=("before", "after"), ylim=(-1.6, 0.6))
    line.set_xlim(-6.5, 6.5)
    bars.set(xticks=range(3), xticklabels=("A>B", "B>C", "A>C"), ylim=(0, 1.19))
    bars.legend(ncols=2, loc="upper center", columnspacing=0.8)
    verdict = "stay" if np.allclose(*predicted) else "change"
    style.name_axes(line, "reward (nats)", "", "Rewards move …")
    style.name_axes(bars, "pair", "probability", f"… preferences {verdict}")
    return predicted


def moved_rewards(shift, scale):
    """``gauge`` for a slider: rewards 1, 0, -1, stretched and shifted."""
    gauge([1.0, 0.0, -1.0], shift, scale)


def rankings(rewards):
    """All orders of three items: their probability beside the product of the pairs.

    Returns the sum of each over the six orders; only the first is 1.
    """
    _, axes = style.figure(8.0, 4.0)
    orders, probability = model.all_rankings(rewards)
    product = np.exp(-model.pair_product_nll(np.asarray(rewards)[orders]))
    place = np.arange(len(orders))
    both = (("policy", probability, "Plackett-Luce"), ("rejected", product, "pairs"))
    for shift, (role, height, name) in zip((-0.2, 0.2), both, strict=True):
        label = f"{name}: sums to {height.sum():.4f}"
        axes.bar(place + shift, height, 0.38, label=label, **style.bars(role))
    labels = [">".join("ABC"[item] for item in order) for order in orders]
    axes.set(xticks=place, xticklabels=labels)
    axes.legend()
    title = "A product of pairs is not a distribution over rankings"
    style.name_axes(axes, "ranking", "probability", title)
    return probability.sum(), product.sum()


def cycle(strength):
    """A beats B beats C beats A, each with probability ``strength``: no reward fits.

    Returns the lowest loss any Bradley-Terry model reaches and the entropy below it.
    """
    _, (ring, valley) = style.figure(8.0, 3.8, columns=2, width_ratios=(2, 3))
    draw_ring(ring, strength)
    spread = np.linspace(-3, 3, 121)  # rewards (t, 0, -t)
    gaps = np.stack([spread, spread, -2 * spread])  # A-B, B-C, C-A
    against = (1 - strength) * model.log_sigmoid(-gaps)
    loss = -(strength * model.log_sigmoid(gaps) + against).mean(axis=0)
    floor = -(strength * np.log(strength) + (1 - strength) * np.log(1 - strength))
    valley.plot(spread, loss, **style.line("policy"), label="rewards (t, 0, -t)")
    valley.axhline(floor, **style.line("optimal"), label="entropy of the votes")
    valley.plot(0, loss.min(), **style.points("policy", markersize=10))
    valley.legend(loc="upper center")
    valley.set_ylim(0, 2.4)
    style.name_axes(valley, "t (nats)", "loss (nats)", "The best fit is a coin")
    return loss.min(), floor


def draw_ring(axes, strength):
    """Draw A, B, C on a circle with an arrow from each winner to its loser."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(3) / 3
    spots = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (3, 2)
    arrow = {"arrowstyle": "-|>", "linewidth": 2.5, "shrinkA": 20, "shrinkB": 20}
    arrow |= {"color": style.ROLES["chosen"].color, "connectionstyle": "arc3,rad=-0.2"}
    for spot, after, name in zip(spots, np.roll(spots, -1, axis=0), "ABC", strict=True):
        axes.annotate("", after, spot, arrowprops=arrow)
        axes.text(*spot, name, ha="center", va="center", fontsize=20, weight="bold")
        axes.text(*(0.95 * (spot + after)), f"{strength:g}", ha="center", va="center")
    axes.set(xlim=(-1.4, 1.4), ylim=(-1.1, 1.3), aspect="equal")
    axes.set_title("Winner → loser", loc="left")
    axes.axis("off")


def season(teams, wins):
    """How often each team of ``teams`` (row) beat each other one (column).

    wins: (K, K) counts. Returns the share of wins per pair, nan on the diagonal.
    """
    _, axes = style.figure(7.0, 5.0)
    share = wins / np.where(wins + wins.T > 0, wins + wins.T, np.nan)
    ends = style.ROLES["rejected"].color, "white", style.ROLES["chosen"].color
    shades = LinearSegmentedColormap.from_list("wins", ends)
    axes.imshow(share, cmap=shades, vmin=-0.2, vmax=1.2)
    for i, j in zip(*np.nonzero(~np.isnan(share)), strict=True):
        axes.text(j, i, f"{wins[i, j]:g}", ha="center", va="center")
    axes.set(xticks=range(len(teams)), xticklabels=[team[:3] for team in teams])
    axes.set(yticks=range(len(teams)), yticklabels=teams)
    axes.grid(False)
    style.name_axes(axes, "loser", "winner", "Games won by row against column")
    return share

"""The pictures of chapter 07: how hard a pair pulls, and where the pull leads."""

import numpy as np

from ..dpo_gradient import descent_step, gradient_flow, gradient_weight, log_linear_logp
from ..dpo_loss import dpo_loss
from . import style

LOOKS = ("reference", "optimal", "policy", "rejected", "other")
CORNERS = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])  # chosen, rejected, third


def loss_and_weight(margins):
    """The loss and its weight sigmoid(-m) against the margin; margins: name to m.

    Returns the weights of the named pairs, in their order.
    """
    _, both = style.figure(8.4, 3.6, columns=2)
    smooth, at = np.linspace(-5, 5, 201), np.array(list(margins.values()))
    zeros = np.zeros(201)
    loss = dpo_loss(smooth, zeros, zeros, zeros, 1.0, reduction="none").numpy()
    weight = gradient_weight(smooth, 1.0).numpy()
    for axes, curve in zip(both, (loss, weight), strict=True):
        axes.plot(smooth, curve, **style.line("policy"))
        marks = np.interp(at, smooth, curve)
        axes.plot(at, marks, **style.points("optimal", markersize=9))
    for k, name in enumerate(margins):
        style.mark(axes, name, at=(at[k], marks[k]), to=(at[k] + 0.5, marks[k] + 0.08))
    style.name_axes(both[0], "margin (nats)", "loss (nats)", "The loss …")
    style.name_axes(both[1], "margin (nats)", "weight", "… and minus its slope")
    return gradient_weight(at, 1.0).numpy()


def pull(betas):
    """The pull beta * sigmoid(-beta gap) of one pair against its gap.

    Returns the pull at gap 0 for each beta: half of its largest value.
    """
    _, axes = style.figure(7.2, 3.7)
    gap = np.linspace(-40, 40, 401)
    for beta, look in zip(betas, LOOKS, strict=False):
        height = beta * gradient_weight(gap, beta).numpy()
        axes.plot(gap, height, **style.line(look), label=f"β = {beta:g}")
    axes.legend()
    title = "β is the ceiling of the pull, and how soon it fades"
    style.name_axes(axes, "log-ratio gap (nats)", "pull (loss per nat)", title)
    return np.array([beta * float(gradient_weight(0.0, beta)) for beta in betas])


def step_from(policy, features, size=0.3):
    """Policy after one step on (chosen, rejected) when it is its own reference."""
    logp, features = np.log(policy), np.asarray(features, float)
    theta = descent_step(np.zeros(features.shape[1]), features, (0, 1), 1.0, size)
    return log_linear_logp(theta, features, logp).exp().numpy()


def arrows_on_the_simplex(starts, families, border, size=0.01):
    """One DPO step from each start; an arrow's look says whether the chosen rose.

    starts: (N, 3) policies, chosen first, rejected second. families: name to features
    (3, parameters). border: (2, 3), two policies on the line beyond which the chosen
    falls, drawn in the last panel. size: of a step, small enough to be first order.
    Returns the share of starts where the chosen rose, per family.
    """
    _, both = style.figure(8.6, 4.2, columns=len(families))
    rose = []
    for axes, (name, features) in zip(both, families.items(), strict=True):
        ends = np.array([step_from(start, features, size) for start in starts])
        up = ends[:, 0] > starts[:, 0]
        axes.plot(*CORNERS[[0, 1, 2, 0]].T, color=style.INK, linewidth=1)
        kinds = ("chosen", "o", up, "rises"), ("rejected", "X", ~up, "falls")
        for role, foot, some, word in kinds:
            place, move = starts[some] @ CORNERS, (ends - starts)[some] @ CORNERS
            look = {"color": style.ROLES[role].color, "width": 0.008, "scale": size}
            axes.quiver(*place.T, *move.T, angles="xy", scale_units="xy", **look)
            foot = style.points(role, marker=foot) | {"label": f"chosen {word}"}
            axes.plot(*place.T, **foot, zorder=3)
        for text, (x, y) in zip(("chosen", "rejected", "third"), CORNERS, strict=True):
            axes.text(x, y + (0.04 if y else -0.09), text, ha="center")
        axes.set(xlim=(-0.2, 1.2), ylim=(-0.12, 0.96), aspect="equal")
        axes.set_title(name, loc="left", fontweight="bold")
        axes.axis("off")
        rose.append(up.mean())
    line = style.line("reference", linewidth=1.5, label="border")
    both[-1].plot(*(np.asarray(border) @ CORNERS).T, **line)
    both[-1].legend(loc="upper right", handletextpad=0.2)
    return np.array(rose)


def flow(betas, time):
    """Gap of one pair under gradient flow for several betas, on logarithmic axes.

    Returns the gaps, one row per beta.
    """
    _, axes = style.figure(7.4, 4.2)
    gaps = np.array([gradient_flow(beta, time).numpy() for beta in betas])
    for beta, gap, look in zip(betas, gaps, LOOKS, strict=False):
        axes.plot(time, gap, **style.line(look), label=f"β = {beta:g}")
    axes.set(xscale="log", yscale="log")
    axes.legend()
    title = "Early the large β leads, late the small one"
    style.name_axes(axes, "time (step size × steps)", "gap (nats)", title)
    return gaps


def optimizers(runs):
    """Gap after every step; runs: optimizer to {beta: gaps}. Returns the last gaps."""
    _, both = style.figure(8.4, 3.6, columns=len(runs), sharey=True)
    for axes, (name, gaps) in zip(both, runs.items(), strict=True):
        for (beta, gap), look in zip(gaps.items(), LOOKS, strict=False):
            steps = np.arange(1, len(gap))
            axes.plot(steps, gap[1:], **style.line(look), label=f"β = {beta:g}")
        axes.set(xscale="log", yscale="log")
        style.name_axes(axes, "step", "gap (nats)", name)
    axes.legend()
    return np.array([[float(gap[-1]) for gap in run.values()] for run in runs.values()])


def moved_beta(beta):
    """``pull`` for a slider: one beta beside the usual 0.1."""
    pull([0.1, beta])


def hinge(betas):
    """L / beta against the gap, and its limit max(0, -gap).

    Returns the height at gap 0 for each beta: log 2 / beta.
    """
    _, axes = style.figure(7.2, 3.7)
    gap, zeros = np.linspace(-1, 1, 201), np.zeros(201)
    limit = style.line("reference", linestyle="-", linewidth=8, alpha=0.35)
    axes.plot([-1, 0, 1], [1, 0, 0], **limit, label="max(0, −gap)")
    for beta, look in zip(betas, LOOKS[1:], strict=False):
        loss = dpo_loss(gap, zeros, zeros, zeros, beta, reduction="none").numpy()
        axes.plot(gap, loss / beta, **style.line(look), label=f"β = {beta:g}")
    axes.legend()
    title = "Large β: every non-negative gap is as good as gap 0"
    style.name_axes(axes, "log-ratio gap (nats)", "loss / β", title)
    return np.array([float(dpo_loss(0.0, 0.0, 0.0, 0.0, b)) / b for b in betas])


def gentle(betas, divergence, limit):
    """KL(pi* || pi_ref) against beta with its limit for large beta, both (N,).

    Returns their ratio at the largest beta.
    """
    _, axes = style.figure(6.4, 3.6)
    distance = r"KL($\pi^*$ ‖ $\pi_\mathrm{ref}$)"
    axes.plot(betas, divergence, **style.line("policy"), label=distance)
    axes.plot(betas, limit, **style.line("reference"), label="Var(r) / 2β², its limit")
    axes.set(xscale="log", yscale="log")
    axes.legend()
    names = "β (points per nat)", "KL divergence (nats)"
    style.name_axes(axes, *names, "Doubtful labels: a large β ends close")
    return divergence[-1] / limit[-1]

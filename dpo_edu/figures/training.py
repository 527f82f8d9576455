"""The pictures of chapter 11: what a trainer sees of a run, and what is true of it."""

import numpy as np

from ..boltzmann.frontier import beta_sweep
from . import style

DASHES = ("-", "--", ":")


def column(rows, name):
    """One column of a run's rows, from the first row that has it."""
    return np.array([row[name] for row in rows if name in row])


def learned_against_exact(ref_logp, logp, best_logp):
    """Every response to one prompt, rows (R,): exact probability across, learned up.

    Returns the median distance to the diagonal, before and after, in nats.
    """
    _, axes = style.figure(4.5, 2.9)
    names = "reference, before", "learned by DPO", r"exactly $\pi^*$"
    beside_exact(axes, (ref_logp, logp, best_logp), names, markersize=1.2)
    axes.legend(markerscale=5, loc="lower right", fontsize=11)
    title = f"{len(best_logp):,} responses, one diagonal"
    style.name_axes(axes, r"$\pi^*(y|x)$", r"$\pi(y|x)$", title)
    return [float(np.median(np.abs(each - best_logp))) for each in (ref_logp, logp)]


def beside_exact(axes, logps, names, **look):
    """A point a response: its exact probability across, a policy's up; the diagonal.

    logps: rows (R,) of one prompt, for reference, learned and optimal policy; names:
    their three labels.
    """
    reference, learned, exact = np.exp(logps)
    for role, each, name in zip(
        ("reference", "policy"), (reference, learned), names[:2], strict=True
    ):
        axes.loglog(exact, each, **style.points(role, **look), label=name)
    ends = [exact.min(), exact.max()]
    axes.plot(ends, ends, **style.line("optimal"), label=names[2])


def both_kls(soft, hard):
    """Both KLs to the reference over steps, soft labels beside hard ones.

    Returns the last (KL(policy || ref), KL(ref || policy)) of each.
    """
    _, panels = style.figure(5.8, 2.4, columns=2, sharey=True)
    ends = []
    for panel, rows, title in zip(
        panels,
        (soft, hard),
        ("Soft labels: both stop", "Hard: both go on"),
        strict=True,
    ):
        for name, role, label in (
            ("kl_from_reference", "policy", r"KL($\pi$ || $\pi_{ref}$)"),
            ("kl_of_reference", "reference", r"KL($\pi_{ref}$ || $\pi$)"),
        ):
            panel.plot(
                column(rows, "step"),
                column(rows, name),
                **style.line(role),
                label=label,
            )
        style.name_axes(panel, "step", "", title)
        ends.append((rows[-1]["kl_from_reference"], rows[-1]["kl_of_reference"]))
    panels[0].set_ylabel("nats")
    panels[0].legend(loc="upper left")
    return ends


def price_of_data(counts, last, stopped, start):
    """KL(policy || pi*) against number of pairs: after all epochs, and stopped early.

    last, stopped: (counts, seeds); start: the reference's own. Returns both means.
    """
    _, axes = style.figure(5.4, 3.0)
    for values, role, label in (
        (last, "rejected", "after the last epoch"),
        (stopped, "chosen", "stopped by held-out loss"),
    ):
        axes.loglog(counts, values.mean(axis=1), **style.line(role), label=label)
        for run in values.T:
            axes.plot(counts, run, **style.points(role))
    axes.axhline(start, **style.line("reference"), label="the reference, before DPO")
    axes.set_ylim(0.03, 1.6)
    axes.legend(loc="lower left")
    title = "Ten times the pairs, a fraction of the error"
    style.name_axes(
        axes, "pairs, one verdict each", r"KL($\pi$ || $\pi^*$), nats", title
    )
    return last.mean(axis=1), stopped.mean(axis=1)


def sure_labels(runs, ceiling):
    """Sure labels at several betas: margin and both KLs over steps on a log axis.

    runs: {beta: rows}. Returns the last KL(policy || ref) of each.
    """
    _, panels = style.figure(7.2, 2.5, columns=3)
    names = ("margin", "kl_of_reference", "kl_from_reference")
    titles = ("Margin", r"KL($\pi_{ref}$ || $\pi$)", r"KL($\pi$ || $\pi_{ref}$)")
    for panel, name, title in zip(panels, names, titles, strict=True):
        for (beta, rows), dash in zip(runs.items(), DASHES, strict=True):
            look = style.line("policy", linestyle=dash)
            label = rf"$\beta$ = {beta}"
            panel.semilogx(
                column(rows, "step"), column(rows, name), **look, label=label
            )
        style.name_axes(panel, "step", "nats", title)
    panels[1].legend(handlelength=1.3)
    panels[2].axhline(ceiling, **style.line("optimal"))
    panels[2].set_ylim(0, 1.1 * ceiling)
    style.mark(panels[2], "ceiling", (3, ceiling), (2, 0.7 * ceiling))
    return [rows[-1]["kl_from_reference"] for rows in runs.values()]


def reward_against_kl(ref_logp, reward, tracks):
    """True reward against KL(policy || ref) along runs, under the exact frontier.

    tracks: {label: (rows, role)}. Returns the frontier's reward at their last KLs.
    """
    _, axes = style.figure(5.4, 3.0)
    sweep = beta_sweep(ref_logp, reward, np.geomspace(30, 0.05, 80))
    spent, earned = sweep.kl.mean(-1), sweep.reward.mean(-1)
    axes.plot(
        spent, earned, **style.line("optimal"), label="frontier: nothing is above"
    )
    for label, (rows, role) in tracks.items():
        kl, gain = column(rows, "kl_from_reference"), column(rows, "reward")
        axes.plot(kl, gain, **style.line(role, marker="o", markersize=3), label=label)
    axes.legend(loc="lower right")
    title = "Hard labels turn away from the frontier"
    style.name_axes(axes, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)
    ends = [rows[-1]["kl_from_reference"] for rows, _ in tracks.values()]
    return np.interp(ends, spent, earned)

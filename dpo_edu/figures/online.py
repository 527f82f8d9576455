"""The pictures of chapter 15: what rounds cover, where they lead, what they err."""

import numpy as np

from ..boltzmann import optimal_logp
from ..divergence import kl_from_logs
from . import style

LEVELS = (-3.0, -1.5, 0.0, 1.5, 3.0)
SOFT_ERRORS = (  # label, condition, column, role
    (r"fixed, $\beta$ = 2", "fixed", "kl_to_fixed", "reference"),
    (r"moving, $\beta$ = 2", "moving", "kl_to_moved", "policy"),
    ("moving, last round alone", "moving", "kl_of_round", "rejected"),
    (r"fixed, $\beta$ = 1/3", "fixed, 1/3", "kl_to_fixed", "chosen"),
)


def means(runs, name):
    """One column of several runs, one per seed: (seeds, rows that have it)."""
    return np.array([[row[name] for row in rows if name in row] for rows in runs])


def spread(axes, runs, name, role, label=None, **look):
    """The mean over seeds as a line, each seed as marks; returns the last mean."""
    values = means(runs, name)
    steps = [row["step"] for row in runs[0] if name in row]
    marked = style.line(role, marker=style.ROLES[role].marker, markersize=5) | look
    axes.plot(steps, values.mean(0), **marked, label=label)
    axes.plot(steps, values.T, **style.points(role, markersize=2.5))
    axes.set_xticks(steps)
    return float(values.mean(0)[-1])


def levels(world, ref_logp, best_logp):
    """Probability of each level of reward, reference beside pi*; returns both tops."""
    _, axes = style.figure(5.6, 2.8)
    tops = []
    for shift, logp, role, label in (
        (-0.2, ref_logp, "reference", "reference: what pairs show"),
        (0.2, best_logp, "optimal", r"$\pi^*$: what is wanted"),
    ):
        share = [np.exp(logp)[world.reward == r].sum() / len(logp) for r in LEVELS]
        axes.bar(np.arange(5) + shift, share, 0.4, **style.bars(role), label=label)
        tops.append(share[-1])
    axes.set_xticks(range(5), [f"{level:g}" for level in LEVELS])
    axes.legend(loc="upper left")
    style.name_axes(axes, "true reward", "probability", "Pairs show what is not wanted")
    return tops


def rounds(sides, roles):
    """Coverage of each round's new pairs, and the objective reached, seed by seed.

    sides: {side: its "runs"}, offline among them; roles: {side: role}. Returns the
    mean J at each end.
    """
    figure, (left, right) = style.figure(9.2, 3.7, columns=2)
    ends = []
    for name, role in roles.items():
        spread(left, sides[name]["runs"], "covered", role, name)
        ends.append(spread(right, sides[name]["runs"], "objective", role))
    offline = sides["offline"]["runs"]
    covered = means(offline, "covered").mean()
    reached = means(offline, "objective")[:, -1].mean()
    for axes, height, at in ((left, covered, 2.0), (right, reached, 0.0)):
        axes.axhline(height, **style.line("reference"))
        axes.annotate("offline", (at, height), (0, 4), textcoords="offset points")
    left.set_ylim(0, 1)
    figure.legend(loc="outside lower center", ncols=3, fontsize=12)
    title = "Rounds find the good answers"
    style.name_axes(left, "pairs of the policy after round", "", title)
    left.set_ylabel("pairs with a best answer")
    style.name_axes(
        right, "after round", r"J at $\beta$ = 0.5", "Rounds end above offline"
    )
    return ends


def soft_rounds(results, ref_logp, reward, beta):
    """Where nearly exact rounds lead, and what they get wrong.

    Returns the last {label: KL to the policy that is named in the label}.
    """
    figure, (left, right) = style.figure(9.2, 4.0, columns=2)
    numbers = np.arange(1, 7)
    for kind, role, power in (("fixed", "reference", 0), ("moving", "policy", 1)):
        exact = [optimal_logp(ref_logp, reward, beta / k**power) for k in numbers]
        spent = kl_from_logs(np.array(exact), ref_logp).mean(axis=-1)
        name = "exact (left panel)" if power else None  # once for both
        left.plot(numbers, spent, **style.line("optimal"), label=name)
        spread(left, results[f"soft, {kind}"], "kl_from_reference", role)
    ends = {
        label: spread(right, results[f"soft, {name}"], column, role, label)
        for label, name, column, role in SOFT_ERRORS
    }
    right.set_yscale("log")
    left.set_ylim(0)
    figure.legend(loc="outside lower center", ncols=3, fontsize=12)
    style.name_axes(
        left, "after round", "KL to first reference (nats)", "The law, roughly"
    )
    nats = "KL to exact policy (nats)"
    style.name_axes(right, "after round", nats, "Inherited errors")
    return ends

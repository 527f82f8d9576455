"""Chapter 12's pictures of where methods end: on a learned reward, and GRPO at rest.

They take the stored rows "runs" and "rest" as they are.
"""

import numpy as np

from ..boltzmann.frontier import beta_sweep
from ..policy_gradient.frontier_distance import nats_off_frontier
from ..policy_gradient.grpo_optimum import forward_kl_optimal_logp, grpo_optimal_logp
from ..training.evaluation import evaluate, pool_by_reward
from . import style
from .policy_gradient_reward_kl import pick, spread

ROLES = {
    "DPO": "policy",
    "RM's optimum": "reward",  # of the reward model, by enumeration
    "REINFORCE": "chosen",
    "PPO": "rejected",
    "GRPO": "other",
    "GRPO, summed": "other",
    "GRPO, not scaled": "reference",
    "Dr. GRPO": "reference",
}
KINDS = {"RM's optimum": "exact", "GRPO": "GRPO", "Dr. GRPO": "Dr. GRPO"}


def at_beta(results, name, beta):
    """What is enumerated of a method at this beta of its own: a row per seed."""
    rows = pick(results["rest"], kind=KINDS[name])
    return [row for row in rows if abs(row["beta"] - beta) < 1e-6]


def best_beta(results, name):
    """The beta at which the mean share of the judged seeds is largest."""
    betas = sorted({row["beta"] for row in pick(results["rest"], kind=KINDS[name])})
    return max(betas, key=lambda b: spread(at_beta(results, name, b), "share")[0])


def tuned(results, name):
    """The row of a tuned method: its setting, what was tried, and a run per seed."""
    (row,) = pick(results["tuned"], method=name)
    return row


def compared(results):
    """{name, beta: runs}: the tuned methods, and the enumerated optimum.

    The optimum of the reward model stands at 1 and at the beta best for it.
    """
    rows = {
        (row["method"], row["setting"]["beta"]): row["runs"] for row in results["tuned"]
    }
    for beta in (1.0, best_beta(results, "RM's optimum")):
        rows["RM's optimum", beta] = at_beta(results, "RM's optimum", beta)
    return rows


def at_their_best(results, ref_logp, reward):
    """Left: every run in the plane of reward and KL. Right: its share, method by row.

    Small marks are seeds, large ones means; where a role serves twice, the second one
    is hollow. Returns {(name, beta): mean share}.
    """
    _, (plane, shares) = style.figure(7.6, 3.9, columns=2, width_ratios=(1.15, 1))
    rows = compared(results)
    roles = [ROLES[name] for name, _ in rows]
    for place, (role, runs) in enumerate(zip(roles, rows.values(), strict=True)):
        hollow = {"markerfacecolor": "white"} if role in roles[:place] else {}
        _draw_runs(plane, shares, runs, role, place, hollow)
    _frontier_above(plane, ref_logp, reward)
    labels = [f"{name}, \u03b2 = {beta:.3g}" for name, beta in rows]
    shares.set_yticks(range(len(rows)), labels)
    shares.tick_params(axis="y", labelsize=10)
    shares.margins(y=0.08)
    shares.invert_yaxis()
    label = r"share of what $\pi^*$ gains"
    style.name_axes(shares, label, "", "By method")
    return {which: spread(runs, "share")[0] for which, runs in rows.items()}


def _draw_runs(plane, shares, runs, role, place, hollow):
    """A method's seeds and their mean: in the plane, and as a row of shares."""
    columns = "kl_from_reference", "reward", "share"
    kl, reward, share = ([run[each] for run in runs] for each in columns)
    small = style.points(role, markersize=4, **hollow)  # no tints: palettes are small
    edge = style.ROLES[role].color if hollow else "white"
    large = style.points(role, markersize=9, markeredgecolor=edge, **hollow)
    plane.plot(kl, reward, **small)
    plane.plot(np.mean(kl), np.mean(reward), **large)
    shares.plot(share, [place] * len(share), **small)
    shares.plot(np.mean(share), place, **large)


def _frontier_above(plane, ref_logp, reward):
    """The exact frontier over the part of the plane in which there are runs."""
    (low, high), (bottom, _) = plane.get_xlim(), plane.get_ylim()
    curve = beta_sweep(ref_logp, reward, np.geomspace(0.35, 40, 120))
    plane.plot(curve.kl.mean(-1), curve.reward.mean(-1), **style.line("optimal"))
    top = np.interp(high, curve.kl.mean(-1)[::-1], curve.reward.mean(-1)[::-1])
    plane.set_xlim(low, high)
    plane.set_ylim(bottom, top)
    plane.text(low + 0.03 * (high - low), top, r"all exact $\pi^*$", va="top")
    title = "None on the frontier"
    style.name_axes(plane, r"KL($\pi$ || $\pi_{ref}$), nats", "true reward", title)


def at_rest(ref_logp, reward, betas):
    """Nats off the frontier of GRPO's resting places, against the KL that they spend.

    With and without division by the deviation. Returns {form: the largest distance}.
    """
    _, axes = style.figure(5.2, 2.7)
    levels, ref_logp = pool_by_reward(reward, ref_logp)  # equals are treated alike
    reward, found = np.broadcast_to(levels, ref_logp.shape), {}
    for label, rest, role in (
        ("divided by the deviation", grpo_optimal_logp, "policy"),
        ("not divided", forward_kl_optimal_logp, "reward"),
    ):
        policies = [rest(ref_logp, reward, beta) for beta in betas]
        kl = [evaluate(p, ref_logp, reward, 1.0).kl_from_reference for p in policies]
        off = [nats_off_frontier(p, ref_logp, reward) for p in policies]
        marker = style.ROLES[role].marker
        axes.plot(kl, off, **style.line(role, marker=marker), label=label)
        found[label] = max(off)
    axes.axhline(0, **style.line("optimal"))
    axes.legend(loc="lower center", fontsize=11)
    title = r"GRPO rests beside $\pi^*$, not on it"
    style.name_axes(axes, "KL to the reference, nats", "nats off the frontier", title)
    return found

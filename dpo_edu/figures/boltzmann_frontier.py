"""More pictures of chapter 04: what beta buys, and what a wrong reward makes of it."""

import numpy as np

from ..boltzmann import expected_reward, log_partition, optimal_logp
from ..boltzmann.best_of_n import best_of_n_logp
from ..boltzmann.frontier import best_proxy_beta, beta_sweep
from ..divergence import kl_from_logs
from . import style

BETAS = np.geomspace(0.03, 100, 400)


def sweep(ref_logp, reward):
    """Reward and KL of pi* against beta, with both limits; returns the two limits.

    They are max reward and -log pi_ref(best) on the left; the dashed line on the
    right panel is Var_ref(r) / (2 beta^2).
    """
    _, (left, right) = style.figure(8.0, 3.0, columns=2)
    curve = beta_sweep(ref_logp, reward, BETAS)
    left.semilogx(BETAS, curve.reward, **style.line("optimal"))
    right.loglog(BETAS, curve.kl, **style.line("optimal"), label=r"KL($\pi^*$ || ref)")
    mean, limit = expected_reward(ref_logp, reward), -ref_logp[np.argmax(reward)]
    variance = expected_reward(ref_logp, (reward - mean) ** 2)
    limits = {
        "max r": (left, max(reward)),
        r"E$_{ref}$[r]": (left, mean),
    }
    limits[r"$-\log\,\pi_{ref}$(best)"] = right, limit
    for name, (axes, level) in limits.items():
        axes.axhline(level, color=style.INK, linewidth=1, linestyle=":")
        axes.annotate(name, (0.03, level), (0, 4), textcoords="offset points")
    left.set_ylim(0.2, 2.25)
    gentle = BETAS[BETAS > 0.4]
    parabola = variance / (2 * gentle**2)
    label = r"Var$_{ref}$(r) / 2$\beta^2$"
    right.plot(gentle, parabola, **style.line("reference"), label=label)
    right.set_ylim(2e-5, 10)
    left.minorticks_off()
    right.minorticks_off()
    right.legend(loc="lower left")
    style.name_axes(left, r"$\beta$", "expected reward", "Reward")
    style.name_axes(right, r"$\beta$", "nats", "Distance from the reference")
    return float(max(reward)), float(limit)


def log_partition_curve(ref_logp, reward, beta):
    """log Z against 1/beta with its tangent; returns (slope by difference, E*[r])."""
    _, axes = style.figure(6.4, 3.4)
    inverse, at = np.linspace(0.01, 4, 200), 1 / beta
    height = [log_partition(ref_logp, reward, 1 / x) for x in inverse]
    here = log_partition(ref_logp, reward, beta)
    slope = expected_reward(optimal_logp(ref_logp, reward, beta), reward)
    tangent = here + slope * (inverse - at)
    axes.plot(inverse, height, **style.line("optimal"), label=r"log Z")
    label = f"tangent: slope {slope:.3f}"
    axes.plot(inverse, tangent, **style.line("policy", linewidth=1.3), label=label)
    axes.plot(at, here, **style.points("optimal", markersize=10))
    axes.legend()
    style.name_axes(axes, r"$1/\beta$", "nats", "The slope of log Z is the reward")
    ends = [log_partition(ref_logp, reward, 1 / (at + step)) for step in (-1e-4, 1e-4)]
    return float((ends[1] - ends[0]) / 2e-4), float(slope)


def frontier(ref_logp, reward, counts):
    """Reward against KL: the exact frontier and best-of-N for each N of ``counts``.

    Returns the (KL, reward) of each best-of-N policy, (counts, 2).
    """
    _, axes = style.figure(6.2, 3.4)
    curve = beta_sweep(ref_logp, reward, BETAS)
    axes.plot(curve.kl, curve.reward, **style.line("optimal"), label=r"all $\pi^*$")
    axes.fill_between(curve.kl, curve.reward, alpha=0.1, color=style.INK)
    logp = np.stack([best_of_n_logp(ref_logp, reward, n) for n in counts])
    spent, won = kl_from_logs(logp, ref_logp), expected_reward(logp, reward)
    axes.plot(spent, won, **style.points("policy"), label="best of N")
    for n, *spot in zip(counts, spent, won, strict=True):
        axes.annotate(str(n), spot, (7, -14), textcoords="offset points")
    axes.legend(loc="lower right")
    axes.set_ylim(0.2, 2.1)
    title = "No policy lies above the frontier"
    style.name_axes(axes, "KL to the reference (nats)", "expected reward", title)
    return np.stack([spent, won], axis=-1)


def overoptimization(ref_logp, proxy, gold):
    """The proxy that is optimized and the gold that is meant, against the KL spent.

    Returns (beta, KL, gold) at the peak of the gold reward.
    """
    _, axes = style.figure(6.2, 3.2)
    curve = beta_sweep(ref_logp, proxy, BETAS)
    true = expected_reward(curve.logp, gold)
    axes.plot(curve.kl, curve.reward, **style.line("policy"), label="proxy (optimized)")
    look = style.line("reward", marker="P", markevery=25)
    axes.plot(curve.kl, true, **look, label="gold (meant)")
    beta = best_proxy_beta(ref_logp, proxy, gold, BETAS)
    peak = optimal_logp(ref_logp, proxy, beta)
    spent, best = kl_from_logs(peak, ref_logp), expected_reward(peak, gold)
    axes.plot(spent, best, **style.points("reward", markersize=11))
    style.mark(axes, rf"peak at $\beta$ = {beta:.2f}", (spent, best), (spent, 1.0))
    axes.legend(loc="upper left")
    title = "The proxy rises, the gold turns"
    style.name_axes(axes, "KL to the reference (nats)", "expected reward", title)
    return float(beta), float(spent), float(best)

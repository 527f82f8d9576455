"""The one picture of ``dpo-edu tour``: what was learned beside what is true."""

import numpy as np

from . import style


def learned_and_exact(reference_logp, learned_logp, optimal_logp, prompt, history):
    """Two panels: every response's learned and exact probability; the training curves.

    Arguments are rows (R,) of one prompt and the list of log records. Returns the
    figure and the largest |learned - exact| probability.
    """
    fig, (left, right) = style.figure(width=13.0, height=5.2, columns=2)
    exact = np.exp(optimal_logp)
    for logp, role, label in (
        (reference_logp, "reference", "reference, before"),
        (learned_logp, "policy", "learned by DPO"),
    ):
        left.loglog(exact, np.exp(logp), label=label, **style.points(role))
    ends = [exact.min(), exact.max()]
    left.plot(ends, ends, label="exactly optimal", **style.line("optimal"))
    left.legend()
    style.name_axes(
        left,
        "optimal probability π*(y|x)",
        "model's probability π(y|x)",
        f"“{prompt}”: {len(exact):,} responses land on the optimum",
    )
    _curves(right, history)
    return fig, float(np.abs(np.exp(learned_logp) - exact).max())


def _curves(axes, history):
    """Loss against steps, with its two landmarks."""
    steps = np.arange(1, len(history) + 1)
    loss = np.array([record["loss"] for record in history])
    width = max(len(loss) // 60, 1)
    smooth = np.convolve(loss, np.ones(width) / width, mode="valid")
    axes.plot(steps[width - 1 :], smooth, label="loss", **style.line("policy"))
    axes.axhline(np.log(2), label="log 2: the start", **style.line("reference"))
    axes.legend()
    style.name_axes(
        axes, "DPO step", "loss (nats)", "The loss falls to its floor, not to zero"
    )

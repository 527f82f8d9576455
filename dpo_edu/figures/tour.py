"""The one picture of ``dpo-edu tour``: what was learned beside what is true."""

import numpy as np

from . import style
from .training import beside_exact


def learned_and_exact(logps, prompt, history, floor):
    """Two panels: every response's learned and exact probability; the training curve.

    logps: rows (R,) of one prompt, for reference, learned and optimal policy. history:
    the log records. floor: the least loss any policy can have. Returns the figure.
    """
    fig, (left, right) = style.figure(width=13.0, height=5.2, columns=2)
    names = "reference", "learned", "optimal"
    beside_exact(left, logps, names, markersize=3.5, alpha=0.6)
    left.legend(markerscale=2)
    style.name_axes(
        left,
        "optimal probability π*(y|x)",
        "model's probability π(y|x)",
        f"“{prompt}”: every response finds its place",
    )
    _loss_curve(right, [record["loss"] for record in history], floor)
    return fig


def running_mean(loss):
    """The mean over a hundredth of all steps, the last ones; (steps,)."""
    width = max(len(loss) // 100, 1)
    return np.array(
        [np.mean(loss[max(step - width, 0) : step + 1]) for step in range(len(loss))]
    )


def _loss_curve(axes, loss, floor):
    """Running mean of the loss between where it starts and where it must end."""
    axes.plot(running_mean(loss), label="loss", **style.line("policy"))
    axes.axhline(np.log(2), label="start: log 2", **style.line("reference"))
    axes.axhline(floor, label="floor: label entropy", **style.line("optimal"))
    axes.legend()
    style.name_axes(
        axes, "DPO step", "loss (nats)", "The loss falls to its floor, not to zero"
    )

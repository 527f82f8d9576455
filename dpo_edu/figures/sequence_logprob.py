"""The pictures of chapter 08: what sums see, what a bug teaches, what bfloat16 loses.

``sequence_logprob_tokens`` draws the tokens themselves.
"""

import numpy as np
import torch

from . import style


def sums_and_first_losses(sums, losses):
    """Sum of the probabilities of all answers, and the first loss, for each score.

    sums, losses: name to number, the right score first. Returns the furthest sum.
    """
    _, (left, right) = style.figure(8.8, 3.9, columns=2, sharey=True)
    places = -np.arange(len(sums))
    for panel, values, at in ((left, sums, 1.0), (right, losses, np.log(2))):
        heights = np.array(list(values.values()))
        looks = ["chosen"] + ["rejected"] * (len(sums) - 1)
        for y, x, role in zip(places, heights, looks, strict=True):
            panel.barh(y, x - at, 0.62, at, **style.bars(role))
            panel.plot(x, y, **style.points(role, markersize=9))
            digits = f"{x:.2f}" if panel is left else f"{x:.4f}"
            side = -12 if x < 0.999 * at else 12
            where = {"ha": "right" if side < 0 else "left", "va": "center"}
            panel.annotate(
                digits, (x, y), (side, 0), textcoords="offset points", **where
            )
        panel.axvline(at, color=style.INK, linewidth=1.2)
    left.set_xscale("log")
    left.set_xticks([0.5, 1, 2, 4, 8, 16], ["0.5", "1", "2", "4", "8", "16"])
    left.minorticks_off()
    left.set(yticks=places, yticklabels=list(sums), xlim=(0.22, 40))
    right.set(xlim=(0.3, 1.2))
    style.name_axes(left, "sum over all answers of π(y|x)", "", "The sum sees six bugs")
    style.name_axes(right, "first loss (nats)", "", "The first loss sees none")
    return max(sums.values())


def taught(fits, floor, start):
    """Last loss and distance to pi* after training with each score.

    fits: name to Fit. floor: the smallest loss there is. start: KL of the reference.
    Returns the distances in the order of ``fits``.
    """
    _, (left, right) = style.figure(8.8, 3.9, columns=2, sharey=True)
    places = -np.arange(len(fits))
    for y, fit in zip(places, fits.values(), strict=True):
        role = "chosen" if fit.kl < 1e-4 else "rejected"
        left.plot(fit.last_loss, y, **style.points(role, markersize=10))
        right.barh(y, fit.kl, 0.62, **style.bars(role))
        look = {"va": "center", "bbox": style.BEHIND_TEXT}
        right.text(fit.kl + 0.03, y, f"{fit.kl:.3f}", **look)
    left.axvline(floor, color=style.INK, linewidth=1.2)
    left.axvline(np.log(2), **style.line("reference"))
    right.axvline(start, **style.line("reference"))
    left.text(np.log(2) - 0.007, 0.7, "start", ha="right")
    left.text(floor + 0.007, 0.7, "floor")
    right.text(start - 0.03, 0.7, "start", ha="right")
    left.set(yticks=places, yticklabels=list(fits), xlim=(0.40, 0.74), ylim=(-6.6, 1.2))
    right.set(xlim=(0, 1.35))
    style.name_axes(left, "last loss (nats)", "", "Six losses reach the floor")
    style.name_axes(right, "KL(policy ‖ π*) (nats)", "", "Two policies reach π*")
    return [fit.kl for fit in fits.values()]


def staircase(center=-500.0):
    """What bfloat16 and float16 make of log-probabilities near ``center``.

    Returns the height of a step of each, in nats.
    """
    _, axes = style.figure(7.0, 3.9)
    true, steps = torch.linspace(center - 4.5, center + 4.5, 3601).double(), []
    for role, dtype in (("rejected", torch.bfloat16), ("other", torch.float16)):
        stored = true.to(dtype).double()
        steps.append(float(stored.diff().max()))
        label = f"{str(dtype).removeprefix('torch.')}: steps of {steps[-1]:g}"
        axes.plot(true, stored, **style.line(role, linestyle="-"), label=label)
    axes.plot(true, true, **style.line("reference", linewidth=1.2), label="exact")
    for x in (center - 0.9, center + 0.9):
        stored = float(torch.tensor(x).bfloat16())
        axes.plot(x, stored, **style.points("chosen", markersize=10))
    text = "1.8 nats apart,\nstored as equal"
    style.mark(axes, text, at=(center - 0.9, center), to=(center - 1, center - 4))
    style.mark(axes, "", at=(center + 0.9, center), to=(center + 0.9, center - 2.6))
    axes.legend(loc="upper left")
    names = "log-probability (nats)", "stored (nats)"
    style.name_axes(axes, *names, "bfloat16 near −500 is a staircase")
    return steps

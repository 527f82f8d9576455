"""The moving picture of ``dpo-edu tour``: every response on its way to the diagonal.

Frames are Pillow images with one palette, so that a GIF of them stays small. This
module does not train and does not write files.
"""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from . import style
from .tour import running_mean

FIRST, EACH, LAST = 1500, 110, 4000  # milliseconds that a frame stays
TEXT_STAYS = 6  # frames for which the answers under the picture stay
SHADES = 40  # colors of the palette


class Moment(NamedTuple):
    """The policy after some steps, as far as the picture shows it."""

    step: int
    logp: np.ndarray  # (R,) of the prompt shown
    answers: list[str]  # what it writes


def moving_picture(moments, best_logp, prompt, loss, floor, dark=False):
    """Learned beside optimal probability, and the loss, frame by frame.

    best_logp: (R,) of the optimum; loss: of every step; floor: the least loss of any
    policy. dark: for pages with a dark background. Returns the frames, as Pillow images
    of one palette, and how many milliseconds each stays.
    """
    fig, (left, right) = style.figure(9.0, 4.5, columns=2, dark=dark)
    dots = _diagonal(left, moments[0].logp, best_logp, dark)
    curve = _loss(right, len(loss), floor, dark)
    first = _said(moments, 0, prompt)
    caption = fig.supxlabel(first, fontsize=14, x=0.02, ha="left")
    fig.canvas.draw()
    fig.set_layout_engine("none")  # everything has its place, and stays there
    loss = running_mean(loss)
    frames = []
    for number, moment in enumerate(moments):
        dots.set_ydata(np.exp(moment.logp))
        curve.set_data(np.arange(1, moment.step + 1), loss[: moment.step])
        caption.set_text(_said(moments, number, prompt))
        frames.append(_picture(fig))
    plt.close(fig)
    return _few_colors(frames), [FIRST, *[EACH] * (len(frames) - 2), LAST]


def _diagonal(axes, ref_logp, best_logp, dark):
    """Where responses started, where they belong, and the dots that will move."""
    exact, before = np.exp(best_logp), np.exp(ref_logp)

    def look(role, **more):
        size = {"markersize": 2.5, "markeredgewidth": 0}
        return style.points(role, color=style.color(role, dark), **size, **more)

    axes.loglog(exact, before, **look("reference"), label="before")
    (dots,) = axes.plot(exact, before, **look("policy"), label="now")
    ends = [exact.min(), exact.max()]
    thin = style.line("optimal", color=style.color("optimal", dark), linewidth=1.5)
    axes.plot(ends, ends, **thin, label="optimal")
    axes.legend(markerscale=3, loc="lower right")
    title = f"{len(exact):,} answers find their place"
    style.name_axes(axes, "best probability", "model's probability", title)
    return dots


def _loss(axes, steps, floor, dark):
    """The empty curve of the loss, between where it starts and where it must end."""

    def look(role):
        return style.line(role, color=style.color(role, dark))

    (curve,) = axes.semilogx([], [], **look("policy"))
    axes.axhline(np.log(2), label="start: log 2", **look("reference"))
    axes.axhline(floor, label="floor", **look("optimal"))
    axes.set_xlim(1, steps)
    axes.set_ylim(floor - 0.02, np.log(2) + 0.04)
    axes.legend(loc="center right")
    style.name_axes(axes, "training step", "loss (nats)", "The loss falls to its floor")
    return curve


def _picture(fig):
    """The figure as it stands, as a Pillow image."""
    fig.canvas.draw()
    return Image.fromarray(np.asarray(fig.canvas.buffer_rgba())[..., :3].copy())


def _few_colors(frames):
    """The frames with the colors of the last one, and paper as it is and no other."""
    palette = frames[-1].quantize(SHADES, dither=Image.Dither.NONE)
    drawn = [frame.quantize(palette=palette, dither=0) for frame in frames]
    colors, paper = drawn[-1].getpalette(), drawn[-1].getpixel((0, 0))
    colors[3 * paper : 3 * paper + 3] = frames[-1].getpixel((0, 0))
    for frame in drawn:
        frame.putpalette(colors)
    return drawn


def _said(moments, number, prompt):
    """The line under the picture: what is asked, and what the model writes."""
    last = number == len(moments) - 1
    shown = moments[number if last else number - number % TEXT_STAYS]
    answers = ", ".join(f"“{answer}”" for answer in shown.answers)
    when = "Before DPO" if shown.step == 0 else "After DPO" if last else "On the way"
    return f"{when}, “{prompt}” is answered: {answers}"

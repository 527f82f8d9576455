"""The README's moving picture: one frame per moment, the same again, in two papers."""

import io

import numpy as np
import pytest
from PIL import Image

from dpo_edu.divergence import normalized
from dpo_edu.figures import style, tour_moving
from dpo_edu.tour import moving_picture

BEST = normalized(np.linspace(-9, 0, 30))
START = normalized(np.sin(np.arange(30.0)))
STEPS = (0, 1, 3, 10)


def moments():
    """A policy that goes straight from START to BEST."""
    paths = [START + (BEST - START) * step / STEPS[-1] for step in STEPS]
    return [
        tour_moving.Moment(step, normalized(logp), [f"answer {step}"])
        for step, logp in zip(STEPS, paths, strict=True)
    ]


@pytest.fixture(scope="module")
def drawn():
    loss = np.linspace(np.log(2), 0.45, STEPS[-1])
    return {
        dark: tour_moving.moving_picture(moments(), BEST, "good", loss, 0.44, dark)
        for dark in (False, True)
    }


def test_there_is_a_frame_per_moment_and_the_last_stays_longest(drawn):
    for frames, milliseconds in drawn.values():
        assert len(frames) == len(milliseconds) == len(STEPS)
        assert max(milliseconds) == milliseconds[-1]
        assert len({frame.tobytes() for frame in frames}) == len(STEPS)


def test_paper_is_light_or_dark(drawn):
    for dark, wanted in ((False, "#ffffff"), (True, style.DARK_PAPER.lower())):
        corner = drawn[dark][0][0].convert("RGB").getpixel((0, 0))
        paper = tuple(int(wanted[n : n + 2], 16) for n in (1, 3, 5))
        assert corner == paper


def test_a_light_figure_after_a_dark_one_is_light():
    style.figure(dark=True)
    fig, axes = style.figure()
    assert fig.get_facecolor()[:3] == axes.get_facecolor()[:3] == (1, 1, 1)


def test_the_gif_holds_all_frames_and_what_was_written(drawn):
    made = moving_picture.gif(*drawn[False], "a comment")
    assert made == moving_picture.gif(*drawn[False], "a comment")
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.n_frames == len(STEPS)
        assert picture.info["comment"] == b"a comment"
        assert picture.info["loop"] == 0


def test_steps_are_shown_from_the_first_to_the_last():
    steps = moving_picture.shown_steps(3000)
    assert steps[:3] == [0, 1, 2]
    assert steps[-1] == 3000
    assert steps == sorted(set(steps))


def test_the_line_below_says_when_and_what():
    said = [tour_moving._said(moments(), n, "good") for n in range(len(STEPS))]
    assert said[0] == "Before DPO, “good” is answered: “answer 0”"
    assert said[-1] == "After DPO, “good” is answered: “answer 10”"

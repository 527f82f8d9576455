"""Pictures that notebooks store: few colors, and the roles keep theirs."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from dpo_edu.figures import style
from dpo_edu.publish.pictures import in_few_colors


def drawn(figure) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    return base64.b64encode(file.getvalue()).decode()


def colors(png: str) -> set[str]:
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    found = np.unique(np.asarray(picture).reshape(-1, 3), axis=0)
    return {f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in found}


def one_mark_per_role(dark=False):
    figure, axes = style.figure(7.4, 4.2, dark=dark)
    for place, role in enumerate(style.ROLES):
        axes.plot(place, 0, "o", color=style.color(role, dark))
        axes.text(place, 0.02, f"a long word about {role}", rotation=60)
    return figure


def test_a_single_mark_keeps_the_color_of_its_role():
    for dark in (False, True):
        found = colors(in_few_colors(drawn(one_mark_per_role(dark))))
        assert {style.color(role, dark).upper() for role in style.ROLES} <= found
        assert len(found) <= 48


def test_letters_and_paper_stay_what_they_were():
    found = colors(in_few_colors(drawn(one_mark_per_role())))
    assert "#FFFFFF" in found
    assert any(color[1:3] == color[3:5] == color[5:] < "40" for color in found)


def test_a_picture_without_color_is_only_grey():
    figure, axes = style.figure(3.0, 2.0)
    axes.plot([0, 1], color="black")
    found = colors(in_few_colors(drawn(figure)))
    assert 2 <= len(found) <= 14  # two roles are grey


def test_resolution_and_size_are_kept_and_the_file_is_smaller():
    png = drawn(one_mark_per_role())
    small = in_few_colors(png)
    before, after = (
        Image.open(io.BytesIO(base64.b64decode(each))) for each in (png, small)
    )
    assert before.size == after.size
    assert before.info["dpi"] == after.info["dpi"]
    assert len(small) < 0.4 * len(png)
    assert in_few_colors(png) == small

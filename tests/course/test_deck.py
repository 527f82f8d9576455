"""How a lecture opens and is laid out: byline, agenda, colored roles, composition."""

import base64
import struct

import nbformat
import pytest

from dpo_edu import CHAPTERS
from dpo_edu.figures.style import ROLES
from dpo_edu.publish.composition import (
    COLUMNS,
    enlarge_few_words,
    enlarge_print,
    heading_apart,
    picture_beside_words,
    shrink_long_listings,
)
from dpo_edu.publish.lecture import as_slide, opened
from dpo_edu.publish.opening import TODAY, agenda, byline, lectured_sections, road_map
from dpo_edu.publish.roles import INKS, in_roles


def text(source: str, kind: str = "-"):
    return as_slide(nbformat.v4.new_markdown_cell(source), kind)


def drawn(width: int, height: int, source: str = ""):
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    png = base64.b64encode(head + bytes(8)).decode()
    output = nbformat.v4.new_output("display_data", data={"image/png": png})
    return as_slide(nbformat.v4.new_code_cell(source, outputs=[output]), "-")


# The opening


def test_a_lecture_opens_with_its_byline_and_todays_agenda():
    cells = [text("# 02 · Likelihood", "slide"), text("## Votes (core)", "slide")]
    notebook = opened(nbformat.v4.new_notebook(cells=cells), "02", byline("A. B."))
    sources = [cell.source for cell in notebook.cells]
    assert "A. B." in sources[1]
    assert "CC BY 4.0" in sources[1]
    assert sources[2] == "## Today"
    assert "1. Votes" in sources[3]
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in notebook.cells]
    assert kinds == ["slide", "-", "slide", "-", "slide"]


def test_a_byline_leaves_out_what_nobody_gave():
    assert byline().count("<p") == 2
    assert "A. B., Monday" in byline("A. B.", "Monday")


def test_every_chapter_knows_what_it_adds_to_the_loss():
    assert set(TODAY) >= {f"{n:02d}" for n in range(1, len(CHAPTERS) + 1)}
    supplied = [n for n in sorted(TODAY) if r"\bbox" in road_map(n)]
    assert supplied == [f"{n:02d}" for n in range(1, 12)]


def test_chapter_00_has_an_agenda_without_a_piece():
    assert agenda("00", ["One", "Two"]) == "## Today\n\n1. One\n1. Two"


def test_the_agenda_lists_sections_and_not_the_last_page():
    sources = ["# Title", "## One", "### Inside", "## Remember", "words"]
    assert lectured_sections(sources) == ["One"]


# The actors in their colors


def test_actors_are_colored_in_words_and_in_formulas():
    shown = in_roles(r"The policy $\pi_\theta(y_w)$ and $\pi_{\text{ref}}$, chosen.")
    for role in ("policy", "chosen"):
        assert f'<span class="{role}">{role}</span>' in shown
    assert rf"{{\color{{{INKS['policy']}}}{{\pi_\theta}}}}" in shown
    assert rf"{{\color{{{INKS['reference']}}}{{\pi_{{\text{{ref}}}}}}}}" in shown
    assert rf"{{\color{{{INKS['chosen']}}}{{y_w}}}}" in shown


@pytest.mark.parametrize(
    "left_alone",
    ["`policy`", "## The policy", "[the policy](policy.html)", "```\npolicy\n```"],
)
def test_code_headings_and_links_keep_their_look(left_alone):
    assert in_roles(left_alone) == left_alone


def test_symbols_that_only_begin_like_an_actor_keep_their_look():
    assert in_roles(r"$\pi_\theta x_w$").count(r"\color") == 1
    assert in_roles(r"$\mathrm{y_word}$") == r"$\mathrm{y_word}$"


def luminance(color: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("role", INKS)
def test_an_ink_is_the_figures_hue_and_can_be_read_on_white(role):
    assert 1.05 / (luminance(INKS[role]) + 0.05) >= 4.5
    ink, figure = (
        [int(c[i : i + 2], 16) for i in (1, 3, 5)]
        for c in (INKS[role], ROLES[role].color)
    )
    assert ink.index(max(ink)) == figure.index(max(figure))
    assert ink.index(min(ink)) == figure.index(min(figure))


# Where things stand


def test_a_heading_stands_apart_from_what_follows():
    parts = heading_apart(text("## Title\n\nWords.", "slide"))
    assert [part.source for part in parts] == ["## Title", "Words."]
    kinds = [part.metadata["slideshow"]["slide_type"] for part in parts]
    assert kinds == ["slide", "-"]
    assert len(heading_apart(text("No heading."))) == 1
    assert len(heading_apart(text("## Alone"))) == 1


WORDS = "A picture stands beside a few words of text."


@pytest.mark.parametrize(
    ("size", "words", "source", "beside"),
    [
        ((700, 500), WORDS, "", True),
        ((1000, 400), WORDS, "", False),  # wide: below the words
        ((700, 500), "Few.", "", False),
        ((700, 500), WORDS * 9, "", False),
        ((700, 500), f"{WORDS}\n\n$$x$$", "", False),
        ((700, 500), WORDS, "code = 1", False),
    ],
)
def test_a_narrow_picture_stands_beside_few_words(size, words, source, beside):
    slide = [text("## Title", "slide"), drawn(*size, source), text(words)]
    picture_beside_words(slide)
    found = slide[1].outputs[0].metadata.get("image/png", {}).get("class")
    assert (found == "beside") == beside


def test_many_printed_lines_are_shown_smaller():
    for lines, size in ((11, None), (12, "small")):
        output = nbformat.v4.new_output("stream", text="a line\n" * lines)
        code = as_slide(nbformat.v4.new_code_cell("", outputs=[output]), "-")
        shrink_long_listings([text("## Title", "slide"), code])
        assert code.metadata.get("size") is None, "alone it has room"
        shrink_long_listings([text("## Title", "slide"), text(WORDS), code])
        assert code.metadata.get("size") == size


@pytest.mark.parametrize(
    ("line", "source", "beside", "size"),
    [
        ("x" * COLUMNS, "", [], "print"),
        ("x" * (COLUMNS + 1), "", [], None),  # would break
        ("x", "code = 1", [], None),
        ("x", "", [drawn(700, 500)], None),
        ("x\n" * 12, "", [text(WORDS)], "small"),
    ],
)
def test_print_alone_is_as_large_as_code_in_a_sentence(line, source, beside, size):
    output = nbformat.v4.new_output("stream", text=line)
    code = as_slide(nbformat.v4.new_code_cell(source, outputs=[output]), "-")
    slide = [text("## Title", "slide"), code, *beside]
    shrink_long_listings(slide)
    enlarge_print(slide)
    assert code.metadata.get("size") == size


def test_few_words_alone_are_shown_larger():
    slide = [text("## Title", "slide"), text(WORDS), text("Spoken.", "notes")]
    enlarge_few_words(slide)
    assert [cell.metadata.get("size") for cell in slide][:2] == [None, "large"]
    crowded = [text("## Title", "slide"), text(WORDS), drawn(700, 500)]
    enlarge_few_words(crowded)
    assert not any(cell.metadata.get("size") for cell in crowded)

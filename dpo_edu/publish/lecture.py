"""From a notebook to one self-contained HTML page of slides.

The essential and core sections, cut into slides by the cells' tags, shown by reveal.js;
formulas by MathJax; every script and picture inside the page, so that it works with no
network.
This module knows nothing of what the notebooks teach.
"""

import copy
import re
from pathlib import Path

from ..validation.extras import require_extra
from .assets import TEMPLATES, assets
from .composition import (
    enlarge_few_words,
    enlarge_print,
    heading_apart,
    picture_beside_words,
    shrink_long_listings,
)
from .notebook_files import (
    NOTES,
    PERSONAL,
    describe_pictures,
    has_picture,
    is_heading,
    read,
    run_cells,
)
from .opening import agenda, byline, lectured_sections
from .roles import INKS, in_roles

NEW_SLIDE = ("slide", "subslide")
TAGS = (*NEW_SLIDE, "fragment", "skip")
SHOWN = {"picture", "output"}  # what a slide keeps of a code cell; without one, all
NOT_LECTURED = ("Exercises", "Self-test", "Sources")


def build(path: Path, stored: bool = False, lecturer: str = "", date: str = "") -> str:
    """Return the HTML of the lecture in the notebook at ``path``.

    Unless ``stored``, the notebook is run again with figures at projector resolution.
    ``lecturer`` and ``date`` stand under the title.
    """
    notebook = to_show(path, stored)
    title = notebook.cells[0].source.split("\n")[0].lstrip("# ") or path.stem
    told = opened(lecture(notebook), path.name[:2], byline(lecturer, date))
    return page(told, title)


def to_show(path: Path, stored: bool):
    """The notebook at ``path``; unless ``stored``, run for a projector."""
    require_extra("slides", "slides need", "nbconvert")
    notebook = read(path)
    if not stored:
        run_cells(notebook, path.parent, DPO_EDU_SLIDES="1", OMP_NUM_THREADS="1")
    return notebook


def page(told, title: str) -> str:
    """The HTML of a lecture whose cells know what kind of slide they are."""
    from nbconvert import SlidesExporter  # takes a second to import

    exporter = SlidesExporter(
        template_name="template",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    resources = {"metadata": {"name": title}, "assets": assets(), "inks": INKS}
    return exporter.from_notebook_node(told, resources)[0]


def opened(notebook, chapter: str, under_title: str):
    """The lecture with a byline on its first slide, and an agenda as its second."""
    return with_opening(notebook, agenda(chapter, sections_of(notebook)), under_title)


def sections_of(notebook) -> list[str]:
    """The headings that an agenda lists."""
    return lectured_sections([cell.source for cell in notebook.cells])


def with_opening(notebook, plan: str, under_title: str):
    """The lecture with a byline, and the text ``plan`` as its second slide."""
    slides = by_slide(notebook.cells)
    first = slides[0]
    first.append(as_slide(new_text(under_title, "byline"), "-"))
    second = heading_apart(as_slide(new_text(plan, "agenda"), "slide"))
    notebook.cells = [cell for slide in [first, second, *slides[1:]] for cell in slide]
    return notebook


def by_slide(cells: list) -> list[list]:
    """The cells of each slide, speaker's notes included."""
    groups: list[list] = []
    for cell in cells:
        if not groups or cell.metadata["slideshow"]["slide_type"] in NEW_SLIDE:
            groups.append([])
        groups[-1].append(cell)
    return groups


def new_text(source: str, name: str):
    """A cell of text that the notebook does not have."""
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(source, id=name)


def lecture(notebook):
    """Return a copy of ``notebook`` that holds only the lecture, cut into slides.

    A cell without a tag continues the slide before it; a slide that opens without a
    heading repeats the last one. What the speaker says is in the metadata of the cell
    that opens the slide.
    """
    notebook = copy.deepcopy(notebook)
    describe_pictures(notebook.cells)
    kept: list = []
    for cell, lectured in zip(notebook.cells, in_core(notebook.cells), strict=True):
        tags = set(cell.metadata.get("tags", []))
        if lectured and not tags & (PERSONAL | {"skip"}):
            show_part(cell, tags & SHOWN)
            kind = next((tag for tag in TAGS if tag in tags), "-")
            headed = any(map(is_heading, kept))
            if kind in NEW_SLIDE and headed and not is_heading(cell):
                kept.append(as_slide(heading_over(cell, kept), kind))
                kind = "-"
            notes = cell.metadata.get(NOTES)
            kept += heading_apart(as_slide(cell, kind))
            if notes:
                kept.append(spoken(notes, cell.id))
    for slide in by_slide(kept):
        picture_beside_words(slide)
        enlarge_few_words(slide)
        shrink_long_listings(slide)
        enlarge_print(slide)
    notebook.cells = kept
    return notebook


def spoken(notes: list[str], beside: str):
    """A cell of speaker's notes, to stand before the slide's first fragment.

    reveal.js shows a note that stands after a fragment only while that is the last one.
    """
    return as_slide(new_text("\n".join(notes), f"{beside}-notes"), "notes")


def heading_over(cell, kept: list):
    """Return a cell to stand over ``cell``: the last heading among ``kept``, small."""
    heading = copy.deepcopy(next(cell for cell in reversed(kept) if is_heading(cell)))
    heading.source = "#### " + heading.source.split("\n")[0].lstrip("# ")
    heading.id = f"{cell.id}-heading"
    return heading


def in_core(cells: list) -> list[bool]:
    """Tell for each cell whether its section (``## ...``) belongs to the lecture."""
    answers, lectured = [], True
    for cell in cells:
        heading = re.match(r"## (.+)", cell.source)
        if heading and cell.cell_type == "markdown":
            title = heading[1]
            lectured = title not in NOT_LECTURED and not title.endswith("(deeper)")
        answers.append(lectured)
    return answers


def as_slide(cell, kind: str):
    """Give ``cell`` the type of slide that nbconvert reads; clean what readers see."""
    cell.metadata = {"slideshow": {"slide_type": kind}}
    cell.source = re.sub(r" \((essential|core)\)$", "", cell.source, flags=re.M)
    if cell.cell_type == "markdown":  # the next chapter's lecture lies beside this one
        cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.html", cell.source)
        cell.source = in_roles(cell.source)
    return cell


def show_part(cell, shown: set[str]) -> None:
    """Empty the source of a cell tagged ``output``; leave only pictures of ``picture``.

    The page leaves out a source that is empty.
    """
    if shown:
        cell.source = ""
    if "picture" in shown:
        cell.outputs = [out for out in cell.outputs if has_picture(out)]

"""From a notebook to one self-contained HTML page of slides.

The core sections, cut into slides by the cells' tags, shown by reveal.js; formulas by
MathJax; every script and picture inside the page, so that it works with no network.
This module knows nothing of what the notebooks teach.
"""

import copy
import re
from pathlib import Path

from .assets import TEMPLATES, assets
from .notebooks import PERSONAL, read, run_cells

NEW_SLIDE = ("slide", "subslide")
TAGS = (*NEW_SLIDE, "fragment", "skip", "notes")
SHOWN = {"picture", "output"}  # what a slide keeps of a code cell; without one, all
NOT_LECTURED = ("Exercises", "Self-test", "Sources")


def build(path: Path, stored: bool = False) -> str:
    """Return the HTML of the lecture in the notebook at ``path``.

    Unless ``stored``, the notebook is run again with figures at projector resolution.
    """
    from nbconvert import SlidesExporter  # takes a second to import

    notebook = read(path)
    if not stored:
        run_cells(notebook, path.parent, DPO_EDU_SLIDES="1", OMP_NUM_THREADS="1")
    exporter = SlidesExporter(
        template_name="template",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    title = notebook.cells[0].source.split("\n")[0].lstrip("# ") or path.stem
    resources = {"metadata": {"name": title}, "assets": assets()}
    return exporter.from_notebook_node(lecture(notebook), resources)[0]


def lecture(notebook):
    """Return a copy of ``notebook`` that holds only the lecture, cut into slides.

    A cell without a tag continues the slide before it; a slide that opens without a
    heading repeats the last one. ``notes`` cells hold their text in an HTML comment,
    which keeps it from readers; here the comment is opened.
    """
    notebook = copy.deepcopy(notebook)
    kept: list = []
    for cell, lectured in zip(notebook.cells, in_core(notebook.cells), strict=True):
        tags = set(cell.metadata.get("tags", []))
        describe(kept, caption=cell.source)
        if lectured and not tags & (PERSONAL | {"skip"}):
            show_part(cell, tags & SHOWN)
            kind = next((tag for tag in TAGS if tag in tags), "-")
            headed = any(map(is_heading, kept))
            if kind in NEW_SLIDE and headed and not is_heading(cell):
                kept.append(as_slide(heading_over(cell, kept), kind))
                kind = "-"
            kept.append(as_slide(cell, kind))
    notebook.cells = kept
    return notebook


def is_heading(cell) -> bool:
    """Tell whether ``cell`` is text that opens with a heading."""
    return cell.cell_type == "markdown" and cell.source.startswith("#")


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
    cell.source = re.sub(r" \(core\)$", "", cell.source, flags=re.M)
    if cell.cell_type == "markdown":  # the next chapter's lecture lies beside this one
        cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.html", cell.source)
    if kind == "notes":
        cell.source = re.sub(r"<!--|-->", "", cell.source)
    return cell


def show_part(cell, shown: set[str]) -> None:
    """Empty the source of a cell tagged ``output``; leave only pictures of ``picture``.

    The page leaves out a source that is empty.
    """
    if shown:
        cell.source = ""
    if "picture" in shown:
        cell.outputs = [out for out in cell.outputs if has_picture(out)]


def has_picture(output) -> bool:
    """Tell whether one ``output`` of a code cell is a picture."""
    return "image/png" in output.get("data", {})


def describe(kept: list, caption: str) -> None:
    """Give the pictures of the last kept cell their caption as alternative text."""
    found = re.match(r"\*\*Figure \d+\.\*\* (.+)", caption, re.S)
    if found is None or not kept:
        return
    for output in kept[-1].get("outputs", []):
        if has_picture(output):
            output.metadata = {"image/png": {"alt": " ".join(found[1].split())}}

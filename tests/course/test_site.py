"""The website: what becomes a page, what leads where, and Sphinx that warns of nothing.

Sphinx builds a small copy of the course here; ``tests/browser`` opens the whole site.
"""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from dpo_edu import CHAPTERS
from dpo_edu.publish.navigation import TAG
from dpo_edu.publish.site import build, links, pages, reference, settings, sources
from dpo_edu.validation import InputError

ROOT = Path(__file__).parents[2]
ADDRESS = "https://example.org/a/course"


# The order of the pages


def test_every_page_of_the_course_stands_in_one_section():
    names = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for pattern in ("docs/*.md", "notebooks/*.ipynb")
        for path in ROOT.glob(pattern)
    }
    shown = [page for pages in settings.arranged(names).values() for page in pages]
    assert sorted(shown) == sorted(names)
    chapters = settings.arranged(names)["Chapters"]
    assert chapters == sorted(chapters)
    assert len(chapters) == len(CHAPTERS) + 1


def test_a_page_that_nobody_has_placed_comes_last():
    sections = settings.arranged({"docs/a_new_page", "docs/train"})
    assert list(sections.items())[-1] == ("More", ["docs/a_new_page"])


# The address of the repository


def test_without_an_address_no_button_is_drawn():
    shown = settings.configuration("")["html_theme_options"]
    assert not {"repository_url", "use_repository_button", "launch_buttons"} & {*shown}
    assert "://" not in json.dumps(shown)


def test_with_an_address_there_are_buttons():
    shown = settings.configuration(ADDRESS)["html_theme_options"]
    assert shown["repository_url"] == ADDRESS
    assert shown["launch_buttons"]["colab_url"].startswith("https://")


# Texts and notebooks as pages


@pytest.mark.parametrize(
    ("link", "led"),
    [
        ("[a](../notebooks/01_a.ipynb)", "[a](../notebooks/01_a.ipynb)"),
        ("[a](../exercises/01_a.py)", "[a](../exercises/01_a.md)"),
        ("[a](../README.md#b)", "[a](../index.md#b)"),
        ("[a](#b)", "[a](#b)"),
        ("[a](https://example.org/b.md)", "[a](https://example.org/b.md)"),
        ("![a](../tests/b.png)", "![a](../tests/b.png)"),
        ("[a](../tests/b.py)", "a"),
    ],
)
def test_a_link_leads_to_a_page_or_is_no_link(link, led):
    there = {"notebooks/01_a.ipynb", "exercises/01_a.md", "index.md"}
    assert pages.with_links(link, "docs/x", there.__contains__, "") == led


def test_a_file_outside_of_the_site_is_shown_in_the_repository():
    led = pages.with_links("[a](../tests/b.py)", "docs/x", lambda path: False, ADDRESS)
    assert led == f"[a]({ADDRESS}/blob/HEAD/tests/b.py)"


@pytest.fixture
def page():
    """A notebook with a picture, a slider and lines that lead on, as a page."""
    picture = new_output("display_data", data={"image/png": "aGk="})
    lead = {"tags": ["skip", TAG]}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Title"),
            new_markdown_cell("next →", metadata=lead),
            new_code_cell("draw()", outputs=[picture]),
            new_markdown_cell("**Figure 1.** A line\nthat falls."),
            new_code_cell("interact()", metadata={"tags": ["slider"]}),
            new_markdown_cell("next →", metadata=lead),
        ]
    )
    text = pages.notebook_page(nbformat.writes(notebook), "01_x", "doors")
    return nbformat.reads(text, as_version=4)


def test_the_theme_leads_on_and_the_notebook_s_own_line_goes(page):
    words = [cell.source for cell in page.cells]
    assert "next →" not in words
    assert words[:2] == ["# Title", "doors"]


def test_a_picture_keeps_its_description(page):
    drawn = next(cell for cell in page.cells if cell.source == "draw()")
    assert drawn.metadata["mystnb"]["image"]["alt"] == "A line that falls."


def test_a_slider_is_explained_where_none_can_be_moved(page):
    words = [cell.source for cell in page.cells]
    assert words[words.index("interact()") + 1] == pages.SLIDER


# The reference


def test_a_docstring_shows_every_character():
    docstring = "π*(y) of ``a  b`` at [0, 1].\n\n    x_1 * 2\n\n>>> 1\n1"
    shown = reference.as_markdown(docstring)
    assert shown == (
        "π\\*(y) of `a b` at \\[0, 1\\].\n\n"
        "```text\nx_1 * 2\n```\n\n```pycon\n>>> 1\n1\n```"
    )


def test_the_reference_holds_every_public_function_of_the_chapters():
    shown = reference.reference_pages(ROOT / "dpo_edu")
    assert list(shown)[: len(CHAPTERS)] == list(CHAPTERS)
    page = shown["dpo_loss"]
    assert "`````{py:function} dpo_loss(logp_chosen, logp_rejected, " in page
    assert ":module: dpo_edu.dpo_loss" in page
    assert "py:class} ModelConfig" in shown["tiny_transformer"]
    assert "dpo_edu.workbook.known_wrong" not in shown["workbook"]
    assert "py:function} _" not in page


# Links


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">x</a><a href="b.html#there">y</a><img src="c.png">'
        '<a href="https://example.org">z</a><a href="#top">u</a>'
        "<script>const x = '<a href=\"nowhere\">';</script>",
        "utf-8",
    )
    (tmp_path / "b.html").write_text('<p id="here"></p>', "utf-8")
    assert links.dead_links(tmp_path) == [
        "a.html: b.html#there",
        "a.html: c.png",
        "a.html: #top",
    ]


# A small course through Sphinx

NEW = r"""# New

[x](../tests/y.py)

$$
\begin{aligned}
a &= b \\
c &= d
\end{aligned} \tag{4.3}
$$
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Two chapters, two texts, a playground and one module, as a project."""
    project = tmp_path_factory.mktemp("course")
    for name in (
        *("pyproject.toml", "CONTRIBUTING.md", "CHANGELOG.md", "docs/notation.md"),
        *("notebooks/00_start_here.ipynb", "notebooks/01_bradley_terry.ipynb"),
        *("notebooks/images/learning.gif", "notebooks/images/learning_dark.gif"),
        *("exercises/01_bradley_terry.py", "dpo_edu/bradley_terry.py"),
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, project / name)
    (project / "docs" / "new.md").write_text(NEW, "utf-8")
    (project / "docs" / "playground").mkdir()
    (project / "docs" / "playground" / "index.html").write_text("<p>play</p>", "utf-8")
    return project


@pytest.fixture(scope="module")
def site(course):
    """The folder of its website."""
    for needed in build.NEEDED:
        pytest.importorskip(needed, reason="the site needs: pip install -e '.[site]'")
    out = course / "build" / "site"
    build.build_site(course, out, decks=())
    return out


def test_pages_lie_where_the_repository_has_them(site):
    for page in (
        *("index", "notebooks/01_bradley_terry", "docs/notation", "docs/new"),
        *("exercises/01_bradley_terry", "lectures/01_bradley_terry"),
        *("reference/bradley_terry", "CHANGELOG", "playground/index"),
    ):
        assert (site / f"{page}.html").exists(), page


def test_a_chapter_has_formulas_folded_answers_and_a_way_on(site):
    page = (site / "notebooks" / "01_bradley_terry.html").read_text("utf-8")
    assert 'class="math' in page
    assert '<details class="admonition hide below-input"' in page
    assert page.count("<details") > 10
    assert "../lectures/01_bradley_terry.html" in page
    assert "../exercises/01_bradley_terry.html" in page
    assert 'class="left-prev"' in page
    assert "00_start_here.html" in page


def test_a_formula_of_several_lines_keeps_its_number(site):
    page = (site / "docs" / "new.html").read_text("utf-8")
    assert r"\[\begin{aligned}" in page
    assert r"\tag{4.3}\]" in page
    assert "split" not in page


def test_a_lecture_is_loaded_only_when_it_is_unfolded(site):
    page = (site / "lectures" / "index.html").read_text("utf-8")
    assert '<iframe data-src="01_bradley_terry.html"' in page
    assert "<iframe src=" not in page


def test_every_picture_of_a_chapter_is_described(site):
    page = (site / "notebooks" / "01_bradley_terry.html").read_text("utf-8")
    shown = re.findall(r'<img alt="([^"]*)" src="\.\./_images', page)
    assert len(shown) >= 3
    assert all(len(alt.split()) > 4 for alt in shown)


def test_no_script_style_or_picture_is_loaded_from_elsewhere(site):
    loaded = re.compile(
        r'<(?:script|img|link|iframe)\b[^>]*(?:src|href)="(?:https?:)?//'
    )
    for page in site.rglob("*.html"):
        if page.parent.name != "lectures" or page.name == "index.html":
            assert not loaded.search(page.read_text("utf-8")), page


def test_a_warning_is_an_error(course, site, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(course, broken, ignore=shutil.ignore_patterns("build"))
    (broken / "docs" / "new.md").write_text("# New\n\n```{nonsense}\n```\n", "utf-8")
    laid = tmp_path / "laid"
    sources.lay_down(broken, laid, decks=())
    with pytest.raises(InputError, match="nonsense"):
        build.run_sphinx(laid, tmp_path / "out", "")


def test_what_is_missing_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "NEEDED", ("no_such_module",))
    with pytest.raises(
        InputError, match=r"no_such_module: pip install 'dpo-edu\[site\]'"
    ):
        build.build_site(ROOT, tmp_path / "site")

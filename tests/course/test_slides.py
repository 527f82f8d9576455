"""The lectures: their length and form, and that each is one file that loads nothing.

Built from the stored outputs, so that no notebook runs here. What they look like in a
browser is tested by ``make test-browser``.
"""

import re
from argparse import ArgumentParser
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from dpo_edu.commands import slides as command
from dpo_edu.publish import lecture as slides
from dpo_edu.publish.assets import asset
from dpo_edu.validation import InputError

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_lecture = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
WORDS, LINES = 90, 18  # on one slide: words of text; lines of code and output
WORDS_BESIDE_CODE = 55


@cache
def lecture(path: Path) -> tuple:
    return tuple(slides.lecture(nbformat.read(path, as_version=4)).cells)


def by_slide(path: Path) -> list[list]:
    """The cells of each slide, speaker notes included."""
    groups: list[list] = []
    for cell in lecture(path):
        if kind(cell) in ("slide", "subslide"):
            groups.append([])
        groups[-1].append(cell)
    return groups


def kind(cell) -> str:
    return cell.metadata["slideshow"]["slide_type"]


def shown(group: list, cell_type: str) -> list:
    return [c for c in group if c.cell_type == cell_type and kind(c) != "notes"]


def words(group: list) -> int:
    """Words of text on a slide; a displayed formula counts as five."""
    text = "\n".join(cell.source for cell in shown(group, "markdown"))
    words = re.sub(r"\$\$.*?\$\$", " f o r m u ", text, flags=re.S).split()
    return sum(any(letter.isalnum() for letter in word) for word in words)


def lines(group: list) -> int:
    """Lines of code and printed output on a slide."""
    code = shown(group, "code")
    printed = [out.get("text", "") for cell in code for out in cell.outputs]
    texts = [text.strip() for text in [c.source for c in code] + printed]
    return sum(text.count("\n") + 1 for text in texts if text)


@each_lecture
def test_core_is_one_lecture(path):
    cells = slides.lecture(nbformat.read(path, as_version=4)).cells
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in cells]
    number = sum(kind in slides.NEW_SLIDE for kind in kinds)
    fewest = 10 if path.stem == "00_start_here" else 25
    assert fewest <= number <= 35


@each_lecture
def test_only_the_core_is_lectured(path):
    text = "\n".join(cell.source for cell in lecture(path))
    assert "(deeper)" not in text
    assert "(core)" not in text
    assert "<details>" not in text
    assert "check(" not in text


@each_lecture
def test_every_slide_has_a_heading(path):
    for group in by_slide(path):
        assert re.match(r"#{1,4} \S", group[0].source), group[0].source


@each_lecture
def test_what_code_and_pictures_show_is_spoken_to(path):
    for group in by_slide(path):
        spoken = any(kind(cell) == "notes" for cell in group)
        assert spoken or not shown(group, "code"), f"no note: {group[0].source}"


@each_lecture
def test_slides_are_not_crowded(path):
    for group in by_slide(path):
        title = group[0].source.splitlines()[0]
        limit = WORDS_BESIDE_CODE if lines(group) > 8 else WORDS
        assert words(group) <= limit, f"{words(group)} words on {title!r}"
        assert lines(group) <= LINES, f"{lines(group)} lines of code on {title!r}"


@each_lecture
def test_notes_time_the_lecture(path):
    source = nbformat.read(path, as_version=4).cells
    hidden = [c.source for c in source if "notes" in c.metadata.get("tags", [])]
    assert all(re.fullmatch(r"<!-- .* -->", text, re.S) for text in hidden)
    notes = [cell.source for cell in lecture(path) if kind(cell) == "notes"]
    assert len(notes) >= 0.8 * len(by_slide(path)), "speak to (almost) every slide"
    minutes = [re.match(r"\s*(\d+) min\. ", text) for text in notes]
    assert all(minutes), "a note opens with its minutes: <!-- 2 min. ... -->"
    if path.stem != "00_start_here":
        assert 40 <= sum(int(found[1]) for found in minutes if found) <= 45


PRINTED = nbformat.v4.new_output("stream", text="a printed line")
DRAWN = nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="})


@pytest.mark.parametrize(
    ("tag", "seen"),
    [
        (None, ["the_source", "a printed line", "<img"]),
        ("output", ["a printed line", "<img"]),
        ("picture", ["<img"]),
    ],
)
def test_a_tag_says_what_a_slide_shows_of_a_code_cell(tmp_path, tag, seen):
    tags = ["slide", tag] if tag else ["slide"]
    source, outputs = "the_source = 1", [PRINTED, DRAWN]
    cells = [
        nbformat.v4.new_markdown_cell("# Title", metadata={"tags": ["slide"]}),
        nbformat.v4.new_code_cell(source, outputs=outputs, metadata={"tags": tags}),
        nbformat.v4.new_markdown_cell("**Figure 1.** A caption."),
    ]
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    page = slides.build(path, stored=True).split("</head>")[1].split("<script>")[0]
    traces = ["the_source", "a printed line", "<img"]
    assert [trace for trace in traces if trace in page] == seen
    assert ("jp-InputArea" in page) == (tag is None), "no empty frame for the source"
    assert 'alt="A caption."' in page
    assert nbformat.read(path, as_version=4).cells[1].source == source


def test_a_slide_that_opens_without_a_heading_repeats_the_last_one():
    title = nbformat.v4.new_markdown_cell("## Title (core)\n\nText.")
    code = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["subslide"]})
    title.metadata["tags"] = ["slide"]
    cells = slides.lecture(nbformat.v4.new_notebook(cells=[title, code])).cells
    assert [cell.source for cell in cells] == [
        "## Title\n\nText.",
        "#### Title",
        "x = 1",
    ]
    assert [kind(cell) for cell in cells] == ["slide", "subslide", "-"]


class Loads(HTMLParser):
    """Collects whatever a page would fetch, and the texts that replace its pictures."""

    def __init__(self, page: str):
        super().__init__()
        self.fetched: list[str] = []
        self.alternatives: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        source = given.get("src") or (given.get("href") if tag == "link" else None)
        if source and not source.startswith("data:"):
            self.fetched.append(source)
        if tag == "img":
            self.alternatives.append(given.get("alt") or "")


@each_lecture
def test_lecture_is_one_file_that_loads_nothing(path):
    page = slides.build(path, stored=True)
    assert len(page.encode()) < 5e6
    found = Loads(page)
    assert not found.fetched
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert not re.search(r"@import|url\((?!['\"]?data:)", styles)
    assert page.count("</script>") == 4, "a script was cut short by its own text"
    assert all(found.alternatives), "every picture on a slide has a caption to read out"


def test_a_page_that_loads_something_is_noticed():
    assert Loads('<script src="https://example.org/x.js">').fetched
    assert Loads('<link rel="stylesheet" href="x.css">').fetched
    assert Loads("<img src='x.png'>").fetched
    assert not Loads('<img src="data:image/png;base64,AAAA" alt="a">').fetched


def test_a_missing_script_is_one_line_that_says_what_to_install():
    with pytest.raises(InputError, match="pip install"):
        asset("no-such-package", "reveal.js")


def test_command_writes_one_file_a_chapter(tmp_path, capsys):
    parser = ArgumentParser()
    command.add_arguments(parser)
    chosen = PATHS[-1].name[:2]
    folders = ["--folder", str(ROOT / "notebooks"), "--out", str(tmp_path)]
    assert command.run(parser.parse_args([chosen, "--stored", *folders])) == 0
    assert [page.stem for page in tmp_path.iterdir()] == [PATHS[-1].stem]
    assert str(tmp_path) in capsys.readouterr().out


@each_lecture
def test_lectures_link_to_lectures(path):
    text = "\n".join(c.source for c in lecture(path) if c.cell_type == "markdown")
    assert ".ipynb" not in text

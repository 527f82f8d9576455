"""The lectures: their length and form, and that each is one file that loads nothing.

Built from the stored outputs, so that no notebook runs here. What they look like in a
browser is tested by ``make test-browser``.
"""

import ast
import re
from argparse import ArgumentParser
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from dpo_edu.commands import slides as command
from dpo_edu.publish import lecture as slides
from dpo_edu.publish.assets import asset
from dpo_edu.publish.notebook_files import NOTES
from dpo_edu.validation import InputError

from .notebook import PATHS
from .rulebook import Rulebook, sentence
from .test_prose import REWRITTEN

ROOT = Path(__file__).parents[2]
WORDS, LINES = 90, 18  # on one slide: words of text; lines of code and output
WORDS_BESIDE_CODE = 55

FORM = Rulebook()


class Lecture:
    """What becomes of a notebook: its cells in order, and slide by slide."""

    def __init__(self, path: Path):
        self.path, self.is_road_map = path, path.stem == "00_start_here"
        self.is_second_edition = path.stem[:2] in (*REWRITTEN, "po")  # poor.ipynb
        self.source = nbformat.read(path, as_version=4).cells
        self.cells = slides.lecture(nbformat.read(path, as_version=4)).cells

    @property
    def page(self) -> str:
        """Its HTML."""
        return slides.build(self.path, stored=True)

    def by_slide(self) -> list[list]:
        """The cells of each slide, speaker notes included."""
        return slides.by_slide(self.cells)


def kind(cell) -> str:
    return cell.metadata["slideshow"]["slide_type"]


def shown(group: list, cell_type: str) -> list:
    return [c for c in group if c.cell_type == cell_type and kind(c) != "notes"]


def words(group: list) -> int:
    """Words of text on a slide; a displayed formula counts as five."""
    text = "\n".join(cell.source for cell in shown(group, "markdown"))
    text = re.sub(r"</?span[^>]*>", "", text)  # colors
    words = re.sub(r"\$\$.*?\$\$", " f o r m u ", text, flags=re.S).split()
    return sum(any(letter.isalnum() for letter in word) for word in words)


def lines(group: list) -> int:
    """Lines of code and printed output on a slide."""
    code = shown(group, "code")
    printed = [out.get("text", "") for cell in code for out in cell.outputs]
    texts = [text.strip() for text in [c.source for c in code] + printed]
    return sum(text.count("\n") + 1 for text in texts if text)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_lecture_keeps_every_rule(path):
    broken = FORM.breaches(Lecture(path))
    assert not broken, "\n".join([f"the lecture of {path.name} breaks:", *broken])


@FORM.rule
def core_is_one_lecture(lecture):
    number = sum(kind(cell) in slides.NEW_SLIDE for cell in lecture.cells)
    fewest = 10 if lecture.is_road_map else 25
    if not fewest <= number <= 35:
        yield f"{number} slides, not {fewest} to 35"


@FORM.rule
def only_the_core_is_lectured(lecture):
    for cell in lecture.cells:
        for trace in ("(deeper)", "(core)", "(essential)", "<details>", "check("):
            if trace in cell.source:
                yield f"{trace} in {cell.source[:60]!r}"


@FORM.rule
def every_slide_has_a_heading(lecture):
    for group in lecture.by_slide():
        if not re.match(r"#{1,4} \S", group[0].source):
            yield f"{group[0].source[:60]!r} opens a slide"


@FORM.rule
def what_code_and_pictures_show_is_spoken_to(lecture):
    for group in lecture.by_slide():
        spoken = any(kind(cell) == "notes" for cell in group)
        if shown(group, "code") and not spoken:
            yield f"no note: {group[0].source[:60]!r}"


@FORM.rule
def slides_are_not_crowded(lecture):
    for group in lecture.by_slide():
        title = group[0].source.splitlines()[0]
        limit = WORDS_BESIDE_CODE if lines(group) > 8 else WORDS
        if words(group) > limit:
            yield f"{words(group)} words on {title!r}"
        if lines(group) > LINES:
            yield f"{lines(group)} lines of code on {title!r}"


@FORM.rule
def notes_time_the_lecture(lecture):
    notes = [cell.source for cell in lecture.cells if kind(cell) == "notes"]
    if len(notes) < 0.8 * len(lecture.by_slide()):
        yield f"{len(notes)} notes: speak to (almost) every slide"
    minutes = [re.match(r"\s*(\d+) min\. ", text) for text in notes]
    if not all(minutes):
        yield "a note opens with its minutes: 2 min. ..."
    total = sum(int(found[1]) for found in minutes if found)
    if not lecture.is_road_map and not 40 <= total <= 45:
        yield f"{total} minutes, not 40 to 45"


@FORM.rule
def a_vote_takes_two_minutes(lecture):
    for group in lecture.by_slide() if lecture.is_second_edition else ():
        notes = [cell.source for cell in group if kind(cell) == "notes"]
        votes = any("**Predict.**" in cell.source for cell in shown(group, "markdown"))
        if votes and not any(
            re.match(r"\s*([2-9]|\d\d) min\. ", text) for text in notes
        ):
            yield f"a vote of less than two minutes: {group[0].source[:60]!r}"


@FORM.rule
def code_on_a_slide_uses_variables_that_the_room_has_seen(lecture):
    if not lecture.is_second_edition:
        return
    hidden = set().union(*map(bound, lecture.source))
    for cell in shown(lecture.cells, "code"):
        hidden -= bound(cell)
        if unseen := sorted(used(cell) & hidden):
            yield f"{', '.join(unseen)} in {cell.source[:50]!r}"


def bound(cell) -> set[str]:
    """The variables that a code cell sets by assignment or as it loops."""
    return {n.id for n in names_in(cell) if isinstance(n.ctx, ast.Store)}


def used(cell) -> set[str]:
    """The variables that a code cell reads."""
    return {n.id for n in names_in(cell) if isinstance(n.ctx, ast.Load)}


def names_in(cell) -> list[ast.Name]:
    tree = ast.parse(cell.source) if cell.cell_type == "code" else ast.Module([], [])
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name)]


@FORM.rule
def notes_stand_before_the_first_fragment(lecture):
    for group in lecture.by_slide():
        kinds = [kind(cell) for cell in group]
        late = "notes" in kinds[kinds.index("fragment") :] if "fragment" in kinds else 0
        if late:
            yield f"a note waits for a fragment: {group[0].source[:60]!r}"


@FORM.rule
def lecture_is_one_file_that_loads_nothing(lecture):
    page = lecture.page
    if (size := len(page.encode())) >= 5e6:
        yield f"{size} bytes"
    found = Loads(page)
    yield from (f"loads {source}" for source in found.fetched)
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    if remote := re.search(r"@import|url\((?!['\"]?data:)", styles):
        yield f"a style loads: {styles[remote.start() :][:60]}"
    if page.count("</script>") != 4:
        yield "a script was cut short by its own text"
    if not all(found.alternatives):
        yield "every picture on a slide has a caption to read out"


@FORM.rule
def lectures_link_to_lectures(lecture):
    for cell in lecture.cells:
        if cell.cell_type == "markdown" and ".ipynb" in cell.source:
            yield f"a notebook is linked in {cell.source[:60]!r}"


def test_a_poor_lecture_breaks_every_rule(tmp_path):
    text = "#No heading (deeper) [x](x.ipynb) <img src='https://example.org/x.png'>"
    text += " **Predict.**"
    code = nbformat.v4.new_code_cell("a_line = never_seen\n" * (LINES + 1))
    unseen = nbformat.v4.new_code_cell("never_seen = 1")
    cells = [nbformat.v4.new_markdown_cell(text), code]
    for cell in cells:
        cell.metadata["tags"] = ["slide"]
    cells.append(unseen)
    unseen.metadata["tags"] = ["skip"]
    late = {"tags": ["fragment"], NOTES: ["said too late"]}
    cells.insert(1, nbformat.v4.new_markdown_cell("At last.", metadata=late))
    path = tmp_path / "poor.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    broken = "\n".join(FORM.breaches(Lecture(path)))
    assert [rule for rule in FORM.rules if sentence(rule) not in broken] == []


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
        "## Title",
        "Text.",
        "#### Title",
        "x = 1",
    ]
    assert [kind(cell) for cell in cells] == ["slide", "-", "subslide", "-"]


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

"""The form of every notebook: what a reader may rely on, checked without running it.

The outputs themselves are compared by nbval in a run of its own (``make test`` does
both); here the stored files are read. Each rule is a function whose name says it and
which yields whatever in the notebook breaks it.
"""

import ast
import base64
import io
import json
import re
import statistics
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from dpo_edu import CHAPTERS
from dpo_edu.publish.navigation import TAG, line
from dpo_edu.publish.notebook_files import NOTES, PERSONAL, SHORT_WAYS
from dpo_edu.publish.notebooks import FOLDED, KERNEL, PREDICT, UNCOMPARED
from dpo_edu.publish.preparation import READY, repository, source
from dpo_edu.workbook import catalogue
from dpo_edu.workbook.mistakes import known_wrong_answers

from .notebook import PATHS, SHORT, Notebook, pictures, printed, tags
from .rulebook import Rulebook

ROOT = Path(__file__).parents[2]
ROAD = ["00_start_here", *(f"{n:02d}_{name}" for n, name in enumerate(CHAPTERS, 1))]
LECTURE_TAGS = {"slide", "subslide", "fragment", "skip"}
THREADS = ("essential", "core", "deeper")
SHOWN = {"picture", "output"}  # all that a lecture shows of a code cell
CLOSING_SECTIONS = ["Exercises", "Self-test", "Remember", "Sources"]
OPENING_LABELS = ["You need", "Afterwards you can", "Time", "On the road to DPO"]

FORM = Rulebook()  # of every notebook
CHAPTER_FORM = Rulebook()  # of chapters, besides; short ways have test_short_ways.py


@pytest.mark.parametrize("path", [*PATHS, *SHORT], ids=lambda path: path.stem)
def test_a_notebook_keeps_every_rule(path):
    broken = FORM.breaches(Notebook(path))
    assert not broken, "\n".join([f"{path.name} breaks:", *broken])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_chapter_keeps_every_rule(path):
    broken = CHAPTER_FORM.breaches(Notebook(path))
    assert not broken, "\n".join([f"{path.name} breaks:", *broken])


@pytest.mark.parametrize("path", PATHS[1:6], ids=lambda path: path.stem)
def test_the_theory_runs_without_torch(path):
    """Chapters 01 to 05 can run in a browser, where numpy does and torch does not."""
    for cell in Notebook(path).code:
        assert not re.search(r"(?m)^\s*(import|from) torch\b", cell.source), cell.id


# --- the stored file ------------------------------------------------------------------


@FORM.rule
def notebook_is_valid_and_on_the_road(notebook):
    nbformat.validate(notebook.stored)
    if notebook.stem not in (*ROAD, *SHORT_WAYS):
        yield f"{notebook.stem} belongs to no chapter of dpo_edu.CHAPTERS"


@FORM.rule
def metadata_does_not_change_with_the_machine(notebook):
    stored = json.loads(notebook.path.read_text(encoding="utf-8"))
    fixed = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if stored["metadata"] != fixed:
        yield "run `dpo-edu notebooks` before committing"
    names = [cell["id"] for cell in stored["cells"]]
    yield from (f"two cells {name}" for name in set(names) if names.count(name) > 1)
    for cell in stored["cells"]:
        if not re.fullmatch(rf"{notebook.stem[:2]}-\d{{3}}", cell["id"]):
            yield f"a cell is called {cell['id']}"
        if more := set(cell["metadata"]) - {"tags", NOTES, "jupyter"}:
            yield f"{cell['id']} stores {sorted(more)}"


@FORM.rule
def cells_were_run_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in notebook.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells were run as {counts}"


@FORM.rule
def no_cell_stored_an_error_or_a_warning(notebook):
    for cell in notebook.code:
        kinds = {(out.output_type, out.get("name")) for out in cell.outputs}
        if any(kind == "error" or name == "stderr" for kind, name in kinds):
            yield f"{cell.id} stored an error or wrote to stderr"


@FORM.rule
def file_is_small_enough_to_open_anywhere(notebook):
    if (size := notebook.path.stat().st_size) > 250 * 1024:
        yield f"{size} bytes"


@FORM.rule
def outputs_hold_on_other_machines(notebook):
    unstable = {
        "path": r"(?:^|[\s'\"(])(?:/\w[\w.-]*/\w|[A-Z]:\\)",
        "address": r"0x[0-9a-f]{6,}",
        "time": r"\d\s?(?:µs|ms|seconds|secs?|minutes|it/s)\b|\d\d:\d\d:\d\d",
    }
    for cell in notebook.code:
        for name, pattern in unstable.items():
            if re.search(pattern, printed(cell)):
                yield f"{cell.id} prints a {name}"


@FORM.rule
def tags_are_known_and_do_not_contradict(notebook):
    for cell in notebook.cells:
        known = LECTURE_TAGS | SHOWN | PERSONAL | {UNCOMPARED, FOLDED, TAG, READY}
        if unknown := tags(cell) - known:
            yield f"{cell.id} has the tags {sorted(unknown)}"
        if len(tags(cell) & LECTURE_TAGS) > 1:
            yield f"{cell.id} has two lecture tags"
        if tags(cell) & SHOWN:
            if len(tags(cell) & (SHOWN | {"skip"} | PERSONAL)) != 1:
                yield f"{cell.id} is shown and hidden"
            seen = pictures(cell) if "picture" in tags(cell) else cell.get("outputs")
            if not seen:
                yield f"{cell.id} has nothing left to show"
        if UNCOMPARED in tags(cell) and not tags(cell) & PERSONAL:
            yield f"{cell.id} hides its output from nbval"


# --- the code -------------------------------------------------------------------------


@FORM.rule
def code_cells_are_short(notebook):
    lengths = sorted(
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in notebook.code
    )
    ninth = lengths[int(0.9 * (len(lengths) - 1))]
    if statistics.median(lengths) > 5 or ninth > 12 or lengths[-1] > 20:
        yield f"at most 5 lines (median), 12 (nine of ten), 20 (all): {lengths}"


@FORM.rule
def prose_stands_between_code_cells(notebook):
    for kind, run in groupby(notebook.cells, lambda cell: cell.cell_type):
        names = [cell.id for cell in run]
        if kind == "code" and len(names) > 3:
            yield f"more than three code cells in a row: {names}"


@FORM.rule
def nothing_is_defined_a_second_time(notebook):
    for cell in notebook.code:
        if twice := defined(cell.source) & in_the_package():
            yield f"{cell.id} redefines {sorted(twice)}"


def defined(source: str) -> set[str]:
    """Names of the functions and classes in some code."""
    kinds = ast.FunctionDef | ast.ClassDef
    nodes = ast.walk(ast.parse(source))
    return {node.name for node in nodes if isinstance(node, kinds)}


@cache
def in_the_package() -> set[str]:
    """What the chapters, and the modules that stand beside them, define."""
    chapters = [ROOT / "dpo_edu" / stem for stem in CHAPTERS]
    files = [*(ROOT / "dpo_edu").glob("*.py")]
    files += [file for folder in chapters for file in folder.rglob("*.py")]
    return set().union(*(defined(file.read_text("utf-8")) for file in files))


@FORM.rule
def every_draw_is_seeded(notebook):
    unseeded = (
        r"default_rng\(\)|np\.random\.(?!default_rng|Generator)|\bimport random\b"
    )
    for cell in notebook.code:
        if found := re.search(unseeded, cell.source):
            yield f"{cell.id} draws with {found[0]}"


@FORM.rule
def printed_source_fits_a_screen(notebook):
    shows = r"(get|show_)source\("
    shown = [cell for cell in notebook.code if re.search(shows, cell.source)]
    if not shown and notebook.stem != ROAD[0]:
        yield "print the source of a package function"
    for cell in shown:
        if printed(cell).strip().count("\n") >= 15:
            yield f"{cell.id} prints more than 15 lines"


# --- figures --------------------------------------------------------------------------


@FORM.rule
def every_figure_has_a_number_beside_it_and_a_caption(notebook):
    captions = []
    for cell, after in pairwise(notebook.cells):
        if pictures(cell):
            if not printed(cell).strip() and "assert " not in cell.source:
                yield f"{cell.id}: no tool compares pictures: print what it shows"
            caption = re.match(r"\*\*Figure (\d+)\.\*\* \S", after.source)
            if caption:
                captions.append(int(caption[1]))
            else:
                yield f"after {cell.id} comes '**Figure N.** what it shows'"
    if captions != list(range(1, len(captions) + 1)):
        yield f"figures are numbered 1, 2, … and here {captions}"
    if not captions and notebook.stem != ROAD[0]:
        yield "a chapter without a picture"


@FORM.rule
def figures_are_drawn_by_the_package_at_screen_resolution(notebook):
    for cell in notebook.code:
        if "pyplot" in cell.source:
            yield f"{cell.id}: draw in dpo_edu/figures"
        for picture in pictures(cell):
            with Image.open(io.BytesIO(base64.b64decode(picture))) as png:
                dots = png.info["dpi"]
            if not all(72 <= round(each) <= 100 for each in dots):
                yield f"{cell.id} stores {dots} dots per inch"


@FORM.rule
def every_picture_is_described_in_words(notebook):
    for cell in notebook.code:
        for output in cell.outputs:
            described = output.get("metadata", {}).get("image/png", {}).get("alt")
            if "image/png" in output.get("data", {}) and not described:
                yield f"{cell.id} has a picture without alternative text"


@FORM.rule
def no_picture_comes_from_elsewhere(notebook):
    remote = r"!\[[^\]]*\]\(\s*(?:https?:)?//|<img|<iframe|<script|attachment:"
    for cell in notebook.prose:
        if found := re.search(remote, cell.source):
            yield f"{cell.id} has {found[0]}"


@FORM.rule
def sliders_are_few_and_follow_a_figure_that_shows_the_same(notebook):
    sliders = [i for i, cell in enumerate(notebook.cells) if "slider" in tags(cell)]
    if len(sliders) > 2:
        yield f"{len(sliders)} sliders"
    for i in sliders:
        if not any(pictures(cell) for cell in notebook.cells[:i]):
            yield f"no static figure before {notebook.cells[i].id}"
    for cell in notebook.code:
        if ("interact" in cell.source) != ("slider" in tags(cell)):
            yield f"{cell.id}: the tag and the code disagree about a slider"


# --- the prose ------------------------------------------------------------------------


@FORM.rule
def display_formulas_stand_alone(notebook):
    for cell in notebook.prose:
        lines = ["", *(line.lstrip("> ") for line in cell.source.splitlines()), ""]
        fences = [i for i, line in enumerate(lines) if "$$" in line]
        if any(lines[i].strip() != "$$" for i in fences):
            yield f"$$ with text: {cell.id}"
        if len(fences) % 2:
            yield f"$$ not closed: {cell.id}"
        for start, end in zip(fences[::2], fences[1::2], strict=False):
            if lines[start - 1] + lines[end + 1]:
                yield f"no blank line around $$: {cell.id}"


@FORM.rule
def opening_says_what_to_expect(notebook):
    first = "\n".join(cell.source for cell in notebook.prose[:5])
    if not first.startswith("# "):
        yield "no title"
    for label in OPENING_LABELS:
        if f"**{label}.**" not in first:
            yield f"the opening lacks **{label}.**"


@CHAPTER_FORM.rule
def sections_belong_to_a_thread_or_close_the_chapter(notebook):
    titles = re.findall(r"(?m)^## (.+)$", notebook.markdown)
    body = [title for title in titles if title not in CLOSING_SECTIONS]
    marks = tuple(f" ({thread})" for thread in THREADS)
    if unmarked := [title for title in body if not title.endswith(marks)]:
        yield f"sections that are none of {', '.join(THREADS)}: {unmarked}"
    if notebook.stem != ROAD[0]:
        if titles[-4:] != CLOSING_SECTIONS:
            yield f"the last sections are {titles[-4:]}"
        predict = r"(?m)^> \*\*Predict\.\*\* \S"
        if (asked := len(re.findall(predict, notebook.markdown))) < 3:
            yield f"{asked} predictions are asked for"


@CHAPTER_FORM.rule
def minutes_are_told_for_every_thread_and_for_the_exercises(notebook):
    told = minutes(notebook)
    marks = re.findall(r"(?m)^## .*\((\w+)\)$", notebook.markdown)
    if {*marks} - {*told}:
        yield f"**Time.** says nothing of {sorted({*marks} - {*told})}"
    entries = catalogue.load(notebook.stem[3:]).entries if "exercises" in told else ()
    needed = sum(entry.minutes for entry in entries)
    if told.get("exercises", 0) != needed:
        yield f"the exercises take {needed} minutes by their records"


def minutes(notebook) -> dict[str, int]:
    """{thread or "exercises": minutes} as the opening says."""
    line = re.search(r"(?m)^- \*\*Time\.\*\* (.*)$", notebook.markdown)
    pattern = r"(\d+)[^\d]*?(essential|core|deeper|exercises)"
    return {name: int(number) for number, name in re.findall(pattern, line[1])}


@CHAPTER_FORM.rule
def an_exercise_tells_the_minutes_of_its_record(notebook):
    chapter = next(
        (c for c in catalogue.chapters() if c.stem == notebook.stem[3:]), None
    )
    if chapter is None:
        return  # the road map shows how a check looks
    recorded = {entry.name: entry.minutes for entry in chapter.entries}
    for said, names in tasks(notebook):
        told = [(int(n), each) for n, each in re.findall(TOLD, said)]
        times = {n for n, each in told if each}
        needed = [recorded[name] for name in names]
        if times and {*needed} != times:
            yield f"{said[:40]!r} says {times} minutes each, not {needed}"
        if not times and sum(n for n, _ in told) != sum(needed):
            yield f"{said[:40]!r} tells minutes that are not the sum of {needed}"


TOLD = r"\*\*[^*\n]+\*\* \((?:[^()]*, )?(\d+) minutes( each)?\)"


def tasks(notebook):
    """(the text of an exercise, the names that the cells below it check)."""
    said, names = "", []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if names:
                yield said, names
            said, names = cell.source, []
        else:
            for call in re.findall(r"(?m)^check\(.+\)$", cell.source):
                names += re.findall(r"\"(\w+)\"", call)


@CHAPTER_FORM.rule
def chapter_closes_with_three_sentences(notebook):
    position = ROAD.index(notebook.stem)
    if position:
        count = len(re.findall(r"(?m)^\d\. \S", notebook.section("Remember")))
        if count != 3:
            yield f"{count} sentences to remember"


@FORM.rule
def readers_are_led_on_above_and_below(notebook):
    links = [i for i, cell in enumerate(notebook.cells) if TAG in tags(cell)]
    if links != [1, len(notebook.cells) - 1]:
        yield f"the links to other notebooks stand in the cells {links}"
    for i in links:
        if notebook.cells[i].source != line(PATHS[0].parent / notebook.path.name):
            yield f"{notebook.cells[i].id}: run `dpo-edu notebooks`"


@FORM.rule
def first_code_cell_prepares_the_rest(notebook):
    prepared = [cell for cell in notebook.cells if READY in tags(cell)]
    if prepared != notebook.code[:1] or prepared[0].outputs:
        yield f"its cells tagged {READY} are {[cell.id for cell in prepared]}"
    for cell in prepared:
        if cell.source != source(repository(PATHS[0].parents[1])):
            yield f"{cell.id}: run `dpo-edu notebooks`"


@FORM.rule
def a_predicted_output_is_folded(notebook):
    folded = [cell for cell in notebook.code if FOLDED in tags(cell)]
    for cell in folded:
        if not cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            yield f"{cell.id} is tagged and not folded"
    asked = sum(PREDICT in cell.source for cell in notebook.prose)
    if len(folded) > asked or (asked and not folded):
        yield f"{asked} predictions, {len(folded)} folded outputs"


@FORM.rule
def headings_are_words(notebook):
    for heading in re.findall(r"(?m)^#+ .*\$.*$", notebook.markdown):
        yield f"a formula in the heading {heading!r}"


@FORM.rule
def exercise_files_are_links(notebook):
    for cell in notebook.prose:
        if found := re.search(r"(?<!\[)`exercises/\d\d_\w+\.py`", cell.source):
            yield f"{cell.id}: {found[0]} is no link"
        for target in re.findall(r"\]\(\.\./(exercises/[^)]*)\)", cell.source):
            if not (ROOT / target).exists():
                yield f"{cell.id} links to {target}"


@FORM.rule
def links_to_notebooks_and_their_sections_lead_somewhere(notebook):
    link = r"\]\(([\w.]+\.ipynb)(?:#[^)]*)?\)"
    for target in re.findall(link, notebook.markdown):
        if target.removesuffix(".ipynb") not in (*ROAD, *SHORT_WAYS):
            yield f"no notebook {target}"


@FORM.rule
def self_test_answers_every_option(notebook):
    if notebook.stem == ROAD[0]:
        return  # the road map has no self-test
    text = notebook.section("Self-test")
    asked = re.split(r"(?m)^\*\*(?:Q|Open q)uestion \d+\.\*\*", text)[1:]
    if not 3 <= len(asked) <= 6:
        yield f"{len(asked)} questions"
    for question in asked:
        yield from (f"{what}: {question[:60]}" for what in unanswered(question))


def unanswered(question: str):
    """What is wrong with the options of a question, and with what is said to each."""
    option = r"<details><summary>(.+?)</summary>\n\n(.+?)\n\n?</details>"
    options = re.findall(option, question, re.S)
    if not options or len(options) != question.count("<details"):
        yield "malformed"
    answers = [feedback for _, feedback in options]
    if any(len(feedback.split()) < 5 for feedback in answers):
        yield "feedback of less than five words"
    if len(options) == 1:
        if options[0][0] != "A model answer":
            yield "an open question has a model answer"
        return
    verdicts = [re.match(r"\*\*(Right|Not quite)\.\*\* ", a) for a in answers]
    if len(options) < 3:
        yield "too few options"
    if not all(verdicts):
        yield "feedback opens **Right.** or **Not quite.**"
    if sum(v[1] == "Right" for v in verdicts if v) != 1:
        yield "not exactly one answer is right"


@CHAPTER_FORM.rule
def exercises_are_checked_here_and_send_readers_to_real_sections(notebook):
    stem = notebook.stem[3:]
    chapter = next((c for c in catalogue.chapters() if c.stem == stem), None)
    if chapter is None:
        return  # no exercises in this chapter
    checked = "\n".join(cell.source for cell in notebook.code)
    missing = [name for name in chapter.names if f'"{name}"' not in checked]
    if missing and f'check("{chapter.number}")' not in checked:
        yield f"no cell checks {missing}"
    marks = r"(?m)^#{2,3} (.+?)(?: \((?:essential|core|deeper)\))?$"
    titles = re.findall(marks, notebook.markdown)
    named = {entry.read for entry in chapter.entries}
    named |= {wrong.read for wrong in known_wrong_answers(stem)}
    if unknown := named - {""} - set(titles):
        yield f"the workbook names sections that do not exist: {sorted(unknown)}"


NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{4,})(?![\w]|\.\d)")


def numbers(text: str) -> set[str]:
    """Figures worth checking: decimals of three digits or more, integers above 999."""
    plain = text.replace("{,}", ",").replace("\\,", "")
    plain = re.sub(r"(?<=\d)_(?=\d)", "", plain)  # 200_000 in code
    found = {match.replace(",", "") for match in NUMBER.findall(plain)}
    years = {n for n in found if n.isdigit() and 1700 <= int(n) <= 2099}
    return {n for n in found - years if len(n.replace(".", "")) >= 3}


@FORM.rule
def every_number_in_the_prose_is_computed_in_the_notebook(notebook):
    """A number of the text must stand in some output, assert or input, digit by digit.

    What is quoted as an error (``> **Often said.**``), the options of a question, and
    the section Sources are exempt.
    """
    code = "\n".join(cell.source + "\n" + printed(cell) for cell in notebook.code)
    prose = re.split(r"(?m)^## Sources$", notebook.markdown)[0]
    prose = re.sub(r"(?m)^> \*\*Often said\.\*\*.*$|<summary>.*?</summary>", "", prose)
    prose = re.sub(r"https?://\S+|arXiv:\S+|\]\([^)]*\)", "", prose)
    if missing := numbers(prose) - numbers(code):
        yield f"no cell computes or asserts {sorted(missing)}"

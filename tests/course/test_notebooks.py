"""The form of every notebook: what a reader may rely on, checked without running it.

The outputs themselves are compared by nbval in a run of its own (``make test`` does
both); here the stored files are read. Each test names the rule it holds in its message.
"""

import ast
import base64
import io
import json
import re
import statistics
from itertools import groupby, pairwise
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from dpo_edu import CHAPTERS
from dpo_edu.publish.notebooks import KERNEL, PERSONAL, UNCOMPARED
from dpo_edu.workbook import catalogue

ROOT = Path(__file__).parents[2]
ROAD = ["00_start_here", *(f"{n:02d}_{name}" for n, name in enumerate(CHAPTERS, 1))]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LECTURE_TAGS = {"slide", "subslide", "fragment", "skip", "notes"}
SHOWN = {"picture", "output"}  # all that a lecture shows of a code cell
CLOSING_SECTIONS = ["Exercises", "Self-test", "Remember", "Sources"]
OPENING_LABELS = ["You need", "Afterwards you can", "Time", "On the road to DPO"]

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path):
    return nbformat.read(path, as_version=4)


def cells(path: Path, kind: str) -> list:
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def printed(cell) -> str:
    """All text a code cell stored: streams and results, not the names of figures."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts.append(output.get("text", ""))
        texts.append("" if "image/png" in data else data.get("text/plain", ""))
    return "\n".join(texts)


def pictures(cell) -> list[str]:
    """The base64 PNGs among a cell's outputs."""
    outputs = cell.get("outputs", [])
    found = (output.get("data", {}).get("image/png") for output in outputs)
    return [picture for picture in found if picture]


def markdown(path: Path) -> str:
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def section(path: Path, title: str) -> str:
    """The text of one ``## title`` section, heading excluded."""
    found = re.search(rf"(?ms)^## {re.escape(title)}\n(.*?)(?=^## |\Z)", markdown(path))
    assert found, f"no section '## {title}'"
    return found[1]


# --- the stored file ------------------------------------------------------------------


def test_notebook_is_valid_and_on_the_road(path):
    nbformat.validate(read(path))
    assert path.stem in ROAD, f"{path.stem} belongs to no chapter of dpo_edu.CHAPTERS"


def test_metadata_does_not_change_with_the_machine(path):
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["metadata"] == {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }, "run `dpo-edu notebooks` before committing"
    names = [cell["id"] for cell in stored["cells"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(rf"{path.stem[:2]}-\d{{3}}", name) for name in names)
    assert all(set(cell["metadata"]) <= {"tags"} for cell in stored["cells"])


def test_cells_were_run_once_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


def test_no_cell_stored_an_error_or_a_warning(path):
    for cell in cells(path, "code"):
        kinds = {(out.output_type, out.get("name")) for out in cell.outputs}
        assert not any(kind == "error" or name == "stderr" for kind, name in kinds), (
            f"cell {cell.id} stored an error or wrote to stderr"
        )


def test_file_is_small_enough_to_open_anywhere(path):
    assert path.stat().st_size <= 250 * 1024


def test_outputs_hold_on_other_machines(path):
    unstable = {
        "path": r"(?:^|[\s'\"(])(?:/\w[\w.-]*/\w|[A-Z]:\\)",
        "address": r"0x[0-9a-f]{6,}",
        "time": r"\d\s?(?:µs|ms|seconds|secs?|minutes|it/s)\b|\d\d:\d\d:\d\d",
    }
    for cell in cells(path, "code"):
        for name, pattern in unstable.items():
            assert not re.search(pattern, printed(cell)), f"{name} in cell {cell.id}"


def test_tags_are_known_and_do_not_contradict(path):
    for cell in read(path).cells:
        known = LECTURE_TAGS | SHOWN | PERSONAL | {UNCOMPARED}
        assert tags(cell) <= known, cell.id
        assert len(tags(cell) & LECTURE_TAGS) <= 1, f"two lecture tags in {cell.id}"
        if tags(cell) & SHOWN:
            assert len(tags(cell) & (SHOWN | {"skip"} | PERSONAL)) == 1, cell.id
            there = pictures(cell) if "picture" in tags(cell) else cell.get("outputs")
            assert there, f"{cell.id} has nothing left to show"
        if UNCOMPARED in tags(cell):
            assert tags(cell) & PERSONAL, f"{cell.id} hides its output from nbval"


# --- the code -------------------------------------------------------------------------


def test_code_cells_are_short(path):
    lengths = sorted(
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in cells(path, "code")
    )
    assert statistics.median(lengths) <= 5
    assert lengths[int(0.9 * (len(lengths) - 1))] <= 12
    assert lengths[-1] <= 20


def test_prose_stands_between_code_cells(path):
    kinds = [cell.cell_type for cell in read(path).cells]
    runs = [len(list(run)) for kind, run in groupby(kinds) if kind == "code"]
    assert max(runs) <= 3, "more than three code cells in a row"


def test_nothing_is_defined_a_second_time(path):
    package = {
        node.name
        for module in (ROOT / "dpo_edu").glob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for cell in cells(path, "code"):
        defined = {
            node.name
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert not defined & package, f"{cell.id} redefines {defined & package}"


def test_every_draw_is_seeded(path):
    unseeded = (
        r"default_rng\(\)|np\.random\.(?!default_rng|Generator)|\bimport random\b"
    )
    for cell in cells(path, "code"):
        assert not re.search(unseeded, cell.source), cell.id


def test_printed_source_fits_a_screen(path):
    shown = [
        c for c in cells(path, "code") if re.search(r"(get|show_)source\(", c.source)
    ]
    assert shown or path.stem == ROAD[0], "print the source of a package function"
    for cell in shown:
        assert printed(cell).strip().count("\n") < 15, f"{cell.id} prints > 15 lines"


# --- figures --------------------------------------------------------------------------


def test_every_figure_has_a_number_beside_it_and_a_caption(path):
    captions = []
    for cell, after in pairwise(read(path).cells):
        if pictures(cell):
            assert printed(cell).strip() or "assert " in cell.source, (
                f"{cell.id}: no tool compares pictures: print what this one shows"
            )
            caption = re.match(r"\*\*Figure (\d+)\.\*\* \S", after.source)
            assert caption, f"after {cell.id} comes '**Figure N.** what it shows'"
            captions.append(int(caption[1]))
    assert captions == list(range(1, len(captions) + 1)), "figures are numbered 1, 2, …"
    assert captions or path.stem == ROAD[0], "a chapter without a picture"


def test_figures_are_drawn_by_the_package_at_screen_resolution(path):
    for cell in cells(path, "code"):
        assert "pyplot" not in cell.source, f"{cell.id}: draw in dpo_edu/figures"
        for picture in pictures(cell):
            with Image.open(io.BytesIO(base64.b64decode(picture))) as png:
                assert all(72 <= round(dots) <= 100 for dots in png.info["dpi"])


def test_no_picture_comes_from_elsewhere(path):
    remote = r"!\[[^\]]*\]\(\s*(?:https?:)?//|<img|<iframe|<script|attachment:"
    assert not re.search(remote, markdown(path))


def test_sliders_are_few_and_follow_a_figure_that_shows_the_same(path):
    everything = read(path).cells
    sliders = [i for i, cell in enumerate(everything) if "slider" in tags(cell)]
    assert len(sliders) <= 2
    for i in sliders:
        assert any(pictures(cell) for cell in everything[:i]), "no static figure before"
    for cell in cells(path, "code"):
        assert ("interact" in cell.source) == ("slider" in tags(cell)), cell.id


# --- the prose ------------------------------------------------------------------------


def test_display_formulas_stand_alone(path):
    for cell in cells(path, "markdown"):
        lines = ["", *(line.lstrip("> ") for line in cell.source.splitlines()), ""]
        fences = [i for i, line in enumerate(lines) if "$$" in line]
        assert all(lines[i].strip() == "$$" for i in fences), f"$$ with text: {cell.id}"
        assert len(fences) % 2 == 0, f"$$ not closed: {cell.id}"
        for start, end in zip(fences[::2], fences[1::2], strict=True):
            around = lines[start - 1] + lines[end + 1]
            assert not around, f"no blank line around $$: {cell.id}"


def test_opening_says_what_to_expect(path):
    first = "\n".join(cell.source for cell in cells(path, "markdown")[:4])
    assert first.startswith("# ")
    for label in OPENING_LABELS:
        assert f"**{label}.**" in first, f"the opening lacks **{label}.**"


def test_sections_are_core_deeper_or_closing(path):
    titles = re.findall(r"(?m)^## (.+)$", markdown(path))
    body = [title for title in titles if title not in CLOSING_SECTIONS]
    unmarked = [t for t in body if not t.endswith((" (core)", " (deeper)"))]
    assert not unmarked, f"sections neither (core) nor (deeper): {unmarked}"
    if path.stem != ROAD[0]:
        assert titles[-4:] == CLOSING_SECTIONS
        assert len(re.findall(r"(?m)^> \*\*Predict\.\*\* \S", markdown(path))) >= 3


def test_chapter_closes_with_three_sentences_and_the_next_step(path):
    position = ROAD.index(path.stem)
    if position:
        assert len(re.findall(r"(?m)^\d\. \S", section(path, "Remember"))) == 3
    if position + 1 < len(ROAD):
        assert f"]({ROAD[position + 1]}.ipynb)" in read(path).cells[-1].source


def test_links_to_notebooks_and_their_sections_lead_somewhere(path):
    for target in re.findall(r"\]\(([\w.]+\.ipynb)(?:#[^)]*)?\)", markdown(path)):
        assert target.removesuffix(".ipynb") in ROAD, f"no notebook {target}"


def test_self_test_answers_every_option(path):
    if path.stem == ROAD[0]:
        pytest.skip("the road map has no self-test")
    text = section(path, "Self-test")
    asked = re.split(r"(?m)^\*\*(?:Q|Open q)uestion \d+\.\*\*", text)[1:]
    assert 3 <= len(asked) <= 6
    for question in asked:
        options = re.findall(
            r"<details><summary>(.+?)</summary>\n\n(.+?)\n\n?</details>", question, re.S
        )
        assert len(options) == question.count("<details"), f"malformed: {question[:60]}"
        answers = [feedback for _, feedback in options]
        assert all(len(feedback.split()) >= 5 for feedback in answers), question[:60]
        if len(options) == 1:
            assert options[0][0] == "A model answer", (
                "an open question has a model answer"
            )
        else:
            verdicts = [re.match(r"\*\*(Right|Not quite)\.\*\* ", a) for a in answers]
            assert len(options) >= 3, f"too few options: {question[:60]}"
            assert all(verdicts), (
                f"feedback opens **Right.** or **Not quite.**: {question}"
            )
            assert sum(v[1] == "Right" for v in verdicts if v) == 1, question[:60]


def test_exercises_are_checked_here_and_send_readers_to_real_sections(path):
    stem = path.stem[3:]
    chapter = next((c for c in catalogue.chapters() if c.stem == stem), None)
    if chapter is None:
        pytest.skip("no exercises in this chapter")
    checked = "\n".join(cell.source for cell in cells(path, "code"))
    missing = [name for name in chapter.names if f'"{name}"' not in checked]
    everything = f'check("{chapter.number}")' in checked
    assert everything or not missing, f"no cell checks {missing}"
    marks = r"(?m)^#{2,3} (.+?)(?: \((?:core|deeper)\))?$"
    titles = re.findall(marks, markdown(path))
    named = {entry.read for entry in chapter.entries}
    for outputs in chapter.observations.values():
        named |= {wrong["read"] for wrong in outputs["wrong"]}
    assert named - {""} <= set(titles), "the workbook names sections that do not exist"


NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{4,})(?![\w]|\.\d)")


def numbers(text: str) -> set[str]:
    """Figures worth checking: decimals of three digits or more, integers above 999."""
    plain = text.replace("{,}", ",").replace("\\,", "")
    plain = re.sub(r"(?<=\d)_(?=\d)", "", plain)  # 200_000 in code
    found = {match.replace(",", "") for match in NUMBER.findall(plain)}
    years = {n for n in found if n.isdigit() and 1700 <= int(n) <= 2099}
    return {n for n in found - years if len(n.replace(".", "")) >= 3}


def test_every_number_in_the_prose_is_computed_in_the_notebook(path):
    """A number of the text must stand in some output, assert or input, digit by digit.

    What is quoted as an error (``> **Often said.**``), the options of a question, the
    lecturer's notes with the guesses to expect, and the section Sources are exempt.
    """
    code = "\n".join(cell.source + "\n" + printed(cell) for cell in cells(path, "code"))
    prose = re.split(r"(?m)^## Sources$", markdown(path))[0]
    prose = re.sub(r"(?m)^> \*\*Often said\.\*\*.*$|<summary>.*?</summary>", "", prose)
    prose = re.sub(r"(?s)<!--.*?-->", "", prose)
    prose = re.sub(r"https?://\S+|arXiv:\S+|\]\([^)]*\)", "", prose)
    missing = numbers(prose) - numbers(code)
    assert not missing, f"no cell computes or asserts {sorted(missing)}"

"""Every rule about notebooks can fail: a good chapter, spoiled in one place a time."""

import base64
import io

import nbformat
from PIL import Image

from .notebook import PATHS, Notebook, pictures
from .rulebook import Rulebook, sentence
from .test_notebooks import CHAPTER_FORM, FORM

GOOD = next(path for path in PATHS if path.stem.startswith("07"))


def first(notebook, wanted):
    return next(cell for cell in notebook.cells if wanted(cell))


def code(notebook):
    return first(notebook, lambda cell: cell.cell_type == "code")


def last_code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"][-1]


def prints(text):
    def change(notebook):
        code(notebook).outputs.append(nbformat.v4.new_output("stream", text=text))

    return change


def says(text):
    def change(notebook):
        place = first(notebook, lambda cell: "(core)" in cell.source)
        place.source += f"\n\n{text}"

    return change


def runs(text):
    def change(notebook):
        code(notebook).source += f"\n{text}"

    return change


def without(text, instead=""):
    def change(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = cell.source.replace(text, instead)

    return change


def warns(notebook):
    warning = nbformat.v4.new_output("stream", name="stderr", text="a warning")
    code(notebook).outputs.append(warning)


def names_its_machine(notebook):
    notebook.metadata.kernelspec.display_name = "my own"


def tags_wildly(notebook):
    code(notebook).metadata["tags"] = ["slide", "subslide"]


def is_not_run(notebook):
    last_code(notebook).execution_count = 1


def has_code_in_a_row(notebook):
    place = notebook.cells.index(last_code(notebook))
    more = [nbformat.v4.new_code_cell("x = 1") for _ in range(3)]
    notebook.cells[place:place] = more


def draws_at_twice_the_resolution(notebook):
    place = first(notebook, pictures)
    file = io.BytesIO()
    Image.new("L", (2, 2)).save(file, "png", dpi=(200, 200))
    for output in place.outputs:
        if "data" in output and "image/png" in output.data:
            output.data["image/png"] = base64.b64encode(file.getvalue()).decode()


def has_an_invalid_cell(notebook):
    code(notebook)["a key"] = "of no cell"


def checks_nothing(notebook):
    notebook.cells = [cell for cell in notebook.cells if "check(" not in cell.source]


def prints_long_sources(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and "source(" in cell.source:
            cell.outputs.append(nbformat.v4.new_output("stream", text="line\n" * 20))


def describes_nothing(notebook):
    for output in first(notebook, pictures).outputs:
        output.get("metadata", {}).clear()


def has_no_way_back(notebook):
    del notebook.cells[1]


def prepares_nothing(notebook):
    notebook.cells.remove(code(notebook))


def unfolds_an_answer(notebook):
    folded = first(notebook, lambda cell: "jupyter" in cell.metadata)
    del folded.metadata["jupyter"]


SPOILED = {
    "notebook is valid and on the road": has_an_invalid_cell,
    "metadata does not change with the machine": names_its_machine,
    "cells were run once from top to bottom": is_not_run,
    "no cell stored an error or a warning": warns,
    "file is small enough to open anywhere": says("word " * 60_000),
    "outputs hold on other machines": prints("/home/me/x took 3 seconds"),
    "tags are known and do not contradict": tags_wildly,
    "code cells are short": runs("x = 1\n" * 20),
    "prose stands between code cells": has_code_in_a_row,
    "nothing is defined a second time": runs("def optimal_logp(): pass"),
    "every draw is seeded": runs("np.random.default_rng()"),
    "printed source fits a screen": prints_long_sources,
    "every figure has a number beside it and a caption": without("**Figure 2."),
    "figures are drawn by the package at screen resolution": (
        draws_at_twice_the_resolution
    ),
    "every picture is described in words": describes_nothing,
    "no picture comes from elsewhere": says("![a cat](https://example.org/cat.png)"),
    "sliders are few and follow a figure that shows the same": runs("interact()"),
    "display formulas stand alone": says("text $$x$$ text"),
    "opening says what to expect": without("**You need.**"),
    "sections belong to a thread or close the chapter": without("(core)"),
    "minutes are told for every thread and for the exercises": without(
        "27 for the exercises", "26 for the exercises"
    ),
    "an exercise tells the minutes of its record": without(
        "(10 minutes)", "(11 minutes)"
    ),
    "chapter closes with three sentences": without("\n3. ", "\n"),
    "readers are led on above and below": has_no_way_back,
    "first code cell prepares the rest": prepares_nothing,
    "a predicted output is folded": unfolds_an_answer,
    "headings are words": says("### The letter $x$"),
    "exercise files are links": says("See `exercises/07_dpo_gradient.py`."),
    "links to notebooks and their sections lead somewhere": says("[x](99_x.ipynb)"),
    "self test answers every option": without("**Right.**", "**Wrong.**"),
    "exercises are checked here and send readers to real sections": checks_nothing,
    "every number in the prose is computed in the notebook": says("It is 12.3456789."),
}


def test_every_rule_has_a_case():
    assert set(SPOILED) == set(map(sentence, [*FORM.rules, *CHAPTER_FORM.rules]))


def notices(rule, folder):
    """Does the rule name something in a chapter that was spoiled for it?"""
    notebook = nbformat.read(GOOD, as_version=4)
    SPOILED[rule](notebook)
    nbformat.write(notebook, folder / GOOD.name)
    spoiled = Notebook(folder / GOOD.name)
    found = [*FORM.breaches(spoiled), *CHAPTER_FORM.breaches(spoiled)]
    return any(line.startswith(f"{rule}: ") for line in found)


def test_every_rule_notices_what_breaks_it(tmp_path):
    assert not [rule for rule in SPOILED if not notices(rule, tmp_path)]


def test_all_that_is_wrong_is_listed_even_where_a_rule_cannot_be_applied():
    book = Rulebook()

    @book.rule
    def numbers_are_small(numbers):
        yield from (f"{number} is large" for number in numbers if number > 9)

    @book.rule
    def numbers_divide_one(numbers):
        yield from (f"{number} does not" for number in numbers if 1 % number)

    assert book.breaches([10, 0, 12]) == [
        "numbers are small: 10 is large",
        "numbers are small: 12 is large",
        "numbers divide one: 10 does not",
        "numbers divide one: cannot be checked: ZeroDivisionError('integer modulo by "
        "zero')",
    ]

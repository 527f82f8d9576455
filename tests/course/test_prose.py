"""The prose of the chapters that have been rewritten to be read aloud.

Every sentence has a verb, a colon introduces something, "per" is not "a", and nothing
is said twice in the course. The measures are rough (prose.py), and so are the bounds.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from .notebook import PATHS, SHORT, Notebook
from .prose import A_FOR_PER, is_verbless, measures, readable, sentences, unfolded

REWRITTEN = [f"{n:02d}" for n in range(18)]
MOST = {"verbless": 7, "colons": 1.3, "a for per": 0}
EVERY_CHAPTER = (
    "Write the functions",
    "Choose before you",
    "Each docstring is",
)  # how to work
CHAPTERS = [path for path in PATHS if path.name[:2] in REWRITTEN] + SHORT
ROOT = Path(__file__).parents[2]
BESIDE = ("exercises/*.py", "solutions/*.py", "dpo_edu/workbook/**/*.py", "docs/*.md")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_sentences_can_be_read_aloud(path):
    found = measures(Notebook(path))
    over = {name: found[name] for name, most in MOST.items() if found[name] > most}
    text = readable(Notebook(path))
    telegrams = [said for said in sentences(text) if is_verbless(said)]
    assert not over, "\n".join([str(over), *telegrams])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_what_is_often_said_has_a_source(path):
    for cell in Notebook(path).prose:
        for box in re.findall(r"(?m)^> \*\*Often said\.\*\* .*$", cell.source):
            assert re.search(r"\]\(https?://|arXiv:\d", box), f"{cell.id}: {box}"


def test_nothing_is_said_twice():
    places = defaultdict(set)
    for path in CHAPTERS:
        for said in sentences(readable(Notebook(path))):
            if len(said.split()) >= 8 and not said.startswith(EVERY_CHAPTER):
                places[said].add(path.stem)
    assert not {said: where for said, where in places.items() if len(where) > 1}


@pytest.mark.parametrize("place", BESIDE)
def test_per_is_written_beside_the_notebooks_too(place):
    files = sorted(ROOT.glob(place))
    assert files
    found = {
        path: A_FOR_PER.findall(unfolded(path.read_text("utf-8"))) for path in files
    }
    assert not {path: said for path, said in found.items() if said}


def test_the_measures_tell_telegrams_from_sentences():
    assert is_verbless("A third of the probability.")
    assert not is_verbless("A third of the probability is lost.")
    assert sentences("One line here. Two") == ["One line here."]
    split = 'hint = (\n    "two responses a "\n    "pair"\n)'
    for said in (split, "12 C^2 a layer", "fade by γλ a token", "steps a\nround"):
        assert A_FOR_PER.search(unfolded(said)), said

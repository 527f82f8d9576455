"""Every golden value is used by a test, or says why not."""

import re
from pathlib import Path

from dpo_edu import CHAPTERS

from .golden import entry, table

THIS_FILE = Path(__file__)
PACKAGE = THIS_FILE.parents[2] / "dpo_edu"
NAMES = list(table())

LEFT_OUT: dict[str, str] = {}  # name -> why no test here refers to it


def quoted_words() -> dict[str, set[str]]:
    """The chapters (or "") whose tests quote a word, as in ``entry("bt_gauge")``."""
    words: dict[str, set[str]] = {}
    for test in set(THIS_FILE.parent.glob("test_*.py")) - {THIS_FILE}:
        for word in re.findall(r'"(\w+)"', test.read_text("utf-8")):
            words.setdefault(word, set()).add(chapter_tested(test))
    return words


def chapter_tested(test: Path) -> str:
    """The stem of the chapter whose module, or room, this file tests; or ""."""
    name = test.stem.removeprefix("test_")
    rooms = [stem for stem in CHAPTERS if (PACKAGE / stem / f"{name}.py").exists()]
    return name if name in CHAPTERS else "".join(rooms[:1])


def test_every_golden_value_is_used_or_says_why_not():
    assert set(NAMES) - set(quoted_words()) == set(LEFT_OUT)


def test_excuses_name_rows_that_exist():
    assert set(LEFT_OUT) <= set(NAMES)


def test_a_topic_is_a_chapter_whose_tests_use_the_value():
    quoted = quoted_words()
    for name, row in table().items():
        assert row["topic"] in CHAPTERS
        assert row["topic"] in quoted[name], name


def test_numbers_arrive_as_floats_and_words_stay_words():
    inputs = entry("kl_chain_rule")["inputs"]
    assert inputs["p_first"] == [0.6, 0.4]
    assert inputs["q"] == "uniform"

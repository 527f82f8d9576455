"""Every golden value is used by a test, or says why not."""

import re
from pathlib import Path

from .golden import entry, table

THIS_FILE = Path(__file__)
NAMES = list(table())

LEFT_OUT: dict[str, str] = {}  # name -> why no test here refers to it


def quoted_words() -> set[str]:
    """Every quoted word in the other tests: ``entry("kl_chain_rule")`` and the like."""
    tests = set(THIS_FILE.parent.glob("test_*.py")) - {THIS_FILE}
    return {
        word for t in tests for word in re.findall(r'"(\w+)"', t.read_text("utf-8"))
    }


def test_every_golden_value_is_used_or_says_why_not():
    assert set(NAMES) - quoted_words() == set(LEFT_OUT)


def test_excuses_name_rows_that_exist():
    assert set(LEFT_OUT) <= set(NAMES)


def test_topics_are_those_this_file_knows():
    topics = {row["topic"] for row in table().values()}
    known = "seed bt kl lm rlhf vi dpo fdiv bon overopt numerics pg variants"
    assert topics == set(known.split(" "))


def test_numbers_arrive_as_floats_and_words_stay_words():
    inputs = entry("kl_chain_rule")["inputs"]
    assert inputs["p_first"] == [0.6, 0.4]
    assert inputs["q"] == "uniform"

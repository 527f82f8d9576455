"""The ledger of claims: each holds, is shown where it says, and could fail."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dpo_edu.__main__ import main
from dpo_edu.validation import InputError
from dpo_edu.verify import claims as ledger
from dpo_edu.verify.claim import (
    EXACT,
    FLOAT64,
    SAMPLED,
    Claim,
    Interval,
    above,
    below,
    between,
    examine,
    interval,
    near,
)
from dpo_edu.verify.claims import STEMS, chapters, claims_of
from dpo_edu.verify.claims_page import page
from dpo_edu.verify.claims_table import in_full, number, overview, told

from .notebook import PATHS, Notebook

ROOT = Path(__file__).parents[2]
ALL = [claim for chapter in chapters() for claim in claims_of(chapter)]


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.id)
def test_a_claim_holds(claim):
    finding = examine(claim)
    assert finding.holds, told(finding)


@pytest.mark.parametrize("chapter", chapters())
def test_a_chapter_claims_eight_to_fifteen_things_under_names_of_its_own(chapter):
    ids = [claim.id for claim in claims_of(chapter)]
    assert 8 <= len(ids) <= 15
    assert len({*ids}) == len(ids)
    assert {name[:3] for name in ids} == {f"{chapter:02d}-"}


@pytest.mark.parametrize("chapter", chapters())
def test_a_claim_stands_under_a_heading_of_its_notebook(chapter):
    text = Notebook(PATHS[chapter]).markdown
    headings = set(re.findall(r"(?m)^#{2,3} (.*)$", text))
    missing = [c.id for c in claims_of(chapter) if c.section not in headings]
    assert missing == []


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.id)
def test_a_claim_is_a_sentence_with_something_behind_it(claim):
    assert claim.statement.endswith(".")
    assert len(claim.statement.split()) >= 6
    assert claim.behind
    assert claim.kind in (EXACT, FLOAT64, SAMPLED)


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.id)
def test_a_claim_could_fail(claim):
    far = replace(claim, measure=lambda: 1.01 * examine(claim).measured.high + 7.7e3)
    near_by = replace(claim, measure=lambda: -1e9)
    assert not (examine(far).holds and examine(near_by).holds)


@pytest.mark.parametrize(
    "claim", [c for c in ALL if c.kind == FLOAT64], ids=lambda claim: claim.id
)
def test_the_digits_that_a_sentence_states_are_those_that_are_held(claim):
    """A tolerance is no wider than half a unit of the statement's last digit."""
    stated = re.findall(r"(?<![\w.^-])-?\d+\.\d+", claim.statement)
    within = re.search(r"± (\S+)", claim.expected.words)
    if stated and within:
        digits = max(len(text.split(".")[1]) for text in stated)
        assert float(within[1]) <= 10 * 10**-digits


def test_the_page_says_what_the_ledger_says():
    assert (ROOT / "docs" / "claims.md").read_text("utf-8") == page()


# What the words of an expectation mean


@pytest.mark.parametrize(
    ("expected", "inside", "outside"),
    [
        (near(0.5), (0.5, 0.5), (0.5, 0.5001)),
        (near(0.5, within=0.1), (0.41, 0.59), (0.39, 0.5)),
        (near(0.0), (1e-13, 1e-13), (1e-6, 1e-6)),
        (above(0.2), (0.21, 0.9), (0.19, 0.9)),
        (below(0.2), (-1.0, 0.19), (-1.0, 0.21)),
        (between(1, 2), (1.1, 1.9), (0.9, 1.5)),
    ],
    ids=lambda value: getattr(value, "words", str(value)),
)
def test_an_expectation_speaks_of_the_whole_interval(expected, inside, outside):
    assert expected.holds(Interval(*inside))
    assert not expected.holds(Interval(*outside))


def test_one_number_per_seed_becomes_the_interval_of_their_mean():
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.low, found.high) == pytest.approx((1.036756, 4.963243), abs=1e-3)
    assert number(found) == "3 ± 2 (5 seeds)"
    with pytest.raises(InputError, match="no interval for 3 seeds"):
        interval([1.0, 2.0, 3.0])


BROKEN = Claim(
    "01-broken", "Two is three, for once.", "By hand", "nothing", lambda: 2, near(3)
)


def test_verify_fails_and_says_which_claim_does_not_hold(capsys, monkeypatch):
    kept = ledger.claims_of(1)
    monkeypatch.setattr(
        "dpo_edu.commands.verify.claims_of",
        lambda n: (*kept, BROKEN) if n == 1 else claims_of(n),
    )
    assert main(["verify"]) == 1
    told_so = capsys.readouterr().out
    assert f"{len(kept)} of {len(kept) + 1} hold" in told_so
    assert "01-broken: Two is three, for once." in told_so
    assert "DOES NOT HOLD (exact): 2, expected 3" in told_so
    assert main(["verify", "01"]) == 1


def test_verify_of_a_chapter_shows_its_claims_and_no_other(capsys):
    assert main(["verify", "7", "01"]) == 0
    told_so = " ".join(capsys.readouterr().out.split())
    for claim in ALL:
        assert (claim.statement in told_so) == (claim.chapter in (1, 7))


@pytest.mark.parametrize(
    ("given", "said"),
    [("x", "'x' is no chapter"), ("99", "there are claims of the chapters 00, 01")],
)
def test_verify_refuses_what_is_no_chapter(given, said, capsys):
    assert main(["verify", given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_overview_counts_kinds():
    found = [examine(claim) for claim in claims_of(0)]
    assert overview(0, found).startswith(f"00  {STEMS[0]}")
    assert "exact" in overview(0, found)
    assert in_full(0, found).count("holds (") == len(found)

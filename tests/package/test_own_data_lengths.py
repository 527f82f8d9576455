"""Long pairs, dropped or cut, and the memory that lengths ask for."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dpo_edu.own_data.batches import pair_data
from dpo_edu.own_data.comparison import TextPair
from dpo_edu.own_data.lengths import POLICIES, fit, lengths, longest, too_long
from dpo_edu.own_data.memory import machine_bytes, step_bytes, table_bytes
from dpo_edu.own_data.settings import OwnSettings

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
PAIRS = st.lists(st.builds(TextPair, TEXT, TEXT, TEXT), min_size=1, max_size=6)


@given(PAIRS)
def test_a_length_is_that_of_the_row_that_is_trained_on(pairs):
    _, mask = pair_data(pairs, 10_000, "here")
    rows = (mask * torch.arange(1, mask.shape[1] + 1)).amax(1)
    both = [lengths(pair) for pair in pairs]
    assert rows.tolist() == [
        each[side] for side in ("chosen", "rejected") for each in both
    ]


@given(PAIRS, st.integers(1, 60), st.sampled_from(POLICIES))
def test_what_is_left_fits_and_no_answer_has_changed(pairs, most, policy):
    fitted = fit(pairs, most, policy)
    assert all(longest(pair) <= most for pair in fitted.pairs)
    kept = [pairs[number] for number in fitted.numbers]
    assert [pair[1:] for pair in fitted.pairs] == [pair[1:] for pair in kept]
    for old, new in zip(kept, fitted.pairs, strict=True):
        assert old.prompt.endswith(new.prompt)
        assert new.prompt
    changed = sum(old != new for old, new in zip(kept, fitted.pairs, strict=True))
    assert fitted.cut == changed
    if policy == "drop":
        assert kept == [pair for pair in pairs if longest(pair) <= most]


def test_a_cut_prompt_keeps_its_end_in_whole_letters():
    pair = TextPair("naïve café?", "Ja", "Nein")
    fitted = fit([pair], 5 + 4, "cut")
    assert fitted.pairs == [TextPair("fé?", "Ja", "Nein")]
    assert fit([pair], 5 + 2, "cut").pairs == [TextPair("?", "Ja", "Nein")]  # é takes 2
    assert fit([pair], 5, "cut").pairs == []
    assert fit([pair], 9, "drop").pairs == []


def test_the_first_that_is_too_long_is_named_and_the_others_are_counted():
    pairs = [
        TextPair("x", "a", "b"),
        TextPair("x", "a", "bbb"),
        TextPair("xx", "aa", "b"),
    ]
    called = ["line 1", "line 3", "line 4"]
    assert too_long(pairs, 5, called) is None
    words = too_long(pairs, 3, called)
    assert words.startswith("line 3: prompt and rejected take 5 tokens")
    assert words.endswith("; 1 more is too long, the longest takes 5")


def test_memory_grows_with_the_square_of_the_longest_that_a_batch_can_hold():
    pairs = [TextPair("x", "a" * 98, "b")] * 4 + [TextPair("x", "a", "b")] * 50
    settings = OwnSettings("", "", batch_size=2, layers=3, heads=5)
    assert step_bytes(pairs, settings) == 4 * 2 * 3 * 5 * 2 * (100**2 + 3**2)
    assert step_bytes(pairs[:1], settings) == 4 * 2 * 3 * 5 * (100**2 + 3**2)
    assert table_bytes(pairs) == 108 * 100 * 9
    assert machine_bytes() > 1e8


@pytest.mark.parametrize("policy", POLICIES)
def test_a_limit_that_all_keep_changes_nothing(policy):
    pairs = [TextPair("x", "a", "b")]
    assert fit(pairs, 3, policy) == (pairs, [0], 0)

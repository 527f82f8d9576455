"""Pairs that are held out: no question is judged that was trained on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpo_edu.own_data.comparison import TextPair
from dpo_edu.own_data.splitting import equal_pairs, same_prompt, split, together


def sides(pairs, share, seed):
    parts = split(together(pairs), share, seed)
    assert sorted([*parts.training, *parts.held_out]) == [*range(len(pairs))]
    return [[pairs[number] for number in part] for part in parts]


def test_distinct_pairs_are_split_by_chance_alone():
    groups = together([TextPair(f"{n}?", "a", "b") for n in range(20)])
    training, held_out = split(groups, 0.1, seed=3)
    order = np.random.default_rng([3, 4]).permutation(20)
    assert training.tolist() == order[2:].tolist()
    assert held_out.tolist() == order[:2].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_no_prompt_is_on_both_sides(seed):
    kinds = [("x", "a", "b"), (" X ", "b", "a"), ("x", "a", "c"), ("y", "a", "b")]
    kinds += [("z", "a", "b")]
    parts = sides([TextPair(*kinds[n % 5]) for n in range(25)], 0.3, seed)
    asked = [{pair.prompt.strip().lower() for pair in part} for part in parts]
    assert all(asked)
    assert not asked[0] & asked[1]


@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=60),
    st.floats(0.01, 0.99),
    st.integers(0, 3),
)
def test_both_sides_have_pairs_and_the_share_is_kept_where_it_can_be(
    which, share, seed
):
    pairs = [TextPair(f"{n}", f"a{k}", "b") for k, n in enumerate(which)]
    training, held_out = sides(pairs, share, seed)
    assert training
    assert held_out
    if len({*which}) > 1:
        assert not {p.prompt for p in training} & {p.prompt for p in held_out}
        smallest = min(map(which.count, {*which}))
        assert len(held_out) <= max(round(share * len(pairs)), smallest)


@pytest.mark.parametrize("seed", range(5))
def test_with_one_prompt_no_pair_is_judged_that_was_trained_on(seed):
    kinds = [("x", "a", "b"), ("x", "b", "a"), ("x", "a", "c"), ("x", "a", "d")]
    training, held_out = sides([TextPair(*kinds[n % 4]) for n in range(20)], 0.3, seed)
    compared = [{frozenset(pair[1:]) for pair in part} for part in (training, held_out)]
    assert all(compared)
    assert not compared[0] & compared[1]


def test_groups_are_what_must_stay_together():
    pairs = [TextPair(*each) for each in ("xab", "xba", "yab", "Xac", "xab")]
    assert equal_pairs(pairs) == [[0, 1, 4], [2], [3]]
    assert same_prompt(pairs) == together(pairs) == [[0, 1, 3, 4], [2]]
    assert together(pairs[:2] * 2 + pairs[4:]) == [[0, 1, 2, 3, 4]]

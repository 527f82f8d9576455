"""The rule that tunes what is compared, on functions whose top is known."""

import math

import pytest

from dpo_edu.experiments.tuning import tune

START = {"rate": 1.0, "steps": 64.0}


def hill(rate, steps):
    """Falls by 1 for each factor of two away from its top."""
    return lambda at: (
        -abs(math.log2(at["rate"] / rate)) - abs(math.log2(at["steps"] / steps))
    )


@pytest.mark.parametrize("rate", [0.25, 1.0, 8.0])
@pytest.mark.parametrize("steps", [16.0, 64.0, 256.0])
def test_a_hill_is_climbed_and_both_sides_of_its_top_are_tried(rate, steps):
    found = tune(hill(rate, steps), START, budget=30)
    assert found.best == {"rate": rate, "steps": steps}
    assert not found.unsettled
    for name, value in found.best.items():
        for factor in (0.5, 2):
            side = found.best | {name: value * factor}
            assert any(side.items() <= tried.items() for tried in found.tried)


def test_no_place_is_tried_twice_and_the_score_is_kept():
    asked = []

    def score_at(place):
        asked.append(tuple(place.values()))
        return hill(4.0, 16.0)(place)

    found = tune(score_at, START, budget=30)
    assert len(asked) == len(set(asked)) == len(found.tried)
    assert max(tried["score"] for tried in found.tried) == 0


def test_one_setting_changes_at_a_time():
    tried = tune(hill(8.0, 8.0), START, budget=30).tried
    known = [tried[0]]
    for place in tried[1:]:
        assert any(one_factor_away(place, old) for old in known)
        known.append(place)


def one_factor_away(place, old):
    factors = [abs(math.log2(place[name] / old[name])) for name in START]
    return sorted(factors) == [0, 1]


@pytest.mark.parametrize(
    ("top", "budget", "unsettled"),
    [
        ((1024.0, 64.0), 4, ["rate", "steps"]),
        ((1.0, 64.0), 5, []),
        ((1.0, 64.0), 4, ["steps"]),
        ((1.0, 64.0), 1, ["rate", "steps"]),
    ],
)
def test_where_the_budget_ends_first_the_setting_is_named(top, budget, unsettled):
    found = tune(hill(*top), START, budget)
    assert len(found.tried) <= budget
    assert found.unsettled == unsettled


def test_a_setting_that_changes_nothing_stays_where_it_began():
    found = tune(lambda at: -abs(at["rate"] - 2), START, budget=30)
    assert found.best == {"rate": 2.0, "steps": 64.0}
    assert not found.unsettled


def test_a_search_looks_far_apart_before_it_walks():
    looks = [(0, n) for n in (-4, 0, 4)]
    found = tune(hill(1.0, 1024.0), START, 30, looks)
    assert found.best == {"rate": 1.0, "steps": 1024.0}
    assert [at["steps"] for at in found.tried[:3]] == [64.0, 4.0, 1024.0]
    assert len(found.tried) == 7

"""The sampling methods of chapter 12: tuned by one rule, each on the same draw."""

import numpy as np
import pytest

from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.policy_gradient import tuned
from dpo_edu.experiments.tuning import untried

ROWS = {row["method"]: row for row in stored("policy_gradient")["tuned"]}


def test_every_method_is_there():
    assert tuple(ROWS) == tuned.METHODS


@pytest.mark.parametrize("name", ROWS)
def test_a_method_is_tuned_by_the_rule_and_within_the_budget(name):
    tried, start = ROWS[name]["tried"], tuned.START
    best = max(tried, key=lambda place: place["score"])
    assert ROWS[name]["setting"] == {each: best[each] for each in start}
    assert len(tried) <= tuned.BUDGET
    places = {
        tuple(round(np.log2(place[n] / start[n])) for n in start): place["score"]
        for place in tried
    }
    assert next(iter(places)) == (0, 0)
    left = untried(max(places, key=places.__getitem__), places)
    assert bool(left) == bool(ROWS[name]["unsettled"])
    assert not left or len(tried) == tuned.BUDGET


@pytest.mark.parametrize("name", ROWS)
def test_a_method_is_judged_on_draws_that_did_not_tune_it(name):
    assert [run["seed"] for run in ROWS[name]["runs"]] == [*tuned.JUDGED]
    assert tuned.TUNING not in tuned.JUDGED


def test_a_run_says_how_far_it_is_from_its_own_rest(monkeypatch):
    """A climber that does not move is as far as the reference is from each rest."""
    data, reference, _ = tuned.shared_start()
    monkeypatch.setattr(tuned, "reward_of", lambda seed: data.world.reward)
    monkeypatch.setattr(tuned, "rlhf", lambda *given: (reference.logp, []))
    far = [tuned.tuned_run(name, 1.0, 1e-2, 0) for name in tuned.METHODS]
    assert {row["share"] for row in far} == {0.0}
    left = [row["kl_to_own_optimum"] for row in far]
    assert min(left) > 0.3
    assert len({round(nats, 3) for nats in left}) == 3

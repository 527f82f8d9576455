"""The methods of chapter 12: tuned by one rule, each on the same draw."""

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
    climbers = set(tuned.METHODS) - {"DPO"}
    far = {name: tuned.tuned_run(name, 1.0, 1e-2, 0) for name in climbers}
    assert {row["share"] for row in far.values()} == {0.0}
    left = {name: round(row["kl_to_own_optimum"], 3) for name, row in far.items()}
    assert min(left.values()) > 0.3
    assert left["PPO"] == left["REINFORCE"]
    assert left["GRPO"] == left["GRPO, summed"]
    assert left["Dr. GRPO"] == left["GRPO, not scaled"]
    assert len(set(left.values())) == 3


def test_dpo_is_tuned_by_the_beta_that_it_trains_with(monkeypatch):
    """Its passes are those of ten epochs; it is judged at beta 1 whatever its own."""
    seen = []
    reference = tuned.shared_start().reference.logp
    monkeypatch.setattr(tuned, "dpo", lambda *given: seen.append(given) or reference)
    row = tuned.tuned_run("DPO", 2.0, 5e-3, 3)
    ((pairs, *given),) = seen
    assert len(pairs.prompt) == 5_000
    assert given == [tuned.ten_epochs(5_000), 3, 2.0, 5e-3]
    assert row["seed"] == 3
    assert row["share"] == 0.0

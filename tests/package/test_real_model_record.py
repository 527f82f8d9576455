"""The record of chapter 17 in words, the toy beside it, and what quotes them."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.real_model import plan, tables, toy
from dpo_edu.experiments.real_model.variations import BOTH_WAYS, VARIED
from dpo_edu.experiments.shared_start import shared_start
from dpo_edu.training import epoch_rows, epoch_steps

ROOT = Path(__file__).parents[2]
ROW = {
    "margin": 0.5,
    "accuracy": 0.75,
    "reward_chosen": 0.1,
    "reward_rejected": -0.4,
}


def made_up(seed: int, mean: float, half: float, chosen: float = -1.0) -> dict:
    """A run of the record with few numbers in it."""
    found = {"mean": mean, "half": half}
    both = {"speaks_to_you": found, "new_words": {"mean": -0.01, "half": 0.02}}
    rules = {"speaks_to_you": {"mean": 0.5, "half": 0.1}} | {
        "new_words": {"mean": 0.9, "half": 0.01}
    }
    policy = {
        "rules": rules,
        "differences": both,
        "kl": {"mean": 2.0, "half": 0.5},
        "log_ratios": {"chosen": chosen, "rejected": -3.0},
        "tokens": 30.0,
        "distinct": 1.0,
        "ref_logp": {"mean": -40.0, "half": 2.0},
    }
    best = {"n": 2, "kl_bound": 0.193, "differences": {"speaks_to_you": found}}
    log = [{"step": n, "loss": 0.7 - 0.1 * n, **ROW} for n in range(6)]
    return {
        "settings": {
            "rule": "speaks_to_you",
            "seed": seed,
            "plan": {"batch_size": 10},
        },
        "circumstances": {"processor": f"make {seed % 2}", "torch": "2.13"},
        "counts": {"pairs": 48},
        "policies": dict.fromkeys(("reference", "dpo", "sft"), policy)
        | {"best of n": best},
        "log": {"dpo": log},
        "examples": [
            {"prompt": "Why?", "before": "One.\n\n- two", "after": ""},
            {"prompt": "How?", "before": "a " * 80, "after": "b"},
        ],
    }


def test_a_verdict_counts_the_finished_seeds_alone():
    runs = [made_up(0, 0.3, 0.1), made_up(2, 0.1, 0.2), made_up(3, 0.2, 0.1)]
    text = tables.verdict("speaks_to_you", runs)
    assert "seeds 0, 2, 3; the interval lies above 0 in 2 of 3" in text
    assert "mean gain +0.20" in text
    assert "from +0.10 to +0.30" in text
    assert "no seed is finished" in tables.verdict("short_words", [])


def test_an_interval_that_touches_0_resolves_nothing():
    assert tables.excludes_zero({"mean": 0.2, "half": 0.1})
    assert not tables.excludes_zero({"mean": 0.1, "half": 0.1})
    assert not tables.excludes_zero({"mean": -0.3, "half": 0.1})


def test_both_sides_fall_only_where_both_are_below_0():
    runs = [made_up(0, 0.3, 0.1), made_up(1, 0.3, 0.1, chosen=0.5)]
    assert tables.both_fell(runs) == (1, 2)


def test_a_line_per_seed_and_per_way_to_train():
    runs = [made_up(0, 0.3, 0.1), made_up(4, -0.1, 0.2)]
    lines = tables.over_seeds(runs).splitlines()
    assert len(lines) == 3
    assert "best of 2" in lines[0]
    assert lines[2].startswith("4")
    assert "-0.10 ± 0.20" in lines[2]
    log = {"log": runs[0]["log"]["dpo"], "pairs": 48, "batch_size": 10}
    one = log | {"verdict": {"gain": 0.6, "kl": 0.4}}
    text = tables.otherwise({"well": one, "badly": one}, {"well": runs[0]})
    assert "not finished" in text.splitlines()[-1]
    assert "+0.30 ± 0.10" in text.splitlines()[-2]


def test_answers_are_all_shown_in_their_order_on_narrow_lines():
    text = tables.answers(made_up(0, 0.3, 0.1), 0, 2)
    assert "One. / / - two" in text
    assert "(nothing)" in text
    assert text.index("Why?") < text.index("How?")
    assert text.split().count("a") == 80
    assert max(map(len, text.splitlines())) <= 84


def test_the_pairs_of_the_last_steps_are_averaged():
    """48 pairs in batches of 10: step 4 holds the last 8, step 5 begins anew."""
    run = made_up(0, 0.3, 0.1)
    log, losses = run["log"]["dpo"], [0.5] * 10 + [0.4] * 10 + [0.3] * 8 + [0.2] * 10
    assert tables.late(run, "loss") == pytest.approx(np.mean(losses))
    toy_run = {"log": log, "pairs": 48, "batch_size": 10}
    assert tables.late(toy_run, "loss") == tables.late(run, "loss")
    for pairs, size in ((41, 4), (48, 4), (3, 8)):
        steps = epoch_steps(pairs, size, epochs=2)
        held = [tables.batch_pairs(step, pairs, size) for step in range(steps)]
        assert held == [len(epoch_rows(pairs, size, 0, step)) for step in range(steps)]


def test_each_machine_is_named_with_what_it_has_run():
    runs = [made_up(seed, 0.3, 0.1) for seed in range(3)]
    text = tables.machines({"rules": {"speaks_to_you": runs}, "variations": {}})
    assert text.splitlines() == [
        *("recorded on: make 0", "  with torch 2.13", "  runs of speaks_to_you: 2"),
        *("recorded on: make 1", "  with torch 2.13", "  runs of speaks_to_you: 1"),
    ]


def test_a_log_is_shown_at_the_steps_that_are_asked_for():
    log = made_up(0, 0.3, 0.1)["log"]["dpo"]
    shown = tables.trainer_log(log, (0, 5)).splitlines()
    assert [line.split()[0] for line in shown] == ["step", "0", "5"]


# The toy


@pytest.fixture(scope="module")
def runs():
    names = [name for name in plan.VARIATIONS if name != BOTH_WAYS]
    return {name: toy.toy_run(name) for name in ("", *names)}


def test_side_by_side_has_both_models_in_every_row(runs):
    text = tables.side_by_side(toy.reference_verdict(), runs[""], made_up(0, 0.3, 0.1))
    lines = text.splitlines()
    assert len(lines) <= 18, "a slide has no more"
    assert max(map(len, lines)) <= 72
    assert all(len(line.split()) >= 3 for line in lines)


def test_the_toy_s_pairs_are_those_on_which_the_reward_decides():
    pairs, reward = toy.toy_pairs(toy.ToySettings()), shared_start().data.world.reward
    better = reward[pairs.prompt, pairs.chosen] > reward[pairs.prompt, pairs.rejected]
    assert better.all()
    assert (pairs.label == 1).all()
    assert 300 < len(better) <= toy.ToySettings.most_pairs


def test_the_reference_is_at_distance_0_from_itself():
    found = toy.reference_verdict()
    assert found["gain"] == found["kl"] == 0
    assert 1 < found["tokens"] <= 3
    assert 0 < found["distinct"] < 1


def test_distinct_answers_are_as_many_as_are_drawn():
    """The expected share, beside the shares of many samples of 96."""
    reference = shared_start().reference
    exact = toy.reference_verdict()["distinct"]
    mixed, draws = np.exp(reference.logp).mean(0), np.random.default_rng(0)
    shares = [
        len({*draws.choice(len(mixed), toy.ANSWERS, p=mixed / mixed.sum())})
        for _ in range(300)
    ]
    assert np.mean(shares) / toy.ANSWERS == pytest.approx(exact, abs=0.01)


def test_the_toy_learns_and_its_variations_do_what_they_say(runs):
    verdicts = {name: run["verdict"] for name, run in runs.items()}
    assert verdicts[""]["gain"] > 0.3
    assert verdicts["two epochs"]["gain"] > verdicts[""]["gain"]
    assert verdicts["two epochs"]["kl"] > verdicts[""]["kl"]
    assert verdicts["chosen and rejected swapped"]["gain"] < -0.1
    assert abs(verdicts["labels by a coin"]["gain"]) < 0.25
    assert verdicts["learning rate x 10"]["distinct"] < 0.6 * verdicts[""]["distinct"]
    assert len(runs["two epochs"]["log"]) == 2 * len(runs[""]["log"]) == 24
    first = [run["log"][0]["loss"] for run in runs.values()]
    assert first == pytest.approx([math.log(2)] * len(first))


def test_an_aliased_reference_hides_a_policy_that_moves(runs):
    flat = runs["adapter left on in the reference"]
    losses = [row["loss"] for row in flat["log"]]
    assert losses == pytest.approx([math.log(2)] * 12)
    assert flat["verdict"]["kl"] > 0.1


# What is stored


def test_the_stored_record_is_of_the_plan():
    record = stored("real_model")
    assert {*record["rules"]} == {*plan.RULES}
    for rule, found in record["rules"].items():
        seeds = [run["settings"]["seed"] for run in found]
        assert seeds == [*plan.SEEDS]
        assert all(run["settings"]["rule"] == rule for run in found)
        for run in found:
            assert run["log"]["dpo"][0]["loss"] == pytest.approx(math.log(2), abs=1e-3)
            assert len(run["examples"]) == 20
            assert {"processor", "torch"} <= run["circumstances"].keys()
    assert record["rules"][VARIED], "the notebook shows its first seed"
    assert all(record["variations"].values()), "and one run of each variation"


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("diagnose_the_flat_log", "adapter left on in the reference"),
        ("diagnose_the_steady_log", "labels by a coin"),
        ("diagnose_the_winning_log", BOTH_WAYS),
    ],
)
def test_the_logs_to_diagnose_are_those_of_the_record(task, name):
    text = (ROOT / "exercises" / "17_real_model.py").read_text("utf-8")
    text = text.split(f"def {task}")[1].split("Returns one")[0]
    run = stored("real_model")["variations"][name][0]
    rows = {row["step"]: row for row in run["log"]["dpo"]}
    shown = re.findall(r"(?m)^ {8} *(\d+)((?: +-?\d+\.\d+)+)$", text)
    assert len(shown) >= 4
    columns = ("loss", "margin", "accuracy", "reward_chosen", "reward_rejected")
    for step, cells in shown:
        for column, cell in zip(columns, cells.split(), strict=True):
            places = len(cell.split(".")[1])
            assert cell == f"{rows[int(step)][column]:.{places}f}", (task, step, column)
    gain = tables.gain(run)
    kl = run["policies"]["dpo"]["kl"]
    prose = " ".join(text.split())
    assert tables.interval(gain, 2, "+") in prose
    assert f"{kl['mean']:.1f} nats" in prose

"""The quoted numbers: both roads agree, and print is judged as it deserves."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from dpo_edu.verify import by_hand, worked_examples
from dpo_edu.verify.worked_examples import WORKED_EXAMPLES, verify

from .golden import entry

ROWS = verify()
BY_NAME = {row.example.name: row for row in ROWS}


def test_both_roads_give_the_same_value():
    apart = {row.example.name: abs(row.package / row.exact - 1) for row in ROWS}
    assert {name: far for name, far in apart.items() if not far < 1e-12} == {}
    assert {row.verdict for row in ROWS} <= {"confirmed", "wrong"}


RIGHT = {
    "loss of one pair": "0.6444",
    "its confidence": "0.5250",
    "the weight": "0.4750",
    "the pull": "0.0475",
    "the first loss": "0.6931",
    "how many responses": "3.27e450",
    "margin, case 2": "1.1757",
}
WRONG = {  # what is printed, and what it is
    "gap, case 1": ("0.0689", "0.0690"),
    "loss, case 1": ("0.6762", "0.6760"),
    "sigmoid, case 2": ("0.7643", "0.7642"),
    "loss, case 2": ("0.2686", "0.2690"),
    "a growing beta": ("0", "1000"),
}


def test_what_write_ups_print_right_is_confirmed():
    rows = {name: BY_NAME[name] for name in RIGHT}
    assert {name: row.example.printed for name, row in rows.items()} == RIGHT
    assert {row.verdict for row in rows.values()} == {"confirmed"}


def test_what_write_ups_print_wrong_is_corrected():
    rows = {name: BY_NAME[name] for name in WRONG}
    found = {name: (row.example.printed, row.rounded) for name, row in rows.items()}
    assert found == WRONG
    assert {row.verdict for row in rows.values()} == {"wrong"}


def test_the_course_itself_prints_nothing_wrong():
    own = [row for row in ROWS if row.example.source == "this course"]
    assert len(own) > 20
    assert {row.verdict for row in own} == {"confirmed"}


PUBLISHED = {  # golden rows, and which value of theirs
    "one nat ahead": ("sigmoid_basic", "sigma(1)"),
    "odds multiply": ("bt_odds_composition", "p_AC"),
    "normal noise": ("random_utility_gumbel", "thurstone_unit_normals"),
    "a ranking": ("plackett_luce_vs_pairs", "pl_nll"),
    "not its likelihood": ("plackett_luce_vs_pairs", "pairwise_nll"),
    "seven to three": ("bt_mle_two_items", "delta_hat"),
    "the floor": ("bayes_accuracy", "bayes_loss"),
    "the ceiling": ("bayes_accuracy", "bayes_accuracy"),
    "KL one way": ("kl_both_directions", "kl_p_q"),
    "KL the other way": ("kl_both_directions", "kl_q_p"),
    "a biased estimator": ("kl_estimators_k1_k2_k3", "E_k2"),
    "log Z": ("w4_optimal_policy", "log_Z"),
    "distance traveled": ("w4_optimal_policy", "kl_star_ref"),
    "the best value": ("w4_value", "J_star"),
    "regret": ("w4_regret", "regret_ref"),
    "best of 4, the bound": ("best_of_n", "bound_N=4"),
    "best of 4, the KL": ("best_of_n", "kl_N=4"),
    "across prompts": ("cross_prompt_constant", "discrepancy"),
    "loss of one pair": ("seed_example1", "loss"),
    "loss, case 1": ("seed_problem2_case1", "loss"),
    "loss, case 2": ("seed_problem2_case2", "loss"),
    "zero loss": ("loss_to_zero_without_p_chosen_to_one", "loss"),
    "the flip": ("ranking_flip_threshold", "loss_threshold_c=5"),
    "population loss": ("w3_dpo_population_minimiser", "L_at_uniform"),
    "the pull": ("seed_example3", "coefficient"),
    "the score stays": ("score_norm_does_not_vanish", "norm"),
    "soft labels": ("soft_label_optimum", "dpo_delta_p=0.9"),
    "hard labels": ("dpo_gradient_flow", "t=1000,beta=0.5"),
    "gentle beta": ("w4_beta_sweep", "kl_beta=10"),
}


def test_exact_values_are_the_published_ones():
    found = {name: float(BY_NAME[name].exact) for name in PUBLISHED}
    wanted = {name: entry(row)["value"][key] for name, (row, key) in PUBLISHED.items()}
    assert found == pytest.approx(wanted, rel=1e-15)


def test_records_stand_in_the_order_of_the_chapters():
    chapters = [example.chapter for example in WORKED_EXAMPLES]
    assert chapters == sorted(chapters)
    assert set(chapters) == set(range(1, 8))
    assert len(BY_NAME) == len(WORKED_EXAMPLES)


def off_by_one(rounded: str) -> str:
    """The same with another last digit."""
    mantissa, exponent, power = rounded.partition("E")
    return mantissa[:-1] + str((int(mantissa[-1]) + 1) % 10) + exponent + power


def test_a_last_digit_off_by_one_is_called_wrong(monkeypatch):
    altered = [replace(row.example, printed=off_by_one(row.rounded)) for row in ROWS]
    monkeypatch.setattr(worked_examples, "WORKED_EXAMPLES", tuple(altered))
    missed = [row.example for row in verify() if row.verdict != "wrong"]
    assert missed == []


def test_a_package_that_drifts_is_noticed(monkeypatch):
    example = BY_NAME["loss of one pair"].example
    altered = replace(example, by_package=lambda **pair: 0.64440)
    monkeypatch.setattr(worked_examples, "WORKED_EXAMPLES", (altered,))
    assert [row.verdict for row in verify()] == ["roads disagree"]


def test_the_second_road_shares_nothing_with_the_package():
    tree = ast.parse(Path(by_hand.__file__).read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in imports} == {"decimal", "itertools"}
    assert not any(isinstance(node, ast.Import) for node in tree.body)

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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.example.name)
def test_both_roads_give_the_same_value(row):
    assert row.verdict in ("confirmed", "wrong")
    assert abs(row.package / row.exact - 1) < 1e-12


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("loss of one pair", "0.6444"),
        ("its confidence", "0.5250"),
        ("the weight", "0.4750"),
        ("the pull", "0.0475"),
        ("the first loss", "0.6931"),
        ("how many responses", "3.27e450"),
        ("margin, case 2", "1.1757"),
    ],
)
def test_what_write_ups_print_right_is_confirmed(name, printed):
    row = BY_NAME[name]
    assert (row.example.printed, row.verdict) == (printed, "confirmed")


@pytest.mark.parametrize(
    ("name", "printed", "right"),
    [
        ("gap, case 1", "0.0689", "0.0690"),
        ("loss, case 1", "0.6762", "0.6760"),
        ("sigmoid, case 2", "0.7643", "0.7642"),
        ("loss, case 2", "0.2686", "0.2690"),
        ("a growing beta", "0", "1000"),
    ],
)
def test_what_write_ups_print_wrong_is_corrected(name, printed, right):
    row = BY_NAME[name]
    verdict = (row.example.printed, row.rounded, row.verdict)
    assert verdict == (printed, right, "wrong")


def test_the_course_itself_prints_nothing_wrong():
    own = [row for row in ROWS if row.example.source == "this course"]
    assert len(own) > 20
    assert {row.verdict for row in own} == {"confirmed"}


@pytest.mark.parametrize(
    ("name", "golden", "key"),
    [
        ("one nat ahead", entry("sigmoid_basic"), "sigma(1)"),
        ("odds multiply", entry("bt_odds_composition"), "p_AC"),
        ("normal noise", entry("random_utility_gumbel"), "thurstone_unit_normals"),
        ("a ranking", entry("plackett_luce_vs_pairs"), "pl_nll"),
        ("not its likelihood", entry("plackett_luce_vs_pairs"), "pairwise_nll"),
        ("seven to three", entry("bt_mle_two_items"), "delta_hat"),
        ("the floor", entry("bayes_accuracy"), "bayes_loss"),
        ("the ceiling", entry("bayes_accuracy"), "bayes_accuracy"),
        ("KL one way", entry("kl_both_directions"), "kl_p_q"),
        ("KL the other way", entry("kl_both_directions"), "kl_q_p"),
        ("a biased estimator", entry("kl_estimators_k1_k2_k3"), "E_k2"),
        ("log Z", entry("w4_optimal_policy"), "log_Z"),
        ("distance traveled", entry("w4_optimal_policy"), "kl_star_ref"),
        ("the best value", entry("w4_value"), "J_star"),
        ("regret", entry("w4_regret"), "regret_ref"),
        ("best of 4, the bound", entry("best_of_n"), "bound_N=4"),
        ("best of 4, the KL", entry("best_of_n"), "kl_N=4"),
        ("across prompts", entry("cross_prompt_constant"), "discrepancy"),
        ("loss of one pair", entry("seed_example1"), "loss"),
        ("loss, case 1", entry("seed_problem2_case1"), "loss"),
        ("loss, case 2", entry("seed_problem2_case2"), "loss"),
        ("zero loss", entry("loss_to_zero_without_p_chosen_to_one"), "loss"),
        ("the flip", entry("ranking_flip_threshold"), "loss_threshold_c=5"),
        ("population loss", entry("w3_dpo_population_minimiser"), "L_at_uniform"),
        ("the pull", entry("seed_example3"), "coefficient"),
        ("the score stays", entry("score_norm_does_not_vanish"), "norm"),
        ("soft labels", entry("soft_label_optimum"), "dpo_delta_p=0.9"),
        ("hard labels", entry("dpo_gradient_flow"), "t=1000,beta=0.5"),
        ("gentle beta", entry("w4_beta_sweep"), "kl_beta=10"),
    ],
)
def test_exact_value_is_the_published_one(name, golden, key):
    assert float(BY_NAME[name].exact) == pytest.approx(golden["value"][key], rel=1e-15)


def test_records_stand_in_the_order_of_the_chapters():
    chapters = [example.chapter for example in WORKED_EXAMPLES]
    assert chapters == sorted(chapters)
    assert set(chapters) == set(range(1, 8))
    assert len(BY_NAME) == len(WORKED_EXAMPLES)


@pytest.mark.parametrize("example", WORKED_EXAMPLES, ids=lambda example: example.name)
def test_a_last_digit_off_by_one_is_called_wrong(example, monkeypatch):
    mantissa, exponent, power = BY_NAME[example.name].rounded.partition("E")
    off_by_one = mantissa[:-1] + str((int(mantissa[-1]) + 1) % 10) + exponent + power
    altered = replace(example, printed=off_by_one)
    monkeypatch.setattr(worked_examples, "WORKED_EXAMPLES", (altered,))
    assert [row.verdict for row in verify()] == ["wrong"]


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

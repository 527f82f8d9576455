"""The solutions of chapter 14 against the package, known values and another library."""

import json
from pathlib import Path

import pytest
import torch
from scipy.optimize import minimize_scalar

from dpo_edu import variants
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.workbook.python_file import load_file

from .golden import entry

ROOT = Path(__file__).parents[2]
solution = load_file(ROOT / "solutions" / "14_variants.py")
TRL = json.loads(
    Path(__file__).with_name("trl_reference_sample.json").read_text("utf-8")
)


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def side(which, what):
    return numbers(*(pair[which][what] for pair in TRL["inputs"]))


def plain_rows(group, loss_type):
    """Rows without label smoothing, another divergence or an added likelihood term."""
    rows = [row for row in TRL[group] if row["loss_type"] == loss_type]
    plain = {"label_smoothing": 0.0, "f_divergence": "reverse_kl", "alpha": 0.0}
    rows = [row for row in rows if all(row.get(k, v) == v for k, v in plain.items())]
    assert rows
    return rows


def averaged_ratio(which):
    ratio = side(which, "policy_logp") - side(which, "ref_logp")
    return ratio / side(which, "length")


def test_one_pair_has_the_known_values():
    value = entry("all_losses_same_numbers")["value"]
    gap, half, beta = numbers(1.0), numbers(0.5), 0.1
    robust = solution.find_the_bug_robust_loss(gap, beta, 0.1)
    lengths = torch.tensor([10]), torch.tensor([8])
    simpo = solution.simpo_loss(numbers(-4.5), numbers(-4.5), *lengths, 2.0, 1.0)
    yes, point = torch.tensor([True]), torch.tensor(0.2, dtype=torch.float64)
    found = {
        "ipo_sum": solution.ipo_loss(gap, beta),
        "cdpo_eps0_1": solution.cdpo_loss(gap, beta, 0.1),
        "rdpo_eps0_1": robust,
        "simpo_beta2_gamma1": simpo,
        "kto_desirable_z0_0_2": solution.kto_loss(half, yes, point, beta),
        "kto_undesirable_z0_0_2": solution.kto_loss(-half, ~yes, point, beta),
    }
    for name, loss in found.items():
        assert loss.item() == pytest.approx(value[name], rel=1e-12), name


def test_fine_has_the_known_value():
    row = entry("dpop_active")
    given = row["inputs"]
    ratios = [numbers(given[f"log_ratio_{side}"]) for side in ("chosen", "rejected")]
    loss = solution.find_the_bug_positive_loss(*ratios, given["beta"], given["penalty"])
    assert loss.item() == pytest.approx(row["value"]["dpop"], rel=1e-12)


def test_simpo_is_another_library_s():
    for row in plain_rows("cpo_simpo", "simpo"):
        for k, loss in enumerate(row["loss"]):
            found = solution.simpo_loss(
                side("chosen", "policy_logp")[k : k + 1],
                side("rejected", "policy_logp")[k : k + 1],
                side("chosen", "length")[k : k + 1].long(),
                side("rejected", "length")[k : k + 1].long(),
                row["beta"],
                row["simpo_gamma"],
            )
            assert found.item() == pytest.approx(loss, rel=1e-9)


def test_ipo_of_averaged_log_ratios_is_another_library_s():
    gap = averaged_ratio("chosen") - averaged_ratio("rejected")
    for row in plain_rows("dpo", "ipo"):
        found = [
            solution.ipo_loss(gap[k : k + 1], row["beta"]) for k in range(len(gap))
        ]
        torch.testing.assert_close(torch.stack(found), numbers(*row["loss"]))


def test_bugs_mended_are_the_package_s():
    gap, rejected = numbers(1.5, -40.0, 0.0, -3.0), numbers(2.0, 60.0, 0.25, -9.0)
    one = solution.find_the_bug_robust_loss(gap, 0.7, 0.2)
    torch.testing.assert_close(one, variants.rdpo_loss(gap, 0.7, 0.2))
    other = solution.find_the_bug_positive_loss(gap, rejected, 0.7, 4.0)
    torch.testing.assert_close(other, variants.dpop_loss(gap, rejected, 0.7, 4.0))


def test_robust_loss_over_flips_is_the_clean_loss():
    zero = numbers(0.0)
    for gap in (-4.0, 0.5, 3.0):
        kept, flipped = (
            solution.find_the_bug_robust_loss(numbers(sign * gap), 0.6, 0.25)
            for sign in (1, -1)
        )
        clean = dpo_loss(numbers(gap), zero, zero, zero, 0.6)
        torch.testing.assert_close(0.75 * kept + 0.25 * flipped, clean)


def test_predicted_gaps_by_minimizing():
    def ipo(gap):
        first, second = (
            solution.ipo_loss(numbers(sign * gap), 0.25) for sign in (1, -1)
        )
        return (0.9 * first + 0.1 * second).item()

    def cdpo(gap):
        return solution.cdpo_loss(numbers(gap), 0.5, 0.2).item()

    for loss, predicted in (
        (ipo, solution.predict_the_ipo_gap()),
        (cdpo, solution.predict_the_cdpo_gap()),
    ):
        found = minimize_scalar(loss, bounds=(-10, 10), method="bounded")
        assert found.x == pytest.approx(predicted, abs=1e-4)


def test_predicted_pull_by_autograd():
    slopes = []
    for lead in (-4.0, 0.0):
        ratio = numbers(lead).requires_grad_()
        nothing = torch.tensor(0.0, dtype=torch.float64)
        solution.kto_loss(ratio, torch.tensor([True]), nothing, 1.0).backward()
        slopes.append(ratio.grad.item())
    assert slopes[0] / slopes[1] == pytest.approx(solution.predict_the_kto_pull())

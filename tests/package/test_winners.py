"""Winners at the optimum, against brute force over all pairs of three answers."""

from itertools import product

import numpy as np
import pytest

from dpo_edu.boltzmann import optimal_logp
from dpo_edu.bradley_terry import sigmoid
from dpo_edu.experiments.shared_start import shared_start
from dpo_edu.failure_modes import mean_log_ratios
from dpo_edu.failure_modes.winners import KINDS, winners_at_optimum

REF, REWARD = np.log([[0.5, 0.2, 0.3]]), np.array([[1.0, 0.0, 1.0]])


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_shares_are_those_of_a_list_of_all_pairs(beta):
    change = (optimal_logp(REF, REWARD, beta) - REF)[0]
    fallen, total = dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, 0.0)
    for w, l in product(range(3), repeat=2):  # noqa: E741
        gap = REWARD[0, w] - REWARD[0, l]
        kind = "tie" if gap == 0 else "better" if gap > 0 else "upset"
        weight = 2 * np.exp(REF[0, w] + REF[0, l]) * sigmoid(gap)
        total[kind] += weight
        fallen[kind] += weight * (change[w] < 0)
    found = winners_at_optimum(REF, REWARD, beta)
    for kind in KINDS:
        assert found.weight[kind].sum() == pytest.approx(total[kind])
        assert found.fell(kind) == pytest.approx(fallen[kind] / total[kind])
    assert sum(total.values()) == pytest.approx(1)


def test_in_the_world_the_mean_is_that_of_the_whole_list():
    data, reference, _ = shared_start()
    reward = data.world.reward
    found = winners_at_optimum(reference.logp, reward, 1.0)
    mean = sum((weight * found.change).sum() for weight in found.weight.values())
    star = optimal_logp(reference.logp, reward, 1.0)
    assert mean == pytest.approx(mean_log_ratios(star, reference.logp, reward)[0])


def test_what_the_table_of_chapters_says_of_winners():
    from pathlib import Path

    data, reference, _ = shared_start()
    page = (Path(__file__).parents[2] / "docs" / "course.md").read_text("utf-8")
    at_one, at_two = (
        winners_at_optimum(reference.logp, data.world.reward, beta).fell("better")
        for beta in (1.0, 2.0)
    )
    assert f"{at_one:.0%}".replace("%", " %") + " of the winners that are" in page
    assert f"{at_two:.0%}".replace("%", " %") + " at β = 2" in page

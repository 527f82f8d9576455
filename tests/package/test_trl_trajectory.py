"""Our loop after thirty steps that TRL's trainer took, told by its settings alone.

TRL's losses are stored; they come from float32 sums inside its trainer, so the two
differ in the eighth digit. TRL itself is not needed here.
"""

import json

import pytest

from tests.bench.trajectory import STEPS, STORED, apart, ours

THEIRS = json.loads(STORED.read_text("utf-8"))["losses"]
CLOSE = 2e-7


@pytest.fixture(scope="module")
def followed():
    return ours()


def test_thirty_steps_of_trl_are_followed_loss_by_loss(followed):
    assert len(THEIRS) == STEPS == 30
    assert apart(followed, THEIRS) < CLOSE


@pytest.mark.parametrize(
    "changed",
    [{"clip": float("inf")}, {"betas": (0.9, 0.95)}, {"falls": False}, {"warmup": 5}],
    ids=lambda changed: next(iter(changed)),
)
def test_every_one_of_the_settings_is_needed(changed):
    assert apart(ours(**changed), THEIRS) > 1_000 * CLOSE

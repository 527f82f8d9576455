"""Which columns of two trainers' logs are compared; TRL itself is not needed."""

import pytest

from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.scaling.trl_side_by_side import LEFT_OUT, columns
from dpo_edu.validation import InputError

MINE = {"step": 0, "loss": 0.7, "entropy": 2.4}
THEIRS = {"loss": 0.7, "entropy": 2.4, "epoch": 0.1, "num_tokens": 640}


def test_every_column_is_compared_or_named_as_left_out():
    assert columns(MINE, THEIRS) == ["loss", "entropy"]


@pytest.mark.parametrize(
    ("theirs", "name"),
    [
        (THEIRS | {"loss_new": 1}, "loss_new"),
        ({k: v for k, v in THEIRS.items() if k != "entropy"}, "entropy"),
        ({k: v for k, v in THEIRS.items() if k != "epoch"}, "epoch"),
    ],
)
def test_a_column_that_comes_or_goes_is_noticed(theirs, name):
    with pytest.raises(InputError, match=rf"other columns: look at {name}$"):
        columns(MINE, theirs)


def test_the_stored_columns_are_all_that_were_compared():
    trl = stored("scaling", "trl_side_by_side")
    compared = trl["largest difference"].keys()
    assert all(row.keys() - {"step"} == compared for row in trl["trl"])
    assert not compared & set(LEFT_OUT)


def test_our_loop_has_followed_their_optimizer():
    followed = stored("scaling", "trl_side_by_side")["followed"]
    assert float(followed["loss"]) < 2e-7
    assert float(followed["weight"]) < 2e-6

"""The page of speeds from made-up numbers: every row is asked for and finds a table.

Nothing is timed here. ``python -m tests.bench`` times.
"""

from importlib import import_module
from inspect import signature

import pytest

from tests.bench import aims, page, steps
from tests.bench.reasons import reasons
from tests.bench.rounds import Job

MADE_UP = {
    **{"cpu": 2.0, "wall": 3.0, "losses": [0.7, 0.6], "flops": 1e9, "apart": 1e-7},
    **{"memory": 1e9, "before": 1e8, "off": 1e-16},
}


def numbers(with_trl: bool) -> dict:
    return {
        name: {
            "machine": page.machine(),
            "found": {job.row: [MADE_UP] * 3 for job in group.jobs(with_trl)},
        }
        for name, group in page.GROUPS.items()
    }


def every_job() -> list[Job]:
    return [job for group in page.GROUPS.values() for job in group.jobs(True)]


@pytest.mark.parametrize("with_trl", [True, False])
def test_every_group_has_its_tables_with_trl_and_without(
    with_trl, tmp_path, monkeypatch
):
    monkeypatch.setattr(page, "DOCS", tmp_path)
    page.write(numbers(with_trl))
    text = (tmp_path / "speed.md").read_text("utf-8")
    assert all(f"## {group.title}\n" in text for group in page.GROUPS.values())
    assert (tmp_path / "speed.png").stat().st_size > 10_000
    assert ("TRL not there" in text) is not with_trl


def test_every_job_calls_a_function_that_takes_its_words():
    rows = [job.row for job in every_job()]
    assert len({*rows}) == len(rows)
    for job in every_job():
        module, name = job.function.split(".")
        function = getattr(import_module(f"tests.bench.{module}"), name)
        signature(function).bind(**job.words)


def test_no_ratio_stands_beside_losses_that_differ():
    found = numbers(True)["steps"]["found"]
    row = "world 2x64, TRL, best"
    found[row] = [MADE_UP | {"losses": [0.7, 0.6001]}] * 3
    assert steps.times(found, row, "world 2x64, ours") == "losses differ"
    found[row] = [MADE_UP | {"losses": [0.7, 0.6000001]}] * 3  # after a step of AdamW
    assert steps.times(found, row, "world 2x64, ours") == "1.00 (1.00)"
    found[row] = [MADE_UP | {"losses": [0.70001, 0.6]}] * 3  # before any
    assert steps.times(found, row, "world 2x64, ours") == "losses differ"
    assert steps.times(found, "world 4x128, TRL, best", "world 4x128, ours") == (
        "1.00 (1.00)"
    )


def test_a_missed_aim_has_its_reason():
    found = {name: group["found"] for name, group in numbers(True).items()}
    found["fixed"]["dpo-edu tour"] = [MADE_UP | {"wall": 88.0}] * 3
    told = aims.aims_table(found)
    assert "| a step, world 2x64: TRL's best over ours | ≥ 2.4 | 1.00 | NO |" in told
    assert "The world's pairs have about ten tokens." in told
    assert "The tour takes 3486 steps" in told
    assert [*reasons({}, [])] == []

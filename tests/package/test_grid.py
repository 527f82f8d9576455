"""Stored results: what is written comes back, and a difference is found."""

import operator
import sys
from subprocess import CalledProcessError, check_call

import pytest

from dpo_edu.experiments import __main__ as command
from dpo_edu.experiments import compared, grid
from dpo_edu.experiments.unfinished import forget, kept

ROWS = [{"step": 0, "loss": 0.5}, {"step": 10, "loss": 0.25, "margin": 1.5}]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "FOLDER", tmp_path)
    (tmp_path / "training").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "results",
    [{"runs": ROWS}, {"a": [ROWS, ROWS]}, {"x": [1, 2.5, None]}, [{"name": "b"}], {}],
)
def test_what_is_stored_comes_back(folder, results):
    grid.store("training", results)
    assert grid.stored("training") == results


def test_nothing_is_stored_before_the_first_run(folder):
    assert grid.stored("training") is None


def test_numbers_are_kept_to_six_digits_after_the_point(folder):
    grid.store("training", {"value": 1 / 3})
    assert grid.stored("training") == {"value": 0.333333}


@pytest.mark.parametrize(
    ("other", "distance"),
    [
        ({"runs": ROWS}, 0.0),
        ({"runs": [ROWS[0], ROWS[1] | {"margin": 1.75}]}, 0.25),
        ({"runs": ROWS[:1]}, float("inf")),
        ({"run": ROWS}, float("inf")),
        ({"runs": [ROWS[0], ROWS[1] | {"margin": "large"}]}, float("inf")),
    ],
)
def test_the_largest_difference_is_found(other, distance):
    assert compared.largest_difference({"runs": ROWS}, other) == distance


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [(NAN, NAN, 0.0), (NAN, 1.0, INF), (1.0, NAN, INF), (INF, INF, 0.0), (INF, 1, INF)],
)
def test_nan_equals_nan_alone(one, other, distance):
    assert compared.largest_difference([0.5, one], [0.5, other]) == distance
    assert compared.largest_difference([one, 0.5], [other, 0.5]) == distance


def test_two_processes_keep_the_order():
    tasks = {f"run {n}": (divmod, n, 2) for n in (3, 2, 1, 0)}
    results = grid.in_parallel(tasks)
    assert list(results) == list(tasks)
    assert results["run 3"] == (1, 1)


def test_every_function_runs_once_for_each_seed():
    functions = {"sum": (operator.add, 10), "power": (pow, 3)}
    assert grid.over_seeds(functions, (1, 2)) == {"sum": [11, 12], "power": [1, 8]}


def test_a_run_that_fails_is_heard_before_the_others_are_through(tmp_path):
    files = [tmp_path / f"{k}" for k in range(20)]
    touch = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
    others = [(check_call, [sys.executable, "-c", touch, str(file)]) for file in files]
    fails = check_call, [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(CalledProcessError, match="exit status 3"):
        grid.in_parallel(dict(enumerate([fails, *others])))
    assert grid.in_parallel({0: (abs, -4)}) == {0: 4}, "the processes are still there"
    assert sum(file.exists() for file in files) < len(files) / 2


def test_each_process_has_one_thread_and_keeps_its_memory():
    torch = "__import__('torch').get_num_threads()"
    kept = "__import__('os').environ['MALLOC_TRIM_THRESHOLD_']"
    tasks = {0: (eval, torch), 1: (eval, torch), 2: (eval, kept)}
    assert grid.in_parallel(tasks) == {0: 1, 1: 1, 2: str(2**30)}


def test_ctrl_c_is_one_line(monkeypatch, capsys):
    def stopped(stem):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", stopped)
    assert command.main(["--compare", "training"]) == 130
    assert capsys.readouterr().err.strip().startswith("Stopped: a grid is stored whole")


def test_the_command_compares_without_storing(monkeypatch, capsys):
    monkeypatch.setattr(command, "stored", lambda stem: {"a": 1.0})
    monkeypatch.setattr(command, "run", lambda stem: {"a": 1.5})
    monkeypatch.setattr(command, "store", lambda *_: pytest.fail("it stored"))
    assert command.main(["--compare", "training"]) == 1
    told = capsys.readouterr().out
    assert "largest difference 5.0e-01\n" in told
    assert told.endswith("\n  5.0e-01  a\n")


def test_a_comparison_says_where_it_differs():
    one = {"runs": ROWS, "name": "b", "same": [1.0, 2.0]}
    other = {"runs": [ROWS[0], ROWS[1] | {"margin": 1.75}], "name": "c", "same": [1, 2]}
    assert compared.where(one, other) == [
        "  2 of 8 values differ by more than 1e-04, the most:",
        "  inf  name",
        "  2.5e-01  runs / 1 / margin",
    ]
    assert compared.where(one, one) == []


def test_the_command_names_the_grids_there_are(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["trainig"])
    assert end.value.code == 2
    assert "no grid named trainig" in capsys.readouterr().err


def counted(place, *words):
    """Leaves a mark per call, so that calls in any process can be counted."""
    with open(place, "a") as file:
        file.write("x")
    return {"sum": sum(map(len, words)) / 3}


def test_a_finished_run_is_not_run_again_until_it_is_forgotten(folder, tmp_path):
    place = str(tmp_path / "calls")
    first = kept("training", counted, place, "ab")
    assert first == {"sum": 0.666667}, "as it will be read from then on"
    assert kept("training", counted, place, "ab") == first
    assert kept("training", counted, place, "abc") == {"sum": 1.0}
    forget("training")
    assert kept("training", counted, place, "ab") == first
    with open(place) as file:
        assert file.read() == "xxx"


def test_a_run_that_fails_keeps_nothing(folder, tmp_path):
    place = str(tmp_path / "calls")
    with pytest.raises(TypeError):
        kept("training", counted, place, 1)
    with pytest.raises(TypeError):
        kept("training", counted, place, print)
    assert not [*(folder / "training").glob("unfinished/*")]


def test_the_command_forgets_unfinished_runs_when_the_grid_is_done(
    folder, tmp_path, monkeypatch
):
    (folder / "training" / "plan.py").touch()
    place = str(tmp_path / "calls")
    monkeypatch.setattr(command, "run", lambda stem: kept(stem, counted, place))
    for times in (1, 2):
        assert command.main(["training"]) == 0
        assert (tmp_path / "calls").read_text() == times * "x"

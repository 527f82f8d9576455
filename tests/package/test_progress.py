"""Progress without a terminal: a line now and then, and no control characters."""

from types import SimpleNamespace

from dpo_edu import progress


def step(number, **record):
    return SimpleNamespace(step=number, record=record)


def test_a_log_gets_a_line_now_and_then(capsys, monkeypatch):
    now = iter([0.0, 5.0, 25.0, 25.0, 30.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with progress.progress_bar("SFT", 2_000) as advance:
        advance(step(0, loss=2.0))
        assert capsys.readouterr().err == ""
        advance(step(1, loss=1.23456, margin=0.5))
        line = "SFT: step 2 of 2,000, loss 1.235, margin 0.500\n"
        assert capsys.readouterr().err == line
        advance(step(2, loss=1.0))
    assert capsys.readouterr() == ("", "")


def test_a_step_without_numbers_has_its_line(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS", -1)
    with progress.progress_bar("DPO", 1) as advance:
        advance(step(0))
    assert capsys.readouterr().err == "DPO: step 1 of 1\n"

"""What the tour proposes at its end can be typed where the reader is."""

from pathlib import Path

import pytest

from dpo_edu.tour import acts

FOLDER = Path("runs/tour-1")


@pytest.mark.parametrize(
    ("notebooks", "lab", "first"),
    [
        (True, True, "jupyter lab notebooks/00_start_here.ipynb"),
        (True, False, "pip install -e '.[lab]'"),
        (False, False, "dpo-edu next --here"),
    ],
)
def test_the_first_step_works_here(notebooks, lab, first, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(acts, "find_spec", lambda _: object() if lab else None)
    if notebooks:
        acts.START.parent.mkdir()
        acts.START.touch()
    _, listed = acts.next_steps(FOLDER).split("What you can do next")
    assert listed.split("\n")[1].split("   ")[0].strip() == first
    assert ("jupyter" in listed) == notebooks

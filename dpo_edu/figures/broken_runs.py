"""Dashboards of chapter 11's clinic: a healthy run, and patients beside it."""

from . import style
from .training import column

GAUGES = (  # row of panels: unit, then the lines in it
    ("loss", {"loss": "policy"}),
    ("gradient norm", {"gradient": "other"}),
    ("rewards", {"reward_chosen": "chosen", "reward_rejected": "rejected"}),
    ("log-probs", {"logp_chosen": "chosen", "logp_rejected": "rejected"}),
)


def dashboard(rows):
    """Six gauges of one run. Returns the first and the last loss."""
    _, panels = style.figure(8.0, 3.8, rows=2, columns=3, sharex=True)
    gauges = {name: lines for name, lines in GAUGES}
    gauges |= {"accuracy": {"accuracy": "policy"}, "win rate": {"win_rate": "reward"}}
    for panel, (name, lines) in zip(panels.flat, gauges.items(), strict=True):
        _gauge(panel, rows, lines)
        style.name_axes(panel, "", "", name)
    for panel in panels[1]:
        panel.set_xlabel("step")
    return rows[0]["loss"], rows[-1]["loss"]


def ward(logs):
    """Four gauges, a column for each run in ``logs`` = {title: rows}.

    A gauge has one scale for all runs. Returns the last losses.
    """
    size = {"rows": len(GAUGES), "columns": len(logs)}
    _, panels = style.figure(8.0, 5.0, **size, sharex=True, sharey="row")
    for across, (title, rows) in enumerate(logs.items()):
        for down, (name, lines) in enumerate(GAUGES):
            _gauge(panels[down, across], rows, lines)
            style.name_axes(panels[down, across], "", "", "" if down else title)
            panels[down, 0].set_ylabel(name, fontsize=12)
    panels[-1, 0].set_xlabel("step")
    return [rows[-1]["loss"] for rows in logs.values()]


def _gauge(panel, rows, lines):
    for name, role in lines.items():
        panel.plot(column(rows, "step"), column(rows, name), **style.line(role))
    panel.locator_params(axis="y", nbins=4)

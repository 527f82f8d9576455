"""Dashboards of chapter 11's clinic: a healthy run, and patients beside it."""

from . import style
from .training import column

GAUGES = {  # what each gauge shows, and in which role
    "loss": {"loss": "policy"},
    "gradient": {"gradient": "other"},
    "rewards": {"reward_chosen": "chosen", "reward_rejected": "rejected"},
    "log-probs": {"logp_chosen": "chosen", "logp_rejected": "rejected"},
    "accuracy": {"accuracy": "policy"},
    "win rate": {"win_rate": "reward"},
}


def dashboard(rows):
    """All gauges of one run. Returns the first and the last loss."""
    _, panels = style.figure(6.0, 2.9, rows=2, columns=3, sharex=True)
    for panel, (name, lines) in zip(panels.flat, GAUGES.items(), strict=True):
        _gauge(panel, rows, lines)
        style.name_axes(panel, "", "", name)
    for panel in panels[1]:
        panel.set_xlabel("step")
    return rows[0]["loss"], rows[-1]["loss"]


def ward(logs, gauges):
    """The named ``gauges``, a column for each run in ``logs`` = {title: rows}.

    A gauge has one scale for all runs. Returns the last losses.
    """
    width, height = 1.2 + 1.1 * len(logs), 1 + 0.7 * len(gauges)
    size = {"rows": len(gauges), "columns": len(logs)}
    _, panels = style.figure(width, height, **size, sharex=True, sharey="row")
    for across, (title, rows) in enumerate(logs.items()):
        for down, name in enumerate(gauges):
            _gauge(panels[down, across], rows, GAUGES[name])
            style.name_axes(panels[down, across], "", "", "" if down else title)
            panels[down, 0].set_ylabel(name, fontsize=12)
    panels[-1, 0].set_xlabel("step")
    return [rows[-1]["loss"] for rows in logs.values()]


def _gauge(panel, rows, lines):
    for name, role in lines.items():
        panel.plot(column(rows, "step"), column(rows, name), **style.line(role))
    panel.locator_params(axis="y", nbins=3)

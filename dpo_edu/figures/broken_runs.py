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
    _, panels = style.figure(10.0, 5.0, rows=2, columns=3)
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

    Every gauge has its own scale: read the numbers. Returns the last losses.
    """
    size = {"rows": len(GAUGES), "columns": len(logs)}
    _, panels = style.figure(2.3 * len(logs), 6.6, **size, sharex=True)
    for across, (title, rows) in enumerate(logs.items()):
        for down, (name, lines) in enumerate(GAUGES):
            panel = panels[down, across]
            _gauge(panel, rows, lines)
            panel.locator_params(nbins=3)
            style.name_axes(
                panel, "", name if across == 0 else "", "" if down else title
            )
    return [rows[-1]["loss"] for rows in logs.values()]


def _gauge(panel, rows, lines):
    """Draw columns over steps; a flat line keeps a window wide enough to look flat."""
    for name, role in lines.items():
        values = column(rows, name)
        panel.plot(column(rows, "step"), values, **style.line(role))
    low, high = panel.get_ylim()
    if high - low < 0.1:
        middle = (low + high) / 2
        panel.set_ylim(middle - 0.05, middle + 0.05)
    panel.ticklabel_format(axis="y", style="plain", useOffset=False)

"""Dashboards of chapter 11's clinic: a healthy run, and patients in the same panels."""

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
ROLES = "policy", "rejected", "reference", "reward", "optimal"  # of runs in a ward
TITLES = {  # of a ward's panels
    "loss": "Loss",
    "gradient": "Norm of the gradient",
    "margin": "Margin",
    "logp_chosen": "log-prob of chosen",
}


def dashboard(rows):
    """All gauges of one run. Returns the first and the last loss."""
    fig, panels = style.figure(6.9, 3.6, rows=2, columns=3, sharex=True)
    for panel, (name, lines) in zip(panels.flat, GAUGES.items(), strict=True):
        _gauge(panel, rows, lines)
        style.name_axes(panel, "", "", name)
    for panel in panels[1]:
        panel.set_xlabel("step")
    two = panels[0, 2].get_lines()  # of the panels with two lines
    fig.legend(two, ["chosen", "rejected"], ncols=2, loc="outside lower right")
    return rows[0]["loss"], rows[-1]["loss"]


def ward(logs, gauges):
    """A panel for each of ``gauges``, in it a line for each run in {name: rows}.

    A line has its run's name at its end; runs that end together share a place. Returns
    the last losses.
    """
    size = 3.3 * len(gauges), 2.6
    _, panels = style.figure(*size, columns=len(gauges), squeeze=False)
    for panel, name in zip(panels[0], gauges, strict=True):
        for rows, role in zip(logs.values(), ROLES, strict=False):
            panel.plot(column(rows, "step"), column(rows, name), **style.line(role))
        if name == "gradient":  # 0 and 10 on one axis
            panel.set_yscale("symlog", linthresh=0.1)
            panel.set_ylim(-0.02, 20)
        style.name_axes(panel, "step", "", TITLES[name])
        panel.set_xlim(-5, 1.55 * rows[-1]["step"])  # room for the names
        _name_ends(panel, {run: column(rows, name)[-1] for run, rows in logs.items()})
    return [rows[-1]["loss"] for rows in logs.values()]


def _name_ends(panel, ends):
    """Names behind the lines' ends, at their heights; close ones together."""
    panel.get_ylim()  # settles the limits
    to_panel = panel.transScale + panel.transLimits  # data to fractions of the panel
    heights = {run: to_panel.transform((0, value))[1] for run, value in ends.items()}
    groups: list[list[str]] = []
    for run in sorted(heights, key=heights.__getitem__):
        if groups and heights[run] - heights[groups[-1][-1]] < 0.08:
            groups[-1].append(run)
        else:
            groups.append([run])
    look = {"transform": panel.transAxes, "va": "center", "fontsize": 12}
    for group in groups:
        middle = sum(heights[run] for run in group) / len(group)
        panel.text(0.68, middle, ", ".join(sorted(group)), **look)


def _gauge(panel, rows, lines):
    for name, role in lines.items():
        panel.plot(column(rows, "step"), column(rows, name), **style.line(role))
    panel.locator_params(axis="y", nbins=3)

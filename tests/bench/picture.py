"""The picture of the page: how many times TRL's step takes as long as ours."""

from pathlib import Path

from dpo_edu.figures.style import bars, figure, name_axes

from .rounds import least
from .steps import KINDS, settings

DRAWN = {"TRL, best": "other", "TRL, defaults": "reference"}  # and their roles' looks
HEIGHT = 0.38


def draw(found: dict, path: Path) -> None:
    """Horizontal bars, one pair for each kind of text and size of model."""
    steps = found["steps"]
    rows = [(kind, size, f"{kind} {size}") for kind, size, _ in settings()]
    fig, axes = figure(8.5, 6.0)
    for shift, (name, role) in zip((-0.5, 0.5), DRAWN.items(), strict=True):
        places, ratios = [], []
        for place, (_, _, row) in enumerate(rows):
            if f"{row}, {name}" in steps:
                theirs, ours = steps[f"{row}, {name}"], steps[f"{row}, ours"]
                places.append(place + shift * HEIGHT)
                ratios.append(least(theirs, "cpu") / least(ours, "cpu"))
        drawn = axes.barh(places, ratios, HEIGHT, label=name, **bars(role))
        axes.bar_label(drawn, [f"{ratio:.1f}" for ratio in ratios], padding=3)
    axes.axvline(1, color="#222222", linewidth=1.2)
    labels = [f"{KINDS[kind]}, {size.replace('x', ' × ')}" for kind, size, _ in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.legend(loc="upper right")
    name_axes(axes, "CPU time of a step, in ours", "", "TRL's step in units of ours")
    fig.savefig(path, dpi=100)

"""``docs/playground/index.html``: the playground in one file that asks for no other.

    python -m dpo_edu.publish.playground        # writes the page anew

Style sheet and scripts go into the page, and the colors of the course's roles into the
style sheet. ``index.html`` here works unbuilt, too, but in plain colors.
"""

import re
from pathlib import Path

from ...figures import style
from ...files import write_atomically
from ..roles import INKS

SOURCES = Path(__file__).parent
TARGET = SOURCES.parents[2] / "docs" / "playground" / "index.html"
STYLE = re.compile(r'<link rel="stylesheet" href="([\w.]+)">')
SCRIPT = re.compile(r'<script src="([\w.]+)"></script>')
COLOR = re.compile(r"/\*(ink |dark )?([a-z]+)\*/[a-z]+")


def page() -> str:
    """The text of the page."""
    text = (SOURCES / "index.html").read_text("utf-8")
    text = STYLE.sub(lambda found: f"<style>\n{_style(found[1])}</style>", text)
    return SCRIPT.sub(lambda found: f"<script>\n{_source(found[1])}</script>", text)


def _source(name: str) -> str:
    return (SOURCES / name).read_text("utf-8")


def _style(name: str) -> str:
    """The style sheet with ``/*policy*/blue`` replaced by the color of the policy."""
    return COLOR.sub(_color, _source(name))


def _color(found: re.Match) -> str:
    kind, role = found.groups()
    return INKS[role] if kind == "ink " else style.color(role, dark=kind == "dark ")


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(TARGET, page())

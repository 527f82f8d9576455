"""The playground's page is built from its sources and asks nobody for anything."""

import re

import numpy as np

from dpo_edu.dpo_gradient import gradient_weight
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.figures.style import DARK, DARK_PAPER, ROLES
from dpo_edu.publish.playground import __main__ as playground
from dpo_edu.publish.roles import INKS

PAGE = playground.TARGET.read_text("utf-8")


def test_the_page_is_what_its_sources_make():
    again = "run: python -m dpo_edu.publish.playground"
    assert playground.page() == PAGE, again


def test_the_page_stands_alone():
    outside = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')> ]+)""", PAGE)
    assert set(outside) <= {"data:,", "#pair", "#hatch-reference", "#hatch-optimal"}
    addresses = re.findall(r"https?://[^\"' ]+", PAGE)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|sendBeacon)\b", PAGE)


def test_roles_have_their_colors():
    light, dark = PAGE.split("@media (prefers-color-scheme: dark)")
    for role in ("reference", "policy", "optimal", "chosen", "rejected", "reward"):
        assert f"--{role}: {ROLES[role].color};" in light
        assert f"--{role}: {DARK[role]};" in dark
    for role, ink in INKS.items():
        assert f"--{role}-ink: {ink};" in light
    assert not re.search(r"/\*(ink |dark )?\w+\*/", PAGE)


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = np.array([int(color[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_every_role_can_be_seen_on_dark_paper():
    assert set(DARK) == set(ROLES)
    for role, color in DARK.items():
        ratio = (luminance(color) + 0.05) / (luminance(DARK_PAPER) + 0.05)
        assert ratio >= 4.5, role


def test_it_begins_with_the_worked_example():
    names = "chosen", "rejected", "refChosen", "refRejected", "pairBeta"
    start = re.search(r"const START = \{(.*?)\};", PAGE, re.DOTALL)[1]
    *four, beta = (float(re.search(rf"{n}: ([-\d.]+)", start)[1]) for n in names)
    assert round(dpo_loss(*four, beta).item(), 4) == 0.6444
    gap = four[0] - four[2] - (four[1] - four[3])
    assert round(gradient_weight(gap, beta).item(), 4) == 0.4750

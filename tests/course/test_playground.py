"""The playground's page is built from its sources and asks nobody for anything."""

import re

from dpo_edu.dpo_gradient import gradient_weight
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.figures.style import ROLES
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
    light = PAGE.split("@media")[0]
    for role in ("reference", "policy", "optimal", "chosen", "rejected", "reward"):
        assert f"--{role}: {ROLES[role].color};" in light
    for role, ink in INKS.items():
        assert f"--{role}-ink: {ink};" in light
    assert "/*ink" not in PAGE


def test_it_begins_with_the_worked_example():
    names = "chosen", "rejected", "refChosen", "refRejected", "pairBeta"
    start = re.search(r"const START = \{(.*?)\};", PAGE, re.DOTALL)[1]
    *four, beta = (float(re.search(rf"{n}: ([-\d.]+)", start)[1]) for n in names)
    assert round(dpo_loss(*four, beta).item(), 4) == 0.6444
    gap = four[0] - four[2] - (four[1] - four[3])
    assert round(gradient_weight(gap, beta).item(), 4) == 0.4750

"""The table of golden values: 20 digits each, computed with mpmath, two routes each.

``entry("bt_gauge")`` gives that row's ``inputs`` and ``value`` as ordinary floats, so a
test states the number it expects without printing it a second time. Beside it stands
what TRL computed (``trl_reference``).
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("golden.json")
TRL = Path(__file__).with_name("trl_reference_sample.json")


@cache
def table() -> dict[str, dict]:
    """All rows as stored (numbers are strings), by name."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["entries"]
    return {row["name"]: row for row in rows}


def entry(name: str) -> dict:
    """One row's ``inputs`` and ``value``, every numeric string a float."""
    row = table()[name]
    return {"inputs": _floats(row["inputs"]), "value": _floats(row["value"])}


def world(row: dict) -> tuple:
    """Of a row with a world: the reference's log-probabilities, rewards, and beta."""
    inputs = row["inputs"]
    return np.log(inputs["pi_ref"]), np.array(inputs["r"]), inputs.get("beta")


@cache
def trl_reference() -> dict:
    """What another library computed: settings, inputs, losses and gradients."""
    return json.loads(TRL.read_text(encoding="utf-8"))


def _floats(node):
    if isinstance(node, dict):
        return {key: _floats(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_floats(child) for child in node]
    try:
        return float(node)
    except ValueError:  # words such as "uniform" stay words
        return node

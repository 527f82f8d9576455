"""The register of variants: what each loss changes, and all that comparisons need.

One row a loss. Its words say which of DPO's six pieces it exchanges; an empty cell
means "as in DPO". Where there is no reference there is no divergence from it either, so
that cell follows from another one and is marked by the word "none". Its functions are
the loss at one strength (beta; for ORPO the weight) and one setting of its own, and
the best gap on one pair.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from ..dpo_loss import dpo_loss
from ..validation import require, require_type
from .losses import (
    cdpo_loss,
    dpop_loss,
    hinge_loss,
    ipo_loss,
    length_normalized_loss,
    orpo_loss,
    rdpo_loss,
    rpo_loss,
    simpo_loss,
)
from .optima import cdpo_gap, dpo_gap, hinge_gap, ipo_gap, rdpo_gap, simpo_gap

EPSILON, PENALTY = 0.2, 1.0  # cDPO's and rDPO's rate of wrong labels; DPOP's fine
LEAD, WEIGHT = 1 / 4, 1.0  # SimPO's gamma / beta; RPO's NLL beside the DPO loss
UPS = 1.0  # KTO's weight of thumbs up, where a thumb down has weight 1


def _always(_knob) -> float:
    return inf


class Variant(NamedTuple):
    """A loss, what it changes, and where a comparison of it begins."""

    name: str
    preference_model: str = ""
    score: str = ""
    data: str = ""
    reference: str = ""
    divergence: str = ""
    regularizer: str = ""
    source: str = ""
    loss: Callable | None = None  # of a ``Compared``, beta, knob; None: not of pairs
    gap: Callable | None = None  # of p and beta: the best gap, where there is a formula
    knob: str = ""  # what else may be set, beside strength and learning rate
    knob_start: float | None = None  # where the search for it begins
    knob_below: float = inf  # it stays below this
    optimum_below: Callable = _always  # of the knob: it has one if none wins this often


PIECES = (
    "preference_model",
    "score",
    "data",
    "reference",
    "divergence",
    "regularizer",
)

DPO = Variant(
    "DPO",
    preference_model="Bradley-Terry: logistic in the difference of scores",
    score="beta log(pi / ref), summed over tokens",
    data="pairs",
    reference="a frozen model",
    divergence="KL(pi || ref)",
    regularizer="no extra term",
    source="Rafailov et al. 2023",
    loss=lambda pair, beta: dpo_loss(*pair[:4], beta),
    gap=dpo_gap,
    optimum_below=lambda _knob: 1.0,
)

VARIANTS = (
    Variant(
        "IPO",
        preference_model="none: the gap is regressed on 1 / (2 beta)",
        source="Azar et al. 2023",
        loss=lambda pair, beta: ipo_loss(pair.gap, beta),
        gap=ipo_gap,
    ),
    Variant(
        "cDPO",
        preference_model="Bradley-Terry whose labels are wrong at rate epsilon",
        source="Mitchell 2023",
        loss=lambda pair, beta, rate=EPSILON: cdpo_loss(pair.gap, beta, rate),
        gap=lambda p, beta: cdpo_gap(p, beta, EPSILON),
        knob="epsilon",
        knob_start=EPSILON,
        knob_below=0.5,
    ),
    Variant(
        "rDPO",
        preference_model="Bradley-Terry, corrected for flips at rate epsilon",
        source="Chowdhury et al. 2024",
        loss=lambda pair, beta, rate=EPSILON: rdpo_loss(pair.gap, beta, rate),
        gap=lambda p, beta: rdpo_gap(p, beta, EPSILON),
        knob="epsilon",
        knob_start=EPSILON,
        knob_below=0.5,
        optimum_below=lambda rate: 1 - rate,  # beyond, it pays for every nat of gap
    ),
    Variant(
        "hinge",
        preference_model="none: a margin of 1 is enough",
        source="Zhao et al. 2023, Liu et al. 2023",
        loss=lambda pair, beta: hinge_loss(pair.gap, beta),
        gap=hinge_gap,
    ),
    Variant(
        "SimPO",
        preference_model="Bradley-Terry with a lead of gamma",
        score="beta log pi, averaged over tokens",
        reference="none",
        divergence="none",
        source="Meng et al. 2024",
        loss=lambda pair, beta, lead=LEAD: simpo_loss(
            *pair.unanchored, beta, beta * lead
        ),
        gap=lambda p, beta: simpo_gap(p, beta, beta * LEAD),
        knob="gamma / beta",
        knob_start=LEAD,
        optimum_below=lambda _knob: 1.0,
    ),
    Variant(
        "ORPO",
        score="log odds of exp(log pi averaged over tokens)",
        reference="none",
        divergence="none",
        regularizer="SFT on the chosen response",
        source="Hong et al. 2024",
        loss=lambda pair, beta: orpo_loss(*pair.unanchored, weight=beta),
        optimum_below=lambda _knob: 0.0,  # unknown: it weighs each response by itself
    ),
    Variant(
        "KTO",
        preference_model="a value function: sigmoid of one score",
        score="beta (log(pi / ref) - a reference point)",
        data="single responses, thumbs up or down",
        source="Ethayarajh et al. 2024",
        knob="weight of ups",
        knob_start=UPS,
    ),
    Variant(
        "DPOP",
        regularizer="a fine where the chosen response falls",
        source="Pal et al. 2024",
        loss=lambda pair, beta, fine=PENALTY: dpop_loss(*pair.log_ratios, beta, fine),
        knob="lambda",
        knob_start=PENALTY,
        optimum_below=lambda _knob: 1.0,
    ),
    Variant(
        "LN-DPO",
        score="beta log(pi / ref), averaged over tokens",
        source="Lambert et al. 2024",
        loss=lambda pair, beta: length_normalized_loss(*pair, beta),
        gap=dpo_gap,  # a pair of one token each
        optimum_below=lambda _knob: 1.0,
    ),
    Variant(
        "RPO",
        regularizer="SFT on the chosen response",
        source="Pang et al. 2024",
        loss=lambda pair, beta, weight=WEIGHT: rpo_loss(*pair[:5], beta, weight),
        knob="weight",
        knob_start=WEIGHT,
        optimum_below=lambda _knob: 1.0,
    ),
    Variant(
        "Plackett-Luce",
        preference_model="Plackett-Luce: logistic choices, one after the other",
        data="rankings",
        source="Rafailov et al. 2023, appendix",
    ),
    Variant(
        "f-DPO",
        score="beta f'(pi / ref)",
        divergence="any f with f'(0+) = -infinity",
        source="Wang et al. 2023",
    ),
)

PAIR_LOSSES = {row.name: row.loss for row in (DPO, *VARIANTS) if row.loss}
"""Each loss on pairs as a function of (a ``Compared``, beta; for ORPO its weight).

A third argument, where the row has a knob, sets it; left out, it is where it begins.
"""


def changed(variant: Variant) -> list[str]:
    """The pieces that ``variant`` does not share with DPO.

    >>> changed(VARIANTS[0])
    ['preference_model']
    """
    require_type(Variant, variant=variant)
    return [piece for piece in PIECES if getattr(variant, piece)]


def overview() -> str:
    """The table in marks: x = another choice, none = the piece is gone."""
    heads = [f"  {piece.removeprefix('preference_')}" for piece in PIECES]
    marks = {"": ".", "none": "none"}
    lines = [" " * 14 + "".join(heads)]
    for row in VARIANTS:
        cells = [marks.get(getattr(row, piece), "x") for piece in PIECES]
        columns = zip(cells, heads, strict=True)
        line = "".join(cell.rjust(len(head)) for cell, head in columns)
        lines.append(f"{row.name:14}{line}")
    return "\n".join(lines)


def in_words(*names: str) -> str:
    """What these variants change, a piece a line."""
    known = [variant.name for variant in VARIANTS]
    for name in names:
        require(isinstance(name, str) and name in known, f"names must be of {known}")
    rows = [variant for variant in VARIANTS if variant.name in names]
    return "\n".join(
        f"{row.name:6} {piece.replace('_', ' ')}: {getattr(row, piece)}"
        for row in rows
        for piece in changed(row)
    )

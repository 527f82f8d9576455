"""Which pieces of DPO each variant exchanges: one row a loss, six columns.

An empty cell means "as in DPO". Where there is no reference there is no divergence
from it either, so that cell follows from another one and is marked by the word
"none". This module only knows words; the losses are in ``variants``.
"""

from typing import NamedTuple


class Variant(NamedTuple):
    """A loss and what it changes; every field but the first and last may be empty."""

    name: str
    preference_model: str = ""
    score: str = ""
    data: str = ""
    reference: str = ""
    divergence: str = ""
    regularizer: str = ""
    source: str = ""


PIECES = Variant._fields[1:-1]

DPO = Variant(
    "DPO",
    preference_model="Bradley-Terry: logistic in the difference of scores",
    score="beta log(pi / ref), summed over tokens",
    data="pairs",
    reference="a frozen model",
    divergence="KL(pi || ref)",
    regularizer="no extra term",
    source="Rafailov et al. 2023",
)

VARIANTS = (
    Variant(
        "IPO",
        preference_model="none: the gap is regressed on 1 / (2 beta)",
        source="Azar et al. 2023",
    ),
    Variant(
        "cDPO",
        preference_model="Bradley-Terry whose labels are wrong at rate epsilon",
        source="Mitchell 2023",
    ),
    Variant(
        "rDPO",
        preference_model="Bradley-Terry, corrected for flips at rate epsilon",
        source="Chowdhury et al. 2024",
    ),
    Variant(
        "hinge",
        preference_model="none: a margin of 1 is enough",
        source="Zhao et al. 2023, Liu et al. 2023",
    ),
    Variant(
        "SimPO",
        preference_model="Bradley-Terry with a lead of gamma",
        score="beta log pi, averaged over tokens",
        reference="none",
        divergence="none",
        source="Meng et al. 2024",
    ),
    Variant(
        "ORPO",
        score="log odds of exp(log pi averaged over tokens)",
        reference="none",
        divergence="none",
        regularizer="SFT on the chosen response",
        source="Hong et al. 2024",
    ),
    Variant(
        "KTO",
        preference_model="a value function: sigmoid of one score",
        score="beta (log(pi / ref) - a reference point)",
        data="single responses, thumbs up or down",
        source="Ethayarajh et al. 2024",
    ),
    Variant(
        "DPOP",
        regularizer="a fine where the chosen response falls",
        source="Pal et al. 2024",
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


def changed(variant: Variant) -> list[str]:
    """The pieces that ``variant`` does not share with DPO.

    >>> changed(VARIANTS[0])
    ['preference_model']
    """
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
    """What these variants change, DPO's own piece beside it."""
    rows = [variant for variant in VARIANTS if variant.name in names]
    return "\n".join(
        f"{row.name:6} {piece.replace('_', ' ')}: {getattr(row, piece)}"
        for row in rows
        for piece in changed(row)
    )

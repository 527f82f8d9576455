"""How a lecture opens: who speaks, which licence, and where today's piece belongs.

``ROAD_MAP`` is the DPO loss in the pieces that the chapters supply; a lecture boxes its
own. What a chapter does with the loss stands in ``TODAY``.
"""

import re
from collections.abc import Sequence

COURSE = "dpo_edu, a course on Direct Preference Optimization"
LICENCE = "Text, figures and slides: CC BY 4.0"
ROAD_MAP = (  # TeX, and the chapters that it comes from
    (r"\mathcal{L}=", ()),
    (r"\mathbb{E}", ("10",)),
    (r"\bigg[", ()),
    (r"-\log", ("02",)),
    (r"\;", ()),
    (r"\sigma", ("01",)),
    (r"\bigg(", ()),
    (r"\beta", ("04",)),
    (r"\log\dfrac{\pi_\theta(y_w\mid x)}{\pi_{\text{ref}}(y_w\mid x)}", ("03", "08")),
    (r"-", ("05",)),
    (r"\beta", ("04",)),
    (r"\log\dfrac{\pi_\theta(y_l\mid x)}{\pi_{\text{ref}}(y_l\mid x)}", ("08", "09")),
    (r"\bigg)\bigg]", ()),
)
WHOLE = ("06", "07", "11")  # chapters about all of it
TODAY = {
    "01": "Today: σ, which turns a difference of rewards into a probability.",
    "02": "Today: −log, which turns votes into a loss.",
    "03": "Today: the log-ratio, whose mean says how far a policy has moved.",
    "04": "Today: β, the price of moving away from the reference.",
    "05": "Today: the minus sign, in which Z(x) cancels.",
    "06": "Today: the whole line.",
    "07": "Today: the slope of the whole line.",
    "08": "Today: the log-probability of a whole answer.",
    "09": "Today: the network behind every log-probability.",
    "10": "Today: the pairs over which the mean is taken.",
    "11": "Today: the whole line, minimized, beside the exact optimum.",
    "12": "Today: the older road to the same optimum, without this line.",
    "13": "Today: what this line cannot see, and what goes wrong.",
    "14": "Today: which pieces other losses replace.",
    "15": "Today: pairs that the policy itself has written.",
    "16": "Today: the same line, on larger machines.",
    "17": "Today: the same line, with a model that speaks English.",
}


def byline(lecturer: str = "", date: str = "") -> str:
    """The lines under the title: who and when, the course, the licence."""
    speaker = ", ".join(part for part in (lecturer, date) if part)
    lines = [line for line in (speaker, COURSE, LICENCE) if line]
    return "\n".join(f'<p class="byline">{line}</p>' for line in lines)


def agenda(chapter: str, sections: Sequence[str]) -> str:
    """A slide: the sections of the lecture, and the loss with today's piece boxed."""
    if chapter not in TODAY:
        return f"## Today\n\n{_listed(sections)}"
    return agenda_of([chapter], TODAY[chapter], sections)


def agenda_of(chapters: Sequence[str], today: str, sections: Sequence[str]) -> str:
    """A slide: the sections, the loss with the pieces of ``chapters`` boxed, a line."""
    formula = f"$${road_map(*chapters)}$$"
    return f"## Today\n\n{_listed(sections)}\n\n{formula}\n\n{today}"


def _listed(sections: Sequence[str]) -> str:
    return "\n".join(f"1. {section}" for section in sections)


def road_map(*chapters: str) -> str:
    """The loss in TeX, with what these chapters supply in boxes."""
    supplied = set(chapters)
    pieces = [boxed(tex) if supplied & set(by) else tex for tex, by in ROAD_MAP]
    return boxed("".join(pieces)) if supplied & set(WHOLE) else "".join(pieces)


def boxed(tex: str) -> str:
    """A frame around a piece of a formula."""
    return rf"\bbox[6px,border:3px solid #e69f00]{{{tex}}}"


def lectured_sections(sources: Sequence[str]) -> list[str]:
    """The headings of second level among the lecture's texts, in order."""
    found = [re.match(r"## (.+)", source) for source in sources]
    return [match[1] for match in found if match and match[1] != "Remember"]

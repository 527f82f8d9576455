"""How public files of preferences call their fields: a table, and what is what.

    prompt | question | instruction | ...      chosen, rejected | response_j, response_k

Two answers and a verdict (``response_a``, ``response_b``, ``winner``) are put in order.
This module does not look into the answers.
"""

from typing import NamedTuple

from ...validation import InputError, require, require_type
from ..comparison import listed

PROMPTS = (
    *("prompt", "question", "instruction", "query", "context", "request"),
    *("conversations", "conversation", "messages", "history", "input"),
)
SIDES = (  # the better answer, the worse one
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_response", "rejected_response"),
    ("response_chosen", "response_rejected"),
    ("response_j", "response_k"),  # stack-exchange-paired: j is the better one
    ("answer_w", "answer_l"),
    ("response_w", "response_l"),
    ("preferred_output", "non_preferred_output"),  # OpenAI's format
)
JUDGED = ("response", "completion", "answer", "output", "conversation")
TAILS = (
    ("a", "b"),
    ("A", "B"),
    ("0", "1"),
    ("1", "2"),
)  # of two answers that a verdict orders
VERDICTS = (
    *("preference", "preferred", "winner", "label", "choice", "better"),
    *("better_response_id", "chosen"),
)
TIES = ("tie", "both", "both_bad", "tie (bothbad)", "equal", "none", "")
SCORES = ("score_{}", "{}_score", "rating_{}", "{}_rating", "{}-rating")
SCORES += ("{}_avg_rating", "rm_score_{}", "{}_reward")
SYSTEMS = ("system", "system_prompt")
ROLES = ("prompt", "chosen", "rejected", "system")  # what --fields may name
THUMBS = ("completion", "response", "output", "answer", "messages", "conversations")
LABELS = ("label", "kto_tag", "is_desirable")
KTO = (
    "one answer with a thumb and no pair: DPO compares two answers to a prompt, "
    "KTO (chapter 14) learns from single ones"
)


class Sides(NamedTuple):
    """The names of a row's two answers and of their scores."""

    chosen: str
    rejected: str
    verdict: str | None = None  # the name of the field that ordered them
    scores: tuple[str, str] | None = None  # the better answer's first


def fields_asked(fields: str) -> dict[str, str]:
    """{"prompt": "question", ...} of ``prompt=question,...``; InputError if unclear."""
    require_type(str, fields=fields)
    found = {}
    for part in filter(None, fields.split(",")):
        role, sign, name = (word.strip() for word in part.partition("="))
        known = sign and name and role in ROLES and role not in found
        words = f"--fields names {', '.join(ROLES)}, as in prompt=question,chosen=good"
        require(known, f"{words}; not {part!r}")
        found[role] = name
    both = ("chosen" in found) == ("rejected" in found)
    require(both, "--fields names both chosen and rejected, or neither")
    return found


def find_sides(row: dict, fields: dict[str, str]) -> Sides:
    """Which fields of the row are its answers, the better one first."""
    require_type(dict, row=row, fields=fields)
    known = ((fields["chosen"], fields["rejected"]),) if "chosen" in fields else SIDES
    for sides in known:
        if all(name in row for name in sides):
            return Sides(*sides, scores=_scores(row, sides))
    if "chosen" not in fields:
        for first, second in _two_answers():
            verdict = next((name for name in VERDICTS if name in row), None)
            if first in row and second in row and verdict:
                return _ordered(row, first, second, verdict)
    require(not _is_thumb(row), KTO)
    return _refuse(row, known)


def _refuse(row: dict, known) -> Sides:
    """Raise: of two answers this one is missing, and that is there instead."""
    begun = (pair for pair in known if any(name in row for name in pair))
    missing = [name for name in next(begun, known[0]) if name not in row]
    words = f"no {listed(missing)}, but {listed([*row])}" if row else "nothing is in it"
    raise InputError(f"{words}: say with --fields what is what")


def _two_answers():
    for stem in JUDGED:
        for one, other in TAILS:
            yield f"{stem}_{one}", f"{stem}_{other}"


def _ordered(row: dict, first: str, second: str, verdict: str) -> Sides:
    """The two answers as the verdict orders them; InputError at a tie or a riddle.

    A number decides between numbered answers only: whether 0 is ``a`` nobody can tell.
    """
    said = str(row[verdict]).strip().lower()
    require(said not in TIES, f'a tie: "{verdict}" is {said!r}')
    places = {}
    for place, name in enumerate((first, second)):
        tail = name.rpartition("_")[2]
        known = (name, tail, f"model_{tail}")
        places |= dict.fromkeys(map(str.lower, known), place)
    clear = f'"{verdict}" is {said[:40]!r}, which is neither "{first}" nor "{second}"'
    require(said in places, clear)
    sides = (second, first) if places[said] else (first, second)
    return Sides(*sides, verdict, _scores(row, sides))


def _scores(row: dict, sides: tuple[str, str]) -> tuple[str, str] | None:
    """The names of the two answers' scores, if the row has them."""
    one, other = (_stem(name) for name in sides)
    names = ((form.format(one), form.format(other)) for form in SCORES)
    return next((pair for pair in names if all(name in row for name in pair)), None)


def _stem(name: str) -> str:
    """'chosen' of "chosen_messages", 'j' of "response_j"."""
    words = [word for word in name.split("_") if word in ("chosen", "rejected")]
    return words[0] if words else name.rpartition("_")[2]


def _is_thumb(row: dict) -> bool:
    said = (str(row[name]).lower() for name in LABELS if name in row)
    is_label = any(word in ("true", "false") for word in said)
    return is_label and any(name in row for name in THUMBS)

"""From a row of a file to its pairs: which texts are compared, in which conversation.

One row holds one pair, or several where it names several rejected answers. Whatever
cannot be a pair raises InputError with the reason; the caller knows the line.
"""

from math import nan
from typing import NamedTuple

from ...validation import InputError, require, require_type
from ..comparison import EOS_TEXT, Pair, listed
from .dialogues import Content, is_message, joined, messages_of, text_of
from .names import PROMPTS, SYSTEMS, Sides, find_sides

SCORE = ("score", "rating", "overall_score")  # beside an answer's text


class RowPairs(NamedTuple):
    """What was read of a row."""

    pairs: list[Pair]
    read_as: str  # which fields, and as what
    unread: list[str]  # fields that are there besides
    against: bool  # the rejected answer has the higher score
    ended: bool  # an answer ended with <eos>, which was taken off


def pairs_of(row: dict, fields: dict[str, str]) -> RowPairs:
    """The pairs of a row. ``fields``: which field is what, where the user says so."""
    require_type(dict, row=row, fields=fields)
    row = _unranked({k: v for k, v in row.items() if v is not None}, fields)
    sides = find_sides(row, fields)
    prompt, system = _name(row, fields, "prompt"), _name(row, fields, "system")
    asked, also = _prompt(row, prompt)
    said = None if system is None else _text(row[system], system)
    chosen = _content(row[sides.chosen], sides.chosen)
    several = _several(row[sides.rejected])
    rejected = [_content(value, sides.rejected) for value in several]
    require(rejected, f'"{sides.rejected}" is empty')
    found = [joined((chosen, worse), sides[:2], asked, said) for worse in rejected]
    ended = any(text.endswith(EOS_TEXT) for pair in found for text in pair[1:])
    pairs = [_checked(pair, (prompt or "prompt", *sides[:2])) for pair in found]
    used = [prompt, *also, system, sides.chosen, sides.rejected, sides.verdict]
    names = [name for name in used if name is not None]
    kind = "texts" if isinstance(pairs[0].prompt, str) else "a conversation"
    read = {*names, *(sides.scores or ())}
    unread = [name for name in row if name not in read]
    against = _against(row, sides, several)
    return RowPairs(pairs, f"{listed(names)} as {kind}", unread, against, ended)


def _unranked(row: dict, fields: dict) -> dict:
    """A row whose "output" is a list, the best answer first, with names for its two."""
    best = row.get("output")
    if fields or "chosen" in row or not isinstance(best, list) or len(best) < 2:
        return row
    others = {name: value for name, value in row.items() if name != "output"}
    return others | {"chosen": best[0], "rejected": best[1:]}


def _name(row: dict, fields: dict[str, str], role: str) -> str | None:
    """The name of the field that is the prompt, or the system's message."""
    if role in fields:
        require(fields[role] in row, f'no "{fields[role]}", but {listed([*row])}')
        return fields[role]
    known = PROMPTS if role == "prompt" else SYSTEMS
    return next((name for name in known if name in row), None)


def _prompt(row: dict, name: str | None) -> tuple[Content | None, list[str]]:
    """What the answers answer, if it has a field, and other fields that were read."""
    if name is None:
        return None, []
    asked, more = _content(row[name], name), row.get("input")
    if name != "instruction" or not isinstance(more, str):
        return asked, []
    both = isinstance(asked, str) and more.strip()
    return f"{asked}\n{more}" if both else asked, ["input"]


def _several(value) -> list:
    """The rejected answers of a row: one, or each of a list of answers."""
    if not isinstance(value, list) or all(is_message(each) for each in value):
        return [value] if value != [] else []
    return value


def _content(value, name: str) -> Content:
    """A text, or the messages of a conversation."""
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if is_message(value):
        value = [value]
    if isinstance(value, list):
        return messages_of(value, name)
    return _text(value, name)


def _text(value, name: str) -> str:
    if isinstance(value, dict):  # an answer with its score beside it
        return text_of(value, name)
    if not isinstance(value, str):
        raise InputError(f'"{name}" is neither a text nor a list of messages')
    return value


def _checked(pair: Pair, names) -> Pair:
    """The pair without ``<eos>`` at its ends; InputError where nothing is compared."""
    ends = (text.removesuffix(EOS_TEXT) for text in pair[1:])
    pair = Pair(pair.prompt, *ends)
    for name, content in zip(names, pair, strict=True):
        texts = [content] if isinstance(content, str) else [m.content for m in content]
        require(all(text.strip() for text in texts), f'"{name}" is empty')
        _require_whole(texts, name)
    require(pair.chosen != pair.rejected, f"{listed(names[1:])} are the same")
    return pair


def _require_whole(texts: list[str], name: str) -> None:
    """Raise at what no UTF-8 can hold, and at an end in the midst of a text."""
    for text in texts:
        half = any("\ud800" <= letter <= "\udfff" for letter in text)
        require(not half, f'"{name}" holds half a character (a lone surrogate)')
        words = "a text's end in an export: leave them out, training adds the end"
        require(EOS_TEXT not in text, f'"{name}" holds the letters {EOS_TEXT}, {words}')


def _against(row: dict, sides: Sides, several: list) -> bool:
    """Whether a score says that the rejected answer is the better one."""
    if sides.scores:
        better, worse = (_number(row[name]) for name in sides.scores)
    else:
        better = _score(row[sides.chosen])
        worse = max(_score(answer) for answer in several)
    return worse > better


def _score(answer) -> float:
    """The score beside an answer's text; NaN, which is above nothing, without one."""
    there = isinstance(answer, dict)
    return _number(next((answer[k] for k in SCORE if there and k in answer), None))


def _number(value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return nan

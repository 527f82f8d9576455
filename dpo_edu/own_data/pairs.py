"""Preference pairs as JSON Lines: {"prompt": ..., "chosen": ..., "rejected": ...}.

The format that preference trainers read. Every line is checked before anything is
trained; a bad one is named by file, line number and reason.
"""

import json
from pathlib import Path
from typing import NamedTuple

from ..files import write_json_lines
from ..validation import InputError, require

FIELDS = ("prompt", "chosen", "rejected")


class TextPair(NamedTuple):
    """One comparison in words."""

    prompt: str
    chosen: str
    rejected: str


def read_pairs(path: Path) -> list[TextPair]:
    """All pairs of a JSON Lines file; blank lines are passed over.

    Raises InputError naming file, line and reason at the first line that is not a pair.
    """
    try:
        # Not splitlines(): a JSON string may hold U+2028, which that would cut in two.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from None
    pairs = [
        _pair(line, f"{path}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    require(pairs, f"{path} holds no pairs: one JSON object a line is expected")
    return pairs


def write_pairs(path: Path, pairs) -> None:
    """Write ``TextPair``s, one JSON object a line."""
    write_json_lines(path, (pair._asdict() for pair in pairs))


def _pair(line: str, where: str) -> TextPair:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: not JSON ({error.msg}, column {error.colno})"
        ) from None
    require(isinstance(record, dict), f"{where}: not a JSON object with {FIELDS}")
    pair = TextPair(*(_text(record, field, where) for field in FIELDS))
    require(
        pair.chosen != pair.rejected, f'{where}: "chosen" and "rejected" are the same'
    )
    return pair


def _text(record: dict, field: str, where: str) -> str:
    require(field in record, f'{where}: no "{field}"')
    text = record[field]
    require(isinstance(text, str), f'{where}: "{field}" is not a string')
    require(text.strip(), f'{where}: "{field}" is empty')
    whole = not any("\ud800" <= letter <= "\udfff" for letter in text)
    require(whole, f'{where}: "{field}" holds half a character (a lone surrogate)')
    return text

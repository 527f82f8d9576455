"""Preference pairs as JSON Lines: {"prompt": ..., "chosen": ..., "rejected": ...}.

The format that preference trainers read. Every line is checked before anything is
trained; bad ones are named by file, line number and reason.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..files import read_json, write_json_lines
from ..validation import InputError, require, require_list_of, require_type

FIELDS = ("prompt", "chosen", "rejected")
NO_TEXT = {
    b"\x1f\x8b": "is compressed: unpack it first",
    b"PK\x03\x04": "is a zip archive: unpack it first",
    b"PAR1": "is a Parquet file: write it as JSON Lines first",
    b"\xff\xfe": "is UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text: save it as UTF-8",
    b"version https://git-lfs": "is a Git LFS pointer and not the data: git lfs pull",
}
"""How files begin that are taken for JSON Lines, and what to do about them."""
LISTED = 10  # bad lines that are named by number


class TextPair(NamedTuple):
    """One comparison in words."""

    prompt: str
    chosen: str
    rejected: str


class PairsFile(NamedTuple):
    """What a JSON Lines file holds."""

    pairs: list[TextPair]
    lines: list[int]  # the number of each pair's line, from 1
    unread: list[str]  # fields that are there besides the three


def read_pairs(path: Path) -> list[TextPair]:
    """All pairs of a JSON Lines file; blank lines are passed over.

    Raises InputError naming file, line and reason at the first line that is not a
    pair, and the numbers of the others.
    """
    return read_file(path).pairs


def read_file(path: Path) -> PairsFile:
    """The pairs of a JSON Lines file, where they stand and what was not read."""
    require_type(Path, path=path)
    text = _text_of(path)
    # Not splitlines(): a JSON string may hold U+2028, which that would cut in two.
    lines = {n: line for n, line in enumerate(text.split("\n"), 1) if line.strip()}
    require(lines, f"{path} holds no pairs: one JSON object a line is expected")
    pairs, unread, faults = {}, {}, {}
    for number, line in lines.items():
        try:
            pairs[number], fields = _pair(line)
            unread |= dict.fromkeys(fields)
        except InputError as fault:
            faults[number] = str(fault)
    if faults:
        _require_lines(path, text)
        raise InputError(f"{path}, {_told(faults)}")
    return PairsFile([*pairs.values()], [*pairs], sorted(unread))


def write_pairs(path: Path, pairs) -> None:
    """Write ``TextPair``s, one JSON object a line."""
    require_type(Path, path=path)
    require_list_of(TextPair, pairs=pairs)
    write_json_lines(path, (pair._asdict() for pair in pairs))


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        for mark, words in NO_TEXT.items():
            require(not content.startswith(mark), f"{path} {words}")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from None


def _require_lines(path: Path, text: str) -> None:
    """Raise if the whole text is one JSON value, and so not JSON Lines."""
    try:
        whole = read_json(text)
    except ValueError:
        return
    if isinstance(whole, list):
        words = f"{path} is one JSON array, and not one object a line"
        raise InputError(f"{words}: jq -c '.[]' {path.name} > {path.stem}-lines.jsonl")
    require("\n" not in text.strip(), f"{path} is one object, and not one a line")


def _told(faults: dict[int, str]) -> str:
    """The first fault in words and the others by number: {line: reason}."""
    (first, reason), *others = faults.items()
    words = f"line {first}: {reason}"
    if others:
        numbers = ", ".join(str(number) for number, _ in others[:LISTED])
        rest = len(others) - LISTED
        words += f"; also bad: {numbers}{f' and {rest:,} more' if rest > 0 else ''}"
    return words


def _pair(line: str) -> tuple[TextPair, list[str]]:
    """The pair of a line, and the names of fields that are not read."""
    try:
        record = read_json(line)
    except ValueError as error:
        where = getattr(error, "colno", None)
        column = f", column {where}" if where else ""
        raise InputError(f"not JSON ({getattr(error, 'msg', error)}{column})") from None
    require(isinstance(record, dict), f"not a JSON object with {listed(FIELDS)}")
    unread = [name for name in record if name not in FIELDS]
    pair = TextPair(*(_text(record, field, unread) for field in FIELDS))
    require(pair.chosen != pair.rejected, '"chosen" and "rejected" are the same')
    return pair, unread


def _text(record: dict, field: str, unread: list[str]) -> str:
    instead = f", but {listed(unread)}" if unread else ""
    require(field in record, f'no "{field}"{instead}')
    text = record[field]
    require(isinstance(text, str), f'"{field}" is not a string')
    require(text.strip(), f'"{field}" is empty')
    whole = not any("\ud800" <= letter <= "\udfff" for letter in text)
    require(whole, f'"{field}" holds half a character (a lone surrogate)')
    return text


def listed(names: Sequence[str]) -> str:
    """'"a", "b"', of which at most ten are shown, each with 40 letters."""
    require_list_of(str, names=names)
    shown = [f'"{name[:40]}"' for name in names[:LISTED]]
    return ", ".join([*shown, *["..."] * (len(names) > LISTED)])

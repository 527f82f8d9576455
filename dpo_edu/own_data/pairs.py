"""All pairs of a file, where they stand, and what is wrong with the other rows.

Every row is looked at before anything is said, so that all faults are told in one go,
by line and reason. This module does not know what the pairs are for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import write_json_lines
from ..validation import InputError, require, require_list_of, require_type
from .comparison import Pair, TextPair, as_text, numbers_shown
from .formats.containers import read_rows
from .formats.names import fields_asked
from .formats.rows import RowPairs, pairs_of


@dataclass
class PairsFile:
    """What a file of pairs holds."""

    kind: str  # of container, in words
    unit: str  # what numbers count: line or row
    rows: int
    pairs: list[Pair] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # each pair's line or row, from 1
    faults: dict[int, str] = field(default_factory=dict)  # {line: why it is no pair}
    read_as: Counter = field(default_factory=Counter)  # {fields and kind: rows}
    unread: list[str] = field(default_factory=list)  # fields that were not looked at
    against: list[int] = field(default_factory=list)  # rows whose scores contradict
    ended: int = 0  # rows whose answers ended with <eos>, which was taken off

    def add(self, number: int, row: RowPairs) -> None:
        """Take in what was read of one row."""
        self.pairs += row.pairs
        self.places += [number] * len(row.pairs)
        self.read_as[row.read_as] += 1
        self.unread = sorted({*self.unread, *row.unread})
        self.against += [number] * row.against
        self.ended += row.ended


def read_file(path: Path, fields: str = "") -> PairsFile:
    """The pairs of a file and its faults.

    fields: which field is what, ``prompt=question,chosen=good,rejected=bad``. Raises
    InputError where the file as a whole is none of pairs.
    """
    require_type(Path, path=path)
    asked, found = fields_asked(fields), read_rows(path)
    file = PairsFile(found.kind, found.unit, len(found.rows))
    for number, row in found.rows:
        try:
            if isinstance(row, InputError):
                raise row
            file.add(number, pairs_of(row, asked))
        except InputError as fault:
            file.faults[number] = str(fault)
    return file


def read_pairs(path: Path) -> list[TextPair]:
    """All pairs of a file as texts; InputError with line and reason at bad rows."""
    file = read_file(path)
    if file.faults:
        raise InputError(f"{path}, {told(file)}")
    return [as_text(pair) for pair in file.pairs]


def told(file: PairsFile) -> str:
    """The first fault in words and the others by number."""
    require_type(PairsFile, file=file)
    require(file.faults, "file has no faults to tell of")
    (first, reason), *others = file.faults.items()
    more = f"; also bad: {numbers_shown([number for number, _ in others])}"
    return f"{file.unit} {first}: {reason}{more if others else ''}"


def write_pairs(path: Path, pairs: Sequence[TextPair]) -> None:
    """Write pairs of plain texts, one JSON object a line."""
    require_type(Path, path=path)
    require_list_of(TextPair, pairs=pairs)
    write_json_lines(path, (pair._asdict() for pair in pairs))

"""What is in a file of pairs, told before anything is trained on it.

Rows and how they were read, lengths and the memory that they ask for, and all that is
doubtful: bad rows, equal and contradicting pairs, scores that speak against labels. The
same record goes to the screen and to report.json. This module refuses nothing.
"""

from typing import NamedTuple

import numpy as np

from ..validation import counted, require, require_list_of, require_type
from .comparison import LISTED, TextPair, listed, numbers_shown
from .lengths import longest
from .memory import step_bytes
from .pairs import PairsFile
from .settings import OwnSettings
from .splitting import equal_pairs, same_prompt

MUCH = 2_000_000_000  # bytes for one step, of which the user is told


class Lengths(NamedTuple):
    """How long pairs are for a model, and what that asks of the machine."""

    unit: str  # bytes, or tokens
    each: list[int]  # of a pair's prompt and longer answer
    step_bytes: int  # of memory


def byte_lengths(pairs: list[TextPair], settings: OwnSettings) -> Lengths:
    """As the small model reads them, byte by byte."""
    need = step_bytes(pairs, settings)
    return Lengths("bytes", [longest(pair) for pair in pairs], need)


def described(
    file: PairsFile,
    pairs: list[TextPair],
    places: list[int],
    lengths: Lengths,
) -> dict:
    """The record of a file: ``pairs`` are those that are trained on, as texts."""
    require_type(PairsFile, file=file)
    require_type(Lengths, lengths=lengths)
    require_list_of(int, places=places)
    require_list_of(TextPair, pairs=pairs)
    number = len(places) == len(lengths.each)
    require(len(places) == len(pairs) and number, "places must be as many as pairs")
    groups = equal_pairs(pairs)
    kinds = [len({pairs[number] for number in group}) for group in groups]
    bad = [*file.faults.items()]
    return {
        "container": file.kind,
        "rows": file.rows,
        "read_as": dict(file.read_as),
        "pairs": len(pairs),
        "prompts": len(same_prompt(pairs)),
        lengths.unit: _shown(lengths.each, places, file.unit),
        "step_bytes": lengths.step_bytes,
        "bad": {"rows": len(bad), "first": dict(bad[:LISTED]), "unit": file.unit},
        "there_again": len(pairs) - sum(kinds),
        "both_directions": sum(kind > 1 for kind in kinds),
        "scores_against_labels": file.against,
        "ended_with_eos": file.ended,
        "not_read": file.unread,
    }


def _shown(taken: list[int], places: list[int], unit: str) -> dict:
    """Of prompt and longer answer together, the end of the answer included."""
    if not taken:
        return {}
    middle, high = np.quantile(taken, (0.5, 0.9), method="higher").tolist()
    place = int(np.argmax(taken))
    at = f"{unit} {places[place]}"
    return {"median": middle, "90 %": high, "most": taken[place], "most_at": at}


def _require_record(record: dict) -> None:
    require_type(dict, record=record)
    whole = {"read_as", "bad", "step_bytes", "not_read"} <= record.keys()
    whole = whole and not {"bytes", "tokens"}.isdisjoint(record)
    require(whole, "record must be what ``described`` returns")


def summary(record: dict) -> list[str]:
    """What is said of every file, a line each."""
    _require_record(record)
    kinds = [f"read {number:,} as {kind}" for kind, number in record["read_as"].items()]
    rows = f"{counted(record['rows'], 'row')} of {record['container']}"
    pairs, prompts = (counted(record[f"{noun}s"], noun) for noun in ("pair", "prompt"))
    lines = [f"{rows}: {pairs} on {prompts}"]
    lines += kinds[:LISTED]
    unit = "bytes" if "bytes" in record else "tokens"
    if found := record[unit]:
        lines.append(
            f"prompt and answer take {found['median']} {unit} in the median, 90 % of "
            f"them at most {found['90 %']}, the longest {found['most']} "
            f"({found['most_at']})"
        )
        lines.append(f"a step may take {_size(record['step_bytes'])}")
    return lines


def _size(amount: int) -> str:
    """'18 GB', or '340 MB'."""
    if amount >= MUCH:
        return f"{amount / 1e9:,.0f} GB"
    return f"{-(-amount // 1_000_000):,} MB"


def _are(number: int, noun: str) -> str:
    """'1 pair is', '2 pairs are'."""
    return f"{counted(number, noun)} {'is' if number == 1 else 'are'}"


def doubts(record: dict) -> list[str]:
    """What the user may not know of his file, a line each; none if nothing is odd."""
    _require_record(record)
    again, both = record["there_again"], record["both_directions"]
    against, ended = record["scores_against_labels"], record["ended_with_eos"]
    unread, unit = record["not_read"], record["bad"]["unit"]
    notes = [
        (unread, f"not read: {listed(unread)}"),
        (
            again,
            f"{_are(again, 'pair')} there again: equal pairs are held out together",
        ),
        (
            both,
            f"{_are(both, 'comparison')} there in both directions: no policy fits both",
        ),
        (
            against,
            f"the scores contradict the label in {counted(len(against), 'row')}, "
            f"{unit} {numbers_shown(against)}: the label counts",
        ),
        (
            record.get("dropped", 0),
            f"{_are(record.get('dropped', 0), 'pair')} longer than --max-length: left "
            "out",
        ),
        (
            record.get("cut", 0),
            f"{counted(record.get('cut', 0), 'prompt')} lost the beginning, to fit "
            "--max-length",
        ),
        (
            ended,
            f"<eos> ends {counted(ended, 'row')}, as in an export: it is taken off, "
            "training adds the end of each response",
        ),
        (
            record["step_bytes"] > MUCH and "bytes" in record,
            "for less memory lower --batch-size, or leave out the longest texts with "
            "--max-length",
        ),
    ]
    return [note for holds, note in notes if holds] + _bad_rows(record["bad"])


def _bad_rows(bad: dict) -> list[str]:
    """Each of the first bad rows with its reason, and how many more there are."""
    lines = [f"  {bad['unit']} {n}: {reason}" for n, reason in bad["first"].items()]
    rest = bad["rows"] - len(lines)
    more = [f"  and {rest:,} more"] if rest else []
    head = f"{counted(bad['rows'], 'row')} cannot be trained on:"
    return [head, *lines, *more] if lines else []

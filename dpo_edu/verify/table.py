"""The worked examples as plain text, a line each, or more where a line is short."""

import shutil
import textwrap

from .worked_examples import CONFIRMED, COURSE, WRONG

WIDTH, LEAST = 130, 20  # of a table; of a terminal


def table(rows, width: int | None = None) -> str:
    """Each example: chapter, what it is, printed, exact, verdict.

    ``width``: of the terminal. One that is too narrow for a table gets sentences.
    """
    width = width or shutil.get_terminal_size((WIDTH, 24)).columns
    wrong = sum(row.verdict == WRONG for row in rows)
    confirmed = sum(row.verdict == CONFIRMED for row in rows)
    closing = (
        f"{confirmed} confirmed, {wrong} wrong as they circulate, out of {len(rows)}."
    )
    if width >= WIDTH:
        return "\n".join([*_lines(rows), "", closing])
    width = max(width, LEAST)
    told = (textwrap.fill(_told(row), width, subsequent_indent="   ") for row in rows)
    return "\n".join([*told, "", textwrap.fill(closing, width)])


def _lines(rows) -> list[str]:
    """A head, and one line an example."""
    head = (
        f"{'ch':>2}  {'worked example':<52} {'printed':>9} {'exact':>9}  "
        "verdict (and source, if not this course)"
    )
    return [head, *map(_line, rows)]


def _line(row) -> str:
    example = row.example
    return (
        f"{example.chapter:>2}  {example.words:<52} {example.printed:>9} "
        f"{row.rounded:>9}  {_verdict(row)}{_source(example)}"
    )


def _told(row) -> str:
    """The same in words."""
    example = row.example
    return (
        f"{example.chapter} {example.words}: printed {example.printed}, exact "
        f"{row.rounded}, {_verdict(row)}{_source(example)}"
    )


def _verdict(row) -> str:
    return f"WRONG: it is {row.rounded}" if row.verdict == WRONG else row.verdict


def _source(example) -> str:
    return "" if example.source == COURSE else f"  ({example.source})"

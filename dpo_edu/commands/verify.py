"""Recompute every worked example the course quotes and compare it with what is printed.

Each number is computed twice, by the package and by hand at 50 digits. Some numbers in
popular write-ups are wrong; they stand here beside the right ones.
"""

from ..worked_examples import verify


def add_arguments(parser) -> None:
    """Take no arguments."""


def run(args) -> int:
    """Print the table; 1 if two roads to one number disagree, else 0."""
    rows = verify()
    print(table(rows))
    return int(any(row.verdict == "roads disagree" for row in rows))


def table(rows) -> str:
    """One line an example: chapter, what it is, printed, exact, verdict."""
    lines = [
        f"{'ch':>2}  {'worked example':<52} {'printed':>9} {'exact':>9}  "
        "verdict (and source, if not this course)"
    ]
    for row in rows:
        example = row.example
        lines.append(
            f"{example.chapter:>2}  {example.words:<52} {example.printed:>9} "
            f"{row.rounded:>9}  {_verdict(row)}{_source(example)}"
        )
    wrong = sum(row.verdict == "wrong" for row in rows)
    confirmed = sum(row.verdict == "confirmed" for row in rows)
    lines.append(
        f"\n{confirmed} confirmed, {wrong} wrong as popular write-ups print them, "
        f"out of {len(rows)}."
    )
    return "\n".join(lines)


def _verdict(row) -> str:
    return f"WRONG: it is {row.rounded}" if row.verdict == "wrong" else row.verdict


def _source(example) -> str:
    return "" if example.source == "this course" else f"  ({example.source})"

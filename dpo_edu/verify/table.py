"""The worked examples as plain text, a line each."""

from .worked_examples import CONFIRMED, COURSE, WRONG


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
    wrong = sum(row.verdict == WRONG for row in rows)
    confirmed = sum(row.verdict == CONFIRMED for row in rows)
    lines.append(
        f"\n{confirmed} confirmed, {wrong} wrong as popular write-ups print them, "
        f"out of {len(rows)}."
    )
    return "\n".join(lines)


def _verdict(row) -> str:
    return f"WRONG: it is {row.rounded}" if row.verdict == WRONG else row.verdict


def _source(example) -> str:
    return "" if example.source == COURSE else f"  ({example.source})"

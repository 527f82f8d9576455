"""Results as plain text: at most 88 columns, under 12 lines each, no color needed."""

import textwrap
from dataclasses import replace

from .record import DONE, NOT_YET, TO_DO, WAITING, Failure, Report, Result

WIDTH, LABEL = 88, 10
MARKS = {
    DONE: "[done]   ",
    TO_DO: "[to do]  ",
    NOT_YET: "[not yet]",
    WAITING: "[waiting]",
}


def report(report: Report) -> str:
    """One block per result, under its chapter's number if there are several."""
    several = len({entry.chapter for entry in report.results}) > 1
    lines, chapter = [], ""
    for entry in (*report.trouble, *report.results):
        if several and entry.chapter != chapter:
            lines.append(f"\nchapter {entry.chapter}")
        chapter = entry.chapter
        lines.append(result(replace(entry, message="") if several else entry))
    return "\n".join([*lines, "", closing(report)]).lstrip("\n")


def result(result: Result) -> str:
    """One line, and below it the failure, what was printed, or what it was good for."""
    lines = [f"{MARKS[result.verdict]} {result.exercise}"]
    if result.waiting_for:
        lines[0] += f": waiting for {', '.join(result.waiting_for)}"
    if result.failure:
        lines += failure(result.failure)
    if result.message:
        lines += labelled("", result.message)
    if result.printed:
        lines += [f"  printed   | {line}" for line in result.printed.splitlines()]
    return "\n".join(lines)


def failure(failure: Failure) -> list[str]:
    """Its fields, each behind a label; empty ones are left out."""
    fields = (
        ("call", failure.call),
        ("returned", failure.returned),
        ("expected", failure.expected),
        ("because", failure.broken),
        ("perhaps", failure.mistake),
        ("read", failure.read),
    )
    return [line for label, words in fields if words for line in labelled(label, words)]


def labelled(label: str, words: str) -> list[str]:
    """``words`` wrapped into the column to the right of ``label``."""
    head = "  " + label.ljust(LABEL)
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
    )


def closing(report: Report) -> str:
    """The count of each verdict and the next step, which is the reader's to take."""
    counts = [sum(r.verdict == verdict for r in report.results) for verdict in MARKS]
    shown = ", ".join(
        f"{count} {verdict}"
        for verdict, count in zip(MARKS, counts, strict=True)
        if count
    )
    goal = f"; next: {report.next_up}" if report.next_up else "; nothing is left to do"
    return f"{shown or 'nothing to check'}{goal}"

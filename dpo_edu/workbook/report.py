"""What a check found: one record that terminal, notebook, pytest and JSON all show.

A ``Result`` belongs to one exercise, a ``Report`` to all that were checked at once.
Printed, they are at most 88 columns wide, or as wide as a narrower terminal, and under
12 lines for each exercise, and no meaning hangs on a color. A line to be typed is never
broken. Nothing here knows how results come about.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from dataclasses import asdict, dataclass, field, replace
from html import escape

from ..validation import visible

DONE, TO_DO, NOT_YET, WAITING = "done", "to do", "not yet", "waiting"
MARKS = {
    DONE: "[done]   ",
    TO_DO: "[to do]  ",
    NOT_YET: "[not yet]",
    WAITING: "[waiting]",
}
NARROWEST, WIDTH, LABEL = 40, 88, 10
CALL_LINES = 3  # of a call that is shown in full

STAGES = (
    "imports",
    "signature",
    "shape",
    "finite",
    "hand example",
    "properties",
    "random inputs",
    "extremes",
    "gradient",
    "inputs unchanged",
)
"""The order of all checks; the first stage that fails is the last one that runs."""


MOST_LINES = 10  # of a failure; what goes beyond is cut from the numbers in "because"


@dataclass(frozen=True)
class Failure:
    """Why an answer is not right yet; empty fields have nothing to add."""

    stage: str
    broken: str  # what is wrong, in words
    call: str = ""  # in full
    again: str = ""  # lines that make it again, where it cannot be typed as shown
    returned: str = ""
    expected: str = ""
    mistake: str = ""  # what the learner probably did, when the outputs tell
    mistake_id: str = ""
    read: str = ""  # notebook and section

    def lines(self) -> list[str]:
        """Its fields, each behind a label; empty ones are left out."""
        call = _cut(self.call) if self.again else self.call
        fields = (
            ("returned", self.returned),
            ("expected", self.expected),
            ("because", self.broken),
            ("perhaps", self.mistake),
            ("read", self.read),
        )
        shown = {label: _labelled(label, words) for label, words in fields if words}
        top = [*_labelled("call", call), *_to_type(self.again)]
        spare = len(top) + sum(map(len, shown.values())) - MOST_LINES
        if spare > 0 and len(because := shown["because"]) > spare:
            last = because[-spare - 1][: _width() - 4]
            shown["because"] = [*because[: -spare - 1], f"{last} ..."]
        return [*top, *(line for lines in shown.values() for line in lines)]


@dataclass(frozen=True)
class Result:
    """The verdict on one exercise."""

    exercise: str
    verdict: str
    chapter: str = ""  # two digits
    passed: tuple[str, ...] = ()  # the stages of which every check has passed
    stages_total: int = 0  # how many stages the exercise has; 0 if nothing was run
    failure: Failure | None = None
    waiting_for: tuple[str, ...] = ()
    printed: str = ""  # what the learner's function printed, its first lines
    note: str = ""  # about the file: what the verdict does not say
    message: str = ""  # after success: what this was good for

    @classmethod
    def from_json(cls, data: dict) -> Result:
        """Rebuild a result from ``dataclasses.asdict`` after a trip through JSON."""
        failure = data.pop("failure", None)
        data = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return cls(**data, failure=Failure(**failure) if failure else None)

    def __str__(self) -> str:
        """One line, and below it the failure, the message, and what was printed."""
        waiting = f": waiting for {', '.join(self.waiting_for)}"
        lines = [
            f"{MARKS[self.verdict]} {self.exercise}{waiting * bool(self.waiting_for)}"
        ]
        lines += self.failure.lines() if self.failure else []
        lines += _labelled("note", self.note)
        lines += _labelled("", self.message)
        printed = (visible(line) for line in self.printed.splitlines())
        lines += [f"  printed   | {line}"[: _width()] for line in printed]
        return "\n".join(lines)

    def html(self) -> str:
        """The verdict in bold, then what the text version says, label by label."""
        head, *rest = str(self).splitlines()
        name = escape(head[len(MARKS[self.verdict]) :].strip())
        shown = f"<p><strong>{self.verdict}</strong>: {name}</p>"
        return shown + (f"<pre>{escape(chr(10).join(rest))}</pre>" if rest else "")


@dataclass(frozen=True)
class Report:
    """All results of one run, in the order of the course."""

    results: tuple[Result, ...] = ()
    next_up: str = ""  # the exercise to go on with, or the command that finds it
    trouble: tuple[Result, ...] = field(default=())  # files that could not be loaded

    @property
    def clean(self) -> bool:
        """No answer is wrong and every file loads; "to do" and "waiting" are fine."""
        wrong = any(result.verdict == NOT_YET for result in self.results)
        return not (wrong or self.trouble)

    @property
    def done(self) -> bool:
        """Every exercise is done."""
        return all(result.verdict == DONE for result in self.results)

    @property
    def closing(self) -> str:
        """The count of each verdict, and the next step, which is the reader's."""
        verdicts = [result.verdict for result in self.results]
        counts = [f"{verdicts.count(v)} {v}" for v in MARKS if v in verdicts]
        goal = f"next: {self.next_up}" if self.next_up else "nothing is left to do"
        return f"{', '.join(counts) or 'nothing to check'}; {goal}"

    def as_json(self) -> dict:
        """Everything, as plain lists, dictionaries, strings.

        A share of each exercise's points is ``stages`` of ``stages_total``.
        """
        record = asdict(self)
        for result in record["results"]:
            result["stages"] = len(result["passed"])
        return {"clean": self.clean, "done": self.done, **record}

    def __str__(self) -> str:
        """One block per result, under its chapter's number if there are several."""
        several = len({result.chapter for result in self.results}) > 1
        lines, chapter = [], ""
        for result in (*self.trouble, *self.results):
            if several and result.chapter != chapter:
                lines.append(f"\nchapter {result.chapter}")
            chapter = result.chapter
            lines.append(str(replace(result, message="") if several else result))
        return "\n".join([*lines, "", self.closing]).lstrip("\n")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Words and a table for a notebook, readable without color."""
        blocks = [result.html() for result in (*self.trouble, *self.results)]
        return f"<div>{''.join(blocks)}<p>{escape(self.closing)}</p></div>"


def fits(call: str) -> bool:
    """Whether a message has room for a call in full."""
    return len(textwrap.wrap(call, WIDTH - LABEL - 2)) <= CALL_LINES


def _cut(call: str) -> str:
    """The first line of a call."""
    width = _width() - LABEL - 2
    return call if len(call) <= width else call[: width - 3] + "..."


def _to_type(lines: str) -> list[str]:
    """Behind a label, as they are: a terminal that is too narrow breaks them itself."""
    labelled = textwrap.indent(lines, " " * (LABEL + 2)).splitlines()
    labelled[:1] = [f"  {'type':{LABEL}}{line.lstrip()}" for line in labelled[:1]]
    return labelled


def _labelled(label: str, words: str) -> list[str]:
    """``words`` wrapped into the column to the right of ``label``.

    A learner's control characters are shown and not sent: ``\\x1b[2J`` clears a screen.
    """
    head = "  " + label.ljust(LABEL)
    return textwrap.wrap(
        visible(" ".join(words.split())),
        _width(),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
    )


def _width() -> int:
    """``WIDTH``, or that of a narrower terminal or of the variable ``COLUMNS``."""
    if "COLUMNS" not in os.environ and not (sys.stdout and sys.stdout.isatty()):
        return WIDTH
    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))

"""What a check found: one record that terminal, notebook, pytest and JSON all show.

A ``Result`` belongs to one exercise, a ``Report`` to all that were checked at once.
Nothing here knows how results come about or what they look like on a screen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

DONE, TO_DO, NOT_YET, WAITING = "done", "to do", "not yet", "waiting"

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


@dataclass(frozen=True)
class Failure:
    """Why an answer is not right yet; empty fields have nothing to add."""

    stage: str
    broken: str  # what is wrong, in words
    call: str = ""
    returned: str = ""
    expected: str = ""
    mistake: str = ""  # what the learner probably did, when the outputs tell
    mistake_id: str = ""
    read: str = ""  # notebook and section


@dataclass(frozen=True)
class Result:
    """The verdict on one exercise."""

    exercise: str
    verdict: str
    chapter: str = ""  # two digits
    passed: tuple[str, ...] = ()
    failure: Failure | None = None
    waiting_for: tuple[str, ...] = ()
    printed: str = ""  # what the learner's function printed, its first lines
    message: str = ""  # after success: what this was good for

    @classmethod
    def from_json(cls, data: dict) -> Result:
        """Rebuild a result from ``dataclasses.asdict`` after a trip through JSON."""
        failure = data.pop("failure", None)
        data = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return cls(**data, failure=Failure(**failure) if failure else None)


@dataclass(frozen=True)
class Report:
    """All results of one run, in the order of the course."""

    results: tuple[Result, ...] = ()
    next_up: str = ""  # the exercise to go on with
    trouble: tuple[Result, ...] = field(default=())  # files that could not be loaded

    @property
    def clean(self) -> bool:
        """No answer is wrong and every file loads; "to do" and "waiting" are fine."""
        wrong = any(result.verdict == NOT_YET for result in self.results)
        return not (wrong or self.trouble)

    def as_json(self) -> dict:
        """Everything, as plain lists, dictionaries, strings."""
        return {"clean": self.clean, **asdict(self)}

    def __str__(self) -> str:
        """Render for a terminal or any plain-text place."""
        from . import text  # rendering knows records, not the other way round

        return text.report(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Render for a notebook."""
        from . import html

        return html.report(self)

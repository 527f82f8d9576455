"""Results as plain HTML for a notebook: words and a table, readable without color."""

from html import escape

from . import text
from .record import Report, Result


def report(report: Report) -> str:
    """All results, one after the other, and what is next."""
    blocks = [result(entry) for entry in (*report.trouble, *report.results)]
    closing = escape(text.closing(report))
    return f"<div>{''.join(blocks)}<p>{closing}</p></div>"


def result(result: Result) -> str:
    """The verdict in bold, then what the text version says, label by label."""
    head, *rest = text.result(result).splitlines()
    verdict, name = head.split("]", 1)
    shown = (
        f"<p><strong>{escape(verdict.strip('['))}</strong>: {escape(name.strip())}</p>"
    )
    if not rest:
        return shown
    return f"{shown}<pre>{escape(chr(10).join(rest))}</pre>"

"""A report as JUnit XML, which graders and CI servers read.

Right is a passed test case, wrong a failed one, a file that does not load an error.
What is to do, or waits for something, is skipped, or failed where everything is due.
"""

import xml.etree.ElementTree as ET

from .catalogue import find_one
from .report import DONE, NOT_YET, Report, Result


def as_junit(report: Report, everything_is_due: bool = False) -> str:
    """The XML text: a suite for each chapter, a case for each exercise."""
    root = ET.Element("testsuites", name="dpo-edu check")
    suites: dict[str, ET.Element] = {}
    for result in (*report.trouble, *report.results):
        suite = suites.get(result.chapter)
        if suite is None:
            suite = ET.SubElement(root, "testsuite", name=f"chapter {result.chapter}")
            suites[result.chapter] = suite
        _add(suite, result, everything_is_due)
    for suite in (*suites.values(), root):
        _count(suite)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: ET.Element, result: Result, everything_is_due: bool) -> None:
    file = result.exercise if result.exercise.endswith(".py") else _file(result)
    case = ET.SubElement(suite, "testcase", name=result.exercise, classname=file)
    if result.verdict == DONE:
        return
    loads = result.exercise != file
    kind = "failure" if loads else "error"
    if result.verdict != NOT_YET and not everything_is_due:
        kind = "skipped"
    broken = result.failure.broken if result.failure else result.verdict
    found = ET.SubElement(case, kind, message=_printable(broken))
    if kind != "skipped":
        found.text = _printable(str(result))


def _file(result: Result) -> str:
    return find_one(result.exercise)[0].file


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len([*suite.iter("testcase")])))
    for kind in ("failure", "error", "skipped"):
        plural = kind if kind == "skipped" else f"{kind}s"
        suite.set(plural, str(len([*suite.iter(kind)])))


def _printable(text: str) -> str:
    """XML has no control characters and no lone surrogates; neither has any name."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)

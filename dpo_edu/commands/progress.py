"""Show how far you are: each chapter with what is done, not yet right, and to do."""

import json
import sys

from ..workbook.catalogue import Chapter, chapters
from ..workbook.folder import require_folder
from ..workbook.report import DONE, NOT_YET, TO_DO, WAITING, Report
from ..workbook.running import check_selection, select

MARKS = {DONE: "#", NOT_YET: "x", WAITING: "-", TO_DO: "."}


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(args) -> int:
    """One line per chapter; its exercises in order as # done, x not yet, . to do."""
    folder = require_folder()
    for remark in folder.remarks(chapters()):
        print(remark, file=sys.stderr)  # stdout may be JSON
    report = check_selection(select(), folder)
    if args.json:
        print(json.dumps(report.as_json(), indent=1))
        return 0
    for chapter in chapters():
        print(line(chapter, report))
    verdicts = [result.verdict for result in report.results]
    print(f"\n{verdicts.count(DONE)} of {len(verdicts)} done", end="")
    print(f"; next: {report.next_up}" if report.next_up else ": that is all of them")
    return 0


def line(chapter: Chapter, report: Report) -> str:
    """'01 bradley_terry  ##x..  2 done, 1 not yet, 2 to do'."""
    verdicts = [r.verdict for r in report.results if r.exercise in chapter.names]
    marks = "".join(MARKS[verdict] for verdict in verdicts)
    counts = [
        f"{verdicts.count(verdict)} {verdict}"
        for verdict in MARKS
        if verdict in verdicts
    ]
    return f"{chapter.number} {chapter.stem:<20}{marks:<12}{', '.join(counts)}"

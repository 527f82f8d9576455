"""Check your answers: one chapter, one exercise, or all that you have begun."""

import json
import sys
from pathlib import Path

from ..files import write_atomically
from ..validation import InputError, require
from ..workbook.folder import Folder, require_folder
from ..workbook.junit import as_junit
from ..workbook.report import Report
from ..workbook.running import check_selection, select, with_stage_counts

XML = b"<?xml"  # how a report begins


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="NN|NAME",
        help="chapters or exercises; default: every chapter begun",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the full record as JSON"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="all that is named, or the whole course, is due: 1 unless all is done",
    )
    parser.add_argument(
        "--junit", type=Path, metavar="FILE", help="write JUnit XML there, too"
    )


def run(args) -> int:
    """Print a verdict for each exercise; 1 if an answer is wrong, 0 otherwise."""
    try:
        return _run(args)
    except (InputError, OSError) as error:
        if not args.json or isinstance(error, BrokenPipeError):
            raise
        print(json.dumps({"error": str(error)}))
        return 2


def _run(args) -> int:
    folder = require_folder()
    if args.junit:
        _require_replaceable(args.junit)
    selection = selected(args, folder)
    if not (selection or args.json or args.junit):
        print("Nothing is written yet. Start with: dpo-edu next")
        return 0
    for remark in folder.remarks(chapter for chapter, _ in selection):
        print(remark, file=sys.stderr)  # stdout may be JSON
    report = check_selection(selection, folder)
    if args.json:
        report = with_stage_counts(report)
    if args.junit:
        write_atomically(args.junit, as_junit(report, args.strict))
    print(json.dumps(report.as_json(), indent=1) if args.json else report)
    return exit_code(report, args.strict)


def _require_replaceable(path: Path) -> None:
    """Raise where something else than an older report would be lost."""
    begins = path.read_bytes()[: len(XML)] if path.is_file() else b""
    words = f"--junit {path}: there is a file that is no XML; choose another name"
    require(begins in (b"", XML), words)


def selected(args, folder: Folder):
    """What is named; else, unless everything is due, the chapters begun."""
    selection = select(args.what)
    if args.what or args.strict:
        return selection
    return [pair for pair in selection if folder.written(pair[0])]


def exit_code(report: Report, strict: bool) -> int:
    """0, or 1 where something is wrong, or not done although it is due."""
    return 0 if report.clean and (report.done or not strict) else 1

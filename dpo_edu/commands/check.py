"""Check your answers: one chapter, one exercise, or all that you have begun."""

import json
import sys

from ..workbook.folder import require_folder
from ..workbook.running import check_selection, select


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


def run(args) -> int:
    """Print a verdict for each exercise; 1 if an answer is wrong, 0 otherwise."""
    folder = require_folder()
    selection = select(args.what)
    if not args.what:
        selection = [pair for pair in selection if folder.written(pair[0])]
    if not selection and not args.json:
        print("Nothing is written yet. Start with: dpo-edu next")
        return 0
    for remark in folder.remarks(chapter for chapter, _ in selection):
        print(remark, file=sys.stderr)  # stdout may be JSON
    report = check_selection(selection, folder)
    print(json.dumps(report.as_json(), indent=1) if args.json else report)
    return 0 if report.clean else 1

"""Print the solution of an exercise: once yours is done, or if you insist."""

from ..validation import require
from ..workbook.catalogue import Chapter, Entry, find_one
from ..workbook.folder import confirm, find_folder, solution
from ..workbook.python_file import function_source
from ..workbook.report import DONE
from ..workbook.running import check_selection


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("name", help="the exercise")
    parser.add_argument("--show", action="store_true", help="even if it is not done")


def run(args) -> int:
    """Print the solution's source; nothing is written to any file."""
    chapter, entry = find_one(args.name)
    if not (args.show or is_done(chapter, entry)):
        question = f"{entry.name} is not done yet. Show the solution all the same?"
        require(
            confirm(question),
            f"{entry.name} is not done yet; to see it all the same: --show",
        )
    print(function_source(solution(chapter), entry.name))
    return 0


def is_done(chapter: Chapter, entry: Entry) -> bool:
    """The learner's own version passes."""
    folder = find_folder()
    if folder is None:
        return False
    report = check_selection([(chapter, entry)], folder)
    return all(result.verdict == DONE for result in report.results)

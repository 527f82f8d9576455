"""Compute again what the course claims and every worked example that it quotes.

Without a chapter: how many claims of each chapter hold, then every quoted number, by
the package and by hand at 50 digits, beside what is printed. Some numbers that
circulate are wrong; they stand beside the right ones. With a chapter: its claims.
"""

import shutil

from ..validation import require
from ..verify.claim import examine
from ..verify.claims import chapters, claims_of
from ..verify.claims_table import in_full, overview
from ..verify.table import table
from ..verify.worked_examples import DISAGREE, verify

MOST, LEAST = 100, 20  # columns of a paragraph


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "chapter",
        nargs="*",
        metavar="NN",
        help="chapters whose claims are shown in full",
    )


def run(args) -> int:
    """Print what was found; 1 if a claim or a number does not hold, else 0."""
    numbers = [_number(chapter) for chapter in args.chapter]
    show = in_full if numbers else overview
    claims = {n: claims_of(n) for n in numbers or chapters()}  # refuses, then computes
    hold = all([_shown(show, *each) for each in claims.items()])
    if not numbers:
        rows = verify()
        print(f"\n{table(rows)}")
        hold = hold and not any(row.verdict == DISAGREE for row in rows)
    return int(not hold)


def _shown(show, chapter: int, claims) -> bool:
    """Print what was found in a chapter, at once: some claims take seconds."""
    found = [*map(examine, claims)]
    columns = shutil.get_terminal_size((MOST, 24)).columns
    told = show(chapter, found, max(min(columns, MOST), LEAST))
    print(told, end="\n\n" if show is in_full else "\n", flush=True)
    return all(finding.holds for finding in found)


def _number(chapter: str) -> int:
    require(
        chapter.isdecimal(), f"{chapter!r} is no chapter: give a number, such as 06"
    )
    return int(chapter)

"""Recompute every worked example the course quotes and compare it with what is printed.

Each number is computed twice, by the package and by hand at 50 digits. Some numbers in
popular write-ups are wrong; they stand here beside the right ones.
"""

from ..verify.table import table
from ..verify.worked_examples import DISAGREE, verify


def add_arguments(parser) -> None:
    """Take no arguments."""


def run(args) -> int:
    """Print the table; 1 if two roads to one number disagree, else 0."""
    rows = verify()
    print(table(rows))
    return int(any(row.verdict == DISAGREE for row in rows))

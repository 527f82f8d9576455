"""Give a hint for an exercise: the first, second or third; by default where you are."""

import textwrap

from ..validation import InputError, require
from ..workbook.catalogue import find_one
from ..workbook.folder import require_folder
from ..workbook.running import first_unfinished


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME|N",
        help="the exercise, by default the first not done; 1, 2 or 3, by default 1",
    )


def run(args) -> int:
    """Print one hint and how to get the next one."""
    name, number = exercise_and_number(args.words)
    if not name:
        name = first_unfinished(require_folder())
        require(name, "every exercise is done; for a hint on one: dpo-edu hint NAME")
    chapter, entry = find_one(name)
    print(f"{entry.name}: {entry.title}")
    words = f"Hint {number} of 3: {entry.hints[number - 1]}"
    print(textwrap.fill(words, 88))
    if number < 3:
        print(f"More: dpo-edu hint {entry.name} {number + 1}")
    else:
        print(f"It is explained in {chapter.where(entry.read)}")
    return 0


def exercise_and_number(words: list[str]) -> tuple[str, int]:
    """The exercise's name, '' for the current one, and which hint."""
    numbers = [word for word in words if word.isdecimal() and len(word) == 1]
    names = [word for word in words if word not in numbers]
    if len(names) > 1 or len(numbers) > 1 or {*numbers} - {"1", "2", "3"}:
        raise InputError("give one exercise and 1, 2 or 3: dpo-edu hint NAME 2")
    return (names or [""])[0], int((numbers or [1])[0])

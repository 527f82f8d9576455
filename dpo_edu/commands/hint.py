"""Give a hint for an exercise: the first, second or third."""

import textwrap

from ..workbook.catalogue import find_one


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("name", help="the exercise")
    parser.add_argument(
        "number", nargs="?", type=int, choices=(1, 2, 3), default=1, help="default: 1"
    )


def run(args) -> int:
    """Print one hint and how to get the next one."""
    chapter, entry = find_one(args.name)
    words = f"Hint {args.number} of 3: {entry.hints[args.number - 1]}"
    print(textwrap.fill(words, 88))
    if args.number < 3:
        print(f"More: dpo-edu hint {entry.name} {args.number + 1}")
    else:
        print(f"It is explained in {chapter.where(entry.read)}")
    return 0

"""Show what to do next: the first exercise not done, or the first of a chapter."""

from pathlib import Path

from ..workbook.catalogue import chapters, find_one
from ..workbook.folder import (
    Folder,
    confirm,
    find_folder,
    folder_in,
    lay_down,
    shown,
    writable,
)
from ..workbook.python_file import line_of
from ..workbook.report import NOT_YET
from ..workbook.running import check_selection, select


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "chapter", nargs="*", metavar="NN", help="look in this chapter; default: all"
    )
    parser.add_argument(
        "--here",
        action="store_true",
        help="outside a clone: make answers/ in this directory without asking",
    )


def run(args) -> int:
    """Point to one exercise; its chapter's stubs are laid down if need be."""
    selected = select(args.chapter)
    folder = find_folder() or new_folder(args.here)
    if folder is None:
        print("No answers or exercises here or above. To begin: dpo-edu next --here")
        return 0
    for remark in folder.remarks(chapter for chapter, _ in selected):
        print(remark)
    begun = any(folder.written(chapter) for chapter in chapters())
    if not begun and not folder.places[0].exists():
        print(f"Welcome. {len(select())} exercises wait for you. Begin here:\n")
    print(advice(folder, selected))
    return 0


def new_folder(agreed: bool) -> Folder | None:
    """The current directory, if the learner wants it; nothing is written yet."""
    folder = writable(folder_in(Path.cwd()))
    question = f"Nothing to work on here yet. Make {folder.places[0]}?"
    return folder if agreed or confirm(question) else None


def advice(folder: Folder, selected) -> str:
    """What to do next among these exercises, in a few lines."""
    report = check_selection(selected, folder)
    if report.trouble:
        return str(report.trouble[0])
    unfinished = [r for r in report.results if r.exercise == report.next_up]
    if not unfinished:
        return "Every exercise here is done. Well done: there is nothing left to check."
    invited = invitation(report.next_up, folder)
    if unfinished[0].verdict == NOT_YET:
        return f"{unfinished[0]}\n\n{invited}"
    return invited


def invitation(name: str, folder: Folder) -> str:
    """Where an exercise is, how long it takes, what to read and what to run."""
    chapter, entry = find_one(name)
    new = lay_down(folder, [chapter])
    path = folder.file(chapter)
    line = line_of(path.read_bytes(), name)
    facts = (
        ("write it in", f"{shown(path)}, line {line}{' (a new file)' if new else ''}"),
        ("read first", chapter.where(entry.read)),
        ("takes about", f"{entry.minutes} minutes, difficulty {entry.difficulty} of 3"),
        ("then run", f"dpo-edu check {name}"),
        ("if stuck", f"dpo-edu hint {name}"),
    )
    lines = [f"  {label:<13}{fact}" for label, fact in facts]
    return "\n".join([f"Chapter {chapter.number}, {name}: {entry.title}", *lines])

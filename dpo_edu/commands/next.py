"""Show what to do next: the first exercise not done, or the first of a chapter."""

from pathlib import Path

from ..workbook import sources, text, workspace
from ..workbook.asking import confirm
from ..workbook.catalogue import chapters, find_one
from ..workbook.record import NOT_YET
from ..workbook.running import check_selection, select


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "chapter", nargs="*", metavar="NN", help="look in this chapter; default: all"
    )
    parser.add_argument(
        "--here",
        action="store_true",
        help="lay down a missing exercises folder in this directory without asking",
    )


def run(args) -> int:
    """Find or offer the exercises folder, then point to one exercise."""
    folder = workspace.find_folder()
    selected = select(args.chapter)
    if folder is None:
        folder = Path.cwd() / workspace.FOLDER
        if not (args.here or confirm(f"No exercises here yet. Put them in {folder}?")):
            print("No exercises folder here or above. To make one: dpo-edu next --here")
            return 0
    for path in workspace.lay_down(folder):
        print(f"new: {path}")
    if all(workspace.is_pristine(folder, chapter) for chapter in chapters()):
        print(f"Welcome. {len(select())} exercises wait for you. Begin here:\n")
    print(advice(folder, selected))
    return 0


def advice(folder: Path, selected) -> str:
    """What to do next among these exercises, in a few lines."""
    report = check_selection(selected, folder)
    if report.trouble:
        return text.result(report.trouble[0])
    unfinished = [r for r in report.results if r.exercise == report.next_up]
    if not unfinished:
        return "Every exercise here is done. Well done: there is nothing left to check."
    shown = invitation(report.next_up, folder)
    if unfinished[0].verdict == NOT_YET:
        return f"{text.result(unfinished[0])}\n\n{shown}"
    return shown


def invitation(name: str, folder: Path) -> str:
    """Where an exercise is, how long it takes, what to read and what to run."""
    chapter, entry = find_one(name)
    path = folder / chapter.file
    line = sources.line_of(path.read_text(encoding="utf-8", errors="replace"), name)
    facts = (
        ("write it in", f"{path}, line {line}"),
        ("read first", chapter.where(entry.read)),
        ("takes about", f"{entry.minutes} minutes, difficulty {entry.difficulty} of 3"),
        ("then run", f"dpo-edu check {name}"),
        ("if stuck", f"dpo-edu hint {name}"),
    )
    lines = [f"  {label:<13}{fact}" for label, fact in facts]
    return "\n".join([f"Chapter {chapter.number}, {name}: {entry.title}", *lines])

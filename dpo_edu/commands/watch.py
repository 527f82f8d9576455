"""Check a chapter each time you save its file; Ctrl-C ends it."""

import importlib
import os
import time
from pathlib import Path

from ..workbook import children, text
from ..workbook.catalogue import Chapter
from ..workbook.running import check_selection, select
from ..workbook.worker import chapter_checks
from ..workbook.workspace import require_folder

SECONDS_BETWEEN_LOOKS = 0.1


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "what", nargs="*", metavar="NN|NAME", help="chapters to watch; default: all"
    )


def run(args) -> int:
    """Look at the files ten times a second; check what was saved."""
    folder = require_folder()
    watched = list(dict.fromkeys(chapter for chapter, _ in select(args.what)))
    start = preloaded(watched)
    seen = saved_at(folder, watched)
    print(f"Watching {folder}: save a file to have it checked. Ctrl-C ends this.")
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        now = saved_at(folder, watched)
        for chapter in watched:
            if now[chapter] != seen[chapter]:
                show(chapter, folder, start)
        seen = now


def preloaded(watched: list[Chapter]):
    """Import numpy, torch and the checks once; children then start as copies."""
    if not hasattr(os, "fork"):
        return children.start_fresh
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a fork takes no threads along
    importlib.import_module(f"{children.__package__}.checking")
    for chapter in watched:
        chapter_checks(chapter.stem)
    return children.start_forked


def saved_at(folder: Path, watched: list[Chapter]) -> dict[Chapter, int]:
    """When each file was last saved, in nanoseconds; 0 for a missing one."""
    paths = {chapter: folder / chapter.file for chapter in watched}
    return {c: p.stat().st_mtime_ns if p.exists() else 0 for c, p in paths.items()}


def show(chapter: Chapter, folder: Path, start) -> None:
    """Check one chapter and print the verdicts with the time."""
    report = check_selection(select([chapter.stem]), folder, start)
    print(f"\n{time.strftime('%H:%M:%S')}  {chapter.file}\n{text.report(report)}")

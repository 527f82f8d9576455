"""Check a chapter each time you save its file; Ctrl-C ends it."""

import importlib
import os
import time
from pathlib import Path

from ..validation import InputError, visible
from ..workbook import process
from ..workbook.catalogue import Chapter
from ..workbook.folder import Folder, require_folder, shown
from ..workbook.running import check_selection, first_unfinished, select
from ..workbook.worker import chapter_checks
from .next import invitation

SECONDS_BETWEEN_LOOKS = 0.1


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="NN|NAME",
        help="chapters to watch; default: all, from where you are",
    )


def run(args) -> int:
    """Look at the files ten times a second; check what was saved."""
    folder = require_folder()
    watched = list(dict.fromkeys(chapter for chapter, _ in select(args.what)))
    start = preloaded(watched)
    seen = saved_at(folder, watched)
    places = " and ".join(shown(place) for place in folder.places if place.is_dir())
    numbers = ", ".join(chapter.number for chapter in watched)
    print(f"Watching chapter {numbers} in {places}: save a file to have it checked.")
    print("Ctrl-C ends this.", flush=True)
    if not args.what and (name := first_unfinished(folder)):
        print(f"\n{invitation(name, folder)}", flush=True)
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        now = saved_at(folder, watched)
        for chapter in watched:
            if now[chapter] != seen[chapter]:
                look(chapter, folder, start)
        seen = now


def preloaded(watched: list[Chapter]):
    """Import numpy, torch and the checks once; children then start as copies."""
    if not hasattr(os, "fork"):
        return process.start_fresh
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a fork takes no threads along
    for room in ("examine", "mistakes"):
        importlib.import_module(f"{process.__package__}.{room}")
    for chapter in watched:
        chapter_checks(chapter.stem)
    return process.start_forked


def saved_at(folder: Folder, watched: list[Chapter]) -> dict[Chapter, list[int]]:
    """When each chapter's files were last saved, in nanoseconds."""
    return {c: [*map(_saved, folder.there(c))] for c in watched}


def _saved(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # an editor is about to put a new file there
        return 0


def look(chapter: Chapter, folder: Folder, start) -> None:
    """Check one chapter; a file that cannot be read now may be at the next look."""
    try:
        show(chapter, folder, start)
    except BrokenPipeError:  # nobody reads what is printed
        raise
    except (InputError, OSError) as error:
        print(visible(f"{chapter.file}: {error}"), flush=True)


def show(chapter: Chapter, folder: Folder, start) -> None:
    """Check one chapter and print the verdicts with the time."""
    report = check_selection(select([chapter.number]), folder, start)
    print(f"\n{time.strftime('%H:%M:%S')}  {shown(folder.file(chapter))}")
    for remark in folder.remarks([chapter]):
        print(remark)
    print(report, flush=True)  # whoever reads through a pipe waits for it

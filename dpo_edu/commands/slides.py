"""Make one lecture per notebook, each a single HTML file in build/slides.

Open it in a browser; no network is needed. Key S opens the speaker's view, with notes.
--deck one makes a single lecture on all of DPO, --deck three a course of three. --pdf
prints the same slides through Chromium. See dpo_edu/publish.
"""

from collections.abc import Iterator
from pathlib import Path

from ..files import require_writable, write_atomically
from ..publish.decks import build_deck
from ..publish.lecture import build
from ..publish.notebook_files import find_chapters
from ..publish.pdf import print_pdf
from ..validation import require


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "chapters", nargs="*", metavar="NN", help="chapter numbers; default: all"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("notebooks"), help="where notebooks lie"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/slides"), help="where slides go"
    )
    parser.add_argument(
        "--stored",
        action="store_true",
        help="take the stored outputs instead of running the notebook: fast, coarse",
    )
    parser.add_argument("--deck", default="", help="a short course: one, or three")
    parser.add_argument("--lecturer", default="", help="a name under the title")
    parser.add_argument("--date", default="", help="a date, or a place, beside it")
    parser.add_argument("--pdf", action="store_true", help="print a PDF of each too")


def run(args) -> int:
    """Build the lectures, one ``NN_stem.html`` (and PDF) each."""
    require(not (args.deck and args.chapters), "give chapters or --deck, not both")
    require_writable(args.out / "slides.html")
    for stem, html in _lectures(args):
        args.out.mkdir(parents=True, exist_ok=True)
        page = args.out / f"{stem}.html"
        write_atomically(page, html)
        print(f"{page}  {page.stat().st_size / 1e6:.1f} MB", flush=True)
        if args.pdf:
            print_pdf(page)
            print(page.with_suffix(".pdf"), flush=True)
    return 0


def _lectures(args) -> Iterator[tuple[str, str]]:
    """(file stem, HTML) of each lecture that was asked for, as soon as it is built."""
    how = args.stored, args.lecturer, args.date
    if args.deck:
        yield from build_deck(args.deck, args.folder, *how).items()
        return
    for path in find_chapters(args.folder, args.chapters):
        yield path.stem, build(path, *how)

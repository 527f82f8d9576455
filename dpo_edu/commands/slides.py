"""Make one lecture per notebook, each a single HTML file in build/slides.

Open it in a browser; no network is needed. Key S opens the speaker's view, with notes.
--pdf prints the same slides through Chromium. See dpo_edu/publish.
"""

from pathlib import Path

from ..files import write_atomically
from ..publish.lecture import build
from ..publish.notebook_files import find
from ..publish.pdf import print_pdf


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
    parser.add_argument("--lecturer", default="", help="a name under the title")
    parser.add_argument("--date", default="", help="a date, or a place, beside it")
    parser.add_argument("--pdf", action="store_true", help="print a PDF of each too")


def run(args) -> int:
    """Build the lectures, one ``NN_stem.html`` (and PDF) each."""
    notebooks = find(args.folder, args.chapters)
    args.out.mkdir(parents=True, exist_ok=True)
    for path in notebooks:
        page = args.out / f"{path.stem}.html"
        write_atomically(page, build(path, args.stored, args.lecturer, args.date))
        print(f"{page}  {page.stat().st_size / 1e6:.1f} MB", flush=True)
        if args.pdf:
            print_pdf(page)
            print(page.with_suffix(".pdf"), flush=True)
    return 0
